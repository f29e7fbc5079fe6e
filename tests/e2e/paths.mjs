// Paths as evidence: a finding shows the steps on which it happens, numbered in the code; keys, buttons and touch lead along them.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { PHONE, dist, open, paste, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

const LOST = `package store

import (
	"context"
	"time"
)

func load(ctx context.Context, slow bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if slow {
		return ctx.Err()
	}
	cancel()
	return nil
}
`;

/** Beside it a file of the same layout, which calls cancel. */
const PAIR = `-- load.go --\n${LOST}-- wait.go --\n${LOST.replace("func load", "func wait").replace("\t\treturn", "\t\tcancel()\n\t\treturn")}`;

/**
 * Moves the step "slow is true" to another file, on its way from the worker: no rule's path leaves its file yet. A name is
 * replaced by one of the same length, in the bytes of the answer.
 */
function leaveTheFile() {
  const bytes = (text) => new TextEncoder().encode(text);
  const [before, after] = ["`slow` is true\u0007load.go", "`slow` is true\u0007wait.go"].map(bytes);
  const moved = (data) => {
    if (!(data instanceof Uint8Array)) return data;
    const at = data.findIndex((_, at) => before.every((byte, index) => data[at + index] === byte));
    if (at >= 0) data.set(after, at);
    return data;
  };
  const heard = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
  const set = function (hear) {
    heard.set.call(this, hear && (({ data }) => hear(new MessageEvent("message", { data: moved(data) }))));
  };
  Object.defineProperty(Worker.prototype, "onmessage", { ...heard, set });
}

/** The page with the two files, whose path leads from one to the other and back. */
async function across(browser, options = {}) {
  const server = await serve(dist);
  const page = await open(browser, "about:blank", options);
  page.server = server;
  await page.addInitScript(leaveTheFile);
  await page.goto(server.url);
  if (options.hasTouch) await page.locator(".phone-tab").nth(0).click();
  await ready(page);
  await paste(page, PAIR);
  if (options.hasTouch) await page.locator(".phone-tab").nth(1).click();
  await reviewed(page);
  return page;
}

const card = (page) => page.locator('.finding[data-rule="context/lost-cancel"]');
const current = (page) => card(page).locator("[aria-current=step] .step-number").textContent();
const numbers = (page) => page.locator("#editor .step-number").allTextContents();

/** Waits until a step is shown: its file is open, its line is marked, and it is said. */
async function shows(page, number, file, line) {
  await page.locator(".tab.is-active", { hasText: file }).waitFor();
  await page.locator("#editor .step-line", { hasText: line }).waitFor();
  assert.equal(await page.locator("#editor .step-line").count(), 1);
  assert.deepEqual(await page.locator("#editor .step-number-shown").allTextContents(), [number]);
  await page.locator(".announced", { hasText: `Step ${number} of 3, ${file} line ` }).waitFor({ state: "attached" });
  // A step's line is in view, and so is its code.
  const box = await page.locator("#editor .step-line").boundingBox();
  const pane = await page.locator("#editor").boundingBox();
  assert.ok(box.y >= pane.y && box.y + box.height <= pane.y + pane.height, `${box.y} in ${pane.y} + ${pane.height}`);
}

async function untroubled(page) {
  assert.deepEqual(await page.evaluate(() => violations), [], "CSP violations");
  assert.deepEqual(page.problems, []);
  page.server.close();
}

