// What else there is to filter by, and to group by: below the chips for severities and categories.
import { make } from "./make.js";
import { view } from "./page.js";

const CONFIDENCES = [["", "any confidence"], ["high", "high confidence"], ["medium", "medium confidence"], ["low", "questions"]];
const GROUPS = [["", "section"], ["rule", "rule"], ["file", "file"], ["line", "line"]];
const STRICTNESS = [["", "normal"], ["quiet", "quiet: critical and high only"], ["strict", "strict: all findings"]];
const PAUSE = 150;

function options(select, pairs, chosen) {
  const listed = [...select.options].map(({ value }) => value).join("\n");
  if (listed !== pairs.map(([value]) => value).join("\n")) {
    select.replaceChildren(...pairs.map(([value, textContent]) => make("option", { value, textContent })));
  }
  select.value = chosen;
}

function field(label, control) {
  return make("label", { className: "filter-field" }, make("span", { textContent: label }), control);
}

function build(host) {
  const choose = (name) => make("select", { onchange: (event) => view(name, event.target.value) });
  const text = make("input", { type: "search", autocomplete: "off", spellcheck: false });
  let timer;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => view("text", text.value.trim()), PAUSE);
  });
  const parts = { text, confidence: choose("confidence"), rule: choose("rule"), group: choose("group"), strictness: choose("strictness") };
  const box = make("div", { className: "filter-fields" },
    field("Search", text), field("Confidence", parts.confidence), field("Rule", parts.rule), field("Group by", parts.group), field("Strictness", parts.strictness));
  const more = make("details", { className: "more" }, make("summary", {}, "Search, filter and group"), box);
  host.replaceChildren(more);
  return { ...parts, more };
}

export function draw(host) {
  host.parts ??= build(host);
  const { text, confidence, rule, group, strictness, more } = host.parts;
  const [chosen, words, by, strict] = ["rule", "text", "group", "strictness"].map((name) => host.getAttribute(name) ?? "");
  const rules = (host.getAttribute("rules") ?? "").split(" ").filter(Boolean);
  if (chosen && !rules.includes(chosen)) rules.push(chosen);
  if (document.activeElement !== text) text.value = words;
  options(confidence, CONFIDENCES, host.getAttribute("confidence") ?? "");
  options(rule, [["", "all rules"], ...rules.map((id) => [id, id])], chosen);
  options(group, GROUPS, by);
  options(strictness, STRICTNESS, strict);
  // What is set is in sight.
  if (chosen || words || by || strict || confidence.value) more.open = true;
}
