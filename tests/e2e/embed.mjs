// The page inside another page, and the edition that is one file.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";
import { clean } from "./access.mjs";
import { PHONE, dist, found, open, paste, program, ready, reviewed, root, text } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

/** The link to a review of SHOP by the third reviewer, and the HTML that the share dialog gives for it. */
async function shared(browser, server) {
  const page = await open(browser, server.url);
  await ready(page);
  await paste(page, SHOP);
  await found(page);
  await page.locator(".reviewer").nth(2).click();
  await reviewed(page);
  await page.locator(".top .primary").click();
  await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
  await page.locator("gopeer-embed summary").click();
  await clean(page, "share dialog with the snippet");
  const snippet = () => page.locator("gopeer-embed textarea").first().inputValue();
  await page.waitForFunction(() => document.querySelectorAll("gopeer-embed textarea")[1].value !== "");
  const element = await page.locator("gopeer-embed textarea").nth(1).inputValue();
  const read = await snippet();
  await page.locator("gopeer-embed input").uncheck();
  const result = { link: await page.locator("dialog .field").inputValue(), read, edit: await snippet(), element };
  await page.context().close();
  return result;
}

/** A page of another site that has the snippet in it; its frame may store nothing. */
async function host(browser, snippet, options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "gopeer-host-"));
  writeFileSync(join(folder, "index.html"), `<!doctype html><html lang="en"><title>Docs</title><link rel="icon" href="data:,"><h1>Docs</h1>${snippet}`);
  const server = await serve(folder);
  const page = await open(browser, "about:blank", options);
  await page.addInitScript(() => {
    if (window === window.top) return;
    const no = { get() { throw new DOMException("denied", "SecurityError"); } };
    for (const name of ["localStorage", "sessionStorage", "caches"]) Object.defineProperty(globalThis, name, no);
  });
  // Another site for the browser, though on this machine.
  await page.goto(server.url.replace("127.0.0.1", "localhost"));
  const frame = page.frameLocator("iframe");
  await frame.locator(".review[aria-busy=false] .finding").first().waitFor({ state: "attached" });
  const close = () => {
    server.close();
    rmSync(folder, { recursive: true });
  };
  return { page, frame, close };
}

/** Follows "Open in full". */
async function full(page, frame) {
  const popup = page.waitForEvent("popup");
  await frame.locator(".embed-foot a").click();
  const opened = await popup;
  await opened.locator(".review[aria-busy=false] .finding").first().waitFor({ state: "attached" });
  return opened;
}

