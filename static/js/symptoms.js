// From a symptom to its cause: each answer leaves fewer of the findings in this code, and says what to run next.
import { once } from "./fetched.js";
import { listed } from "./found.js";
import { make } from "./make.js";
import { copyButton } from "./out.js";
import { reviewed } from "./page.js";
import { counted, prose } from "./prose.js";

const symptoms = once(() => gopeer.loadSymptoms());

/** The rules of an answer, or of all answers below a question. */
const rules = (node) => [...(node.rules ?? []), ...(node.answers ?? []).flatMap(rules)];
const covers = (list, rule) => list.some((wanted) => (wanted.endsWith("/") ? rule.startsWith(wanted) : rule === wanted));
const candidates = (node, findings) => findings.filter(({ rule }) => covers(rules(node), rule));

function command({ command: text, shows }, title) {
  const code = make("pre", { tabIndex: 0, textContent: text });
  return make("div", { className: "next-command" }, make("h2", { textContent: title }), make("div", { className: "command" }, code, copyButton(text, code)), make("p", {}, ...prose(shows)));
}

function fitting(found) {
  if (found.length === 0) return [make("p", { className: "muted", textContent: "No finding in this code fits. The cause may be in code that is not here: the command shows where." })];
  const items = found.slice(0, 10).map((finding) => listed(finding));
  const more = found.length > 10 ? [make("p", { className: "muted", textContent: `And ${counted(found.length - 10, "more finding")}, ranked lower.` })] : [];
  return [make("h2", {}, "Candidates in this code", make("span", { className: "group-count", textContent: found.length })), make("ul", {}, ...items), ...more];
}

/** A question with its answers; the chosen one is pressed. */
function question(host, depth, text, choices, findings) {
  const path = host.parts.path;
  const chip = (choice, at) => {
    const chosen = path[depth] === at;
    const count = candidates(choice, findings).length;
    const choose = () => {
      path.splice(depth, path.length, ...(chosen ? [] : [at]));
      fill(host);
    };
    return make("button", { type: "button", className: "chip plain", id: `symptom-${depth}-${at}`, ariaPressed: String(chosen), onclick: choose },
      choice.title ?? choice.label, " ", make("span", { className: "chip-count", textContent: count, ariaLabel: counted(count, "candidate") }));
  };
  return make("fieldset", {}, make("legend", { textContent: text }), make("div", { className: "answers" }, ...choices.map(chip)));
}

function steps(host, all, findings) {
  const parts = [question(host, 0, "What do you see?", all, findings)];
  let node;
  let choices = all;
  for (const [depth, at] of host.parts.path.entries()) {
    node = choices[at];
    choices = node.answers ?? [];
    if (choices.length > 0) {
      if (node.command) parts.push(command(node, "To answer, run"));
      parts.push(question(host, depth + 1, node.question, choices, findings));
    }
  }
  if (!node) return parts;
  const said = make("div", {}, ...fitting(candidates(node, findings)));
  if (choices.length === 0) parts.push(command(node, "Run next"));
  return [...parts, said];
}

function build(host) {
  const body = make("div", { className: "context-body guide" });
  const more = make("details", { className: "more context" }, make("summary", { textContent: "Start from a symptom" }), body);
  more.addEventListener("toggle", () => fill(host));
  const status = make("p", { className: "visually-hidden" });
  status.setAttribute("role", "status");
  host.replaceChildren(more, status);
  return { more, body, status, path: [] };
}

async function fill(host) {
  const { more, body, status, path } = host.parts;
  if (!more.open) return;
  const focused = host.contains(document.activeElement) ? document.activeElement.id : "";
  try {
    const [all, report] = await Promise.all([symptoms(), gopeer.loadReport()]);
    const message = reviewed();
    // While a review is on its way, the candidates of the one before stay.
    if (message.length > 0) host.parts.findings = JSON.parse(report.outline(message));
    const findings = host.parts.findings ?? [];
    body.replaceChildren(make("p", { className: "muted", textContent: "Each answer leaves fewer findings of this code, and ends in a command that shows whether one of them is the cause." }), ...steps(host, all, findings));
    const chosen = path.reduce(({ answers }, at) => answers[at], { answers: all });
    status.textContent = path.length > 0 ? `${counted(candidates(chosen, findings).length, "candidate")} in this code.` : "";
  } catch (error) {
    console.warn(error);
    body.replaceChildren(make("p", { className: "remark", textContent: "The questions could not be loaded. Close this and open it again." }));
  }
  if (focused) document.getElementById(focused)?.focus();
}

/** Draws the questions; `rules` changes with every review. */
export function draw(host) {
  host.parts ??= build(host);
  return fill(host);
}
