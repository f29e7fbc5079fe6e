// `cargo dev bench`: the page as built reviews the files that the native side measured in the same run, opened like any
// others; the status bar says how long the worker took.
//   node bench.mjs CORPUS.json   prints {"review": ms, "edit": ms}, each the best of three rounds, and the bytes of the
//                                worker's memory: {"sample": after the largest sample, "memory": after the corpus}
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist, found, launch, open, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

const files = JSON.parse(readFileSync(process.argv[2], "utf8"));
const folder = mkdtempSync(join(tmpdir(), "gopeer-bench-"));
const paths = files.map(({ text }, index) => {
  const path = join(folder, `file${index}.go`);
  writeFileSync(path, text);
  return path;
});
const lines = files.reduce((sum, { text }) => sum + text.split("\n").length - (text.endsWith("\n") ? 1 : 0), 0);

/** The milliseconds in the status bar, once it speaks of all the files. */
async function millis(page, before) {
  const work = page.locator(".status-work");
  await page.waitForFunction(
    ([least, before]) => {
      const text = document.querySelector(".status-work").textContent;
      return text !== before && /reviewed in/.test(text) && Number(text.replaceAll(/[^\d ]/g, "").trim().split(" ")[0]) >= least;
    },
    [lines * 0.98, before],
    { timeout: 120_000 },
  );
  await found(page);
  const text = await work.textContent();
  return { text, millis: Number(/in ([\d.]+) ms/.exec(text)[1]) };
}

/** Lets the worker tell its memory, which the engine's script keeps to itself. */
const TELL = `{
  const instantiate = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...given) => {
    const made = await instantiate(...given);
    globalThis.memory = Object.values(made.instance.exports).find((value) => value instanceof WebAssembly.Memory);
    return made;
  };
}
`;
const held = (page) => page.workers()[0].evaluate(() => memory.buffer.byteLength);

async function opened(browser, url) {
  const page = await open(browser, "about:blank");
  await page.route("**/engine-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: TELL + (await response.text()) });
  });
  await page.goto(url);
  await ready(page);
  return page;
}

/** The memory after the largest sample. */
async function largestSample(browser, url) {
  const page = await opened(browser, url);
  const samples = join(dist, "assets");
  const sizes = readdirSync(samples).filter((name) => /\.(go|txtar)$/.test(name)).map((name) => [statSync(join(samples, name)).size, name]);
  const [, largest] = sizes.sort(([a], [b]) => b - a)[0];
  await page.getByRole("button", { name: "Open" }).click();
  await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(join(samples, largest));
  await reviewed(page);
  // The modules that it imports come and are learned.
  await page.waitForTimeout(1500);
  const bytes = await held(page);
  await page.context().close();
  return bytes;
}

const site = await serve(dist);
const browser = await launch();
const best = { review: Infinity, edit: Infinity };
try {
  const sample = await largestSample(browser, site.url);
  let memory = 0;
  for (let round = 0; round < 3; round++) {
    const page = await opened(browser, site.url);
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(paths);
    const full = await millis(page);
    best.review = Math.min(best.review, full.millis);
    await page.locator(".cm-content").click();
    await page.keyboard.type(" ");
    best.edit = Math.min(best.edit, (await millis(page, full.text)).millis);
    memory = Math.max(memory, await held(page));
    await page.context().close();
  }
  console.log(JSON.stringify({ ...best, sample, memory }));
} finally {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
