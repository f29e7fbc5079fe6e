// The page of all rules: searched by words and by other tools' names. What is searched for is in the address, after the #.
import { fetched } from "./fetched.js";
import { draw } from "./guide.js";
import { make } from "./make.js";
import { SEVERITIES, prose, weight } from "./prose.js";

const search = document.getElementById("search");
const count = document.getElementById("count");
const list = document.getElementById("rules");

const FIXES = { none: "no fix", suggested: "fix to be checked", safe: "safe fix" };

function example(title, code) {
  return make("figure", {}, make("figcaption", { textContent: title }), make("pre", { tabIndex: 0 }, make("code", { textContent: code.trimEnd() })));
}

function details(rule, gallery) {
  const parts = rule.why.split("\n\n").map((paragraph) => make("p", {}, ...prose(paragraph)));
  const link = gallery.links[rule.id];
  const guide = make("div");
  guide.setAttribute("rule", rule.id);
  draw(guide);
  parts.push(guide);
  if (link) parts.push(make("p", {}, make("a", { href: `./#${link}`, textContent: "Open the example in gopeer" })));
  if (rule.bad[0]) parts.push(example("Flagged", rule.bad[0]));
  if (rule.fixed) parts.push(example("Fixed", rule.fixed));
  if (rule.good[0]) parts.push(example("Not flagged", rule.good[0]));
  const weights = rule.personas.map(([id, rank]) => make("li", {}, `${gallery.personas[id] ?? id}: ${weight(rank)}`));
  parts.push(make("h2", { textContent: "How much each reviewer cares" }), make("ul", {}, ...weights));
  return parts;
}

/** One rule: a line that opens. Its content is made when it is first opened. */
function entry(rule, gallery) {
  const facts = [SEVERITIES[rule.severity], FIXES[rule.fix], ...rule.equivalents].join(" · ");
  const summary = make("summary", {}, make("span", { className: "title" }, ...prose(rule.title)),
    make("span", { className: "facts" }, make("code", { textContent: rule.id }), ` ${facts}`));
  const box = make("details", {}, summary);
  box.addEventListener("toggle", () => { if (box.children.length === 1) box.append(...details(rule, gallery)); }, { once: true });
  const names = [rule.id, ...rule.equivalents, ...rule.former_ids].join(" ").toLowerCase();
  return { rule, box, item: make("li", {}, box), names, words: `${names} ${rule.title} ${rule.why}`.toLowerCase() };
}

/** How well a rule fits: its name or another tool's name for it first, then words of its title and text. */
function fit({ names, words }, wanted) {
  if (!wanted.every((word) => words.includes(word))) return 0;
  const named = names.split(/[^a-z0-9-]+/);
  return 1 + wanted.filter((word) => names.includes(word)).length + 10 * wanted.filter((word) => named.includes(word)).length;
}

function show(entries) {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries.map((entry) => [fit(entry, wanted), entry]).filter(([fits]) => fits > 0);
  if (wanted.length > 0) found.sort(([a], [b]) => b - a);
  list.replaceChildren(...found.map(([, { item }]) => item));
  const all = `${entries.length} rules`;
  count.textContent = wanted.length === 0 ? `${all}.` : `${found.length} of ${all}.`;
  if (found.length === 1) found[0][1].box.open = true;
}

function fromAddress(entries) {
  let asked = location.hash.slice(1);
  try {
    asked = decodeURIComponent(asked);
  } catch {
    // Taken as it is.
  }
  search.value = asked;
  show(entries);
  const named = entries.find(({ rule }) => rule.id === asked);
  if (named) named.box.open = true;
}

try {
  const [rules, gallery] = await Promise.all([fetched("./rules.json", "json"), fetched("./gallery.json", "json")]);
  const entries = rules.map((rule) => entry(rule, gallery));
  fromAddress(entries);
  addEventListener("hashchange", () => fromAddress(entries));
  search.addEventListener("input", () => {
    history.replaceState(null, "", `#${encodeURIComponent(search.value)}`);
    show(entries);
  });
  document.getElementById("surprise").addEventListener("click", () => {
    const { rule } = entries[Math.floor(Math.random() * entries.length)];
    location.hash = rule.id;
  });
} catch {
  count.textContent = "The rules could not be loaded. Check the network connection and reload the page.";
}
