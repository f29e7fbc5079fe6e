// What a trainer does: makes the link for everyone, and puts the answers together. What a learner does at the end: hands in.
import { button, make } from "./make.js";
import { copied, save } from "./out.js";
import { handedIn, who } from "./progress.js";
import { counted } from "./prose.js";

const at = (name) => new URL(name, import.meta.url);

/** Where an answer begins in a link. */
export const ANSWERS = "#answers.";

let codec;
/** The module that packs links: the one that the page has for reviews. It checks what it unpacks. */
function loadCodec() {
  codec ??= import("./codec.js").then((module) => module.default({ module_or_path: at("./codec_bg.wasm") }).then(() => module));
  codec.catch(() => { codec = undefined; });
  return codec;
}

async function packed(text) {
  return (await loadCodec()).pack(new TextEncoder().encode(text));
}

/** The text in a link, or in what is left of one. Throws if it is damaged. */
async function unpacked(link) {
  const part = link.trim().slice(link.trim().indexOf(ANSWERS) + ANSWERS.length);
  return new TextDecoder("utf-8", { fatal: true }).decode((await loadCodec()).unpack(`#${part}`));
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
  const link = async () => {
    const url = base();
    url.search = new URLSearchParams({ pack: new URLSearchParams(location.search).get("pack") ?? pack.id });
    try {
      await copy(`${url.href}${ANSWERS}${await packed(answers())}`, field, said);
    } catch {
      said.textContent = "The link could not be made: save a file instead.";
    }
  };
  return make("section", { className: "box" }, make("h2", { textContent: "Hand in" }),
    make("p", { className: "facts", textContent: "Nothing is sent. You get a file or a link with your marks, and give it to your trainer." }),
    make("label", {}, "Your name", name),
    make("p", { className: "row" }, button("Save the answers as a file", () => save(`answers-${pack.id}.json`, answers(), "application/json")), button("Copy a link", link)),
    said, field);
}

// ----- trainers

/** The settings that a link brings: `minutes=30&hints=no&answers=no`. */
export function settings() {
  const asks = new URLSearchParams(location.search);
  const minutes = Number(asks.get("minutes"));
  return { minutes: minutes > 0 && minutes <= 600 ? minutes : 0, hints: asks.get("hints") !== "no", answers: asks.get("answers") !== "no" };
}

function linkMaker() {
  const title = make("h3", { textContent: "A link for everyone" });
  const named = new URLSearchParams(location.search).get("pack");
  if (named === null) return [title, make("p", { className: "facts", textContent: "A pack that was opened as a file has no address. Put the file beside this page, and open it with ?pack=NAME.json." })];
  const minutes = make("input", { type: "number", min: 0, max: 600, value: "", inputMode: "numeric" });
  const box = (text, checked = true) => {
    const input = make("input", { type: "checkbox", checked });
    return [input, make("label", { className: "check" }, input, text)];
  };
  const [hints, hintsLabel] = box("Hints");
  const [answers, answersLabel] = box("“Show all answers”");
  const field = make("input", { type: "text", readOnly: true, ariaLabel: "Link for learners" });
  const said = make("p", { role: "status", className: "facts" });
  const draw = () => {
    const url = base();
    url.searchParams.set("pack", named);
    if (minutes.valueAsNumber > 0) url.searchParams.set("minutes", minutes.valueAsNumber);
    if (!hints.checked) url.searchParams.set("hints", "no");
    if (!answers.checked) url.searchParams.set("answers", "no");
    field.value = url.href;
  };
  for (const input of [minutes, hints, answers]) input.addEventListener("input", draw);
  draw();
  return [title, make("label", {}, "Time limit in minutes (empty: none)", minutes), make("p", { className: "row" }, hintsLabel, answersLabel),
    make("p", { className: "row" }, field, button("Copy", () => copy(field.value, field, said))), said];
}

/** The answers that were put together here: pairs of where they come from and their text. They last as long as the page. */
const collected = new Map();

function collect(pack, from, text) {
  const list = collected.get(pack.id) ?? [];
  collected.set(pack.id, [...list, [from, text]]);
}

/** Takes the answer that is in a link. */
export async function collectLink(pack, link) {
  collect(pack, `link …${link.slice(-6)}`, await unpacked(link).catch(() => ""));
}

/** A row's first cell says what the row is about. */
function drawTable({ head, rows }) {
  const row = ([about, ...texts]) => make("tr", { className: texts[0] === "" ? "sum" : "" },
    make("th", { textContent: about, scope: "row" }), ...texts.map((textContent) => make("td", { textContent })));
  const columns = head.map((textContent) => make("th", { textContent, scope: "col" }));
  return make("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Answers" },
    make("table", {}, make("thead", {}, make("tr", {}, ...columns)), make("tbody", {}, ...rows.map(row))));
}

/** Where a trainer makes the link and puts answers together. `merge` is the module's. */
export function trainer(pack, merge) {
  const json = JSON.stringify(pack);
  const result = make("div", {});
  const said = make("p", { role: "status", className: "facts" });
  const field = make("textarea", { hidden: true, readOnly: true, rows: 4, ariaLabel: "The table as text" });

  function draw() {
    const list = collected.get(pack.id) ?? [];
    if (list.length === 0) return result.replaceChildren();
    const [table, csv, markdown] = JSON.parse(merge(json, JSON.stringify(list)));
    const skipped = table.skipped.map((textContent) => make("li", { textContent }));
    const learners = table.head.length - 3;
    said.textContent = `${counted(learners, "learner")} from ${counted(list.length, "answer")}.`;
    result.replaceChildren(...(skipped.length > 0 ? [make("ul", { className: "wrong" }, ...skipped)] : []), drawTable(table),
      make("p", { className: "row" }, button("Copy as CSV", () => copy(csv, field, said)), button("Save as CSV", () => save(`${pack.id}.csv`, csv, "text/csv")),
        button("Copy as Markdown", () => copy(markdown, field, said))));
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
    for (const file of files.files) collect(pack, file.name, file.size > 4e6 ? "" : await file.text());
    files.value = "";
    draw();
  });
  draw();
  return make("details", { className: "box", open: collected.has(pack.id) }, make("summary", { textContent: "For trainers" }),
    ...linkMaker(), make("h3", { textContent: "The answers of all" }),
    make("p", { className: "facts", textContent: "Answers are put together in this tab. Of several answers of one learner, the newest counts." }),
    make("label", {}, "Files that learners have saved", files),
    make("label", {}, "Links that learners have sent, one below the other", links), make("p", {}, button("Add the links", take)), said, result, field);
}
