// The texts of the help. The dialog itself is the page's; these are elements in it.
import { make } from "./make.js";

const KEYS = [
  ["1 – 6", "choose a reviewer; 6 is your own (outside the editor)"],
  ["F8, Shift F8", "go to the next or previous finding"],
  ["F7, Shift F7", "go to the next or previous change of the open file"],
  ["F9, Shift F9", "go to the next or previous step of the path on which a finding happens"],
  ["Escape, then Tab", "leave the editor"],
  ["Ctrl Z", "undo the last change or fix"],
  ["Ctrl I", "describe the name at the cursor; press it again for the documentation, Escape to close"],
  ["F12, Ctrl click", "go to the declaration of a name"],
  ["Ctrl Alt M", "write a note on the line of the cursor; a click on a line's number does the same"],
  ["Ctrl F", "search the code"],
  ["F2 on a file tab", "rename the file"],
  ["?", "show this help (outside the editor)"],
];

class Keys extends HTMLElement {
  connectedCallback() {
    const row = ([key, what]) => make("div", {}, make("dt", {}, make("kbd", { textContent: key })), make("dd", { textContent: what }));
    this.replaceChildren(make("dl", { className: "keys" }, ...KEYS.map(row)));
  }
}

/** Defines the elements; `more` makes what an edition of the page has to say besides. */
export function help(more) {
  customElements.define("gopeer-keys", Keys);
  customElements.define("gopeer-help", class extends HTMLElement {
    connectedCallback() {
      this.className = "modal-texts";
      const limits = "1 MB per file and 4 MB in all. For larger packages use the gopeer command, which runs the same rules.";
      this.replaceChildren(make("h3", { textContent: "Limits" }), make("p", { textContent: limits }), ...more());
    }
  });
}
