// Who the reviewers are, and reviewers of one's own: what they start from, and those that this browser keeps.
import { fetched } from "./fetched.js";
import { button, make } from "./make.js";
import { save } from "./out.js";
import { bring } from "./page.js";
import { REVIEWERS, prose } from "./prose.js";
import { store, stored } from "./stored.js";

/** The file that each built-in reviewer is the start of; the build knows the names. */
const FILES = TEMPLATES;
const KEY = "gopeer.reviewers";
const MOST = 10;
/** So long after a change it is kept. */
const PAUSE = 1_000;

// ----- what is kept

function kept() {
  try {
    const list = JSON.parse(stored(KEY) ?? "[]");
    return list.filter(({ id, name, text }) => [id, name, text].every((part) => typeof part === "string"));
  } catch {
    return [];
  }
}

/** Where there is no storage, the draft has the file all the same. */
const keep = (list) => store(KEY, JSON.stringify(list.slice(0, MOST)));

const without = (id) => kept().filter((one) => one.id !== id);

let waiting;

/** Keeps the reviewer of the page, the last one first. What a link brought is not kept. */
function remember({ id, name, text, locked }) {
  clearTimeout(waiting);
  if (!id || locked) return;
  waiting = setTimeout(() => keep([{ id, name, text }, ...without(id)]), PAUSE);
}

// ----- what a reviewer is like

/** The file that a built-in reviewer is the start of. The one-file edition has a way of its own. */
const template = (id) => globalThis.gopeer?.loadTemplate?.(FILES[id]) ?? fetched(FILES[id], "text");

const words = (id) => id.replaceAll("-", " ");

/** What the file of a reviewer says, by kind: lists of texts, each with its rank or what else belongs to it. */
async function profileOf(text) {
  const lines = (await gopeer.loadReader()).profile(text).split("\n").filter(Boolean).map((line) => line.split("\t"));
  return (kind) => lines.filter(([of]) => of === kind).map(([, ...parts]) => parts);
}

function ranked(title, pairs) {
  if (pairs.length === 0) return [];
  return [make("dt", { textContent: title }), make("dd", { textContent: pairs.map(([name]) => words(name)).join(", ") })];
}

function listed(title, texts) {
  if (texts.length === 0) return [];
  const items = texts.map(([text]) => make("li", {}, ...prose(text)));
  return [make("details", { className: "more" }, make("summary", { textContent: `${title}: ${texts.length}` }), make("ul", { className: "plain-list" }, ...items))];
}

function profile(of) {
  const byRank = (kind, is) => of(kind).filter(([, rank]) => is(Number(rank))).sort(([, a], [, b]) => b - a);
  const facts = make("dl", { className: "profile" },
    ...ranked("Looks at first", byRank("category", (rank) => rank >= 9)),
    ...ranked("Worries most about", byRank("concern", (rank) => rank === 3)),
    ...ranked("Leaves to others", [...byRank("category", (rank) => rank <= 3), ...byRank("concern", (rank) => rank === 0)]),
    ...ranked("Headings", of("heading")));
  const rules = of("rule").map(([id, message]) => [`\`${id}\`: ${message}`]);
  return [make("p", {}, ...prose(of("about").map(([text]) => text).join(" "))), facts, ...listed("Rules of the team", rules), ...listed("Questions", of("question")), ...listed("Checks that no tool can make", of("check"))];
}

// ----- the dialog

function closing(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  return Object.assign(button("✕", () => dialog.close(), "quiet icon-only"), { ariaLabel: "Close" });
}

/** A file of the disk. */
function picker(take) {
  const input = make("input", { type: "file", accept: ".md", className: "visually-hidden", onchange: async () => {
    const [file] = input.files;
    if (file) take(file.name, await file.text());
  } });
  return make("label", { className: "button file-button" }, input, "Open a file…");
}

function show(host) {
  const { id, chosen, name, text, locked } = read(host);
  const said = make("p", { className: "said" });
  said.setAttribute("role", "status");
  const dialog = make("dialog", { className: "modal" });
  dialog.setAttribute("aria-labelledby", "own-title");
  const use = (file, source, edit) => {
    dialog.close();
    bring(file, source, edit);
  };
  const start = (from) => async () => {
    try {
      use("team.md", await template(from), true);
    } catch {
      said.textContent = "The file to start from could not be loaded. Check the network connection and try again.";
    }
  };
  const about = make("div", { className: "modal-texts", ariaBusy: "true" });
  const source = chosen === id ? text : template(chosen);
  Promise.resolve(source).then(profileOf).then((of) => about.replaceChildren(...profile(of)), () => {
    about.textContent = "The profile could not be loaded. Check the network connection and try again.";
  }).finally(() => about.removeAttribute("aria-busy"));

  const from = make("select", { className: "field" }, ...Object.entries(REVIEWERS).map(([value, textContent]) => make("option", { value, textContent })));
  from.value = chosen in REVIEWERS ? chosen : "senior";
  const others = make("ul", { className: "exports" });
  const draw = () => others.replaceChildren(...without(id).map((one) => make("li", {}, make("span", { className: "export-name", textContent: one.name }),
    Object.assign(button("Use", () => use(`${one.id}.md`, one.text, false), "small"), { ariaLabel: `Use ${one.name}` }),
    Object.assign(button("Forget", () => {
      keep(without(one.id));
      draw();
    }, "small quiet"), { ariaLabel: `Forget ${one.name}` }))));
  draw();
  const saved = id ? [make("button", { className: "link-button", textContent: `Save ${name} as a file`, onclick: () => save(`${id}.md`, text, "text/markdown") })] : [];
  const own = locked ? [make("p", { className: "muted", textContent: "A shared review keeps its reviewer. Choose “Edit a copy” to bring your own." })] : [
    make("p", { textContent: "A reviewer is a Markdown file: what it ranks first, how it puts things, what it asks, and small rules of your team. It opens beside the code, and every change shows in the review at once." }),
    make("div", { className: "link-row" }, make("label", { className: "start-from" }, "Start from", from), button("Edit a copy", () => start(from.value)(), "primary"), picker((file, source) => use(file, source, false))),
    make("p", { className: "muted", textContent: "You can also drop the file onto the page. It stays in this browser; only a link that you share contains it." }),
    others,
  ];
  dialog.append(make("div", { className: "modal-box" },
    make("header", { className: "modal-head" }, make("h2", { id: "own-title", textContent: chosen === id ? name : REVIEWERS[chosen] ?? "Reviewers" }), closing(dialog)),
    make("div", { className: "modal-body", tabIndex: 0 }, about, make("h3", { textContent: "A reviewer of your own" }), ...own, ...saved, said)));
  document.body.append(dialog);
  dialog.showModal();
}

function read(host) {
  const of = (name) => host.getAttribute(name) ?? "";
  return { id: of("own"), chosen: of("chosen"), name: of("name"), text: of("text"), locked: host.hasAttribute("locked") };
}

export function draw(host) {
  remember(read(host));
  if (host.firstChild) return;
  const open = make("button", { type: "button", className: "link-button", textContent: "Profile, or your own…", onclick: () => show(host) });
  open.setAttribute("aria-haspopup", "dialog");
  host.replaceChildren(open);
}
