// What a trainer does: makes the link for everyone, presents and prints, and puts the answers together. What a learner does at the end:
// hands in.
import { button, make } from "./make.js";
import { copied, save } from "./out.js";
import { KEPT } from "./packs.js";
import { forget, handedIn, receive, received, who } from "./progress.js";
import { counted } from "./prose.js";
import { picture } from "./qr.js";

/** Where an answer, or a whole pack, begins in a link. */
export const ANSWERS = "#answers.";
export const PACK = "#pack.";

async function packed(text) {
  return (await gopeer.loadCodec()).pack(new TextEncoder().encode(text));
}

/** The text that begins after `start` in a link, or in what is left of one. Throws if it is damaged. */
export async function unpacked(link, start) {
  const part = link.trim().slice(link.trim().indexOf(start) + start.length);
  return new TextDecoder("utf-8", { fatal: true }).decode((await gopeer.loadCodec()).unpack(`#${part}`));
}

/** Copies a text, or shows it to be copied by hand. */
async function copy(text, field, said) {
  field.hidden = false;
  field.value = text;
  const done = await copied(text);
  said.textContent = done ? "Copied." : "The text is selected: copy it.";
  if (done) return;
  field.focus();
  field.select();
}

/** The link of the pack that is open; the pack's own page without settings. */
const base = () => new URL(location.pathname, location.href);

// ----- learners

/** The form at the end of a pack. */
export function handIn(pack) {
  const name = make("input", { type: "text", value: who(pack.id).learner, maxLength: 60, autocomplete: "name" });
  const said = make("p", { role: "status", className: "facts" });
  const field = make("textarea", { hidden: true, readOnly: true, rows: 3, ariaLabel: "Link with your answers" });
  const answers = () => JSON.stringify(handedIn(pack.id, name.value.trim()));
  const nameless = () => (name.value.trim() ? "" : " There is no name in it.");
  const keep = () => {
    // So that a trainer can tell a dozen files apart.
    const whose = name.value.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "");
    const file = `answers-${pack.id}${whose ? `-${whose}` : ""}.json`;
    save(file, answers(), "application/json");
    said.textContent = `Saved as ${file}: give it to your trainer.${nameless()}`;
  };
  const link = async () => {
    const url = base();
    url.search = new URLSearchParams({ pack: new URLSearchParams(location.search).get("pack") ?? pack.id });
    try {
      await copy(`${url.href}${ANSWERS}${await packed(answers())}`, field, said);
      said.textContent += nameless();
    } catch {
      said.textContent = "The link could not be made: save a file instead.";
    }
  };
  return make("section", { className: "box" }, make("h2", { textContent: "Hand in" }),
    make("p", { className: "facts", textContent: "Nothing is sent. You get a file or a link with your marks, and give it to your trainer." }),
    make("label", {}, "Your name", name),
    make("p", { className: "row" }, button("Save the answers as a file", keep), button("Copy a link", link)),
    said, field);
}

// ----- trainers

/** The settings that a link brings: `minutes=30&hints=no&answers=no`. */
export function settings() {
  const asks = new URLSearchParams(location.search);
  const minutes = Number(asks.get("minutes"));
  return { minutes: minutes > 0 && minutes <= 600 ? minutes : 0, hints: asks.get("hints") !== "no", answers: asks.get("answers") !== "no" };
}

/**
 * The form for the link, and what gives the link. A pack of this site is named in it; one that was opened as a file is in it as a whole.
 */
function linkMaker(pack) {
  const named = new URLSearchParams(location.search).get("pack");
  const isHere = named !== null && !named.startsWith(KEPT);
  const minutes = make("input", { type: "number", min: 0, max: 600, value: "", inputMode: "numeric" });
  const box = (text, checked = true) => {
    const input = make("input", { type: "checkbox", checked });
    return [input, make("label", { className: "check" }, input, text)];
  };
  const [hints, hintsLabel] = box("Hints");
  const [answers, answersLabel] = box("“Show all answers”");
  const field = make("input", { type: "text", readOnly: true, ariaLabel: "Link for learners" });
  const said = make("p", { role: "status", className: "facts" });
  const link = async () => {
    const url = base();
    if (isHere) url.searchParams.set("pack", named);
    if (minutes.valueAsNumber > 0) url.searchParams.set("minutes", minutes.valueAsNumber);
    if (!hints.checked) url.searchParams.set("hints", "no");
    if (!answers.checked) url.searchParams.set("answers", "no");
    return isHere ? url.href : `${url.href}${PACK}${await packed(JSON.stringify(pack))}`;
  };
  const draw = async () => {
    code.open = false;
    try {
      field.value = await link();
      said.textContent = "";
    } catch {
      said.textContent = "The link could not be made. Check the network connection and reload the page.";
    }
  };
  const code = make("details", {}, make("summary", { textContent: "QR code" }));
  code.addEventListener("toggle", async () => {
    if (!code.open) return;
    try {
      code.replaceChildren(code.firstChild, picture((await gopeer.loadReport()).qr(field.value)));
    } catch (error) {
      const why = typeof error === "string" ? error : "The QR code could not be loaded.";
      code.replaceChildren(code.firstChild, make("p", { className: "facts", textContent: why }));
    }
  });
  for (const input of [minutes, hints, answers]) input.addEventListener("input", draw);
  draw();
  // A page that was opened from disk can read no file beside it.
  const short = location.protocol === "file:" ? "" : " For a short link, put the file beside this page and open it with ?pack=NAME.json.";
  const about = isHere ? [] : [make("p", { className: "facts", textContent: `This pack was opened as a file, so the link contains all of it.${short}` })];
  return [link, make("h3", { textContent: "A link for everyone" }), ...about,
    make("label", {}, "Time limit in minutes (empty: none)", minutes), make("p", { className: "row" }, hintsLabel, answersLabel),
    make("p", { className: "row" }, field, button("Copy", () => copy(field.value, field, said))), said, code];
}

