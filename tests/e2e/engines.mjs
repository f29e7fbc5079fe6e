// The way from a paste to an opened link, and to an opened file, in Firefox and WebKit, with real keys and clicks.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { ALONE, dist, program } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

const WAIT = 30_000;

/** Firefox, by WebDriver BiDi: `fresh` opens a tab in a profile of its own. */
async function firefox() {
  const executablePath = program("firefox-esr", process.env.FIREFOX);
  if (!executablePath) return undefined;
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
  async function fresh() {
    const page = await (await browser.createBrowserContext()).newPage();
    await page.setViewport({ width: 1280, height: 800 });
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    return {
      problems: async () => problems,
      goto: (url) => page.goto(url),
      evaluate: (run, ...args) => page.evaluate(run, ...args),
      clickAt: (x, y) => page.mouse.click(x, y),
      async chord(key) {
        await page.keyboard.down("Control");
        await page.keyboard.press(key);
        await page.keyboard.up("Control");
      },
      close: () => page.browserContext().close(),
    };
  }
  return { fresh, close: () => browser.close() };
}

/** WebKitGTK, by the calls of W3C WebDriver, on a display of its own. */
async function webkit() {
  const driver = program("WebKitWebDriver");
  const display = driver && program("Xvfb");
  if (!display) return undefined;
  const libraries = "/usr/lib";
  const binary = readdirSync(libraries).map((folder) => join(libraries, folder, "webkit2gtk-4.1/MiniBrowser")).find((file) => existsSync(file));
  const screen = spawn(display, ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const number = await new Promise((said, failed) => {
    screen.stdio[3].once("data", (data) => said(String(data).trim()));
    screen.once("exit", () => failed(new Error("Xvfb does not start")));
  });
  const port = await freePort();
  const server = spawn(driver, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: `:${number}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", WEBKIT_DISABLE_COMPOSITING_MODE: "1" },
    stdio: "ignore",
  });
  const sessions = new Set();
  async function call(method, path, content) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: content && JSON.stringify(content) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
  async function fresh() {
    const options = { binary, args: ["--automation"] };
    const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } } });
    sessions.add(sessionId);
    const at = `/session/${sessionId}`;
    await call("POST", `${at}/window/rect`, { width: 1280, height: 860 });
    await call("POST", `${at}/timeouts`, { script: WAIT, pageLoad: WAIT });
    async function evaluate(run, ...args) {
      const script = `const done = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1);
        Promise.resolve().then(() => (${run})(...args)).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
      const { value, error } = await call("POST", `${at}/execute/async`, { script, args });
      if (error) throw new Error(error);
      return value;
    }
    const act = (...devices) => call("POST", `${at}/actions`, { actions: devices });
    return {
      problems: () => evaluate(() => globalThis.problems ?? []),
      // The driver has no log of errors.
      async goto(url) {
        await call("POST", `${at}/url`, { url });
        await evaluate(() => {
          globalThis.problems = [];
          addEventListener("error", (event) => problems.push(event.message));
          addEventListener("unhandledrejection", (event) => problems.push(String(event.reason)));
          addEventListener("securitypolicyviolation", (event) => problems.push(`${event.violatedDirective} ${event.blockedURI}`));
        });
      },
      evaluate,
      clickAt: (x, y) => act({
        type: "pointer", id: "mouse", parameters: { pointerType: "mouse" },
        actions: [{ type: "pointerMove", x: Math.round(x), y: Math.round(y) }, { type: "pointerDown", button: 0 }, { type: "pointerUp", button: 0 }],
      }),
      chord: (key) => act({
        type: "key", id: "keys",
        actions: [["keyDown", "\uE009"], ["keyDown", key], ["keyUp", key], ["keyUp", "\uE009"]].map(([type, value]) => ({ type, value })),
      }),
      async close() {
        sessions.delete(sessionId);
        await call("DELETE", at);
      },
    };
  }
  async function close() {
    for (const session of sessions) await call("DELETE", `/session/${session}`).catch(() => {});
    server.kill();
    screen.kill();
  }
  for (const end = Date.now() + WAIT; ;) {
    const ready = await call("GET", "/status").catch(() => undefined);
    if (ready) return { fresh, close };
    if (Date.now() > end) throw new Error("WebKitWebDriver does not answer");
    await new Promise((done) => { setTimeout(done, 100); });
  }
}

