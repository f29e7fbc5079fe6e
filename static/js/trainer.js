// What only a trainer needs: the link for everyone, presenting and printing, and the answers of all, with who has found what and why it was
// marked.
import { PACK, base, copy, packed } from "./answers.js";
import { button, make } from "./make.js";
import { save } from "./out.js";
import { KEPT } from "./packs.js";
import { counted } from "./prose.js";
import { picture } from "./qr.js";

/** A row's first cell says what the row is about. */
export function drawTable({ head, rows }) {
  const row = ([about, ...texts]) => make("tr", { className: texts[0] === "" ? "sum" : "" },
    make("th", { textContent: about, scope: "row" }), ...texts.map((textContent) => make("td", { textContent })));
  const columns = head.map((textContent) => make("th", { textContent, scope: "col" }));
  return make("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: "Answers" },
    make("table", {}, make("thead", {}, make("tr", {}, ...columns)), make("tbody", {}, ...rows.map(row))));
}

/** What is done with answers. */
export const about = () => [
  make("h3", { textContent: "The answers of all" }),
  make("p", { className: "facts", textContent: "Answers are put together in this browser, also from links that you open one by one. Of several answers of one learner, the newest counts." }),
];

/** Buttons for the table as text. */
export function outward(pack, [csv, markdown], field, said) {
  return [
    button("Copy as CSV", () => copy(csv, field, said)), button("Save as CSV", () => save(`${pack.id}.csv`, csv, "text/csv")),
    button("Copy as Markdown", () => copy(markdown, field, said)),
  ];
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

/**
 * The form for the link, and what gives the link. A pack of this site is named in it; one that was opened as a file is in it as a whole.
 */
export function linkMaker(pack) {
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
export function projector(pack, { words, compare }, link) {
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
