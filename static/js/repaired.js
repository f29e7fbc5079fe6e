// The repaired version of an exercise, beside the faulty one.
import { make } from "./make.js";

/** The changes of the repaired version, file by file: the changed lines with three around them. */
export function changes(exercise, compare) {
  const names = [...new Set([...exercise.files, ...exercise.repaired].map(({ name }) => name))];
  const signs = { both: " ", removed: "−", added: "+" };
  return names.flatMap((name) => {
    const rows = compare(exercise, name);
    if (!rows) return [];
    const near = (at) => rows.slice(Math.max(at - 3, 0), at + 4).some(({ kind }) => kind !== "both");
    const lines = rows.flatMap((row, at) => {
      if (!near(at)) return at > 0 && near(at - 1) ? [make("li", { className: "gap", textContent: "⋯" })] : [];
      const said = { both: "", removed: "removed: ", added: "added: " }[row.kind];
      return [make("li", { className: row.kind }, make("span", { className: "sign", ariaHidden: "true", textContent: signs[row.kind] }),
        make("span", { className: "visually-hidden", textContent: said }), make("code", { textContent: row.text }))];
    });
    return [make("figure", {}, make("figcaption", { textContent: name }), make("ol", { className: "diff", tabIndex: 0, ariaLabel: `Changes of ${name}` }, ...lines))];
  });
}
