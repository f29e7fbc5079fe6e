// What the reviewer asks, and what no tool can check: entries to tick and to write a note on, which go into links and exports.
import { make } from "./make.js";
import { say } from "./page.js";
import { prose } from "./prose.js";

const compose = (ticked, note) => (ticked || note ? `${ticked ? "[x]" : "[ ]"} ${note}`.trim() : "");

function entry(key, text, said) {
  const [done, note] = [said?.startsWith("[x]") ?? false, said?.slice(4) ?? ""];
  const box = make("input", { type: "checkbox", id: `tick-${key}`, checked: done, onchange: () => say(key, compose(box.checked, note)) });
  const label = note ? "Change note" : "Note";
  const open = make("button", { type: "button", id: `note-${key}`, className: "say-button", textContent: label, ariaLabel: `${label}: ${text}`, onclick: () => write() });
  const item = make("li", {}, make("label", { className: "tick" }, box, make("span", {}, ...prose(text))));
  if (note) item.append(make("p", { className: "remark-text", textContent: note }));
  item.append(open);

  function write() {
    const field = make("input", { className: "field", value: note, maxLength: 500, ariaLabel: `Note: ${text}`, placeholder: "A note for links and reports" });
    const leave = (words, isHere) => {
      field.onblur = undefined;
      const fresh = entry(key, text, compose(done, words));
      item.replaceWith(fresh);
      if (isHere) fresh.lastChild.focus();
      if (words !== note) say(key, compose(done, words));
    };
    const words = () => field.value.replace(/\s+/g, " ").trim();
    field.onblur = () => leave(words(), false);
    field.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      leave(event.key === "Enter" ? words() : note, true);
    };
    open.replaceWith(field);
    field.focus();
  }
  return item;
}

function group(title, texts, persona, said) {
  if (texts.length === 0) return [];
  const entries = texts.map((text) => entry(`${persona}: ${text}`, text, said.get(`${persona}: ${text}`)));
  const section = make("section", { className: "group", ariaLabel: title }, make("h2", { textContent: title }), make("ul", { className: "ticks" }, ...entries));
  return [section];
}

/** Draws both lists. `questions` and `checklist` have a line for each entry, `said` a line `persona: entry\t[x] note`. */
export function draw(host) {
  // What is being written stays.
  if (host.querySelector(".ticks .field")) return;
  const lines = (name) => (host.getAttribute(name) ?? "").split("\n").filter(Boolean);
  const said = new Map(lines("said").map((line) => line.split("\t")));
  const persona = host.getAttribute("persona");
  const focused = host.contains(document.activeElement) ? document.activeElement.id : "";
  host.replaceChildren(...group("Questions for the author", lines("questions"), persona, said), ...group("What no tool can check", lines("checklist"), persona, said));
  if (focused) document.getElementById(focused)?.focus();
}
