// From a paste to a shared link, on every mount.
import assert from "node:assert/strict";
import { dist, found, open, paste, ready, reviewed, text } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

async function whole(browser, mount, types) {
  const server = await serve(dist, mount, types);
  const page = await open(browser, server.url, { permissions: ["clipboard-read", "clipboard-write"] });
  await ready(page);

  await paste(page, SHOP);
  await found(page);

  // Jump from the card to the code and from the code to the card.
  const card = page.locator(".finding", { has: page.locator("button", { hasText: "how to fix it" }) }).first();
  const id = await card.getAttribute("id");
  await card.locator(".quoted").click();
  await page.locator(".mark-selected").first().waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.id === "editor"), "the code has the focus");
  const other = page.locator("#editor .mark:not(.mark-selected)").first();
  await other.click();
  await page.waitForFunction((id) => document.querySelector(".finding.is-selected")?.id !== id, id);

  // Fix with preview, then undo in one step.
  await card.locator(".disclose").click();
  await card.locator(".diff-line.new").first().waitFor();
  await card.locator(".fix .button.primary").first().click();
  await page.locator(".toast .button", { hasText: "Undo" }).waitFor();
  await page.waitForFunction((id) => document.getElementById(id) === null, id);
  await reviewed(page);
  assert.notEqual(await text(page), SHOP);
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+z");
  await page.locator(`[id="${id}"]`).waitFor();
  assert.equal(await text(page), SHOP, "one undo");

  // Another reviewer, by key, in the address.
  await page.locator(".top h1").click();
  await page.locator(".avatar").first().click();
  await page.keyboard.press("4");
  await page.locator(".reviewer.is-chosen", { hasText: "Cassandra/Kafka" }).waitFor();
  await found(page);
  assert.match(page.url(), /#persona=data$/);

  // Share, and open elsewhere.
  await page.locator(".top .primary").click();
  await page.locator("dialog .button.primary").click();
  await page.locator(".said", { hasText: "Copied." }).waitFor();
  const link = await page.locator("dialog .field").inputValue();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  const view = (page) => page.evaluate(() => ({
    verdict: document.querySelector(".verdict-line").textContent,
    findings: [...document.querySelectorAll(".finding")].map((card) => card.id),
    reviewer: document.querySelector(".reviewer.is-chosen").textContent,
    tabs: [...document.querySelectorAll(".tab-name")].map((tab) => tab.textContent),
  }));
  const fresh = await open(browser, link);
  await ready(fresh);
  await found(fresh);
  await fresh.locator(".banner", { hasText: "Shared review" }).waitFor();
  assert.deepEqual(await view(fresh), await view(page));

  for (const one of [page, fresh]) {
    assert.deepEqual(await one.evaluate(() => violations), [], "CSP violations");
    assert.deepEqual(one.problems.filter((problem) => !problem.includes("MIME")), []);
    const foreign = one.requests.filter((request) => !request.startsWith(`GET ${server.url}`));
    assert.deepEqual(foreign, [], "requests that are not for our own files");
  }
  server.close();
}

export default [
  ["paste, find, jump, fix, undo, switch, share, open at /", (browser) => whole(browser, "/")],
  ["paste, find, jump, fix, undo, switch, share, open at /x/", (browser) => whole(browser, "/x/")],
  ["paste, find, jump, fix, undo, switch, share, open at /a/b/", (browser) => whole(browser, "/a/b/")],
  ["the same with a wrong type for wasm", (browser) => whole(browser, "/", { ".wasm": "text/plain" })],
];
