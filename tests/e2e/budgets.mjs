// What the built site weighs, and what it may contain.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dist, open, ready } from "./browser.mjs";
import { serve } from "./server.mjs";

const KB = 1024;

/**
 * The bars: everything that the first visit loads, and the engine. Both held before the engine knew types (563 and 316 KB);
 * since then they are missed, the test says so, and today's weight may only fall until they are reached again.
 */
const FIRST_LOAD = { bar: 600 * KB, today: 836 * KB };
const ENGINE = { bar: 350 * KB, today: 480 * KB };

function weigh(what, size, { bar, today }, more = "") {
  const reached = size <= bar ? "" : `: NOT REACHED, the bar is ${bar / KB} KB`;
  console.log(`  ${what}: ${(size / KB).toFixed(1)} KB gzip${more}${reached}`);
  assert.ok(size <= today, `${size} bytes: more than what was reached before, ${today}`);
}

/** As `gzip -9` has it: Node's own zlib is tuned for speed and packs a hundredth less. */
const packed = (path) => execFileSync("gzip", ["-9", "-c", path], { maxBuffer: 1 << 26 }).length;
const named = (pattern) => join(dist, "assets", readdirSync(join(dist, "assets")).find((name) => pattern.test(name)));

export default [
  ["sizes: engine", () => weigh("engine wasm", packed(named(/^worker_bg-.*\.wasm$/)), ENGINE)],
  ["sizes: editor bundle at most 140 KB gzip", () => {
    const parts = readdirSync(join(dist, "assets")).filter((name) => /^editor-.*\.js$/.test(name));
    const size = parts.reduce((sum, name) => sum + packed(join(dist, "assets", name)), 0);
    console.log(`  editor bundle: ${(size / KB).toFixed(1)} KB gzip`);
    assert.ok(size <= 140 * KB, `${size} bytes`);
  }],
  ["sizes: first load", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await page.locator(".sample").first().waitFor();
    const paths = [...new Set(page.requests.map((request) => new URL(request.split(" ")[1]).pathname))];
    const sizes = paths.map((path) => packed(join(dist, path === "/" ? "index.html" : path)));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    server.close();
    weigh("first load", total, FIRST_LOAD, ` in ${paths.length} files`);
    assert.deepEqual(paths.filter((path) => /codec|rules/.test(path)), [], "what is needed late comes late");
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