/** Writes the one-file edition and gives its path to `use`. */
async function withFile(use) {
  const folder = mkdtempSync(join(tmpdir(), "gopeer-single-"));
  const file = join(folder, "gopeer.html");
  execFileSync("node", [join(root, "web/build/single.mjs"), dist, file]);
  try {
    await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const chosen = (place) => place.locator(".reviewer.is-chosen .reviewer-name").textContent();

export default [
  ["embed: a review to read, in a page of another site that forbids storage, and in full what it shows", async (browser) => {
    const server = await serve(dist, "/a/b/");
    const { link, read, element } = await shared(browser, server);
    assert.ok(element.startsWith(`<script src="${server.url}gopeer-review.js" defer></script>\n<gopeer-review file="main.go" persona="cloud-native" readonly><pre><code>package shop\n`), element);
    assert.ok(element.includes("&quot;DELETE FROM carts WHERE id = $1&quot;, r.FormValue"), element);
    assert.ok(read.includes(`${server.url}?embed=read#v2.`) && !read.includes("script"), read);
    const { page, frame, close } = await host(browser, read);
    assert.equal(await chosen(frame), "Cloud-native");
    for (const hidden of [".top", ".status", ".banner", ".tabs > .button"]) assert.equal(await frame.locator(hidden).first().isVisible(), false, hidden);
    await frame.locator(".reviewer").nth(3).click();
    await frame.locator(".review[aria-busy=false] .finding").first().waitFor();
    const opened = await full(page, frame);
    assert.equal(await chosen(opened), "Cassandra/Kafka", "what was chosen in the frame");
    assert.equal(new URL(opened.url()).search, "");
    await opened.locator(".banner", { hasText: "Shared review" }).waitFor();
    await opened.close();
    await page.reload();
    await frame.locator(".review[aria-busy=false] .finding").first().waitFor();
    assert.equal(await chosen(frame), "Cloud-native", "the link again");
    assert.ok(link.startsWith(`${server.url}#v2.`));
    assert.deepEqual(page.problems, []);
    close();
    server.close();
  }],
  ["embed: a copy that is edited in the frame goes along, on a phone too", async (browser) => {
    const server = await serve(dist);
    const { edit } = await shared(browser, server);
    const { page, frame, close } = await host(browser, edit, { viewport: PHONE, hasTouch: true });
    await frame.locator(".phone-tab").nth(0).click();
    await frame.locator(".banner .button", { hasText: "Edit a copy" }).click();
    await frame.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// edited\n");
    await frame.locator("#editor .cm-line", { hasText: "// edited" }).waitFor();
    assert.equal(await frame.locator(".embed-foot a").isVisible(), true);
    const opened = await full(page, frame);
    await opened.locator("#editor .cm-line", { hasText: "// edited" }).waitFor({ state: "attached" });
    await opened.close();
    const framed = page.frames().at(-1).url();
    assert.match(framed, /#v2\./, "the address of the frame is still the link");
    const address = page.url();
    await page.goto("about:blank");
    await page.goBack();
    assert.equal(page.url(), address);
    await frame.locator(".banner .button", { hasText: "Edit a copy" }).waitFor();
    assert.deepEqual(page.problems, []);
    close();
    server.close();
  }],
  ["single: one file reviews from disk, and can do nothing but run its own scripts", (browser) => withFile(async (file) => {
    const html = readFileSync(file, "utf8");
    assert.ok(html.length < 4_100_000, `${html.length} bytes`);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)[1];
    const sha = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const [script, ...others] = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text]) => sha(text));
    assert.deepEqual(others, []);
    const styles = [...html.matchAll(/<style[^>]*>([^]*?)<\/style>/g)].map(([, text]) => sha(text));
    assert.equal(policy, `default-src 'none'; script-src ${script} 'wasm-unsafe-eval'; style-src ${styles.join(" ")}; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'`);
    assert.doesNotMatch(html.replace(/<script[^]*?<\/script>|<style[^]*?<\/style>/g, ""), /(src|href)="(?!data:)/);
    const page = await open(browser, pathToFileURL(file).href);
    await ready(page);
    await paste(page, SHOP);
    await found(page);
    await page.locator(".disclose").first().click();
    await page.locator(".details .example").first().waitFor();
    assert.deepEqual(await page.locator(":not(:defined)").evaluateAll((all) => all.map(({ localName }) => localName)), [], "each element has what draws it");
    assert.equal(await page.locator(".review .note").count(), 0, "the standard library is inside");
    await paste(page, `package store\n\nimport (\n\t"net/http"\n\n\t"github.com/google/uuid"\n)\n\nfunc id() string { return uuid.NewString() }\n\nvar _ = http.Get\n`);
    await reviewed(page);
    assert.equal(await page.locator(".review .note").count(), 0, "so is a common module");
    await paste(page, `package store\n\nimport "github.com/nats-io/nats.go"\n\nvar _ = nats.Connect\n`);
    await page.locator(".review .note", { hasText: "nats" }).waitFor();
    await page.locator("[aria-label='New file']").click();
    await paste(page, "-- .gopeer.toml --\npersona = \"data\"\n-- main.go --\npackage main\n\nfunc main() {}\n");
    await page.locator(".reviewer.is-chosen", { hasText: "Cassandra" }).waitFor();
    await page.locator(".top .button[aria-label=Open]").click();
    await page.locator("dialog .sample", { hasText: "Orders API" }).click();
    await found(page);
    const code = await text(page);
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
    const link = await page.locator("dialog .field").inputValue();
    await page.keyboard.press("Escape");
    await page.locator(".top .help-button").click();
    await page.locator("gopeer-help", { hasText: "one-file edition" }).waitFor();
    await page.keyboard.press("Escape");
    await page.reload();
    await found(page);
    assert.equal(await text(page), code, "the draft");
    const other = await open(browser, link);
    await found(other);
    await other.locator(".banner", { hasText: "Shared review" }).waitFor();
    for (const one of [page, other]) {
      assert.deepEqual([one.problems, await one.evaluate(() => violations)], [[], []]);
      assert.deepEqual(one.requests.filter((request) => !/^GET (blob:null|file:.*gopeer\.html)/.test(request)), []);
    }
  })],
  ["single: the exercises are in it: our packs, one that is dropped, one in a link, and the table of answers", (browser) => withFile(async (file) => {
    const url = pathToFileURL(file).href;
    const page = await open(browser, `${url}?pack`);
    const packs = page.locator(".packs a");
    await packs.nth(4).waitFor();
    assert.equal(await packs.count(), 5);
    for (let at = 0; at < 5; at += 1) {
      await packs.nth(at).click();
      await page.getByRole("heading", { name: "Hand in" }).waitFor();
      await page.locator(".bar a", { hasText: "Exercises" }).click();
      await packs.nth(4).waitFor();
    }
    await packs.first().click();
    await packs.first().click();
    await page.locator("#L44 .line").click();
    await page.locator(".mark select").selectOption("race");
    await page.locator(".mark button.primary").click();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await page.locator("#verdict", { hasText: "1 of 3 faults found" }).waitFor();
    await page.reload();
    await page.locator(".marks li").waitFor();
    await page.locator("nav a").first().click();
    await page.getByRole("button", { name: "Copy a link" }).click();
    await page.waitForFunction(() => /#answers\./.test(document.querySelector("[aria-label='Link with your answers']")?.value ?? ""));
    const answers = await page.getByLabel("Link with your answers").inputValue();
    const trainer = await open(browser, answers);
    await trainer.getByText("1 learner from 1 answer.").waitFor();
    await trainer.locator("summary", { hasText: "QR code" }).click();
    await trainer.locator("details details svg").waitFor();
    await trainer.locator(".reasons summary", { hasText: "1 mark" }).click();
    await trainer.locator(".reasons li").waitFor();
    // A pack of one's own, dropped on the page for reviews.
    const own = JSON.stringify({ ...JSON.parse(readFileSync(join(root, "static/exercises/data.json"), "utf8")), id: "own", title: "Ours" });
    const fresh = await open(browser, url);
    await ready(fresh);
    await fresh.locator(".top .button[aria-label=Open]").click();
    await fresh.locator("input[type=file]:not([webkitdirectory])").setInputFiles({ name: "own.json", mimeType: "application/json", buffer: Buffer.from(own) });
    await fresh.getByRole("heading", { name: "Ours" }).waitFor();
    await fresh.reload();
    await fresh.getByRole("heading", { name: "Ours" }).waitFor();
    await fresh.locator("summary", { hasText: "For trainers" }).click();
    await fresh.waitForFunction(() => /#pack\./.test(document.querySelector("[aria-label='Link for learners']")?.value ?? ""));
    const linked = await open(browser, await fresh.getByLabel("Link for learners").inputValue());
    await linked.getByRole("heading", { name: "Ours" }).waitFor();
    await linked.locator(".bar a").first().click();
    await ready(linked);
    for (const one of [page, trainer, fresh, linked]) {
      assert.deepEqual([one.problems, await one.evaluate(() => violations)], [[], []]);
      assert.deepEqual(one.requests.filter((request) => !/^GET (blob:null|file:.*gopeer\.html)/.test(request)), []);
    }
  })],
  ["single: Firefox opens it too", () => withFile(async (file) => {
    const executablePath = program("firefox-esr", process.env.FIREFOX);
    if (!executablePath) return;
    const firefox = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
    try {
      const page = await firefox.newPage();
      const problems = [];
      page.on("pageerror", (error) => problems.push(error.message));
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      await page.goto(pathToFileURL(file).href);
      await page.waitForFunction(() => /^engine \d/.test(document.querySelector(".status-engine")?.textContent ?? ""));
      await (await page.waitForSelector(".sample")).click();
      await page.waitForSelector(".review[aria-busy=false]:not(:has(.so-far)) .finding");
      await page.click(".top .primary");
      await page.waitForFunction(() => /#v2\./.test(document.querySelector("dialog .field")?.value ?? ""));
      await page.goto(`${pathToFileURL(file).href}?pack=senior`);
      await (await page.waitForSelector(".packs a")).click();
      await page.waitForSelector(".lines .line");
      assert.deepEqual(problems, []);
    } finally {
      await firefox.close();
    }
  })],
];
