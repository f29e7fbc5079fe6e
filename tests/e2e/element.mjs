// <gopeer-review>: code in somebody's documentation, and its review in a frame.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { clean } from "./access.mjs";
import { PHONE, dist, open, program, until } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

const escaped = (code) => code.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** As one stands in a page: indented, with the tags that documentation has around code. */
const element = (attributes, code = SHOP) => `<gopeer-review ${attributes}>\n  <pre><code>${escaped(code)}</code></pre>\n</gopeer-review>`;

/** A page of another site, under its own policy, that has the element in it. */
async function host(body, { policy, mount = "/", files = {} } = {}) {
  const server = await serve(dist, mount);
  const folder = mkdtempSync(join(tmpdir(), "gopeer-docs-"));
  const site = new URL(server.url).origin;
  const csp = policy?.(site) ?? `default-src 'none'; script-src ${site}; frame-src ${site}; connect-src 'self'; img-src data:`;
  writeFileSync(join(folder, "index.html"), `<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${csp}"><title>Docs</title><link rel="icon" href="data:,">
    <script src="${server.url}gopeer-review.js" defer></script></head><body><main><h1>Docs</h1>${body}</main></body></html>`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const own = await serve(folder);
  const close = () => {
    server.close();
    own.close();
    rmSync(folder, { recursive: true });
  };
  // Another site for the browser, though on this machine.
  return { url: own.url.replace("127.0.0.1", "localhost"), close };
}

/** Such a page in the browser; `heard` has what the element says. */
async function docs(browser, body, { policy, mount, files, ...options } = {}) {
  const { url, close } = await host(body, { policy, mount, files });
  const page = await open(browser, "about:blank", options);
  await page.addInitScript(() => {
    globalThis.heard = [];
    for (const name of ["review", "unavailable"]) addEventListener(name, ({ detail, target }) => heard.push([name, detail, target.localName]));
  });
  await page.goto(url);
  return { page, frame: page.frameLocator("iframe"), close };
}

const heard = (page) => page.evaluate(() => heard);
const state = (page) => page.locator("gopeer-review").getAttribute("data-state");
const shown = (page) => page.locator("gopeer-review[data-state=shown]").first().waitFor();
const told = (page, count = 1) => until(page, (count) => heard.filter(([name]) => name === "review").length >= count, count);

export default [
  ["element: code of a page is reviewed in a frame, and the page hears of it", async (browser) => {
    const { page, frame, close } = await docs(browser, element('persona="data" readonly file="internal/shop.go"'), { mount: "/a/b/" });
    await shown(page);
    await told(page);
    const [[, review, target]] = await heard(page);
    assert.equal(target, "gopeer-review");
    assert.equal(review.persona.id, "data");
    const finding = review.findings.find(({ rule }) => rule === "context/background-in-call-chain");
    assert.deepEqual([finding.severity, finding.place.file, finding.place.range.line], ["high", "internal/shop.go", 15]);
    assert.equal(review.shared, undefined, "no code");
    assert.deepEqual((await frame.locator("#editor .cm-line").allTextContents()).slice(0, 4), SHOP.split("\n").slice(0, 4), "as it is");
    assert.deepEqual(await page.evaluate(() => document.querySelector("gopeer-review").review), review);
    const iframe = page.locator("iframe");
    assert.equal(await iframe.getAttribute("title"), "Go code review: internal/shop.go");
    assert.equal(await page.getByText("package shop").isVisible(), false, "the frame has the code");
    assert.equal(await frame.locator(".reviewer.is-chosen .reviewer-name").textContent(), "Cassandra/Kafka");
    assert.equal(await frame.locator(".banner").first().isVisible(), false, "read-only");
    await clean(page, "a page with the element");
    // Without a height it is as tall as it needs to be, within limits.
    assert.equal((await iframe.boundingBox()).height, 640);
    await page.evaluate(() => document.querySelector("gopeer-review").setAttribute("height", "300"));
    assert.equal((await iframe.boundingBox()).height, 300);
    const popup = page.waitForEvent("popup");
    await frame.locator(".embed-foot a").click();
    const full = await popup;
    await full.locator("#editor .cm-line", { hasText: "package shop" }).waitFor();
    assert.match(full.url(), /\/a\/b\/#v2\./);
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    close();
  }],
  ["element: a short text gets a short frame, its own theme, and every letter of it", async (browser) => {
    const code = "package a\n\n// 🦀 naïve <b> & \"日本\"\nfunc f() string {\n\treturn `x + y = 100%`\n}\n";
    const indented = `\n${code.replaceAll(/^(?=.)/gm, "      ")}    `;
    const { page, frame, close } = await docs(browser, `<gopeer-review theme="dark" label="A short one">${escaped(indented)}</gopeer-review>`, { viewport: PHONE });
    await shown(page);
    await told(page);
    const { height } = await page.locator("iframe").boundingBox();
    assert.ok(height >= 280 && height < 500, `${height}`);
    assert.equal(await page.locator("iframe").getAttribute("title"), "A short one");
    await frame.locator(".phone-tab").nth(0).click();
    const lines = await frame.locator("#editor .cm-line").allTextContents();
    assert.equal(lines.join("\n"), code);
    assert.equal(await frame.locator("html").evaluate((html) => getComputedStyle(html).colorScheme), "dark");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    close();
  }],
  ["element: what the reader writes in the frame stays there", async (browser) => {
    const { page, frame, close } = await docs(browser, element(""));
    await told(page);
    const before = (await heard(page)).length;
    await frame.locator(".reviewer").nth(3).click();
    await told(page, before + 1);
    assert.equal((await heard(page)).at(-1)[1].persona.id, "data", "another reviewer of the same code");
    await frame.locator(".banner .button", { hasText: "Edit a copy" }).click();
    await frame.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.insertText("\nfunc Leaked() { http.ListenAndServe(\":8081\", nil) }\n");
    await frame.locator(".review[aria-busy=false] .finding", { hasText: "main.go:26" }).first().waitFor({ state: "attached" });
    await page.waitForTimeout(500);
    assert.equal((await heard(page)).length, before + 1);
    assert.ok(!JSON.stringify(await heard(page)).includes("8081"));
    close();
  }],
  ["element: code from an address, reviewed when it comes near", async (browser) => {
    const space = Array.from({ length: 200 }, () => "<p>Text.</p>").join("");
    const { page, frame, close } = await docs(browser, `${space}<gopeer-review src="shop.go?v=1"></gopeer-review>`, { files: { "shop.go": SHOP } });
    await page.waitForTimeout(500);
    assert.equal(await page.locator("iframe").count(), 0, "not before");
    await page.locator("gopeer-review").scrollIntoViewIfNeeded();
    await shown(page);
    await frame.locator("#editor .cm-line", { hasText: "package shop" }).waitFor();
    assert.equal(await page.locator("iframe").getAttribute("title"), "Go code review: shop.go");
    close();
  }],
  ["element: Firefox shows it, and the code where frames are not allowed", async () => {
    const executablePath = program("firefox-esr", process.env.FIREFOX);
    if (!executablePath) return;
    const firefox = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
    const allowed = await host(element('persona="data"'));
    const forbidden = await host(element(""), { policy: (site) => `default-src 'none'; script-src ${site}; img-src data:` });
    try {
      const page = await firefox.newPage();
      await page.goto(allowed.url);
      await page.waitForSelector("gopeer-review[data-state=shown]");
      await page.waitForFunction(() => document.querySelector("gopeer-review").review?.findings.length > 0);
      assert.equal(await page.evaluate(() => document.querySelector("gopeer-review").review.persona.id), "data");
      await page.goto(forbidden.url);
      await page.waitForSelector("gopeer-review[data-state=failed]");
      assert.ok(await page.evaluate(() => document.querySelector("pre").getClientRects().length > 0));
    } finally {
      await firefox.close();
      allowed.close();
      forbidden.close();
    }
  }],
  ["element: where it cannot load, the code is there", async (browser) => {
    const policies = { "no frames": (site) => `default-src 'none'; script-src ${site}; img-src data:`, "no script": () => "default-src 'none'; img-src data:" };
    for (const [what, policy] of Object.entries(policies)) {
      const { page, close } = await docs(browser, element(""), { policy });
      if (what === "no frames") {
        await page.locator("gopeer-review[data-state=failed]").waitFor();
        await page.getByText("This page does not allow the frame with the review.").waitFor();
        assert.match(await page.getByText("Open it in a tab").getAttribute("href"), /embed=1#file=main.go&persona=senior&code=package/);
        assert.deepEqual((await heard(page)).map(([name]) => name), ["unavailable"]);
        await clean(page, what);
      }
      assert.equal(await page.getByText("package shop").isVisible(), true, what);
      close();
    }
    // The site that has the review is gone, or is none.
    const { page, close } = await docs(browser, element(""), { files: { "gone.html": "" } });
    await shown(page);
    await page.route(/embed=/, (route) => route.fulfill({ status: 404, contentType: "text/html", body: "not found" }));
    await page.clock.install();
    await page.reload();
    await page.locator("iframe").waitFor({ state: "attached" });
    await page.waitForTimeout(1000);
    assert.equal(await page.getByText("package shop").isVisible(), true);
    await page.clock.fastForward(25_000);
    await page.getByText("The review could not be loaded.").waitFor();
    assert.equal(await state(page), "failed");
    close();
  }],
];
