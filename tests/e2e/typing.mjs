// `cargo dev bench typing`: what the worker needs for the review after each of some hundred letters typed into one function.
//   node typing.mjs CORPUS.json   opens the files of one package, types into the middle of the longest, and prints milliseconds
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist, launch, open, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

/** What somebody types: names, a call, a condition and an error that is returned. */
const TYPED = `
total := 0
for index, value := range values {
if value.Amount > limit && index != 0 {
return fmt.Errorf("value %d: %w", index, err)
}
total += convert(value)
}
`;

/** The line at which the middle function of a file begins to do something, from 1. */
function middle(text) {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, at) => (/^func .*\{$/.test(line) ? [at + 1] : []));
  return starts[Math.floor(starts.length / 2)];
}

/** In the page: keeps what the status bar says of each review. */
function watch() {
  const seen = (globalThis.seen = []);
  const look = () => {
    const [, millis] = /in ([\d.]+) ms/.exec(document.querySelector(".status-work")?.textContent ?? "") ?? [];
    if (millis !== undefined) seen.push(Number(millis));
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
}

const files = JSON.parse(readFileSync(process.argv[2], "utf8"));
const folder = mkdtempSync(join(tmpdir(), "gopeer-typing-"));
const site = await serve(dist);
const browser = await launch();
try {
  const paths = files.map(({ name, text }) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
  const longest = files.reduce((one, other) => (other.text.length > one.text.length ? other : one));
  const page = await open(browser, site.url);
  await ready(page);
  await page.getByRole("button", { name: "Open" }).click();
  await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(paths);
  await reviewed(page);
  await page.locator(".tab", { hasText: longest.name }).first().click();
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  for (let line = 1; line < middle(longest.text); line += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.waitForTimeout(1000);
  await page.evaluate(watch);
  await page.keyboard.type(TYPED, { delay: 120 });
  await page.waitForTimeout(1000);
  const seen = (await page.evaluate(() => seen)).sort((a, b) => a - b);
  const at = (part) => seen[Math.min(seen.length - 1, Math.floor(seen.length * part))];
  console.log(JSON.stringify({ reviews: seen.length, median: at(0.5), p95: at(0.95), worst: seen.at(-1) }));
} finally {
  await browser.close();
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
