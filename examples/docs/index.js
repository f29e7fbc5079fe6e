// What a page may do with what its elements find. `detail` is a Review, as the npm package's types describe it.

/** Messages have code between backticks. */
const marked = (text) => text.split("`").map((part, at) => (at % 2 === 0 ? part : Object.assign(document.createElement("code"), { textContent: part })));

addEventListener("review", ({ target, detail: { counts, findings } }) => {
  const outcome = target.nextElementSibling;
  outcome.replaceChildren(`gopeer finds ${findings.length} in this snippet, ${counts.critical + counts.high} of them serious.`);
  if (findings.length > 0) outcome.append(" The first: ", ...marked(findings[0].message), ".");
});
