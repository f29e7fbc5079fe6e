// Diffs on the page: they are reviewed as changes.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, found, open, paste, ready, reviewed, reviewing } from "./browser.mjs";
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

/** Two versions: the second repairs line 6, and has a finding of its own on line 14. */
const OLD = "package shop\n\nimport \"time\"\n\nfunc wait() {\n\ttime.Sleep(5)\n}\n\nfunc keep(n int) int {\n\treturn n + 1\n}\n";
const NEW = `${OLD.replace("(5)", "(5 * time.Second)")}\nfunc more() {\n\ttime.Sleep(6)\n}\n`;

/** Pastes into the editor that has the focus. */
const pasteHere = (page, selector, text) => page.locator(selector).evaluate((content, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  content.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}, text);

async function compared(browser, options = {}) {
  const server = await serve(dist);
  const page = await open(browser, server.url, options);
  if (options.viewport === PHONE) await page.locator(".phone-tab").nth(0).click();
  await ready(page);
  await paste(page, NEW);
  if (options.viewport === PHONE) await page.locator(".phone-tab").nth(1).click();
  await reviewed(page);
  if (options.viewport === PHONE) await page.locator(".phone-tab").nth(0).click();
  await page.locator(".compare").click();
  // The version is pasted where the cursor is.
  await page.waitForFunction(() => document.querySelector("#editor").shadowRoot.activeElement?.getAttribute("aria-label")?.includes("before the change"));
  const left = options.viewport === PHONE ? "#editor .cm-editor:not([hidden]) .cm-content" : ".cm-merge-a .cm-content";
  await page.locator(left).click();
  await pasteHere(page, left, OLD);
  await page.locator(".change-bar .segments").waitFor();
  await page.locator("gopeer-fixed li").first().waitFor({ state: "attached" });
  return { server, page };
}

const view = (page, name) => page.locator(".segments button", { hasText: name }).click();

/** The marks of changed lines in the editor, as their texts. */
const changed = (page) => page.locator(".cm-line.changed").allTextContents();

const pasted = (browser, options) => reviewing(browser, CHANGE, options);

