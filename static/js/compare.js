// Two reviewers beside each other: what both raise, and what only one of them does.
import { listed } from "./found.js";
import { make } from "./make.js";
import { beside, reviewed } from "./page.js";
import { REVIEWERS, counted } from "./prose.js";

/** How many findings of each list count; 0 for as many as the reviewer shows unasked. */
const FIRST = [[3, "first 3"], [5, "first 5"], [10, "first 10"], [0, "all that each shows"]];

const ordinal = (number) => `${number}${{ 1: "st", 2: "nd", 3: "rd" }[[11, 12, 13].includes(number % 100) ? 0 : number % 10] ?? "th"}`;
const order = (name, place) => `${name}: ${place ? ordinal(place) : "left out"}`;

function entry({ finding, first, second }, names) {
  return listed(finding, make("p", { className: "muted", textContent: `${order(names[0], first)} · ${order(names[1], second)}` }));
}

/** What the code's margin says of a finding: A is the reviewer at work, B the other one. */
function raised({ both, onlyFirst, onlySecond }, names) {
  const mark = (who, by) => ({ finding: { id, message, place } }) => ({ id, who, file: place.file, from: place.range.from, say: `${by}: ${message}` });
  return [...both.map(mark("AB", "Both")), ...onlyFirst.map(mark("A", `Only ${names[0]}`)), ...onlySecond.map(mark("B", `Only ${names[1]}`))];
}

/** Draws who raises what beside the lines of the code; without marks, there is no such margin. */
const margin = (marks) => document.getElementById("editor")?.editor?.raise(marks);

function group(title, who, pairs, names, none) {
  const content = pairs.length > 0 ? make("ul", {}, ...pairs.map((pair) => entry(pair, names))) : make("p", { className: "muted", textContent: none });
  return make("section", { ariaLabel: title }, make("h2", {}, make("span", { className: "who", ariaHidden: "true", textContent: who }), title, make("span", { className: "group-count", textContent: pairs.length })), content);
}

function chips(label, choices, chosen, choose) {
  const chip = ([value, text]) => make("button", { type: "button", className: "chip plain", id: `compare-${value}`, textContent: text, ariaPressed: String(value === chosen), onclick: () => choose(value) });
  const row = make("div", { className: "answers" }, ...choices.map(chip));
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", label);
  return row;
}

function build(host) {
  const body = make("div", { className: "context-body" });
  const more = make("details", { className: "more context" }, make("summary", { textContent: "Compare reviewers" }), body);
  // What nobody looks at need not be made.
  more.addEventListener("toggle", () => (more.open ? fill(host) : host.getAttribute("other") && beside("")));
  host.replaceChildren(more);
  return { more, body, first: 5 };
}

async function results(host, own, other) {
  const message = reviewed();
  if (!other) return [];
  const report = await gopeer.loadReport();
  const made = message.length > 0 ? JSON.parse(report.compare_reviewers(message, host.parts.first)) : undefined;
  // The review that has both is still to come, or the comparison was closed while the module came: what there was stays.
  if (made?.persona !== own || made.other !== other || host.getAttribute("other") !== other) return undefined;
  const names = [REVIEWERS[own] ?? own, REVIEWERS[other] ?? other];
  const { first } = host.parts;
  const among = first ? `among the first ${first} of its list` : "among those that it shows without being asked for more";
  const isMuted = [...made.both, ...made.onlyFirst, ...made.onlySecond].some(({ first, second }) => !first || !second);
  const meaning = make("p", { className: "muted", textContent: `Both know the same findings and rank them differently. Here a reviewer raises a finding that is ${among}.${isMuted ? " “Left out” means that it does not report the finding at all." : ""}` });
  const said = make("p", { textContent: `Both raise ${counted(made.both.length, "finding")}, only ${names[0]} ${made.onlyFirst.length}, only ${names[1]} ${made.onlySecond.length}, and neither ${made.neither}.` });
  said.setAttribute("role", "status");
  margin(raised(made, names));
  const legend = make("p", { className: "muted", textContent: `Beside the lines of the code, A is ${names[0]} and B is ${names[1]}.` });
  return [
    meaning, chips("What counts", FIRST, first, (value) => { host.parts.first = value; fill(host); }), said, legend,
    group(`Only ${names[0]}`, "A", made.onlyFirst, names, `${names[1]} raises all that ${names[0]} does.`),
    group(`Only ${names[1]}`, "B", made.onlySecond, names, `${names[0]} raises all that ${names[1]} does.`),
    group("Both", "AB", made.both, names, "There is no finding that both raise."),
  ];
}

async function fill(host) {
  const { more, body } = host.parts;
  const [own, other] = [host.getAttribute("persona"), host.getAttribute("other")];
  if (other) more.open = true;
  else margin([]);
  if (!more.open) return;
  const focused = host.contains(document.activeElement) ? document.activeElement.id : "";
  const others = Object.entries(REVIEWERS).filter(([id]) => id !== own);
  let made;
  try {
    made = await results(host, own, other);
  } catch {
    made = [make("p", { className: "remark", textContent: "The comparison could not be loaded. Check the network connection and try again." })];
  }
  if (made === undefined) {
    // Its attributes may be the same as before, so nothing says when it is there: look again.
    clearTimeout(host.parts.again);
    host.parts.again = setTimeout(() => host.isConnected && fill(host), 100);
    return;
  }
  body.replaceChildren(chips("Reviewer to compare with", others, other, (id) => beside(id === other ? "" : id)), ...made);
  if (focused) document.getElementById(focused)?.focus();
}

/** Draws the comparison of the reviewer `persona` with the `other`; `rules` changes with every review. */
export function draw(host) {
  host.parts ??= build(host);
  return fill(host);
}
