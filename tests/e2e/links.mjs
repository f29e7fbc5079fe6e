// Links: broken ones, links to one finding, and the reader's own draft.
import assert from "node:assert/strict";
import { dist, found, open, paste, ready, reviewed, text } from "./browser.mjs";
import { FRAGMENT, SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

async function linkOf(page) {
  const link = await page.locator("dialog .field").inputValue();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  return link;
}

async function shop(browser, server) {
  const page = await open(browser, server.url);
  await ready(page);
  await paste(page, SHOP);
  await found(page);
  return page;
}

export default [
  ["links: broken ones say so and leave the draft alone", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.locator(".top .primary").click();
    const link = await linkOf(page);
    const hash = link.split("#")[1];
    const middle = hash.length >> 1;
    const changed = hash.slice(0, middle) + (hash[middle] === "A" ? "B" : "A") + hash.slice(middle + 1);
    for (const broken of [hash.slice(0, middle), changed, "v1.", "v7.abcdefgh", "%E0%A4%A", "v1.AAAA😀"]) {
      await page.evaluate((hash) => { location.hash = hash; }, broken);
      await page.locator(".banner.warning").waitFor();
      await page.locator(".banner.warning .button").click();
      assert.equal(await page.locator(".banner").count(), 0);
      await found(page);
      assert.equal(await text(page), SHOP);
    }
    const cold = await open(browser, `${server.url}#${changed}`);
    await ready(cold);
    await cold.locator(".banner.warning").waitFor();
    await cold.locator(".welcome").waitFor();
    assert.deepEqual(cold.problems, []);
    server.close();
  }],
  ["links: opening one keeps the draft, a copy can be edited", async (browser) => {
    const server = await serve(dist);
    const sender = await shop(browser, server);
    await sender.locator(".top .primary").click();
    const link = await linkOf(sender);
    const reader = await open(browser, server.url);
    await ready(reader);
    await paste(reader, FRAGMENT);
    await reviewed(reader);
    assert.equal(await text(reader), FRAGMENT);
    await reader.evaluate((hash) => { location.hash = hash; }, link.split("#")[1]);
    await found(reader);
    await reader.locator(".cm-content").click();
    await reader.keyboard.type("XX");
    assert.equal(await text(reader), FRAGMENT, "the stored draft is the reader's");
    await reader.locator(".banner .button", { hasText: "Back to my draft" }).click();
    await reader.locator(".banner").waitFor({ state: "detached" });
    await reader.locator(".cm-line", { hasText: "func add" }).waitFor();
    await reader.evaluate((hash) => { location.hash = hash; }, link.split("#")[1]);
    await reader.locator(".banner .button", { hasText: "Edit a copy" }).click();
    await reader.locator(".cm-content").click();
    await reader.keyboard.press("Control+Home");
    await reader.keyboard.type("// mine\n");
    assert.equal(await text(reader), `// mine\n${SHOP}`);
    await reader.locator(".top .button", { hasText: "Open" }).click();
    assert.ok(await reader.locator("dialog .row-button").count() >= 2, "the earlier draft is listed");
    server.close();
  }],
  ["links: one to a finding opens it", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    const card = page.locator(".finding").last();
    const id = await card.getAttribute("id");
    await card.locator('[aria-label="Link to this finding"]').click();
    const fresh = await open(browser, await linkOf(page));
    await ready(fresh);
    const same = fresh.locator(`.finding.is-selected[id="${id}"]`);
    await same.waitFor();
    await same.locator(".details").waitFor();
    await fresh.waitForTimeout(300);
    const visible = await same.evaluate((card) => {
      const box = card.getBoundingClientRect();
      return box.top < innerHeight && box.bottom > 0;
    });
    assert.ok(visible, "in view");
    server.close();
  }],
  ["links: a refused clipboard leaves the link to copy by hand", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); });
    await page.locator(".top .primary").click();
    await page.locator("dialog .button.primary").click();
    await page.locator(".said", { hasText: "by hand" }).waitFor();
    server.close();
  }],
];