export default [
  ["a pasted diff is reviewed as a change", async (browser) => {
    const page = await pasted(browser, { viewport: DESKTOP });
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
    page.server.close();
  }],
  ["a change stays one after edits and after a reload", async (browser) => {
    const page = await pasted(browser);
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
    page.server.close();
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
  ["an earlier version is pasted beside the code, and the review is of the change", async (browser) => {
    const { server, page } = await compared(browser);
    await found(page);
    assert.match(await page.locator(".verdict-line").textContent(), /The change fixes 1 finding/);
    assert.deepEqual(await page.locator(".finding .where").allTextContents(), ["main.go:14"]);
    assert.match(await page.locator("gopeer-fixed").textContent(), /Fixed by the change1.*main\.go:6 High correctness\/duration-without-unit/);
    // Side by side: what is fixed is marked on the left, what is found on the right.
    assert.equal(await page.locator(".cm-merge-a .mark-fixed").textContent(), "5");
    assert.equal(await page.locator(".cm-merge-b .mark-high").textContent(), "6");
    await clean(page, "two versions side by side");
    // The older version is written on: it keeps the focus, and the review follows.
    await page.locator(".cm-merge-a .cm-line", { hasText: "Sleep(5)" }).click();
    await page.keyboard.press("End");
    await page.keyboard.type(" // ms");
    await page.waitForTimeout(600);
    await reviewed(page);
    assert.match(await page.locator(".cm-merge-a .cm-content").textContent(), /Sleep\(5\) \/\/ ms/);
    assert.ok(await page.evaluate(() => document.querySelector("#editor").shadowRoot.activeElement?.closest(".cm-merge-a")));
    await view(page, "Unified");
    await page.locator(".cm-deletedChunk").first().waitFor();
    assert.match(await page.locator(".cm-deletedChunk").first().textContent(), /time\.Sleep\(5\) \/\/ ms/);
    assert.match(await page.locator(".fixed-note").textContent(), /^Fixed/);
    assert.equal(await page.locator(".mark-high").textContent(), "6");
    await clean(page, "two versions in one text");
    assert.deepEqual(await page.evaluate(() => violations), []);
    assert.deepEqual(page.problems, []);
    server.close();
  }],
  ["changes are stepped through by keyboard, and edits and undo go on in every view", async (browser) => {
    const { server, page } = await compared(browser);
    await view(page, "Unified");
    await page.locator(".cm-deletedChunk").first().waitFor();
    await page.keyboard.press("F7");
    await page.locator(".change-said", { hasText: "Change 1 of 2" }).waitFor();
    await page.keyboard.press("F7");
    await page.locator(".change-said", { hasText: "Change 2 of 2" }).waitFor();
    await page.keyboard.press("Shift+F7");
    await page.locator(".change-said", { hasText: "Change 1 of 2" }).waitFor();
    await page.keyboard.press("End");
    await page.keyboard.type(" // a");
    await view(page, "Side by side");
    // The one-text view has lines of this class, too, until it goes.
    await page.locator(".cm-mergeView .cm-merge-b .cm-line", { hasText: "// a" }).click();
    await page.keyboard.press("End");
    await page.keyboard.type("b");
    await view(page, "Code");
    await page.locator(".cm-mergeView").waitFor({ state: "detached" });
    assert.equal(await page.locator(".cm-deletedChunk").count(), 0);
    await page.locator(".cm-line", { hasText: "// ab" }).click();
    for (let undone = 0; undone < 3; undone += 1) await page.keyboard.press("Control+z");
    assert.equal(await page.locator(".cm-line", { hasText: "// a" }).count(), 0, "undo goes back through the views");
    await page.keyboard.press("F7");
    await page.locator(".cm-deletedChunk").first().waitFor();
    assert.deepEqual(page.problems, []);
    server.close();
  }],
  ["a change of two versions comes back after a reload and in a link, and ends", async (browser) => {
    const { server, page } = await compared(browser);
    await found(page);
    await page.waitForTimeout(700);
    await page.reload();
    await ready(page);
    await found(page);
    await page.locator("gopeer-fixed li").first().waitFor();
    await page.locator(".top .button", { hasText: "Share" }).click();
    const link = await page.locator("gopeer-share input.field").inputValue();
    const other = await open(browser, link);
    await found(other);
    await other.locator("gopeer-fixed li").first().waitFor();
    await other.locator(".cm-deletedChunk").first().waitFor();
    assert.equal(await other.locator(".change-bar [aria-label='Stop comparing']").count(), 0, "a reader changes nothing");
    await page.keyboard.press("Escape");
    await page.locator(".change-bar [aria-label='Stop comparing']").click();
    await page.locator(".change-bar").waitFor({ state: "detached" });
    await page.locator("gopeer-fixed").waitFor({ state: "detached" });
    await page.locator(".toast .button", { hasText: "Undo" }).click();
    await page.locator(".change-bar").waitFor();
    server.close();
  }],
  ["the code as it is becomes the earlier version, and what is done then is the change", async (browser) => {
    const page = await reviewing(browser, OLD);
    await page.locator(".compare").click();
    await page.locator(".change-bar .button", { hasText: "Use this code" }).click();
    await page.locator(".change-said", { hasText: "No change yet" }).waitFor();
    await paste(page, NEW);
    await page.locator("gopeer-fixed li").first().waitFor();
    await page.locator(".change-said", { hasText: /2 changes|Change \d of 2/ }).waitFor();
    page.server.close();
  }],
  ["files that are dropped on Before are what the code was", async (browser) => {
    const page = await reviewing(browser, NEW);
    const data = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "main.go"));
      return data;
    }, OLD);
    await page.locator(".code-body").dispatchEvent("dragenter", { dataTransfer: data });
    await page.locator(".drop-zone").first().waitFor();
    await page.locator(".drop-before").dispatchEvent("drop", { dataTransfer: data });
    await page.locator("gopeer-fixed li").first().waitFor();
    assert.equal(await page.locator(".tab").count(), 1, "it is no file of its own");
    assert.equal(await page.locator(".drop-zones").count(), 0);
    page.server.close();
  }],
  ["two versions on a phone: one column, the older one a view of its own", async (browser) => {
    const { server, page } = await compared(browser, { viewport: PHONE, hasTouch: true });
    assert.deepEqual(await page.locator(".segments button").allTextContents(), ["Code", "Unified", "Before"]);
    await page.locator(".segments button", { hasText: "Unified" }).tap();
    await page.locator(".cm-deletedChunk").first().waitFor();
    await page.locator("[aria-label^='Next change']").tap();
    await page.locator(".change-said", { hasText: "Change 1 of 2" }).waitFor();
    await fits(page);
    await clean(page, "two versions on a phone");
    await page.locator(".phone-tab").nth(1).tap();
    await page.locator("gopeer-fixed .where").tap();
    await page.locator(".cm-deletedChunk").first().waitFor();
    server.close();
  }],
  ["a change on a phone, and for everybody", async (browser) => {
    const page = await pasted(browser, { viewport: PHONE, hasTouch: true });
    await fits(page);
    await clean(page, "the review of a change");
    page.server.close();
  }],
];
