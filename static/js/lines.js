// The code of an exercise, line by line. A line acts as a button without being one, because the text of buttons cannot be selected. Below
// it is what was said about it.
import { make } from "./make.js";

const WORDS = "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var";
const GO = new RegExp(`(\\/\\/.*|\\/\\*.*?\\*\\/)|("(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'|\`[^\`]*(?:\`|$))|\\b(?:${WORDS})\\b|\\b\\d[\\w.]*`, "g");

/** The parts of each line with their colours. This is reading matter: comments, texts, numbers and keywords are enough. */
export function coloured(name, text) {
  const isGo = name.endsWith(".go");
  let isRaw = false;
  return text.replace(/\n$/, "").split("\n").map((line) => {
    const part = (textContent, kind) => (kind ? make("span", { className: `tok-${kind}`, textContent }) : textContent);
    if (!isGo) return /^\s*(#|\/\/)/.test(line) ? [part(line, "comment")] : [line];
    const parts = [];
    let from = 0;
    if (isRaw) {
      const end = line.indexOf("`");
      from = end < 0 ? line.length : end + 1;
      isRaw = end < 0;
      parts.push(part(line.slice(0, from), "string"));
    }
    const rest = line.slice(from);
    let at = 0;
    for (const found of rest.matchAll(GO)) {
      const [word, comment, string] = found;
      const kind = comment ? "comment" : string ? "string" : /^\d/.test(word) ? "number" : "keyword";
      parts.push(rest.slice(at, found.index), part(word, kind));
      at = found.index + word.length;
      isRaw = string?.[0] === "`" && !/.`$/.test(string);
    }
    parts.push(rest.slice(at));
    return parts.filter((one) => one !== "");
  });
}

/** A file whose lines can be chosen; `choose(line)` is called for the one that is. */
export function file({ name, text }, choose) {
  const items = coloured(name, text).map((parts, index) => {
    const line = index + 1;
    const number = make("span", { className: "number", textContent: line });
    // Whoever drags the pointer over the text selects it, and chooses no line.
    let pressed = 0;
    const onmousedown = ({ x }) => { pressed = x; };
    const onclick = ({ x, detail }) => (!detail || Math.abs(x - pressed) < 5) && choose(line);
    const button = make("div", { role: "button", className: "line", tabIndex: line === 1 ? 0 : -1, onmousedown, onclick }, number, make("code", {}, ...parts));
    return make("li", { id: `L${line}` }, button);
  });
  const list = make("ol", { className: "lines", ariaLabel: `${name}, ${items.length} lines` }, ...items);
  const button = (line) => items[line - 1]?.firstChild;
  const go = (line) => {
    for (const item of items) item.firstChild.tabIndex = -1;
    button(line).tabIndex = 0;
    button(line).focus();
  };
  list.addEventListener("keydown", (event) => {
    if (!event.target.classList.contains("line")) return;
    const at = items.indexOf(event.target.parentElement) + 1;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return choose(at);
    }
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 1, End: items.length, PageDown: at + 15, PageUp: at - 15 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    go(Math.min(Math.max(moves[event.key], 1), items.length));
  });
  return {
    list,
    /** Goes to a line, and points at it until another one is gone to: after a tap, browsers do not show the focus. */
    go(line) {
      go(line);
      items.forEach((item, index) => item.classList.toggle("is-here", index + 1 === line));
      button(line).scrollIntoView({ block: "center" });
    },
    /** Puts something below a line in the place of what is there; without content, removes that. */
    below(line, ...content) {
      const item = items[line - 1];
      if (!item) return;
      item.replaceChildren(item.firstChild, ...content);
      item.firstChild.ariaPressed = content.length > 0 ? "true" : "false";
    },
    /** Marks lines with a class, and takes it off the others. */
    mark(kind, lines) {
      items.forEach((item, index) => item.classList.toggle(kind, lines.includes(index + 1)));
    },
  };
}
