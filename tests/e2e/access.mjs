// Accessibility: axe finds nothing, and the keyboard reaches everything.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { DESKTOP, PHONE, dist, fits, found, open, paste, ready, reviewing, until } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

/** The script of axe. */
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Asserts that axe finds nothing, once the page has come to rest: a review that is being made anew is pale for a moment. */
export async function clean(page, where) {
  await until(page, () => !document.querySelector(".is-stale") && document.getAnimations().every((running) => running.effect.getComputedTiming().iterations === Infinity));
  // Through the debugger: the page's own CSP forbids inline scripts.
  await page.evaluate(axe);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(" ")).join("; ")}`);
  assert.deepEqual(found, [], where);
}

async function views(browser, options) {
  const phone = options.viewport === PHONE;
  const server = await serve(dist);
  const page = await open(browser, server.url, { ...options, reducedMotion: "reduce" });
  const findings = () => phone && page.locator(".phone-tab").nth(1).click();
  const code = () => phone && page.locator(".phone-tab").nth(0).click();
  await page.locator(".sample").first().waitFor();
  await clean(page, "welcome");
  await code();
  await ready(page);
  await clean(page, "empty");
  await paste(page, SHOP);
  await findings();
  await found(page);
  await clean(page, "review");
  await page.locator(".disclose").first().click();
  await page.locator(".details .example").first().waitFor();
  for (const more of await page.locator("details.more summary").all()) await more.click();
  await clean(page, "details");
  for (const chip of [page.locator(".chip").first(), page.locator(".chip.plain").first()]) await chip.click();
  await clean(page, "filter");
  await page.locator(".link-button", { hasText: "Show all" }).click();
  await page.locator(".rule-line .link-button").first().click();
  await page.locator("dialog .rule-page").waitFor();
  await clean(page, "rule page");
  await page.keyboard.press("Escape");
  for (const button of [".top .primary", ".top .help-button", ".top .button:has-text('Open')"]) {
    await page.locator(button).click();
    await page.locator("dialog").waitFor();
    await clean(page, button);
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  }
  await code();
  await clean(page, "code");
  await fits(page);
  server.close();
}

export default [
  ["axe: nothing on a desktop, light", (browser) => views(browser, { viewport: DESKTOP, colorScheme: "light" })],
  ["axe: nothing on a desktop, dark", (browser) => views(browser, { viewport: DESKTOP, colorScheme: "dark" })],
  ["axe: nothing on a phone, light", (browser) => views(browser, { viewport: PHONE, colorScheme: "light", hasTouch: true })],
  ["axe: nothing on a phone, dark", (browser) => views(browser, { viewport: PHONE, colorScheme: "dark", hasTouch: true })],
  ["axe: nothing with forced colors", (browser) => views(browser, { viewport: DESKTOP, forcedColors: "active" })],
  ["keyboard: findings are stepped, the editor is left, dialogs give the focus back", async (browser) => {
    const page = await reviewing(browser, SHOP);
    await page.locator(".cm-content").click();
    await page.keyboard.press("F8");
    const first = await page.locator(".finding.is-selected").getAttribute("id");
    await page.keyboard.press("F8");
    await page.waitForFunction((first) => document.querySelector(".finding.is-selected").id !== first, first);
    await page.keyboard.press("Shift+F8");
    await page.waitForFunction((first) => document.querySelector(".finding.is-selected").id === first, first);
    await page.keyboard.press("Control+f");
    await page.locator(".cm-search input").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".cm-search").waitFor({ state: "detached" });
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "editor");
    await page.locator(".top .primary").focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.ok(await page.evaluate(() => document.activeElement.matches(".top .primary")), "focus comes back");
    assert.match(await page.locator("[aria-live=polite]").first().textContent(), /\d+ findings?, \d+ severe|^$/);
    page.server.close();
  }],
];
