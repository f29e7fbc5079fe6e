// A finding in a line, where it is listed outside of the review's cards.
import { make } from "./make.js";
import { go } from "./page.js";
import { SEVERITIES, prose } from "./prose.js";

/** How severe it is, what it says, and a way to its place; below that `more`. */
export function listed({ severity, question, message, place }, ...more) {
  const where = `${place.file}:${place.range.line}`;
  const to = make("button", { type: "button", className: "link-button where", textContent: where, ariaLabel: `Show ${where} in the code`, onclick: () => go(place.file, place.range.from, place.range.to) });
  const name = make("strong", { textContent: question ? "Question" : SEVERITIES[severity] });
  return make("li", { className: `sev-${severity}` }, make("p", {}, name, " ", ...prose(message[0].toUpperCase() + message.slice(1)), ". ", to), ...more);
}
