// Reviews each snippet of the page and lists what was found under it.

// A review takes a few milliseconds, the engine's start more: in a worker neither is felt.
const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const snippets = [...document.querySelectorAll("code[data-file]")];

/** Messages have code between backticks. */
const marked = (text) => text.split("`").map((part, at) => (at % 2 === 0 ? part : Object.assign(document.createElement("code"), { textContent: part })));

function item(finding) {
  const line = document.createElement("li");
  const where = document.createElement("strong");
  where.textContent = `Line ${finding.place.range.line}, ${finding.severity}: `;
  const rule = document.createElement("code");
  rule.textContent = finding.rule;
  line.append(where, ...marked(finding.message), ". ", rule);
  return line;
}

worker.onmessage = ({ data: { index, review, failed } }) => {
  const box = document.createElement("section");
  box.className = "findings";
  box.ariaLabel = `Review of ${snippets[index].dataset.file}`;
  const verdict = document.createElement("p");
  verdict.append(...marked(failed ?? review.verdict));
  const list = document.createElement("ul");
  list.append(...(review?.findings ?? []).map(item));
  box.append(verdict, ...(list.children.length > 0 ? [list] : []));
  snippets[index].parentElement.after(box);
};

snippets.forEach((snippet, index) => worker.postMessage({ index, files: { [snippet.dataset.file]: snippet.textContent } }));