function freePort() {
  const server = createServer();
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** What a test does in a tab of either. */
function hands(tab) {
  async function until(what, holds, ...args) {
    for (const end = Date.now() + WAIT; ;) {
      const value = await tab.evaluate(holds, ...args);
      if (value) return value;
      if (Date.now() > end) throw new Error(`never came: ${what}; ${JSON.stringify(await tab.problems())}`);
      await new Promise((done) => { setTimeout(done, 50); });
    }
  }
  /** Clicks the first element that fits, and has the words if some are given; within the editor's shadow root, too. */
  async function click(selector, words = "") {
    const [x, y] = await until(`${selector} ${words}`, async (selector, words) => {
      const roots = [document, document.getElementById("editor")?.shadowRoot].filter(Boolean);
      const all = roots.flatMap((root) => [...root.querySelectorAll(selector)]);
      const element = all.find((element) => element.textContent.includes(words) && element.getClientRects().length > 0);
      if (!element || element.disabled) return null;
      element.scrollIntoView({ block: "center", behavior: "instant" });
      const { x, y, width, height } = element.getBoundingClientRect();
      // Once it stays where it is.
      await new Promise((done) => { setTimeout(done, 100); });
      const now = element.getBoundingClientRect();
      return now.x === x && now.y === y && now.width > 0 ? [x + Math.min(width / 2, 200), y + Math.min(height / 2, 200)] : null;
    }, selector, words);
    await tab.clickAt(x, y);
  }
  return {
    ...tab,
    until,
    click,
    /** Waits for the review of the present text, with a finding. */
    found: () => until("a review with findings", () => document.querySelector(".review[aria-busy=false]:not(:has(.so-far)) .finding") !== null),
    view: () => tab.evaluate(() => ({
      verdict: document.querySelector(".verdict-line").textContent,
      findings: [...document.querySelectorAll(".finding")].map((card) => card.id),
      reviewer: document.querySelector(".reviewer.is-chosen").textContent,
    })),
  };
}

const ready = () => /^engine \d/.test(document.querySelector(".status-engine")?.textContent ?? "") && document.querySelector("#editor:not([hidden])") !== null;

/** Copies a text as a user does: from a field, by key. */
async function copy(tab, text) {
  await tab.evaluate((text) => {
    const field = Object.assign(document.createElement("textarea"), { value: text, id: "copied" });
    field.style.cssText = "position: fixed; inset: 0; z-index: 9999";
    document.body.append(field);
  }, text);
  await tab.click("#copied");
  await tab.chord("a");
  await tab.chord("c");
  await tab.evaluate(() => document.getElementById("copied").remove());
}

/** What the share dialog saves as a file: its name and its text. The browser's own way to put it on a disk is left out. */
async function saved(tab, format) {
  await tab.evaluate(() => {
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      globalThis.blob = blob;
      return createObjectURL.call(URL, blob);
    };
    HTMLAnchorElement.prototype.click = function click() { globalThis.savedAs = this.download; };
  });
  await tab.click("dialog .export > summary");
  await tab.click(`dialog [aria-label="Save ${format}"]`);
  return tab.until(`the ${format}`, async () => globalThis.savedAs && { name: globalThis.savedAs, text: await globalThis.blob.text() });
}

/** Gives the page a file, as somebody does who chooses one. */
async function choose(tab, { name, text }) {
  await tab.click(".top .button", "Open");
  await tab.until("the field for files", () => document.querySelector("input[type=file]:not([webkitdirectory])") !== null);
  await tab.evaluate((name, text) => {
    const field = document.querySelector("input[type=file]:not([webkitdirectory])");
    const files = new DataTransfer();
    files.items.add(new File([text], name, { type: "application/json" }));
    field.files = files.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }, name, text);
}

async function whole(start) {
  const browser = await start();
  if (!browser) return;
  const site = await serve(dist);
  try {
    const page = hands(await browser.fresh());
    await page.goto(site.url);
    await page.until("the engine", ready);

    // Paste over whatever is there.
    await copy(page, SHOP);
    await page.click(".cm-content");
    await page.chord("a");
    await page.chord("v");
    await page.found();
    const pasted = await page.view();
    assert.ok(pasted.findings.length > 2, JSON.stringify(pasted));

    // A finding leads to its code.
    await page.click(".finding .quoted");
    await page.until("the finding's mark", () => document.getElementById("editor").shadowRoot.querySelector(".mark-selected") !== null);

    // Its fix is applied, and undone in one step.
    const id = await page.until("a finding with a fix", () => [...document.querySelectorAll(".finding")].find((card) => card.querySelector(".disclose")?.textContent.includes("how to fix it"))?.id);
    await page.click(`[id="${id}"] .disclose`);
    await page.click(`[id="${id}"] .fix .button.primary`);
    await page.until("the finding is gone", (id) => document.getElementById(id) === null, id);
    await page.found();
    await page.click(".toast .button", "Undo");
    await page.until("the finding is back", (id) => document.getElementById(id) !== null, id);
    await page.found();
    assert.deepEqual(await page.view(), pasted);

    // Another reviewer, by key.
    await page.click(".reviewer", "Cassandra/Kafka");
    await page.until("the reviewer", () => document.querySelector(".reviewer.is-chosen")?.textContent.includes("Cassandra/Kafka"));
    await page.found();

    // A link, which somebody else opens.
    await page.click(".top .primary");
    const link = await page.until("the link", () => /#v2\./.test(document.querySelector("dialog .field")?.value ?? "") && document.querySelector("dialog .field").value);
    await page.click("dialog .button.primary");
    await page.until("that it is copied", () => document.querySelector("dialog .said")?.textContent.includes("Copied."));
    const shared = await page.view();

    // The same as a file.
    const file = await saved(page, "JSON");
    assert.deepEqual([file.name, JSON.parse(file.text).persona.id], ["review.json", "data"]);
    assert.deepEqual(await page.problems(), []);
    await page.close();

    const other = hands(await browser.fresh());
    await other.goto(link);
    await other.until("the engine", ready);
    await other.found();
    await other.until("the banner", () => document.querySelector(".banner")?.textContent.includes("Shared review"));
    assert.deepEqual(await other.view(), shared);
    assert.deepEqual(await other.problems(), []);
    await other.close();

    // Somebody else opens the file.
    const third = hands(await browser.fresh());
    await third.goto(site.url);
    await third.until("the engine", ready);
    await choose(third, file);
    await third.until("the banner", () => document.querySelector(".banner")?.textContent.includes("Shared review"));
    await third.found();
    assert.deepEqual(await third.view(), shared);
    assert.deepEqual(await third.problems(), []);
  } finally {
    await browser.close();
    site.close();
  }
}

export default [
  // A click allows to copy for seconds only: beside another browser they may be over.
  ["engines: Firefox pastes, finds, fixes, shares, exports, and opens the link and the file", () => whole(firefox), ALONE],
  ["engines: WebKit pastes, finds, fixes, shares, exports, and opens the link and the file", () => whole(webkit), ALONE],
];
