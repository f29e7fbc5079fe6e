// What a reader says of a finding: a note, or a decision with its reason. On the finding's card.
import { button, make } from "./make.js";
import { remark } from "./page.js";

export function draw(host) {
  const locked = host.hasAttribute("locked");
  const noted = host.hasAttribute("noted");
  // What is being written stays.
  if (host.querySelector("textarea")) return;
  const open = make("button", { className: "say-button", textContent: "Note", title: "Note, accept or dismiss", onclick: () => write(host) });
  host.replaceChildren(...(noted ? [said(host, locked)] : locked ? [] : [open]));
}

/** What was said. */
function said(host, locked) {
  const label = host.hasAttribute("accepted") ? "Accepted" : "Note";
  const text = make("p", {}, make("strong", { textContent: label }), " ", make("span", { className: "remark-text", textContent: host.getAttribute("text") }));
  const edit = make("button", { className: "link-button", textContent: "Change", onclick: () => write(host) });
  return make("div", { className: "remark-box" }, text, ...(locked ? [] : [edit]));
}

let fields = 0;

/** A box to write in. Who dismisses a finding says why. */
function write(host) {
  const id = host.getAttribute("finding");
  const field = `remark-${fields += 1}`;
  const text = make("textarea", { id: field, className: "report", rows: 3, value: host.getAttribute("text") ?? "" });
  const hint = make("p", { className: "muted", id: `${field}-hint`, textContent: "Kept with the draft, and part of links and exports." });
  text.setAttribute("aria-describedby", hint.id);
  const leave = () => {
    text.remove();
    draw(host);
    host.querySelector("button")?.focus();
  };
  const say = (decision) => () => {
    const words = text.value.trim();
    if (decision === 2 && words === "") {
      hint.textContent = "Give the reason: readers see it in the list of what is not shown.";
      hint.setAttribute("role", "alert");
      text.focus();
      return;
    }
    host.setAttribute("text", words);
    host.toggleAttribute("accepted", decision === 1);
    host.toggleAttribute("noted", decision === 1 || words !== "");
    leave();
    remark(id, decision, words);
  };
  const keys = (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) say(host.hasAttribute("accepted") ? 1 : 0)();
    else if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
  };
  text.addEventListener("keydown", keys);
  const actions = make("div", { className: "remark-actions" },
    button("Save note", say(0), "small primary"), button("Accept", say(1), "small"), button("Dismiss", say(2), "small"), button("Cancel", leave, "small quiet"));
  host.replaceChildren(make("div", { className: "remark-box" },
    make("label", { htmlFor: field, textContent: "Your note, or why you dismiss it" }), text, hint, actions));
  text.focus();
}
