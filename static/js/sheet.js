// Sheets to print: the code without what is wrong with it, with it, or a handout with a QR code.
import { instead } from "./instead.js";
import { coloured } from "./lines.js";
import { button, make } from "./make.js";
import { counted, prose } from "./prose.js";
import { picture } from "./qr.js";

const KINDS = [["blank", "Without findings"], ["full", "With findings"], ["handout", "Handout with QR code"]];

const texts = (list) => list.map((text) => make("p", {}, ...prose(text)));
const numbers = (places) => [...new Set(places.map(({ file, line, end }) => (end > line ? `${file}:${line}–${end}` : `${file}:${line}`)))].join(", ");

/** The files; `flags` has pairs of a place and the number of its item. */
function code({ files }, flags) {
  return files.flatMap(({ name, text }) => {
    const lines = coloured(name, text).map((parts, at) => {
      const here = flags.filter(([place]) => place.file === name && place.line === at + 1).map(([, number]) => make("b", { className: "stage-flag", textContent: number }));
      return make("li", { className: here.length > 0 ? "is-lit" : "" }, make("span", { className: "stage-number", textContent: at + 1 }), make("code", {}, ...parts), ...here);
    });
    return [make("h2", { textContent: name }), make("ol", { className: "stage-lines" }, ...lines)];
  });
}

/** Room for what the reader finds. */
function form({ items }) {
  const columns = ["Line", "What is threatened?", "Why?"];
  const rows = Array.from({ length: Math.min(items.length, 8) + 2 }, () => make("tr", {}, ...columns.map(() => make("td", {}))));
  return make("table", { className: "sheet-form" }, make("thead", {}, make("tr", {}, ...columns.map((textContent) => make("th", { scope: "col", textContent })))), make("tbody", {}, ...rows));
}

function item({ title, facts, label, places, steps, said }, at) {
  const step = ({ file, line, text }) => make("li", {}, make("span", { className: "where", textContent: `${file}:${line}` }), " ", ...prose(text));
  return make("section", { className: "sheet-item" }, make("h2", {}, make("b", { className: "stage-flag", textContent: at + 1 }), " ", ...prose(title)),
    make("p", { className: "stage-label", textContent: [label, facts, numbers(places)].filter(Boolean).join(" · ") }),
    ...(steps.length > 1 ? [make("ol", {}, ...steps.map(step))] : []), ...texts(said));
}

function page(deck, kind) {
  const isFull = kind === "full";
  const flags = isFull ? deck.items.flatMap(({ places }, at) => places.map((place) => [place, at + 1])) : [];
  const changes = isFull && deck.changes.length > 0 ? [make("h2", { textContent: "The repaired version" }), ...deck.changes.map((one) => one.cloneNode(true))] : [];
  return make("section", { className: "sheet-page" }, make("h1", {}, ...prose(deck.title)), ...texts(deck.about), ...code(deck, flags),
    ...(isFull ? deck.items.map(item) : [form(deck)]), ...changes);
}

function handout(topic, decks, code) {
  const facts = ({ title, items, files }) => {
    const lines = files.reduce((sum, { text }) => sum + text.trimEnd().split("\n").length, 0);
    const faults = items.filter(({ asks }) => asks).length;
    return make("li", {}, ...prose(title), make("span", { className: "stage-label", textContent: ` ${counted(lines, "line")}${faults > 0 ? `, ${counted(faults, "fault")}` : ""}` }));
  };
  return make("section", { className: "sheet-page" }, make("h1", { textContent: topic.title }), ...texts(topic.about), code,
    ...(topic.how ? [make("h2", { textContent: "How it works" }), make("ol", {}, ...topic.how.map((text) => make("li", {}, ...prose(text))))] : []),
    ...(decks.length > 1 ? [make("h2", { textContent: "Exercises" }), make("ol", { className: "sheet-list" }, ...decks.map(facts))] : []));
}

/**
 * Shows a sheet to be printed. The handout is about `topic`: its title, paragraphs about it, and how it works. `link` gives the address that it
 * has, and `report` the module that makes the QR code.
 */
export function sheet(decks, { topic, link, report }) {
  const paper = make("article", { className: "sheet-paper" });
  let kind = "blank";

  async function linked() {
    let address = "";
    try {
      address = await link();
      return [picture((await report()).qr(address)), make("p", { className: "sheet-address", textContent: address })];
    } catch (error) {
      const why = typeof error === "string" ? error : "The code that makes the QR code could not be loaded. Check the network connection and try again.";
      return [make("p", { className: "wrong", textContent: why }), ...(address.length > 0 && address.length < 2_000 ? [make("p", { className: "sheet-address", textContent: address })] : [])];
    }
  }

  function draw(wanted) {
    kind = wanted;
    for (const [at, choice] of [...choices.children].entries()) choice.ariaPressed = String(KINDS[at][0] === kind);
    if (kind !== "handout") return paper.replaceChildren(...decks.map((deck) => page(deck, kind)));
    const code = make("div", { className: "sheet-link", ariaBusy: "true" });
    paper.replaceChildren(handout(topic, decks, code));
    linked().then((parts) => {
      code.replaceChildren(...parts);
      code.ariaBusy = "false";
    });
  }

  const choices = make("div", { className: "stage-row", role: "group", ariaLabel: "What to print" }, ...KINDS.map(([id, text]) => button(text, () => draw(id), "choice")));
  const close = () => bringBack();
  const bar = make("div", { className: "sheet-bar stage-row" }, choices, button("Print…", () => print(), "primary"), button("Close", close));
  const view = make("main", { className: "sheet" }, bar, paper);
  const bringBack = instead(view, (event) => event.key === "Escape" && close());
  document.title = topic.title;
  draw(kind);
  bar.querySelector("button").focus();
}
