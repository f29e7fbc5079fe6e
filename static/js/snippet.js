// In the share dialog: the HTML that shows a review inside another page.
import { make } from "./make.js";
import { shared } from "./page.js";
import { REVIEWERS } from "./prose.js";

/** In the order in which the page shows them. */
const PERSONAS = Object.keys(REVIEWERS);

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

/** A box to copy from. */
function box(label) {
  const made = make("textarea", { className: "report", readOnly: true, rows: 4, ariaLabel: label });
  made.style.width = "100%";
  made.addEventListener("focus", () => made.select());
  return made;
}

class Snippet extends HTMLElement {
  connectedCallback() {
    this.frame = box("HTML of the embedded review");
    this.element = box("HTML of an element with the code");
    this.readOnly = make("input", { type: "checkbox", checked: true, onchange: () => this.draw() });
    const tick = make("label", { className: "tick" }, this.readOnly, make("span", { textContent: "Without “Edit a copy”" }));
    this.other = make("div", { hidden: true }, make("p", { textContent: "Or, where scripts are allowed, with the code readable in your page:" }), this.element);
    this.replaceChildren(make("details", { className: "more" }, make("summary", { textContent: "Embed it in a page" }), tick, this.frame, this.other));
    this.draw();
  }

  static observedAttributes = ["link"];

  attributeChangedCallback() {
    if (this.frame) this.draw();
  }

  draw() {
    const address = new URL(this.getAttribute("link"));
    const site = new URL("gopeer-review.js", address).href;
    address.searchParams.set("embed", this.readOnly.checked ? "read" : "1");
    this.frame.value = `<iframe src="${escaped(address.href)}" title="Go code review by gopeer" width="100%" height="480" loading="lazy"></iframe>`;
    gopeer.loadReport().then((report) => this.drawElement(report.archive(shared("")), site), () => {});
  }

  /** An element has one file, and no notes. */
  drawElement(archive, site) {
    const end = archive.indexOf("\n");
    const [file, code] = [archive.slice(0, end), archive.slice(end + 1)];
    this.other.hidden = file.endsWith(".txtar");
    const chosen = [...document.querySelectorAll(".reviewer")].findIndex((label) => label.matches(".is-chosen"));
    const persona = PERSONAS[chosen] ?? PERSONAS[0];
    const flag = this.readOnly.checked ? " readonly" : "";
    this.element.value = `<script src="${escaped(site)}" defer></script>\n<gopeer-review file="${escaped(file)}" persona="${persona}"${flag}><pre><code>${escaped(code)}</code></pre></gopeer-review>`;
  }
}

customElements.define("gopeer-embed", Snippet);
