// What a trainer sees of the answers of all: who has found what, and why it was marked.
import { make } from "./make.js";
import { counted } from "./prose.js";

/** A row's first cell says what the row is about. */
export function drawTable({ head, rows }) {
  const row = ([about, ...texts]) => make("tr", { className: texts[0] === "" ? "sum" : "" },
    make("th", { textContent: about, scope: "row" }), ...texts.map((textContent) => make("td", { textContent })));
  const columns = head.map((textContent) => make("th", { textContent, scope: "col" }));
  return make("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Answers" },
    make("table", {}, make("thead", {}, make("tr", {}, ...columns)), make("tbody", {}, ...rows.map(row))));
}

/** One mark: who, where, what, and why. */
function reason({ learner, file, line, concern, text }) {
  return make("li", {}, make("strong", { textContent: learner }), ` ${file}:${line} `, make("span", { className: "facts", textContent: concern }), text ? `: ${text}` : "");
}

/** What learners have marked and why: for each fault, and for each exercise where nothing is wrong. A list is drawn when it is opened. */
export function reasons({ head, rows, why }) {
  const marked = rows.map(([exercise, fault], at) => [`${exercise}: ${fault || "marked where nothing is wrong"}`, why[at]]).filter(([, marks]) => marks.length > 0);
  if (marked.length === 0) return [];
  const who = make("select", {}, make("option", { value: "", textContent: "All learners" }), ...head.slice(3).map((name) => make("option", { value: name, textContent: name })));
  const list = make("div", { className: "reasons" });
  const opened = new Set();
  const part = ([title, all]) => {
    const marks = all.filter(({ learner }) => who.value === "" || learner === who.value);
    if (marks.length === 0) return [];
    const details = make("details", {}, make("summary", {}, title, make("span", { className: "facts", textContent: ` ${counted(marks.length, "mark")}` })));
    details.addEventListener("toggle", () => {
      opened[details.open ? "add" : "delete"](title);
      if (details.open && details.childElementCount === 1) details.append(make("ul", {}, ...marks.map(reason)));
    });
    details.open = opened.has(title);
    return [details];
  };
  const draw = () => list.replaceChildren(...marked.flatMap(part));
  who.addEventListener("change", draw);
  draw();
  return [make("h4", { textContent: "Why they marked it" }), make("label", {}, "Whose marks", who), list];
}
