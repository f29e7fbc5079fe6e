// Questions about what the code does not show. An answer raises, lowers or leaves out findings, each of which says so.
import { make } from "./make.js";
import { say } from "./page.js";
import { counted } from "./prose.js";
import { questions } from "./questions.js";

const pairs = (text) => (text ?? "").split("\n").filter(Boolean).map((line) => line.split("\t"));
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** What is known of the review: what was said, what go.mod and `.gopeer.toml` say, and the rules of its findings with what answers made of them. */
function known(host) {
  const rules = (host.getAttribute("rules") ?? "").split(" ").map((rule) => rule.split("=")).filter(([, at]) => !/^\d*$/.test(at ?? ""));
  const dropped = (host.getAttribute("dropped") ?? "").split(" ").filter(Boolean);
  return {
    said: new Map(pairs(host.getAttribute("said"))), module: new Map(pairs(host.getAttribute("by_module"))),
    config: new Map(pairs(host.getAttribute("by_config"))), dropped,
    found: [...rules.map(([rule]) => rule), ...dropped], turns: rules.map(([, , turn]) => turn),
  };
}

/** What the answers come to, in a sentence. */
function outcome({ turns, dropped }) {
  const count = (turn) => turns.filter((made) => made === turn).length;
  const parts = [[count("+"), "raised"], [count("-"), "lowered"], [dropped.length, "left out"]].filter(([number]) => number > 0);
  return parts.length === 0 ? "No finding here depends on them." : `${parts.map(([number, how]) => `${counted(number, "finding")} ${how}`).join(", ")}.`;
}

const affected = (answer, { found }) => found.filter((rule) => answer.rules.has(rule)).length;

function chip(question, answer, review) {
  const chosen = review.said.get(question.id) === answer.id;
  const count = affected(answer, review);
  const button = make("button", {
    type: "button", className: "chip plain", id: `answer-${question.id}-${answer.id}`, ariaPressed: String(chosen), title: answer.text,
    onclick: () => say(question.id, chosen ? "" : answer.id),
  }, capital(answer.label));
  if (count > 0) button.append(" ", make("span", { className: "chip-count", textContent: count, ariaLabel: `changes ${counted(count, "finding")}` }));
  return button;
}

function fieldset(question, review) {
  const from = review.module.get(question.id);
  const legend = make("legend", {}, question.title);
  const asked = make("p", { className: "muted", textContent: question.text });
  if (from) return make("fieldset", {}, legend, make("p", { textContent: `${from}, as go.mod says.` }));
  const chosen = question.answers.find(({ id }) => id === review.said.get(question.id));
  const ofFile = review.config.get(question.id);
  const text = ofFile ? `${capital(ofFile)}, as .gopeer.toml says. An answer here takes its place.` : chosen?.text;
  const hint = text ? [make("p", { className: "muted", textContent: text })] : [];
  return make("fieldset", {}, legend, asked, make("div", { className: "answers" }, ...question.answers.map((answer) => chip(question, answer, review))), ...hint);
}

/** Says who said what, and what that comes to; nothing where nobody said anything. */
function assumed(said, all, review) {
  const parts = all.filter(([, labels]) => labels.length > 0).flatMap(([who, labels]) => [make("strong", {}, `${who}: `), `${labels.join("; ")}. `]);
  said.replaceChildren(...parts, ...(parts.length > 0 ? [make("span", { className: "muted", textContent: outcome(review) })] : []));
}

/** Whether an answer may change something here, or was given. The version of Go is no matter of a list of rules. */
function matters({ id, answers }, review) {
  return review.said.has(id) || review.module.has(id) || review.config.has(id) || id === "go" || answers.some((answer) => affected(answer, review) > 0);
}

function build(host) {
  const parts = { title: make("span"), said: make("p", { className: "assumed" }), body: make("div", { className: "context-body" }), rest: make("details", { className: "more" }) };
  parts.rest.append(make("summary", {}, ""), make("div", { className: "context-body" }));
  parts.more = make("details", { className: "more context" }, make("summary", {}, parts.title), parts.body);
  parts.more.addEventListener("toggle", () => fill(host));
  parts.said.setAttribute("role", "status");
  host.replaceChildren(parts.said, parts.more);
  return parts;
}

async function fill(host) {
  const { more, body, rest, said, title } = host.parts;
  const review = known(host);
  const given = [...review.said].filter(([question]) => !question.includes(": "));
  const ofFile = [...review.config.values()];
  title.textContent = given.length + ofFile.length > 0 ? "Change context" : "Add context";
  assumed(said, [[".gopeer.toml says", ofFile]], review);
  if (given.length === 0 && !more.open) return;
  let all;
  try {
    all = await questions();
  } catch {
    body.replaceChildren(make("p", { className: "remark", textContent: "The questions could not be loaded. Close this and open it again." }));
    return;
  }
  const labels = all.flatMap(({ id, answers }) => answers.filter((answer) => answer.id === review.said.get(id) && !review.module.has(id)).map(({ label }) => label));
  assumed(said, [["You said", labels], [".gopeer.toml says", ofFile]], review);
  const focused = host.contains(document.activeElement) ? document.activeElement.id : "";
  const [near, far] = [all.filter((question) => matters(question, review)), all.filter((question) => !matters(question, review))];
  rest.firstChild.textContent = `${counted(far.length, "question")} on which no finding here depends`;
  rest.lastChild.replaceChildren(...far.map((question) => fieldset(question, review)));
  const intro = make("p", { className: "muted", textContent: "What the code does not show. An answer raises, lowers or leaves out findings; each says so. The number is how many findings here depend on it. Answers are part of links and exports." });
  body.replaceChildren(intro, ...near.map((question) => fieldset(question, review)), ...(far.length > 0 ? [rest] : []));
  if (focused) document.getElementById(focused)?.focus();
}

/**
 * Draws the questions. `said` has a line `question\tanswer` for each answer, `by_module` and `by_config` `question\twords` for what go.mod and `.gopeer.toml` answer, `rules`
 * `rule=finding=turn` for each finding, where `+` and `-` are what answers did, and `dropped` the rules of findings that they left out.
 */
export function draw(host) {
  host.parts ??= build(host);
  return fill(host);
}
