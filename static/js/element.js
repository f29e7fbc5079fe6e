// The elements of the page that JavaScript draws, each by a module that comes when the first of them is drawn,
// or when the page has nothing else to do.
import { make } from "./make.js";

const OBSERVED = {
  rule: ["rule"],
  remark: ["text", "noted", "accepted", "locked"],
  filter: ["confidence", "rule", "text", "group", "strictness", "rules"],
  guide: ["rule", "of", "fixes"],
  option: ["rule", "persona", "fix"],
  readiness: ["rules"],
  notes: ["notes"],
  suggest: ["finding", "fix"],
  change: ["file", "name", "before", "fixed", "locked", "blank"],
  fixed: ["fixed"],
  context: ["said", "by_module", "by_config", "rules", "dropped"],
  compare: ["persona", "other", "rules"],
  symptoms: ["rules"],
  checklist: ["persona", "questions", "checklist", "said"],
  own: ["own", "name", "text", "locked"],
};
const LOST = "This part of the page could not be loaded. Check the network connection and reload the page.";

/** Defines `gopeer-NAME` for each name; `modules` has what loads the module, whose `draw(element)` fills the element. */
export function elements(modules) {
  for (const [name, load] of Object.entries(modules)) define(name, load);
  // After loading, the network is not needed: what draws comes when there is nothing else to do.
  const fetchAll = () => Object.values(modules).forEach((load) => load().then(({ prepare }) => prepare?.()).catch(() => {}));
  (globalThis.requestIdleCallback ?? setTimeout)(fetchAll);
  // A report that was saved as JSON opens like a link, and an archive like a folder, wherever files are taken: before the page looks at
  // them.
  const take = (event, files) => {
    const kind = files?.length === 1 ? /\.(json|zip)$/.exec(files[0].name)?.[1] : undefined;
    // Versions to compare with are not opened.
    if (!kind || event.target.closest?.("gopeer-change, .drop-before")) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const { target } = event;
    if (kind === "json") modules.share().then(({ reopen }) => reopen(files[0]), () => {});
    else gopeer.loadArchive().then(({ open }) => open(files[0], event.type === "change" ? target : undefined), () => {});
  };
  addEventListener("drop", (event) => take(event, event.dataTransfer?.files), true);
  addEventListener("change", (event) => take(event, event.target.files), true);
}

function define(name, load) {
  const draw = async (host) => {
    try {
      (await load()).draw(host);
    } catch (error) {
      console.warn(error);
      host.replaceChildren(make("p", { className: "muted", textContent: LOST }));
    }
  };
  customElements.define(`gopeer-${name}`, class extends HTMLElement {
    static observedAttributes = OBSERVED[name] ?? [];

    connectedCallback() {
      draw(this);
    }

    attributeChangedCallback() {
      if (this.isConnected) draw(this);
    }
  });
}
