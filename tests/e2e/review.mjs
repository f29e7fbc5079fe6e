// What goes out of a review and what is said in it: exports, notes and dismissals, filters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { clean } from "./access.mjs";
import { PHONE, dist, found, open, paste, ready, reviewed } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

/** A page with a review; without movement, so that colours are what they will be. */
async function shop(browser, url, options) {
  const page = await open(browser, url, { reducedMotion: "reduce", ...options });
  const tab = (name) => options?.hasTouch && page.locator(".phone-tab", { hasText: name }).tap();
  await tab("Code");
  await ready(page);
  await paste(page, SHOP);
  await tab("Findings");
  await found(page);
  return page;
}

/** Opens the share dialog and its list of exports. */
async function exports(page) {
  await page.locator(".top .primary").click();
  await page.locator("dialog .field").waitFor();
  await page.locator("dialog .export > summary").click();
}

async function saved(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator(`dialog [aria-label="Save ${name}"]`).click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") };
}

const cards = (page) => page.locator(".finding").count();

/** Opens a second window on the same site in a fresh profile and gives it a file. */
async function opened(browser, url, file) {
  const page = await open(browser, url);
  await ready(page);
  await page.locator(".top .button", { hasText: "Open" }).click();
  await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles(file);
  return page;
}

export default [
  ["exports: each format is saved, JSON opens as the same screen, HTML from disk", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server.url);
    await page.locator(".finding .say-button").first().click();
    await page.keyboard.type("Ask Ann <b>today</b>");
    await page.locator(".remark-box .primary").click();
    await page.locator(".remark-text", { hasText: "Ask Ann" }).waitFor();
    await reviewed(page);
    await exports(page);
    await clean(page, "exports");
    const markdown = await saved(page, "Markdown");
    assert.equal(markdown.name, "review.md");
    assert.match(markdown.text, /^# Review by /);
    assert.match(markdown.text, /\[Open this review\]\(http.*#v2\./);
    assert.match(markdown.text, /\*\*Note\*\*: Ask Ann \\<b>/);
    assert.match((await saved(page, "GitHub suggestions")).text, /```suggestion\n/);
    assert.match((await saved(page, "GitLab suggestions")).text, /```suggestion:-0\+\d+\n/);
    assert.match((await saved(page, "Plain text")).text, /note: note: Ask Ann/);
    const sarif = JSON.parse((await saved(page, "SARIF")).text);
    assert.equal(sarif.version, "2.1.0");
    assert.equal(sarif.runs[0].results.length, await cards(page));
    assert.equal(sarif.runs[0].results.find(({ properties }) => properties)?.properties.note, "Ask Ann <b>today</b>");
    const json = await saved(page, "JSON");
    assert.equal(JSON.parse(json.text).findings.length, await cards(page));
    const html = await saved(page, "HTML report");
    const paper = await open(browser, "about:blank");
    await paper.setContent(html.text);
    assert.equal(await paper.locator("article").count(), await cards(page));
    assert.equal(await paper.locator("b", { hasText: "today" }).count(), 0, "what was written is text");
    await paper.setViewportSize(PHONE);
    assert.ok(await paper.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
    await clean(paper, "HTML report");

    const fresh = await opened(browser, server.url, { name: "review.json", mimeType: "application/json", buffer: Buffer.from(json.text) });
    await found(fresh);
    await fresh.locator(".banner", { hasText: "Shared review" }).waitFor();
    assert.equal(await cards(fresh), await cards(page));
    assert.equal(await fresh.locator(".remark-text").textContent(), "Ask Ann <b>today</b>");
    assert.equal(await fresh.locator(".finding .say-button").count(), 0, "read-only");
    const wrong = await opened(browser, server.url, { name: "package.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await wrong.locator(".toast.warning", { hasText: "package.json cannot be opened" }).waitFor();
    for (const each of [page, fresh, paper]) assert.deepEqual(await each.evaluate(() => globalThis.violations ?? []), []);
    server.close();
  }],
  ["exports: copied, and by hand where the clipboard is refused", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server.url, { viewport: PHONE, hasTouch: true });
    await page.evaluate(() => { navigator.clipboard.writeText = async (text) => { globalThis.clip = text; }; });
    await exports(page);
    await page.locator('dialog [aria-label="Copy Markdown"]').tap();
    await page.locator(".said", { hasText: "Markdown: copied." }).waitFor();
    assert.match(await page.evaluate(() => clip), /^# Review by /);
    await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); });
    await page.locator('dialog [aria-label="Copy Plain text"]').tap();
    await page.locator(".copy-box").waitFor();
    assert.match(await page.locator(".copy-box").inputValue(), /lines, \d+ ms\./);
    assert.ok(await page.evaluate(() => document.querySelector(".modal-body").scrollWidth <= document.querySelector(".modal-body").clientWidth), "nothing is cut off");
    server.close();
  }],
  ["share: a short link has a QR code, Web Share is offered where there is one, and a secret is warned of", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await paste(page, "package main\n\nconst password = \"hunter2-Xk93jd82\"\n\nfunc main() { connect(\"db\", password) }\n");
    await found(page);
    await page.evaluate(() => { navigator.share = async (what) => { globalThis.sent = what; }; });
    await page.locator(".top .primary").click();
    await page.locator("dialog .button", { hasText: "Send…" }).click();
    const link = await page.locator("dialog .field").inputValue();
    assert.equal(await page.evaluate(() => sent.url), link);
    await page.locator("dialog .note", { hasText: "secret" }).waitFor();
    assert.match(await page.locator("dialog .note").textContent(), /main\.go:3/);
    await page.locator("dialog summary", { hasText: "QR code" }).click();
    const box = await page.locator("dialog .qr").boundingBox();
    assert.ok(box.width >= 200 && Math.abs(box.width - box.height) < 1, JSON.stringify(box));
    await clean(page, "share dialog with a QR code");
    server.close();
  }],
  ["share: the link holds what was chosen last, and code that cannot be saved is said so", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await paste(page, `-- shop.go --\n${SHOP}-- go.mod --\nmodule example.com/shop\n\ngo 1.24\n`);
    await found(page);
    await page.route("**/report_bg-*.wasm", (route) => route.abort());
    await page.locator(".top .primary").click();
    await page.locator("dialog .field").waitFor();
    const save = page.locator("dialog .link-button", { hasText: "Save the code" });
    await save.click();
    await page.locator("dialog .said", { hasText: "could not be loaded" }).waitFor();
    await page.unroute("**/report_bg-*.wasm");
    const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
    assert.equal(download.suggestedFilename(), "review.txtar");
    const whole = await page.locator("dialog .field").inputValue();
    const only = page.getByLabel(/^Only /);
    await only.check();
    await page.waitForFunction((whole) => document.querySelector("dialog .field")?.value.length < whole.length, whole);
    await only.uncheck();
    await only.check();
    await only.uncheck();
    await page.waitForFunction((whole) => document.querySelector("dialog .field")?.value === whole, whole);
    await page.waitForTimeout(300);
    assert.equal(await page.locator("dialog .field").inputValue(), whole);
    server.close();
  }],
  ["notes: written, accepted, dismissed with a reason, kept, undone; by keyboard", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server.url);
    const all = await cards(page);
    const first = page.locator(".finding").first();
    const rule = await first.getAttribute("data-rule");
    await first.locator(".say-button").focus();
    await page.keyboard.press("Enter");
    await clean(page, "a note being written");
    await page.locator(".remark-box .button", { hasText: "Dismiss" }).click();
    await page.locator(".remark-box [role=alert]", { hasText: "reason" }).waitFor();
    await page.keyboard.type("only in the demo");
    await page.locator(".remark-box .button", { hasText: "Dismiss" }).click();
    await page.locator(".more > summary", { hasText: "Not shown: 1 finding" }).click();
    const silenced = page.locator(".silenced li", { hasText: "dismissed: only in the demo" });
    await silenced.waitFor();
    assert.equal(await cards(page), all - 1);
    const second = page.locator(".finding").first();
    await second.locator(".say-button").click();
    await page.keyboard.type("fixed tomorrow");
    await page.locator(".remark-box .button", { hasText: "Accept" }).click();
    await second.locator(".remark-box strong", { hasText: "Accepted" }).waitFor();
    await page.waitForTimeout(700);
    await page.reload();
    await ready(page);
    await found(page);
    assert.equal(await cards(page), all - 1, "kept with the draft");
    await page.locator(".remark-text", { hasText: "fixed tomorrow" }).waitFor();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// A line above it all.\n");
    await reviewed(page);
    assert.equal(await cards(page), all - 1, "an edit elsewhere loses nothing");
    await page.locator(".more > summary", { hasText: "Not shown: 1 finding" }).click();
    await clean(page, "remarks");
    await page.locator(".silenced .link-button", { hasText: "Show again" }).click();
    await page.locator(`.finding[data-rule="${rule}"]`).first().waitFor();
    assert.equal(await cards(page), all);
    await page.locator(".remark-box .link-button", { hasText: "Change" }).click();
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".remark-box textarea").count(), 0);
    assert.deepEqual(page.problems, []);
    server.close();
  }],
  ["filters: words, rule, confidence, groups; in the link; on a phone", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server.url);
    const all = await cards(page);
    const rule = await page.locator(".finding").first().getAttribute("data-rule");
    const more = page.locator("gopeer-filter summary");
    await more.click();
    await page.locator("gopeer-filter input").fill(rule.split("/")[1]);
    await page.waitForFunction((all) => document.querySelectorAll(".finding").length < all, all);
    for (const card of await page.locator(".finding").all()) assert.match((await card.getAttribute("data-rule")) + await card.textContent(), new RegExp(rule.split("/")[1]));
    await page.locator(".link-button", { hasText: "Show all" }).click();
    await page.waitForFunction((all) => document.querySelectorAll(".finding").length === all, all);
    assert.equal(await page.locator("gopeer-filter input").inputValue(), "");
    await page.locator("gopeer-filter select").nth(1).selectOption(rule);
    await page.waitForFunction((rule) => [...document.querySelectorAll(".finding")].every((card) => card.dataset.rule === rule), rule);
    await page.locator("gopeer-filter select").nth(1).selectOption("");
    await page.locator("gopeer-filter select").nth(2).selectOption("line");
    await page.locator(".group h2", { hasText: /^\S+:\d+/ }).first().waitFor();
    await clean(page, "filters");
    await page.locator(".top .primary").click();
    const link = await page.locator("dialog .field").inputValue();
    const phone = await open(browser, link, { viewport: PHONE, hasTouch: true });
    await ready(phone);
    await phone.locator(".phone-tab", { hasText: "Findings" }).tap();
    await phone.locator(".group h2", { hasText: /^\S+:\d+/ }).first().waitFor();
    await phone.locator("gopeer-filter select").nth(2).selectOption("file");
    await phone.locator(".group h2", { hasText: /\.go/ }).first().waitFor();
    assert.ok(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
    await clean(phone, "filters on a phone");
    server.close();
  }],
  ["cards: the card follows the cursor that a key moves", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server.url);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    assert.equal(await page.locator(".finding.is-selected").count(), 0);
    for (let line = 1; line < 24; line += 1) await page.keyboard.press("ArrowDown");
    for (let at = 0; at < 3; at += 1) await page.keyboard.press("ArrowRight");
    await page.locator('.finding.is-selected .where', { hasText: "main.go:24" }).waitFor();
    server.close();
  }],
  ["rules: #rule/… opens the rule's page with its example, which opens", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, `${server.url}#rule/sql/injection`);
    await ready(page);
    await page.locator("dialog .rule-page code", { hasText: "sql/injection" }).first().waitFor();
    await page.locator("dialog .example.bad").waitFor();
    await clean(page, "a rule's page");
    await page.locator("dialog .link-button", { hasText: "Open the example" }).click();
    await found(page);
    await page.locator('.finding.is-selected[data-rule="sql/injection"]').waitFor();
    server.close();
  }],
];
