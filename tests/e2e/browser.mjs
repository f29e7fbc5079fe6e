// Chromium, and what every test needs of a page.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { fileURLToPath } from "node:url";
import { existsSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { serve } from "./server.mjs";

export const root = resolve(fileURLToPath(import.meta.url), "../../..");
export const dist = process.env.GOPEER_DIST ?? resolve(root, "dist");

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** Said of a test that counts time: none runs beside it. */
export const ALONE = "alone";

/** The program among the places where it may be; none where its tests are skipped, which they never are with CI=true. */
export function program(name, ...places) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  const found = [...places, ...folders.map((folder) => join(folder, name))].find((file) => file && existsSync(file));
  if (!found && process.env.CI === "true") throw new Error(`${name} is not here`);
  if (!found) console.log(`  skipped: ${name} is not here`);
  return found;
}

/** Starts the browser. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

/** A page in a fresh profile, which notes CSP violations, requests and errors. It has no service worker unless a test asks for it. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, serviceWorkers: "block", ...options });
  return tab(context, url);
}

/** Another page in the same profile. */
export async function tab(context, url) {
  await context.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  const page = await context.newPage();
  page.requests = [];
  page.problems = [];
  page.on("request", (request) => page.requests.push(`${request.method()} ${request.url()}`));
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  await page.goto(url);
  return page;
}

/** Waits until an asynchronous function holds in the page, which Playwright's `waitForFunction` does not wait for. */
export async function until(page, holds, given) {
  for (const end = Date.now() + 30_000; !(await page.evaluate(holds, given));) {
    if (Date.now() > end) throw new Error(`never held: ${holds}`);
    await page.waitForTimeout(50);
  }
}

/** Waits for the editor and the engine. */
export async function ready(page) {
  await page.locator("#editor:not([hidden]) .cm-content").waitFor();
  await page.locator(".status-engine", { hasText: /^engine \d/ }).waitFor();
}

/** Replaces the text in the editor by a paste. */
export async function paste(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const content = document.querySelector("#editor").shadowRoot.querySelector(".cm-content");
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

/** Waits until the review of the present text is drawn, with all that there is to know. */
export async function reviewed(page) {
  await page.locator(".review[aria-busy=false] .verdict-line:not(:has(.so-far))").waitFor();
}

/** Waits for a review that has findings. */
export async function found(page) {
  await reviewed(page);
  await page.locator(".review[aria-busy=false]:not(:has(.so-far)) .finding").first().waitFor();
}

/** A page of the built site with this code in it, and its review, which a phone shows instead of the code; `page.server` serves it. */
export async function reviewing(browser, code, options = {}) {
  const server = await serve(dist);
  const page = Object.assign(await open(browser, server.url, options), { server });
  const show = async (tab) => options.viewport === PHONE && page.locator(".phone-tab").nth(tab).click();
  await show(0);
  await ready(page);
  await paste(page, code);
  await show(1);
  await reviewed(page);
  return page;
}

/** Asserts that nothing is wider than the window. A phone zooms out for what is, so its `innerWidth` does not say how wide that is. */
export async function fits(page, where = "the page") {
  const { width } = page.viewportSize();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${where} is ${wide} px wide, and the window ${width}`);
}

/** The text in the editor, all of it, as the draft in storage has it. */
export async function text(page) {
  await page.waitForTimeout(700);
  return page.evaluate(() => {
    const drafts = Object.keys(localStorage).filter((key) => key.startsWith("gopeer.draft."))
      .map((key) => JSON.parse(localStorage[key])).sort((a, b) => b.saved - a.saved);
    return drafts[0]?.files[drafts[0].active]?.[1];
  });
}
