// <gopeer-review>: Go code in somebody's documentation, and its review. One script tag of a classic script loads it:
//   <script src="https://example.org/gopeer/gopeer-review.js" defer></script>
//   <gopeer-review persona="data" file="store.go"><pre><code>package store …</code></pre></gopeer-review>
// The code stays what it is, readable, until the frame with the review is ready, and where it never is: without JavaScript, without a
// network, under a policy that allows no frames. It needs `script-src` and `frame-src` for this site, and no style of the page's.
(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="gopeer-review.js"]');
  if (!script) throw new Error("gopeer-review.js is not a module: load it by a script element.");
  const site = new URL(".", script.src);
  /** Pixels: a frame without `height` is as tall as what it shows, within these. */
  const [LEAST, MOST] = [280, 640];
  /** How long a frame that has loaded may say nothing, in milliseconds. */
  const PATIENCE = 20_000;
  const BUILT_FROM = ["src", "persona", "readonly", "file", "theme", "label"];

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; position: relative; }
    :host([hidden]) { display: none; }
    iframe { display: block; box-sizing: border-box; width: 100%; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 8px; }
    :host(:not([data-state="shown"])) iframe { position: absolute; inset: 0; height: 100%; opacity: 0; pointer-events: none; }
    :host([data-state="shown"]) :is(slot, pre) { display: none; }
    pre { overflow-x: auto; }
    p { margin: 0.5em 0 0; font-size: 0.875em; }
    [hidden] { display: none; }
    @media print { iframe { display: none; } :host([data-state="shown"]) slot { display: contents; } :host([data-state="shown"]) pre:not([hidden]) { display: block; } }
  `);

  /** Code as it is between tags: without the line breaks around it and the indentation that all lines have. */
  function dedented(text) {
    const lines = text.replace(/^\s*\n/, "").trimEnd().split("\n");
    const indents = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)[0]);
    const [shortest = ""] = indents.sort((a, b) => a.length - b.length);
    const common = indents.every((indent) => indent.startsWith(shortest)) ? shortest.length : 0;
    return `${lines.map((line) => line.slice(common)).join("\n")}\n`;
  }

  class GopeerReview extends HTMLElement {
    static observedAttributes = [...BUILT_FROM, "height"];

    #slot = document.createElement("slot");
    /** The code that `src` names, where the element has none of its own. */
    #plain = Object.assign(document.createElement("pre"), { hidden: true });
    #note = Object.assign(document.createElement("p"), { hidden: true });
    #frame;
    #observer;
    #timer;
    /** The last review, as the package's `Review` type has it. */
    review;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      this.#plain.setAttribute("part", "code");
      this.#note.setAttribute("part", "note");
      this.#note.setAttribute("role", "status");
      root.append(this.#slot, this.#plain, this.#note);
    }

    connectedCallback() {
      addEventListener("message", this.#hear);
      document.addEventListener("securitypolicyviolation", this.#refused);
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.refresh(), { once: true });
      else this.refresh();
    }

    disconnectedCallback() {
      removeEventListener("message", this.#hear);
      document.removeEventListener("securitypolicyviolation", this.#refused);
      this.#clear();
    }

    attributeChangedCallback(name, before, now) {
      if (!this.isConnected || before === now || document.readyState === "loading") return;
      if (name === "height") this.#resize();
      else this.refresh();
    }

    /** Reviews what the element holds by now. */
    refresh() {
      this.#clear();
      if (!this.isConnected) return;
      // An engine for each frame: only for those that somebody is about to see.
      this.#observer = new IntersectionObserver((entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        this.#observer.disconnect();
        this.#load().catch(() => this.#fail("The code could not be loaded."));
      }, { rootMargin: "600px" });
      this.#observer.observe(this);
    }

    #clear() {
      this.#observer?.disconnect();
      clearTimeout(this.#timer);
      this.#frame?.remove();
      this.#frame = undefined;
      this.#note.hidden = true;
      this.#plain.hidden = true;
      this.review = undefined;
      this.dataset.state = "waiting";
    }

    async #load() {
      const observer = this.#observer;
      const code = await this.#code();
      if (observer !== this.#observer || !this.isConnected) return;
      const file = this.getAttribute("file") ?? this.getAttribute("src")?.split(/[?#]/)[0].split("/").pop() ?? "main.go";
      const address = new URL(site);
      address.searchParams.set("embed", this.hasAttribute("readonly") ? "read" : "1");
      if (this.hasAttribute("theme")) address.searchParams.set("theme", this.getAttribute("theme"));
      address.hash = new URLSearchParams({ file, persona: this.getAttribute("persona") ?? "senior", code });
      const frame = document.createElement("iframe");
      frame.setAttribute("part", "frame");
      frame.title = this.getAttribute("label") ?? `Go code review: ${file}`;
      frame.referrerPolicy = "no-referrer";
      frame.allow = "clipboard-write";
      // Nothing but its own look hides it until it is ready: browsers do not paint frames that are hidden otherwise.
      frame.inert = true;
      frame.src = address.href;
      frame.addEventListener("load", () => {
        this.#timer = setTimeout(() => this.#fail("The review could not be loaded."), PATIENCE);
      }, { once: true });
      this.#frame = frame;
      this.shadowRoot.append(frame);
    }

    async #code() {
      const source = this.getAttribute("src");
      // What is around a <pre> is layout of the page's source.
      if (!source) return dedented((this.querySelector("code, pre") ?? this).textContent);
      const response = await fetch(new URL(source, document.baseURI));
      if (!response.ok) throw new Error(`${source}: ${response.status}`);
      const code = await response.text();
      this.#plain.textContent = code;
      this.#plain.hidden = this.textContent.trim() !== "";
      return code;
    }

    /** The frame says that it is there, and gets a line of its own; nobody else hears what comes over it. */
    #hear = ({ source, origin, data }) => {
      if (data !== "gopeer-review" || origin !== site.origin || !this.#frame || source !== this.#frame.contentWindow) return;
      clearTimeout(this.#timer);
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data: { height, review } }) => {
        if (height) this.#show(height);
        if (review) this.#tell("review", (this.review = review));
      };
      source.postMessage("gopeer-review", site.origin, [port2]);
    };

    #refused = ({ blockedURI, effectiveDirective }) => {
      const isFrames = /^(frame|child|default)-src$/.test(effectiveDirective);
      if (isFrames && this.#frame && blockedURI.startsWith(site.origin)) this.#fail("This page does not allow the frame with the review.");
    };

    #show(height) {
      this.#frame.inert = false;
      this.#note.hidden = true;
      this.dataset.state = "shown";
      this.#resize(height);
    }

    #resize(height) {
      if (this.dataset.state !== "shown") return;
      const fixed = Number(this.getAttribute("height"));
      this.#height = height ?? this.#height;
      this.#frame.style.height = `${fixed > 0 ? fixed : Math.min(MOST, Math.max(LEAST, this.#height))}px`;
    }
    #height = MOST;

    #fail(message) {
      if (this.dataset.state === "shown") return;
      clearTimeout(this.#timer);
      this.dataset.state = "failed";
      const address = this.#frame?.src ?? new URL(this.getAttribute("src") ?? "", document.baseURI).href;
      const link = Object.assign(document.createElement("a"), { href: address, target: "_blank", rel: "noopener", textContent: "Open it in a tab" });
      this.#note.replaceChildren(`${message} `, link);
      this.#note.hidden = false;
      this.#tell("unavailable", message);
    }

    #tell(name, detail) {
      this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
    }
  }

  if (!customElements.get("gopeer-review")) customElements.define("gopeer-review", GopeerReview);
})();
