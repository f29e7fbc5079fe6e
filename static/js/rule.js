// What is known of a rule: `part` is its title, why it matters, its examples, or its whole page.
import { once } from "./fetched.js";
import { make } from "./make.js";
import { REVIEWERS, SEVERITIES, prose, weight } from "./prose.js";

const FIXES = { none: "none", suggested: "suggested: check it first", safe: "safe to apply" };
const HIDDEN = /[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u115F\u1160\u3164\uFFA0]/g;

/** All rules; what did not come is asked for again. */
const rules = once(() => gopeer.loadRules().then((rules) => new Map(rules.map((rule) => [rule.id, rule]))));

/** What is needed without a network. */
export const prepare = rules;

function paragraph(text) {
  const joined = (lines) => prose(lines.replaceAll("\n", " "));
  if (!text.startsWith("- ")) return make("p", {}, ...joined(text));
  return make("ul", {}, ...`\n${text}`.split("\n- ").slice(1).map((item) => make("li", {}, ...joined(item))));
}

const why = (rule) => rule.why.split("\n\n").map((text) => text.trim()).filter(Boolean).map(paragraph);

/** Code in which the characters are written out that no reader sees. */
const visible = (code) => code.replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

function example(title, kind, code) {
  const shown = make("pre", { tabIndex: 0 }, make("code", { textContent: visible(code.trimEnd()) }));
  return make("figure", { className: `example ${kind}` }, make("figcaption", { textContent: title }), shown);
}

function examples(rule) {
  const shown = [];
  if (rule.bad[0]) shown.push(example("Flagged", "bad", rule.bad[0]));
  if (rule.fixed) shown.push(example("Fixed", "good", rule.fixed));
  if (rule.good[0]) shown.push(example("Not flagged", "good", rule.good[0]));
  return shown;
}

function page(rule) {
  const facts = [["Severity", SEVERITIES[rule.severity]], ["Category", rule.category], ["Fix", FIXES[rule.fix]]];
  if (rule.equivalents.length > 0) facts.push(["Similar checks", rule.equivalents.join(", ")]);
  if (rule.former_ids.length > 0) facts.push(["Formerly part of", rule.former_ids.join(", ")]);
  const fact = ([name, value]) => make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }));
  const weights = rule.personas.map(([id, rank]) => make("li", {}, make("span", { textContent: REVIEWERS[id] ?? id }), make("span", { className: "muted", textContent: weight(rank) })));
  return make("div", { className: "rule-page" },
    make("p", {}, make("code", { textContent: rule.id })),
    make("dl", { className: "facts" }, ...facts.map(fact)),
    ...why(rule), guide(rule), ...examples(rule), tryIt(rule),
    make("h3", { textContent: "How much each reviewer cares" }), make("ul", { className: "weights" }, ...weights),
    ...silence(rule.id));
}

const silence = (id) => [
  make("h3", { textContent: "Silence this rule" }),
  make("p", { textContent: "If the code is right as it is, say why in a comment on the line or the line above:" }),
  make("pre", { tabIndex: 0 }, make("code", { textContent: `//lint:ignore ${id} reason` })),
];

/** What its guide says: `guide.js` draws it. */
function guide(rule) {
  const element = make("gopeer-guide");
  element.setAttribute("rule", rule.id);
  return element;
}

/** The rule's example, reviewed: a link of the site, where it is there. */
function tryIt(rule) {
  const line = make("p");
  gopeer.loadGallery?.().then(({ links }) => {
    if (links[rule.id]) line.append(make("a", { className: "link-button", href: `${location.href.split("#")[0]}#${links[rule.id]}`, textContent: "Open the example" }));
  }, () => line.remove());
  return line;
}

/** What is said of a rule that has no page: one of a team, which a reviewer of one's own brings. */
function stranger(id) {
  if (!id.startsWith("team/")) return [make("p", { textContent: "This rule has no page." })];
  return [make("p", { textContent: "The reviewer brings this rule: its file says which calls it finds, and under which conditions." }), ...silence(id)];
}

const PARTS = { title: (rule) => prose(rule.title), why, examples, page: (rule) => [page(rule)] };

export async function draw(host) {
  const id = host.getAttribute("rule");
  const part = host.getAttribute("part");
  if (!host.hasChildNodes()) {
    host.replaceChildren(...{ title: [id], page: [make("div", { className: "bone card" })] }[part] ?? []);
  }
  try {
    const rule = (await rules()).get(id);
    if (rule) host.replaceChildren(...PARTS[part](rule));
    else if (part === "page") host.replaceChildren(...stranger(id));
  } catch {
    if (part !== "page") return;
    host.replaceChildren(make("p", { textContent: "The rule pages could not be loaded. Check the network connection, then close this page and open it again." }));
  }
}
