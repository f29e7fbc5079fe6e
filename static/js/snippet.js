// In the share dialog: the HTML that shows a review inside another page.
import { make } from "./make.js";

class Snippet extends HTMLElement {
  connectedCallback() {
    this.box = make("textarea", { className: "report", readOnly: true, rows: 4, ariaLabel: "HTML of the embedded review" });
    this.box.style.width = "100%";
    this.box.addEventListener("focus", () => this.box.select());
    this.readOnly = make("input", { type: "checkbox", checked: true, onchange: () => this.draw() });
    const tick = make("label", { className: "tick" }, this.readOnly, make("span", { textContent: "Without “Edit a copy”" }));
    this.replaceChildren(make("details", { className: "more" }, make("summary", { textContent: "Embed it in a page" }), tick, this.box));
    this.draw();
  }

  static observedAttributes = ["link"];

  attributeChangedCallback() {
    if (this.box) this.draw();
  }

  draw() {
    const address = new URL(this.getAttribute("link"));
    address.searchParams.set("embed", this.readOnly.checked ? "read" : "1");
    const quoted = address.href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    this.box.value = `<iframe src="${quoted}" title="Go code review by gopeer" width="100%" height="480" loading="lazy"></iframe>`;
  }
}

customElements.define("gopeer-embed", Snippet);
