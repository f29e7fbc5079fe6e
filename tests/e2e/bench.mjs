// `cargo dev bench`: the page as built reviews the files that the native side measured in the same run, opened like any
// others; the status bar says how long the worker took.
//   node bench.mjs CORPUS.json   prints {"review": ms, "edit": ms}, each the best of three rounds
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist, found, launch, open, ready } from "./browser.mjs";
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

const site = await serve(dist);
const browser = await launch();
const best = { review: Infinity, edit: Infinity };
try {
  for (let round = 0; round < 3; round++) {
    const page = await open(browser, site.url);
    await ready(page);
    await page.getByRole("button", { name: "Open" }).click();
    await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(paths);
    const full = await millis(page);
    best.review = Math.min(best.review, full.millis);
    await page.locator(".cm-content").click();
    await page.keyboard.type(" ");
    best.edit = Math.min(best.edit, (await millis(page, full.text)).millis);
    await page.context().close();
  }
  console.log(JSON.stringify(best));
} finally {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
