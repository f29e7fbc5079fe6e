// What is said after "Check": the score, and for each fault what it is, how it happens, or a hint.
import { button, make } from "./make.js";
import { counted, prose } from "./prose.js";

export const paragraphs = (text) => text.split("\n\n").map((one) => make("p", {}, ...prose(one)));

/** How marks count: see crates/pack/src/score.rs. */
export const RULES = "A fault counts two points, or one if you name another concern. Each line that you mark without a fault takes one away. Hints are free.";

/** The result in a sentence. Every mark is a hit or a false alarm. */
export function summary(score) {
  const found = score.faults.filter(({ marks }) => marks.length > 0);
  const others = found.filter(({ named }) => !named).length;
  const concerns = others > 0 ? ` (${others} with another concern)` : "";
  const alarms = score.falseAlarms.length;
  if (found.length + alarms === 0) return `No line is marked: 0 of ${counted(score.faults.length, "fault")} found.`;
  return `${score.percent} %: ${found.length} of ${counted(score.faults.length, "fault")} found${concerns}, ${counted(alarms, "false alarm")}.`;
}

/** A link to a line. */
const place = ({ file, line }, jump) => button(`${file}:${line}`, () => jump(file, line), "link");

/** A fault that is known: found, or shown. */
function known(view, fault, outcome) {
  const { words, jump } = view;
  const threatens = fault.concerns.map((id) => words.get(id)).join("; ");
  const parts = [make("p", { className: "facts" }, `Threatens: ${threatens}.`)];
  if (outcome.marks.length > 0 && !outcome.named) {
    const said = words.get(view.answer.marks[outcome.marks[0]].concern);
    parts.push(make("p", { className: "facts" }, `You have marked it as “${said}”: half of the points.`));
  }
  parts.push(...paragraphs(fault.explanation));
  const steps = fault.path.length > 0 ? fault.path : fault.places.map((place) => ({ ...place, text: "here" }));
  const step = (one) => make("li", {}, place(one, jump), " ", ...prose(one.text));
  parts.push(make("h4", { textContent: fault.path.length > 1 ? "How it happens" : "Where it is" }), make("ol", { className: "path" }, ...steps.map(step)));
  parts.push(fault.rule
    ? make("p", { className: "facts" }, "gopeer finds it: ", make("a", { href: `rules.html#${fault.rule}`, target: "_blank", textContent: fault.rule }))
    : make("p", { className: "facts" }, "No rule of gopeer finds it: ", ...prose(fault.unfound), "."));
  return parts;
}

/** A fault that was missed: its hints, one after the other, and then the fault itself. */
function missed(view, fault) {
  const { answer, redraw, hints: areGiven } = view;
  if (!areGiven) return [];
  const taken = answer.hints[fault.id] ?? 0;
  const hints = fault.hints.slice(0, taken).map((hint) => make("li", {}, ...prose(hint)));
  const isLast = taken >= fault.hints.length;
  const more = isLast ? "Show this fault" : taken === 0 ? "Hint" : "Another hint";
  const next = button(more, () => {
    answer.hints[fault.id] = taken + 1;
    redraw(`fault-${fault.id}`);
  }, "small");
  return [...(hints.length > 0 ? [make("ul", {}, ...hints)] : []), make("p", {}, next)];
}

function fault(view, fault, outcome) {
  const isHit = outcome.marks.length > 0;
  const isShown = isHit || view.answer.shown || (view.answer.hints[fault.id] ?? 0) > fault.hints.length;
  const state = isHit ? "Found" : "Missed";
  const title = isShown ? prose(fault.title) : ["A fault that you have not marked"];
  const heading = make("h3", { id: `fault-${fault.id}`, tabIndex: -1 }, make("span", { className: `tag ${state.toLowerCase()}`, textContent: state }), " ", ...title);
  return make("section", { className: "fault" }, heading, ...(isShown ? known(view, fault, outcome) : missed(view, fault)));
}

function alarm(view, { mark, right }) {
  const { file, line } = view.answer.marks[mark];
  const reason = right ? prose(`${right[0].toUpperCase()}${right.slice(1)}.`) : ["None of the faults of this exercise is on this line. If you are sure that it is wrong, tell your trainer."];
  return make("li", {}, place({ file, line }, view.jump), " ", ...reason);
}

/** Lines that look wrong and are right. */
function lookalikes({ exercise, jump }) {
  const line = (right) => make("li", {}, place(right, jump), " ", ...prose(`${right.text[0].toUpperCase()}${right.text.slice(1)}.`));
  return [make("h3", { id: "right", tabIndex: -1, textContent: "What looks wrong and is right" }), make("ul", { className: "alarms" }, ...exercise.right.map(line))];
}

/** Everything that is said about a score. `view` brings what it needs of the exercise and the page. */
export function verdict(view, score) {
  const { exercise, answer } = view;
  const outcomes = exercise.faults.map((one, at) => fault(view, one, score.faults[at]));
  const parts = [make("h2", { id: "verdict", tabIndex: -1, textContent: summary(score) })];
  parts.push(make("p", { className: "facts", textContent: RULES }));
  if (answer.shown) parts.push(make("p", { className: "facts", textContent: "After all answers have been shown, further checks do not count." }));
  if (view.isStale) parts.push(make("p", { className: "facts" }, "Your marks have changed since: check again."));
  if (answer.tries.length > 1) parts.push(make("p", { className: "facts" }, `Your tries: ${answer.tries.map(({ percent }) => `${percent} %`).join(", ")}.`));
  parts.push(...outcomes);
  if (score.falseAlarms.length > 0) {
    parts.push(make("h3", { textContent: "False alarms" }), make("ul", { className: "alarms" }, ...score.falseAlarms.map((one) => alarm(view, one))));
  }
  if (answer.shown) parts.push(...lookalikes(view));
  if (answer.shown) parts.push(make("p", {}, button("Show the repaired version", view.showRepaired)));
  return parts;
}
