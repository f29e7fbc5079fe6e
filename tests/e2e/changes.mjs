// Diffs on the page: they are reviewed as changes.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, found, open, paste, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

/** A function that stays, with a finding on line 12; a new one with a finding on line 18; and a file that is new. */
const CHANGE = `From 0123456789 Mon Sep 17 00:00:00 2001
Subject: [PATCH] Wait

---
diff --git a/shop/wait.go b/shop/wait.go
index 1111111..2222222 100644
--- a/shop/wait.go
+++ b/shop/wait.go
@@ -8,8 +8,12 @@ func Load(id string) error {
 \treturn nil
 }
 
 func Old() {
 \ttime.Sleep(5)
 }
 
+func New() {
+\ttime.Sleep(6)
+}
+
 func Last(id string) error {
diff --git a/shop/more.go b/shop/more.go
new file mode 100644
--- /dev/null
+++ b/shop/more.go
@@ -0,0 +1,7 @@
+package shop
+
+import "time"
+
+func more() {
+\ttime.Sleep(7)
+}
-- 
2.39.2
`;

/** The marks of changed lines in the editor, as their texts. */
const changed = (page) => page.locator(".cm-line.changed").allTextContents();

async function pasted(browser, options = {}) {
  const server = await serve(dist);
  const page = await open(browser, server.url, options);
  if (options.viewport === PHONE) await page.locator(".phone-tab").nth(0).click();
  await ready(page);
  await paste(page, CHANGE);
  await page.locator(".tab", { hasText: "more.go" }).first().waitFor();
  if (options.viewport === PHONE) await page.locator(".phone-tab").nth(1).click();
  await found(page);
  return { server, page };
}

export default [
  ["a pasted diff is reviewed as a change", async (browser) => {
    const { server, page } = await pasted(browser, { viewport: DESKTOP });
    await page.locator(".cm-line.changed").first().waitFor();
    assert.deepEqual(await changed(page), ["func New() {", "\ttime.Sleep(6)", "}", ""]);
    const places = await page.locator(".finding .where").allTextContents();
    assert.equal(places.filter((place) => place.startsWith("shop/wait.go")).length, 1, places.join());
    assert.equal(places.filter((place) => place === "shop/more.go:6").length, 1, places.join());
    assert.match(await page.locator(".verdict-line").textContent(), /covers only the change|The change fixes/);
    const others = page.locator("details", { hasText: "Not shown: 1 finding" });
    await others.locator("summary").click();
    // What it holds is drawn when it opens.
    await others.getByText("on unchanged lines").first().waitFor();
    assert.match(await others.textContent(), /1 finding on unchanged lines.*shop\/wait.go:/s);
    assert.match(await page.locator(".review").textContent(), /The diff does not show all of shop\/wait.go/);
    assert.deepEqual(await page.evaluate(() => violations), []);
    assert.deepEqual(page.problems, []);
    server.close();
  }],
  ["a change stays one after edits and after a reload", async (browser) => {
    const { server, page } = await pasted(browser);
    await page.locator(".cm-line", { hasText: "time.Sleep(6)" }).click();
    await page.keyboard.press("End");
    await page.keyboard.type(" // soon");
    await reviewed(page);
    assert.ok((await changed(page)).includes("\ttime.Sleep(6) // soon"));
    await page.waitForTimeout(700);
    await page.reload();
    await ready(page);
    await found(page);
    await page.locator(".cm-line.changed").first().waitFor();
    assert.ok((await changed(page)).includes("\ttime.Sleep(6) // soon"));
    assert.equal(await page.locator("details", { hasText: "Not shown: 1 finding" }).count(), 1);
    server.close();
  }],
  ["a dropped diff is a change, and what was there comes back", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    await paste(page, "package mine\n");
    await reviewed(page);
    await page.locator(".top .button", { hasText: "Open" }).click();
    await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles({ name: "a.patch", mimeType: "text/plain", buffer: Buffer.from(CHANGE) });
    await found(page);
    await page.locator(".cm-line.changed").first().waitFor();
    assert.ok((await changed(page)).length > 0);
    await page.locator(".toast .button", { hasText: "Undo" }).click();
    await page.locator(".cm-line", { hasText: "package mine" }).waitFor();
    await reviewed(page);
    await page.locator(".cm-line.changed").first().waitFor({ state: "detached" });
    server.close();
  }],
  ["a change on a phone, and for everybody", async (browser) => {
    const { server, page } = await pasted(browser, { viewport: PHONE, hasTouch: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `${wide}`);
    await clean(page, "the review of a change");
    server.close();
  }],
];
