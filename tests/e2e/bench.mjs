// `cargo dev bench`: the built engine in Chromium's worker, over the files that the native side measured in the same run.
//   node bench.mjs DIST CORPUS.json   prints {"review": ms, "edit": ms}, each the best of three rounds
import { createServer } from "node:http";
import { readFileSync, readdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const [dist, corpus] = process.argv.slice(2);
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };

const server = createServer((request, response) => {
  const path = normalize(new URL(request.url, "http://x").pathname);
  if (path === "/corpus") return response.end(readFileSync(corpus));
  try {
    const body = readFileSync(join(dist, path));
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const engine = readdirSync(join(dist, "assets")).find((name) => /^engine-.*\.js$/.test(name));
const profile = mkdtempSync(join(tmpdir(), "gopeer-bench-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/index.html`);
  const measured = await page.evaluate(async (engine) => {
    const files = await (await fetch("./corpus")).json();
    const worker = new Worker(`./assets/${engine}`, { type: "module" });
    const next = () => new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data.failed || data.panic ? reject(new Error(JSON.stringify(data))) : resolve(data));
    });
    await next();
    let id = 0;
    const ask = (question) => {
      const answer = next();
      worker.postMessage({ id: ++id, ...question });
      return answer;
    };
    const review = async () => {
      const { review, message } = await ask({ ask: "review", persona: "senior" });
      if (!review) throw new Error(message);
      return review.stats.millis;
    };
    const best = { review: Infinity, edit: Infinity };
    for (let round = 0; round < 3; round++) {
      await ask({ ask: "open", files: [] });
      const opened = await ask({ ask: "open", files });
      if (opened.message) throw new Error(opened.message);
      best.review = Math.min(best.review, await review());
      const longest = files.reduce((a, b) => (b.text.length > a.text.length ? b : a));
      const at = longest.text.indexOf("\n", longest.text.length / 2);
      await ask({ ask: "edit", file: longest.name, deltas: [{ from: at, to: at, insert: " " }] });
      best.edit = Math.min(best.edit, await review());
    }
    return best;
  }, engine);
  console.log(JSON.stringify(measured));
} finally {
  await browser.close();
  server.close();
  rmSync(profile, { recursive: true, force: true });
}