export default [
  ["paths: each step leads to its line, by pointer and by Enter, and the focus stays in the list", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    page.server = server;
    await ready(page);
    await paste(page, LOST);
    await reviewed(page);
    const steps = card(page).locator(".path li");
    const told = await steps.evaluateAll((steps) => steps.map((step) => step.innerText.trim().split(/\s*\n\s*/).join(" ")));
    assert.equal(told.length, 3);
    assert.match(told[0], /^1 cancel is .+ here\. main\.go:9$/);
    assert.equal(told[1], "2 slow is true. main.go:10");
    assert.match(told[2], /^3 The function returns .*cancel.*\. main\.go:11$/);
    assert.deepEqual(await numbers(page), [], "no finding is selected");
    await steps.nth(2).locator("button").click();
    await shows(page, "3", "main.go", "return ctx.Err()");
    assert.deepEqual(await numbers(page), ["1", "2", "3"]);
    assert.equal(await current(page), "3");
    await steps.nth(1).locator("button").focus();
    await page.keyboard.press("Enter");
    await shows(page, "2", "main.go", "slow {");
    assert.ok(await steps.nth(1).locator("button").evaluate((button) => button === document.activeElement));
    await page.locator("#editor .step-number").first().click();
    await shows(page, "1", "main.go", "WithTimeout");
    await clean(page, "a path");
    await page.locator(".cm-content").press("Control+End");
    await page.keyboard.type("// x");
    await page.locator("#editor .step-line").waitFor({ state: "detached" });
    await reviewed(page);
    assert.deepEqual(await numbers(page), ["1", "2", "3"], "the finding is still selected");
    await untroubled(page);
  }],
  ["paths: F9 steps through the files in which it happens, from the editor and from the card", async (browser) => {
    const page = await across(browser);
    await card(page).locator(".quoted").click();
    await page.locator("#editor .step-number").first().waitFor();
    assert.deepEqual(await numbers(page), ["1", "3"], "the second is in the other file");
    const walk = [["1", "load.go", "WithTimeout"], ["2", "wait.go", "slow {"], ["3", "load.go", "return ctx.Err()"]];
    for (const step of [...walk, walk[0]]) {
      await page.keyboard.press("F9");
      await shows(page, ...step);
      assert.equal(await current(page), step[0]);
    }
    await page.keyboard.press("Shift+F9");
    await shows(page, ...walk[2]);
    await page.reload();
    await reviewed(page);
    await card(page).locator(".disclose").focus();
    await page.keyboard.press("F9");
    await shows(page, ...walk[0]);
    assert.ok(await card(page).locator(".disclose").evaluate((button) => button === document.activeElement));
    assert.ok(await card(page).evaluate((card) => card.matches(".is-selected")));
    await page.locator(".status-help").click();
    await page.locator("dialog .keys kbd", { hasText: "F9, Shift F9" }).waitFor();
    await page.keyboard.press("F9");
    assert.equal(await current(page), "1", "not behind a dialog");
    await untroubled(page);
  }],
  ["paths: on a phone a step shows its code, with the way on and the way back", async (browser) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await across(browser, { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme, reducedMotion: "reduce" });
      const bar = page.locator(".path-bar");
      const focused = (selector) => page.waitForFunction((selector) => document.activeElement.matches(selector), selector);
      await card(page).locator(".step").first().tap();
      await bar.waitFor();
      await shows(page, "1", "load.go", "WithTimeout");
      assert.equal(await bar.locator(".path-count").textContent(), "Step 1 of 3");
      await focused(".path-bar .next");
      await bar.locator(".next").tap();
      await shows(page, "2", "wait.go", "slow {");
      assert.equal(await bar.locator(".path-say").textContent(), "slow is true.");
      await clean(page, `a step, ${colorScheme}`);
      for (const button of await bar.locator("button").all()) {
        const { x, width, height } = await button.boundingBox();
        assert.ok(width >= 44 && height >= 44 && x >= 0 && x + width <= PHONE.width, `${width} by ${height} at ${x}`);
      }
      await bar.locator(".previous").tap();
      await shows(page, "1", "load.go", "WithTimeout");
      await page.locator("#editor .step-number").last().tap();
      await shows(page, "3", "load.go", "return ctx.Err()");
      assert.ok(!(await page.evaluate(() => document.activeElement.id === "editor")), "no keyboard comes up");
      await bar.locator(".back").tap();
      await card(page).locator("[aria-current=step]").waitFor();
      assert.ok(!(await bar.isVisible()));
      await focused(".step[aria-current]");
      const step = await card(page).locator("[aria-current=step]").boundingBox();
      const pane = await page.locator(".review-pane").boundingBox();
      assert.ok(step.y >= pane.y && step.y + step.height <= pane.y + pane.height, "the step is in view");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, "nothing is wider than the screen");
      await clean(page, `the card again, ${colorScheme}`);
      await untroubled(page);
    }
  }],
];
