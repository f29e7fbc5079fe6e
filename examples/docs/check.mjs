// What a documentation site can run before it publishes: reviews every Go snippet of its pages.
//   node check.mjs
// Snippets that show what not to do (class "bad", or in a <gopeer-review>) must have a finding, and all others none that is serious.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const { review } = await import(process.env.GOPEER_PACKAGE ?? "gopeer");

const ENTITIES = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };
const SERIOUS = new Set(["critical", "high"]);

/** Snippets of a page, in the order in which they are there. */
function snippets(html) {
  const blocks = html.matchAll(/(<gopeer-review[^>]*>\s*)?<pre([^>]*)><code([^>]*)>([^]*?)<\/code>/g);
  return [...blocks].map(([, element = "", pre, code, text], index) => ({
    file: /file="([^"]*)"/.exec(element + code)?.[1] ?? `snippet-${index + 1}.go`,
    isBad: element !== "" || /class="[^"]*\bbad\b/.test(pre),
    text: text.replace(/&(lt|gt|quot|amp);/g, (entity) => ENTITIES[entity]),
  }));
}

let wrong = 0;
for (const page of readdirSync(folder).filter((name) => name.endsWith(".html")).sort()) {
  for (const { file, isBad, text } of snippets(readFileSync(folder + page, "utf8"))) {
    const { findings } = await review({ [file]: text });
    const serious = findings.filter((finding) => SERIOUS.has(finding.severity));
    const ok = isBad ? findings.length > 0 : serious.length === 0;
    if (!ok) wrong += 1;
    console.log(`${ok ? "ok    " : "WRONG "} ${page} ${file}: ${isBad ? "shows a fault" : "shows how to do it"}, ${findings.length} found`);
    for (const { place, message, rule } of isBad ? [] : serious) console.log(`  ${file}:${place.range.line}: ${message} (${rule})`);
  }
}
process.exitCode = wrong === 0 ? 0 : 1;
