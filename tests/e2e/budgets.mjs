// What the built site weighs, and what it may contain.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dist, open, ready, typed } from "./browser.mjs";
import { serve } from "./server.mjs";

const KB = 1024;

/** The bars. What comes later than the first load is fetched when somebody stirs, so that a review need not wait for it. */
const ENGINE = 350 * KB;
const EDITOR = 140 * KB;
const FIRST_LOAD = 600 * KB;
/** The engine's second module, which knows types: the weight of today, which may grow with the rules that ask for them. */
const TYPES = 205 * KB;
/** The first load, and what a review with types needs besides: "under a megabyte". */
const REVIEW = 1000 * KB;

function weigh(what, size, bar, more = "") {
  console.log(`  ${what}: ${(size / KB).toFixed(1)} KB gzip of ${bar / KB}${more}`);
  assert.ok(size <= bar, `${size} bytes`);
}

/** As `gzip -9` has it: Node's own zlib is tuned for speed and packs a hundredth less. */
const packed = (path) => execFileSync("gzip", ["-9", "-c", path], { maxBuffer: 1 << 26 }).length;
const named = (pattern) => join(dist, "assets", readdirSync(join(dist, "assets")).find((name) => pattern.test(name)));

export default [
  ["sizes: engine", () => weigh("engine wasm", packed(named(/^worker_bg-.*\.wasm$/)), ENGINE)],
  ["sizes: types", () => weigh("types wasm", packed(named(/^types_bg-.*\.wasm$/)), TYPES)],
  ["sizes: editor bundle", () => {
    const parts = readdirSync(join(dist, "assets")).filter((name) => /^editor-.*\.js$/.test(name));
    weigh("editor bundle", parts.reduce((sum, name) => sum + packed(join(dist, "assets", name)), 0), EDITOR);
  }],
  ["sizes: first load, and what a review with types needs besides", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    const loaded = () => [...new Set(page.requests.map((request) => new URL(request.split(" ")[1]).pathname))];
    const weight = (paths) => paths.reduce((sum, path) => sum + packed(join(dist, path === "/" ? "index.html" : path)), 0);
    await ready(page);
    await page.locator(".sample").first().waitFor();
    await page.waitForTimeout(1000);
    const first = loaded();
    weigh("first load", weight(first), FIRST_LOAD, ` in ${first.length} files`);
    assert.deepEqual(first.filter((path) => /codec|rules|types|std/.test(path)), [], "what is needed late comes late");
    await typed(page);
    const all = loaded();
    weigh("with types", weight(all), REVIEW, ` in ${all.length} files`);
    server.close();
  }],
  ["every file but the page is named by its content, and nothing runs inline", () => {
    assert.deepEqual(readdirSync(dist).sort(), ["assets", "index.html"]);
    for (const name of readdirSync(join(dist, "assets"))) assert.match(name, /-[0-9a-f]{12}\.\w+$/);
    const html = readFileSync(join(dist, "index.html"), "utf8");
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
    assert.doesNotMatch(html, /\sstyle=|\son\w+=/);
    assert.doesNotMatch(html, /(src|href)="(\/|https?:)/, "relative addresses only");
    assert.match(html, /Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/);
  }],
];
