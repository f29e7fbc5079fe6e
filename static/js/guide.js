// What the guide of a rule says of a finding: the idiom, how it fails, commands that verify it, repairs to choose from, and what to read.
// The guides of a category are a file of their own, which is fetched when one of them is first shown.
import { fetched } from "./fetched.js";
import { make } from "./make.js";
import { copyButton } from "./out.js";
import { REVIEWERS, prose } from "./prose.js";
import { store, stored } from "./stored.js";

/** File by category; the build knows the names. */
const FILES = GUIDES;

const loaded = new Map();

/** The guide of a rule, if it has one. What did not come is asked for again the next time. */
async function guideOf(rule) {
  const file = FILES[rule.split("/")[0]];
  if (!file) return undefined;
  // The one-file edition has a way of its own.
  if (!loaded.has(file)) loaded.set(file, globalThis.gopeer?.loadGuide?.(file) ?? fetched(file, "json"));
  try {
    return (await loaded.get(file))[rule];
  } catch (error) {
    loaded.delete(file);
    throw error;
  }
}

// ----- what a command leaves open

/** The string literal with a statement nearest to the finding, on one line. */
function statement(before, after) {
  const literals = (code) => [...code.matchAll(/`([^`]*)`|"((?:[^"\\\n]|\\.)*)"/g)].map(([, raw, quoted]) => raw ?? quoted.replace(/\\[nt]/g, " ").replace(/\\(.)/g, "$1"));
  const isStatement = (text) => /^\s*(select|insert|update|delete|merge|with)\b/i.test(text);
  const found = literals(after.slice(0, 400)).find(isStatement) ?? literals(before).findLast(isStatement);
  return found?.replace(/\s+/g, " ").trim().replace(/;$/, "");
}

/** A name as a shell reads it. */
const quoted = (name) => (/^[\p{L}\p{N}_./-]+$/u.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

/** What the finding says of each placeholder; undefined where it says nothing. */
function known([, file, line, within, before, after]) {
  if (!file) return {};
  const [func] = /[\p{L}_][\p{L}\p{N}_]*$/u.exec(within) ?? [];
  const folder = file.slice(0, Math.max(file.lastIndexOf("/"), 0));
  const isTest = file.endsWith("_test.go") && /^(Test|Fuzz|Benchmark|Example)/.test(func ?? "");
  return {
    file: quoted(file), line, func,
    package: folder ? quoted(`./${folder}`) : ".",
    // Tests are named after what they test, more or less.
    test: isTest ? `'^${func}$'` : func && `'(?i)${func}'`,
    query: statement(before, after),
  };
}

const fill = (command, values) => command.replace(/\{(package|test|func|file|line|query)\}/g, (_, name) => values[name] ?? name.toUpperCase());

// ----- drawing

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function check({ command, shows }, values) {
  const filled = fill(command, values);
  const code = make("pre", { tabIndex: 0, textContent: filled });
  return make("li", {}, make("div", { className: "command" }, code, copyButton(filled, code)), make("p", {}, ...prose(sentence(shows))));
}

/** Who chooses a repair, and why; the reviewer at work stands out. */
function choices({ chosen }, persona) {
  return chosen.map(([ids, why]) => {
    const own = ids.split(", ").includes(persona);
    const others = ids.split(", ").filter((id) => id !== persona).map((id) => REVIEWERS[id] ?? id);
    const who = own ? [`${REVIEWERS[persona] ?? persona}, your reviewer${others.length ? "; also " : ""}${others.join(", ")}`] : others;
    return make("p", { className: own ? "chosen" : "remark" }, make("strong", { textContent: `${who.join(", ")}: ` }), ...prose(sentence(why)));
  });
}

function repair(option, persona) {
  const { title, text } = option;
  return make("li", {}, make("p", {}, make("strong", {}, ...prose(title)), ": ", ...prose(`${text}.`)), ...choices(option, persona));
}

/** The option that a fix makes into an edit: the same words, whatever names are in the code. `engine/src/guide.rs` has the same. */
function optionOf({ options }, fix) {
  const words = (text) => text.replace(/`[^`]*`/g, "`");
  return options.find(({ title }) => title === fix) ?? options.find(({ title }) => words(title) === words(fix));
}

function reference({ title, url }) {
  return make("li", {}, make("a", { href: url, target: "_blank", rel: "noreferrer", textContent: title }));
}

function section(title, ...content) {
  return make("details", {}, make("summary", { textContent: title }), ...content);
}

const MENTOR = "gopeer.mentor";
let isMentoring = stored(MENTOR) !== null;

/** The idiom: opened or closed in one place, it is so in all, and on the next visit. */
function idiom(text) {
  const box = section("New to Go?", make("p", {}, ...prose(text)));
  box.className = "mentor";
  box.open = isMentoring;
  box.addEventListener("toggle", () => {
    if (box.open === isMentoring) return;
    isMentoring = box.open;
    for (const other of document.querySelectorAll(".mentor")) other.open = isMentoring;
    store(MENTOR, isMentoring ? "on" : null);
  });
  return box;
}

/** The sections that the guide has, without the options that the `fixes` are: what is said of those is beside their edits. */
function sections(guide, finding, fixes) {
  const [persona] = finding;
  const values = known(finding);
  const list = (items) => make("ul", {}, ...items);
  const parts = [];
  if (guide.idiom) parts.push(idiom(guide.idiom));
  if (guide.impact) parts.push(section("Impact", make("p", {}, ...prose(guide.impact))));
  if (guide.verify.length > 0) parts.push(section("How to verify", list(guide.verify.map((item) => check(item, values)))));
  const fixed = fixes.map((fix) => optionOf(guide, fix));
  const options = guide.options.filter((item) => !fixed.includes(item));
  const title = options.length < guide.options.length ? "Other options" : "Options";
  if (options.length > 0) parts.push(section(title, list(options.map((item) => repair(item, persona)))));
  if (guide.references.length > 0) parts.push(section("References", list(guide.references.map(reference))));
  return parts;
}

/**
 * Draws the guide of the element's `rule`. For a finding `of` has, with a zero character between: the reviewer's id, the file and the line,
 * the declaration, and the code of the function before what is flagged and from there on.
 */
export async function draw(element) {
  element.className = "guide";
  const rule = element.getAttribute("rule");
  let parts = [];
  try {
    const guide = await guideOf(rule);
    const of = (name) => (element.getAttribute(name) ?? "").split("\0");
    if (guide) parts = sections(guide, of("of"), of("fixes"));
  } catch {
    parts = [make("p", { className: "remark", textContent: "Impact, verification and references could not be loaded. Close this and open it again." })];
  }
  // Meanwhile it may have become another rule's.
  if (element.getAttribute("rule") !== rule) return;
  const open = new Set([...element.querySelectorAll("[open] > summary")].map(({ textContent }) => textContent));
  for (const part of parts) part.open ||= open.has(part.firstChild.textContent);
  element.replaceChildren(...parts);
}

/** Draws what the element's `fix` gains and costs, and who chooses it, if it is one of the options of the `rule`. */
export async function option(element) {
  element.className = "option";
  const rule = element.getAttribute("rule");
  // Without its guide, a fix is still a fix; the guide below says that it did not come.
  const guide = await guideOf(rule).catch(() => undefined);
  // Meanwhile it may have become another rule's.
  if (element.getAttribute("rule") !== rule) return;
  const found = guide && optionOf(guide, element.getAttribute("fix"));
  element.replaceChildren(...(found ? [make("p", {}, ...prose(sentence(found.text))), ...choices(found, element.getAttribute("persona"))] : []));
}
