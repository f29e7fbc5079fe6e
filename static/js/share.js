// The share dialog: a link to what is shown, and the review in the formats that other people and programs read.
import { button, make } from "./make.js";
import { byHand, copied, save } from "./out.js";
import { isPack, keep } from "./packs.js";
import { open, reviewed, shared } from "./page.js";
import { picture } from "./qr.js";
import "./snippet.js";

/** The formats of the module `report`: what each is called, what it is for, the file's name and kind. */
const FORMATS = [
  ["markdown", "Markdown", "for a pull request or a ticket", "review.md", "text/markdown"],
  ["github", "GitHub suggestions", "a comment for each fix, to be applied by a click", "suggestions.md", "text/markdown"],
  ["gitlab", "GitLab suggestions", "the same for merge requests", "suggestions.md", "text/markdown"],
  ["text", "Plain text", "for mail and chat", "review.txt", "text/plain"],
  ["html", "HTML report", "one file, to read and to print", "review.html", "text/html"],
  ["json", "JSON", "for programs; opens here again", "review.json", "application/json"],
  ["sarif", "SARIF", "for code scanning", "review.sarif", "application/json"],
];
const REFUSED = "The browser does not allow copying. Copy the";

/** What is said of an error: the modules throw sentences; anything else means that `what` could not be loaded. */
const reason = (error, what) => (typeof error === "string" ? error : `${what} could not be loaded. Check the network connection and try again.`);

/** Where it is said what came of a button. */
function status() {
  const said = make("p", { className: "said" });
  said.setAttribute("role", "status");
  return said;
}

function tick(text, change) {
  const box = make("input", { type: "checkbox", onchange: () => change(box.checked) });
  return make("label", { className: "tick" }, box, make("span", { textContent: text }));
}

export async function draw(host) {
  const finding = host.getAttribute("finding") ?? "";
  const file = host.getAttribute("file");
  const parts = { only: false, without: false, plain: false };
  let made = make("div");
  // Each link has a place of its own, so that none that comes late takes the place of a newer one.
  const refresh = () => {
    const place = make("div", { className: "share-made" }, make("div", { className: "bone card", ariaBusy: "true" }));
    made.replaceWith(place);
    made = place;
    return link(host, () => pared(shared(finding), parts), place);
  };
  const [rule] = finding.split(":");
  const intro = finding ? `The link opens this review at ${rule}.`
    : "The link contains the code, the reviewer, the filter and the notes. All of it is in the address itself; no server stores it.";
  const ticks = [];
  if (file) ticks.push(tick(`Only ${file}`, (on) => { parts.only = on; refresh(); }));
  if (host.hasAttribute("noted")) ticks.push(tick("Leave the notes out of the link", (on) => { parts.without = on; refresh(); }));
  const own = host.getAttribute("own");
  if (own) ticks.push(tick(`Leave the reviewer ${own} out of the link; it opens with Senior`, (on) => { parts.plain = on; refresh(); }));
  const said = status();
  const archive = make("button", { className: "link-button", textContent: "Save the code as a file", onclick: () => saveCode(parts, said) });
  host.replaceChildren(make("p", { textContent: intro }), secrets(), ...ticks, made,
    make("p", { className: "muted" }, "For code of any size, save it as a file and open that file here. ", archive), said, exports(host), projector(host));
  await refresh();
}

/** The state of a link without what was left out. */
async function pared(state, { only, without, plain }) {
  return only || without || plain ? (await gopeer.loadReport()).pare(state, only, without, plain) : state;
}

/** The link, how far it travels, and its QR code. */
async function link(host, state, made) {
  let address;
  try {
    const codec = await gopeer.loadCodec();
    address = `${host.getAttribute("base")}#${codec.pack(await state())}`;
  } catch (error) {
    made.replaceChildren(make("p", { className: "note", role: "alert", textContent: reason(error, "The code that makes links") }));
    return;
  }
  const field = make("input", { className: "field", readOnly: true, value: address, ariaLabel: "Link" });
  field.addEventListener("focus", () => field.select());
  const said = status();
  const copy = button("Copy link", async () => {
    said.textContent = (await copied(address)) ? "Copied." : `${REFUSED} link above by hand.`;
  }, "primary");
  const row = make("div", { className: "link-row" }, field, copy);
  // Phones have a sheet for this. Who closes it wants nothing more.
  if (navigator.share) row.append(button("Send…", () => navigator.share({ title: "Go code review", url: address }).catch(() => {})));
  const embed = make("gopeer-embed");
  embed.setAttribute("link", address);
  const meter = make("div");
  made.replaceChildren(row, said, meter, embed);
  try {
    const report = await gopeer.loadReport();
    const [level, ...sentence] = report.meter(address.length, host.hasAttribute("file") ? 2 : 1).split("\n");
    meter.className = `meter ${level}`;
    const bar = make("meter", { min: 0, max: 8000, value: Math.min(address.length, 8000), ariaLabel: "Length of the link" });
    meter.replaceChildren(bar, make("p", {}, make("strong", { textContent: `${address.length} characters.` }), " ", ...sentence));
    meter.after(make("details", { className: "more" }, make("summary", { textContent: "QR code" }), picture(report.qr(address))));
  } catch {
    // The link is there all the same; a long one has no QR code.
  }
}

