// Answers: what a learner hands in at the end, and how a trainer puts those of all together.
import { button, make } from "./make.js";
import { copied, save } from "./out.js";
import { forget, handedIn, receive, received, who } from "./progress.js";
import { counted } from "./prose.js";

/** Where an answer, or a whole pack, begins in a link. */
export const ANSWERS = "#answers.";
export const PACK = "#pack.";

/** A text as a part of a link. */
export async function packed(text) {
  return (await gopeer.loadCodec()).pack(new TextEncoder().encode(text));
}

/** The text that begins after `start` in a link, or in what is left of one. Throws if it is damaged. */
export async function unpacked(link, start) {
  const part = link.trim().slice(link.trim().indexOf(start) + start.length);
  return new TextDecoder("utf-8", { fatal: true }).decode((await gopeer.loadCodec()).unpack(`#${part}`));
}

/** Copies a text, or shows it to be copied by hand. */
export async function copy(text, field, said) {
  field.hidden = false;
  field.value = text;
  const done = await copied(text);
  said.textContent = done ? "Copied." : "The text is selected: copy it.";
  if (done) return;
  field.focus();
  field.select();
}

/** The link of the pack that is open; the pack's own page without settings. */
export const base = () => new URL(location.pathname, location.href);

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

  const lost = () => make("p", { className: "wrong", textContent: "What trainers need could not be loaded. Check the network connection and reload the page." });

  async function draw() {
    if (received(pack.id).length === 0) return result.replaceChildren();
    const parts = await gopeer.loadTrainer().catch(() => undefined);
    if (!parts) return result.replaceChildren(lost());
    const list = received(pack.id);
    const [table, csv, markdown] = JSON.parse(tools.merge(json, JSON.stringify(list)));
    const skipped = table.skipped.map((textContent) => make("li", { textContent }));
    const learners = table.head.length - 3;
    said.textContent = `${counted(learners, "learner")} from ${counted(list.length, "answer")}.`;
    result.replaceChildren(...(skipped.length > 0 ? [make("ul", { className: "wrong" }, ...skipped)] : []), parts.drawTable(table), ...parts.reasons(table),
      make("p", { className: "row" }, ...parts.outward(pack, [csv, markdown], field, said), button("Remove all answers", clear)));
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
  const form = make("div", {});
  const fill = async () => {
    const parts = await gopeer.loadTrainer().catch(() => undefined);
    if (!parts) return form.replaceChildren(lost());
    const [link, ...fields] = parts.linkMaker(pack);
    form.replaceChildren(...fields, ...parts.projector(pack, tools, link), ...parts.about());
  };
  const box = make("details", { className: "box", open: received(pack.id).length > 0 }, make("summary", { textContent: "For trainers" }),
    form,
    make("label", {}, "Files that learners have saved", files),
    make("label", {}, "Links that learners have sent, one below the other", links), make("p", {}, button("Add the links", take)), said, result, field);
  box.addEventListener("toggle", fill, { once: true });
  return box;
}
