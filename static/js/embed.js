// The page inside another page (`?embed=1`, or `?embed=read` without "Edit a copy"): compact, with a way out that takes along
// what is shown. It needs no storage, which browsers often forbid inside other sites' pages. The page waits for this module.
import { shared } from "./page.js";
import { make } from "./make.js";

// Code that is in the address as it is, as <gopeer-review> writes it.
const plain = new URLSearchParams(location.hash.slice(1));
const host = plain.has("code") ? await import("./host.js").catch(() => undefined) : undefined;
await host?.link(plain);

const here = new URL(location.href);
document.documentElement.dataset.embed = here.searchParams.get("embed");
// Chosen by the page around it; what the reader chose for gopeer itself is for its own page.
const theme = here.searchParams.get("theme");
if (theme === "light" || theme === "dark") document.documentElement.style.colorScheme = theme;
document.head.append(make("link", { rel: "stylesheet", href: new URL("./embed.css", import.meta.url).href }));

const full = new URL(here);
full.search = "";

let codec;
const open = make("a", { className: "button small", target: "_blank", rel: "noopener", textContent: "Open in full" });
open.href = full.href;

/** What is shown at the moment; where that does not fit into a link, what the frame was opened with. */
function refresh() {
  full.hash = location.hash;
  try {
    const state = codec ? shared("") : [];
    if (state.length > 0) full.hash = codec.pack(state);
  } catch {
    // Not there yet, or too long for a link.
  }
  open.href = full.href;
}

for (const event of ["pointerdown", "focus", "click", "contextmenu"]) open.addEventListener(event, refresh);
document.body.append(make("footer", { className: "embed-foot" }, make("span", { textContent: "gopeer: Go code review" }), open));
gopeer.loadCodec().then((loaded) => { codec = loaded; }, () => {});
host?.answer();
