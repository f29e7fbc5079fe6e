// Notes on lines: the editor hears that one was written, and the review lists them.
import { make } from "./make.js";
import { note } from "./page.js";

const editor = () => document.getElementById("editor");

// The editor says the line; the page knows the file.
addEventListener("note", ({ detail }) => {
  const file = document.querySelector("gopeer-change")?.getAttribute("name");
  if (file) note(file, detail.line, detail.text);
}, true);

export function draw(host) {
  const parts = (host.getAttribute("notes") ?? "").split("\0");
  const items = [];
  for (let at = 0; at + 3 < parts.length; at += 4) {
    const [file, line, from, text] = parts.slice(at, at + 4);
    const place = make("button", { className: "link-button where", type: "button", textContent: `${file}:${line}`, onclick: () => editor()?.editor?.goTo(file, Number(from), Number(from)) });
    items.push(make("li", {}, place, make("p", { className: "remark-text", textContent: text })));
  }
  const title = make("h2", {}, "Notes", make("span", { className: "group-count", textContent: items.length }));
  host.replaceChildren(make("section", { className: "group", ariaLabel: "Notes" }, title, make("ul", { className: "note-list" }, ...items)));
}