/** A warning for whoever would put a secret into a link. */
function secrets() {
  const note = make("p", { className: "note", hidden: true });
  const message = reviewed();
  if (message.length === 0) return note;
  gopeer.loadReport().then((report) => {
    const lines = report.secrets(message);
    note.hidden = lines === "";
    note.textContent = `There may be a secret in this code: ${lines}. Whoever has the link or the export can read it.`;
  }, () => {});
  return note;
}

/** All formats, each to copy and to save. */
function exports(host) {
  const said = status();
  const place = make("div");
  const row = ([format, name, what, file, type]) => {
    const act = (use) => async () => {
      place.replaceChildren();
      said.textContent = "";
      try {
        await use(await rendered(format, host));
      } catch (error) {
        said.textContent = reason(error, "The code that makes exports");
      }
    };
    const copy = act(async (text) => {
      const done = await copied(text);
      said.textContent = done ? `${name}: copied.` : `${REFUSED} text below by hand.`;
      if (!done) place.replaceChildren(byHand(text, name));
    });
    const keep = act((text) => save(file, text, type));
    const label = (verb) => ({ ariaLabel: `${verb} ${name}` });
    return make("li", {}, make("span", { className: "export-name" }, make("strong", { textContent: name }), " ", make("span", { className: "muted", textContent: what })),
      Object.assign(button("Copy", copy, "small"), label("Copy")), Object.assign(button("Save", keep, "small"), label("Save")));
  };
  const list = make("ul", { className: "exports" }, ...FORMATS.map(row));
  return make("details", { className: "more export" }, make("summary", { textContent: "Export" }), list, said, place);
}

async function rendered(format, host) {
  const state = shared("");
  const message = reviewed();
  if (message.length === 0) throw "The review is not complete yet. Try again in a moment.";
  const [report, codec, rules] = await Promise.all([
    gopeer.loadReport(), gopeer.loadCodec().catch(() => undefined), format === "sarif" ? gopeer.loadRules() : undefined,
  ]);
  let address = "";
  try {
    address = `${host.getAttribute("base")}#${codec.pack(state)}`;
  } catch {
    // Too long for a link, or no codec: the export has none.
  }
  return report.render(format, message, state, rules ? JSON.stringify(rules) : "[]", address);
}

/** The review on a projector and on paper, instead of the page. */
function projector(host) {
  const said = status();
  const link = async () => `${host.getAttribute("base")}#${(await gopeer.loadCodec()).pack(shared(""))}`;
  const act = (use) => async () => {
    said.textContent = "";
    try {
      const [stage, json] = await Promise.all([gopeer.loadStage(), rendered("json", host)]);
      // An open dialog would keep the focus and the keys to itself.
      host.closest("dialog")?.querySelector("[aria-label=Close]")?.click();
      use(stage, JSON.parse(json));
    } catch (error) {
      said.textContent = reason(error, "The presenter");
    }
  };
  return make("details", { className: "more" }, make("summary", { textContent: "Present and print" }),
    make("p", { className: "muted", textContent: "Full screen, finding by finding, by arrow keys or a clicker; or on paper, without the findings, with them, or as a handout." }),
    make("p", { className: "link-row" }, button("Present", act((stage, review) => stage.presentReview(review))),
      button("Print…", act((stage, review) => stage.printReview(review, link, gopeer.loadReport)))), said);
}

/** The code as a file, which the page opens again. */
async function saveCode(parts, said) {
  said.textContent = "";
  try {
    const report = await gopeer.loadReport();
    const [name, ...text] = report.archive(await pared(shared(""), parts)).split("\n");
    save(name, text.join("\n"), "text/plain");
  } catch (error) {
    said.textContent = reason(error, "The code that saves files");
  }
}

/** Opens a report that was saved as JSON. A pack of exercises opens on the page of exercises. */
export async function reopen(file) {
  try {
    const text = await file.text();
    if (!isPack(text)) return open((await gopeer.loadReport()).reopen(text), "");
    const name = await keep(text);
    if (!name) throw "It is a pack of exercises, and this browser stores nothing. Drop it on the page of exercises.";
    // This page goes on to that of the exercises.
    location.assign(`?${new URLSearchParams({ pack: name })}`);
  } catch (error) {
    open(new Uint8Array(), `${file.name} cannot be opened. ${reason(error, "The code that reads reports")}`);
  }
}