/** Where exercises are chosen to be presented or printed. */
function projector(pack, { words, compare }, link) {
  const choice = make("select", {}, make("option", { value: "", textContent: "All exercises" }),
    ...pack.exercises.map(({ id, title }) => make("option", { value: id, textContent: title })));
  const said = make("p", { role: "status", className: "facts" });
  const act = (use) => async () => {
    said.textContent = "";
    try {
      use(await gopeer.loadStage(), pack.exercises.filter(({ id }) => choice.value === "" || choice.value === id));
    } catch {
      said.textContent = "The presenter could not be loaded. Check the network connection and try again.";
    }
  };
  const present = act((stage, exercises) => stage.presentExercises(exercises, words, compare));
  const print = act((stage, exercises) => stage.printExercises(pack, exercises, words, compare, link, gopeer.loadReport));
  return [make("h3", { textContent: "Present and print" }), make("label", {}, "What to present or print", choice),
    make("p", { className: "row" }, button("Present", present), button("Print…", print)), said];
}

/** Takes the answer that is in a link. */
export async function collectLink(pack, link) {
  receive(pack.id, `link …${link.slice(-6)}`, await unpacked(link, ANSWERS).catch(() => ""));
}

/** Where a trainer makes the link, presents, prints, and puts answers together. `tools` has what the module does, and the words of concerns. */
export function trainer(pack, tools) {
  const json = JSON.stringify(pack);
  const result = make("div", {});
  const said = make("p", { role: "status", className: "facts" });
  const field = make("textarea", { hidden: true, readOnly: true, rows: 4, ariaLabel: "The table as text" });

  async function draw() {
    const list = received(pack.id);
    if (list.length === 0) return result.replaceChildren();
    const { drawTable, reasons } = await gopeer.loadAnswers();
    const [table, csv, markdown] = JSON.parse(tools.merge(json, JSON.stringify(list)));
    const skipped = table.skipped.map((textContent) => make("li", { textContent }));
    const learners = table.head.length - 3;
    said.textContent = `${counted(learners, "learner")} from ${counted(list.length, "answer")}.`;
    result.replaceChildren(...(skipped.length > 0 ? [make("ul", { className: "wrong" }, ...skipped)] : []), drawTable(table), ...reasons(table),
      make("p", { className: "row" }, button("Copy as CSV", () => copy(csv, field, said)), button("Save as CSV", () => save(`${pack.id}.csv`, csv, "text/csv")),
        button("Copy as Markdown", () => copy(markdown, field, said)), button("Remove all answers", clear)));
  }

  function clear() {
    if (!confirm("Remove the answers of all learners from this browser?")) return;
    forget(pack.id);
    said.textContent = "";
    field.hidden = true;
    draw();
  }

  const links = make("textarea", { rows: 3, autocomplete: "off", spellcheck: false });
  const files = make("input", { type: "file", multiple: true, accept: ".json,application/json" });
  const take = async () => {
    const wanted = links.value.split(/\s+/).filter(Boolean);
    links.value = "";
    for (const link of wanted) await collectLink(pack, link);
    draw();
  };
  files.addEventListener("change", async () => {
    for (const file of files.files) receive(pack.id, file.name, file.size > 4e6 ? "" : await file.text());
    files.value = "";
    draw();
  });
  draw();
  const [link, ...form] = linkMaker(pack);
  return make("details", { className: "box", open: received(pack.id).length > 0 }, make("summary", { textContent: "For trainers" }),
    ...form, ...projector(pack, tools, link), make("h3", { textContent: "The answers of all" }),
    make("p", { className: "facts", textContent: "Answers are put together in this browser, also from links that you open one by one. Of several answers of one learner, the newest counts." }),
    make("label", {}, "Files that learners have saved", files),
    make("label", {}, "Links that learners have sent, one below the other", links), make("p", {}, button("Add the links", take)), said, result, field);
}
