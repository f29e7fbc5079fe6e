// What is presented and printed, be it an exercise or a review: files, and items, each of which is about some of their lines.
//
// A deck has a `title`, paragraphs `about` it, `files`, `items`, and the elements that show its `changes`. Whoever sees it is asked for each
// item with `asks` before it is revealed. An item has a `title`, what kind of thing it is (`label`), `facts` about it, `places`, the `steps`
// on which it happens, paragraphs that are `said`, and `notes` for the speaker.
import { SEVERITIES, counted } from "./prose.js";
import { changes } from "./repaired.js";

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.?!:]$/.test(text) ? "" : "."}`;

/** `words` says what each concern is called; `compare` gives the repaired version of a file beside the faulty one. */
export function ofExercise(exercise, words, compare) {
  const fault = ({ title, concerns, places, path, explanation, hints }, at, { length }) => ({
    title, places, steps: path, label: `Fault ${at + 1} of ${length}`, asks: true,
    facts: `Threatens: ${concerns.map((id) => words.get(id)).join("; ")}.`,
    said: explanation.split("\n\n"), notes: hints.map((hint, at) => `Hint ${at + 1}: ${hint}`),
  });
  const right = ({ file, line, text }) => ({
    title: sentence(text), label: "Looks wrong and is right", facts: "", places: [{ file, line }], steps: [], said: [], notes: [], asks: false,
  });
  return {
    title: exercise.title, about: exercise.story.split("\n\n"), changes: changes(exercise, compare),
    // Go first: what is wrong is rarely in go.mod.
    files: [...exercise.files].sort((a, b) => b.name.endsWith(".go") - a.name.endsWith(".go")),
    items: [...exercise.faults.map(fault), ...exercise.right.map(right)],
  };
}

const at = ({ file, range }) => ({ file, line: range.line, end: range.end_line });

/** A review as the JSON export has it. */
export function ofReview({ verdict, persona, findings, shared }) {
  const item = ({ say, severity, rule, place, also, steps, related, fixes, remark }, index) => ({
    title: say, label: `Finding ${index + 1} of ${findings.length}`, asks: false, facts: `${SEVERITIES[severity]} · ${rule}`,
    places: [place, ...also].map(at), steps: steps.map(({ place, message, goroutine }) => ({ ...at(place), text: goroutine ? `${goroutine}: ${message}` : message })),
    said: related.map(({ message }) => sentence(message)),
    notes: [...fixes.map(({ title }) => `Fix: ${title}.`), ...(remark?.text ? [`Note: ${remark.text}`] : [])],
  });
  return {
    title: "Review", about: [verdict, `${counted(findings.length, "finding")}. Reviewer: ${persona.name}.`], changes: [],
    files: shared.files, items: findings.map(item),
  };
}
