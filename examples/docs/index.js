// What a page may do with what its elements find. `detail` is a Review, as the npm package's types describe it.
addEventListener("review", ({ target, detail: { counts, findings } }) => {
  const outcome = target.nextElementSibling;
  const worst = findings.length === 0 ? "" : ` The first: ${findings[0].message}`;
  outcome.textContent = `gopeer finds ${findings.length} in this snippet, ${counts.critical + counts.high} of them serious.${worst}`;
});
