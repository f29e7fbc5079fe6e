// What goes wrong must not lose a letter.
import assert from "node:assert/strict";
import { dist, found, open, paste, ready, reviewed, text, typed } from "./browser.mjs";
import { LONG, SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

async function at(browser, query = "") {
  const server = await serve(dist);
  const page = await open(browser, server.url + query);
  await ready(page);
  page.server = server;
  return page;
}

const misbehave = (page, test) => page.evaluate((test) => gopeer.engine.postMessage({ test }), test);
const scrollTop = (page) => page.evaluate(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-scroller").scrollTop);

async function survives(page, harm) {
  await paste(page, LONG);
  await reviewed(page);
  await page.evaluate(() => { document.querySelector("#editor").shadowRoot.querySelector(".cm-scroller").scrollTop = 3000; });
  await page.waitForTimeout(200);
  const before = [await text(page), await scrollTop(page)];
  await harm();
  await page.locator(".crash").waitFor({ timeout: 5000 });
  await page.locator(".status-engine", { hasText: /^engine \d/ }).waitFor({ timeout: 5000 });
  assert.match(await page.locator(".crash .report").textContent(), /gopeer \d/);
  assert.deepEqual([await text(page), await scrollTop(page)], before);
  await paste(page, SHOP);
  await found(page);
}

export default [
  ["engine: a panic is survived", async (browser) => {
    const page = await at(browser, "?test");
    let took = 0;
    await survives(page, async () => {
      const began = Date.now();
      await misbehave(page, "panic");
      await page.locator(".crash").waitFor();
      await page.locator(".status-engine", { hasText: /^engine \d/ }).waitFor();
      took = Date.now() - began;
    });
    console.log(`  replaced after ${took} ms`);
    assert.ok(took < 1000, `${took} ms`);
    assert.match(await page.locator(".crash .report").textContent(), /asked for by a test/);
    page.server.close();
  }],
  ["engine: an endless loop is survived", async (browser) => {
    const page = await at(browser, "?test");
    let took = 0;
    await survives(page, async () => {
      await misbehave(page, "loop");
      const began = Date.now();
      await page.locator(".reviewer").nth(1).click();
      await page.locator(".crash").waitFor();
      took = Date.now() - began;
    });
    console.log(`  noticed after ${took} ms`);
    assert.ok(took < 1000, `${took} ms`);
    page.server.close();
  }],
  ["engine: the tests' hooks are closed without ?test", async (browser) => {
    const page = await at(browser);
    assert.equal(await page.evaluate(() => "engine" in gopeer), false);
    page.server.close();
  }],
  ["200 fast keystrokes over a slow engine never draw findings of an older text", async (browser) => {
    const page = await at(browser, "?test");
    await paste(page, SHOP);
    await found(page);
    await misbehave(page, 120);
    await page.evaluate(() => {
      globalThis.drawn = [];
      const pane = document.querySelector(".review");
      new MutationObserver(() => {
        const where = document.querySelector(".finding .where");
        if (where) drawn.push([where.textContent, pane.getAttribute("aria-busy")]);
      }).observe(pane, { subtree: true, childList: true, characterData: true, attributes: true });
    });
    const line = Number((await page.locator(".finding .where").first().textContent()).split(":")[1]);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    for (let i = 0; i < 200; i += 1) await page.keyboard.press("Enter");
    await page.waitForFunction((line) => {
      const where = document.querySelector(".finding .where")?.textContent.split(":")[1];
      return Number(where) === line + 200 && document.querySelector(".review").getAttribute("aria-busy") === "false";
    }, line, { timeout: 20000 });
    const wrong = await page.evaluate((line) => drawn.filter(([where, busy]) => {
      const at = Number(where.split(":")[1]);
      return busy === "false" && at !== line && at !== line + 200;
    }), line);
    // A review may be drawn in a pause, but only while it is of the very text: then its line lies between.
    for (const [where] of wrong) {
      const at = Number(where.split(":")[1]);
      assert.ok(at > line && at < line + 200, where);
    }
    page.server.close();
  }],
  ["after loading, the network is not needed", async (browser) => {
    const page = await at(browser);
    await paste(page, SHOP);
    await found(page);
    await page.waitForTimeout(500);
    await page.context().setOffline(true);
    page.server.close();
    const before = page.requests.length;
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// offline\n");
    await found(page);
    await page.locator(".disclose").first().click();
    await page.locator(".details .example").first().waitFor();
    await page.locator(".top .primary").click();
    assert.match(await page.locator("dialog .field").inputValue(), /#v1\./);
    assert.equal(page.requests.length, before);
  }],
  ["types: the first review does not wait for them, and says that there may be more", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let release;
    const held = new Promise((go) => { release = go; });
    await page.route("**/types_bg-*.wasm", async (route) => { await held; await route.continue(); });
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await page.locator(".verdict-line .so-far").waitFor();
    await page.locator(".status-engine", { hasText: "types are loading" }).waitFor();
    const before = await page.locator(".finding").count();
    release();
    await found(page);
    assert.ok(await page.locator(".finding").count() > before, "types found more");
    assert.match(await page.locator(".status-engine").textContent(), /^engine \d/);
    server.close();
  }],
  ["types: without them the page reviews what it can, and says so", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    await page.route("**/types_bg-*.wasm", (route) => route.fulfill({ contentType: "text/html", body: "<title>Log in</title>" }));
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await found(page);
    await page.locator(".review .note", { hasText: "knows types could not be loaded" }).waitFor();
    const asked = page.requests.filter((request) => request.includes("types_bg")).length;
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// again\n");
    await found(page);
    assert.equal(page.requests.filter((request) => request.includes("types_bg")).length, asked, "asked for once");
    assert.equal(await page.locator(".crash").count(), 0);
    server.close();
  }],
  ["types: a line that stalls is given up, and the page says so", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let patience = 0;
    await page.route("**/worker-*.js", async (route) => {
      const response = await route.fetch();
      const hurried = (_, millis) => { patience = Number(millis); return "AbortSignal.timeout(500)"; };
      await route.fulfill({ response, body: (await response.text()).replace(/AbortSignal\.timeout\((\w+)\)/, hurried) });
    });
    await page.route("**/types_bg-*.wasm", () => new Promise(() => {}));
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await page.locator(".review .note", { hasText: "knows types could not be loaded" }).waitFor({ timeout: 10_000 });
    assert.ok(patience >= 30_000 && patience <= 120_000, `${patience} ms`);
    server.close();
  }],
  ["types: what failed once and came with a later import is whole", async (browser) => {
    const more = SHOP.replace('"net/http"', '"net/http"\n\n\t"github.com/segmentio/kafka-go"');
    const before = await at(browser);
    await paste(before, more);
    await found(before);
    const whole = await before.locator(".finding").allTextContents();

    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let [asked, fail] = [0, () => {}];
    const failing = new Promise((go) => { fail = go; });
    await page.route("**/types_bg-*.wasm", async (route) => {
      asked += 1;
      if (asked > 1) return route.continue();
      await failing;
      await route.abort();
    });
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await page.locator(".verdict-line .so-far").waitFor();
    // Another module is asked for while types are on their way: it takes the second try.
    await paste(page, more);
    await page.waitForTimeout(500);
    fail();
    await found(page);
    await page.waitForTimeout(1000);
    assert.equal(await page.locator(".review .note").count(), 0);
    assert.deepEqual(await page.locator(".finding").allTextContents(), whole);
    server.close();
  }],
  ["types: once somebody stirs, they are there when the network is not", async (browser) => {
    const page = await at(browser);
    await typed(page);
    await page.context().setOffline(true);
    page.server.close();
    await paste(page, SHOP);
    await found(page);
    assert.equal(await page.locator(".review .note").count(), 0);
  }],
  ["a paste of 5 MB is refused with a sentence", async (browser) => {
    const page = await at(browser);
    await paste(page, SHOP);
    await found(page);
    await paste(page, "x = 1\n".repeat(900_000));
    await page.locator(".toast.warning", { hasText: "1024 KB" }).waitFor();
    assert.equal(await text(page), SHOP);
    page.server.close();
  }],
  ["CRLF, a byte-order mark, Markdown and archives are taken as they are meant", async (browser) => {
    const page = await at(browser);
    await paste(page, `\uFEFF${SHOP.replaceAll("\n", "\r\n")}`);
    await found(page);
    assert.equal(await text(page), SHOP);
    await page.locator(".tab-close").click();
    await page.locator(".welcome").waitFor();
    await paste(page, `Please look:\n\n\`\`\`go\n${SHOP}\`\`\`\n`);
    await found(page);
    assert.equal(await text(page), SHOP);
    await paste(page, "-- a.go --\npackage a\n-- b.go --\npackage a\n");
    await page.locator(".tab", { hasText: "b.go" }).waitFor();
    page.server.close();
  }],
  ["odd input neither stops nor blocks the page", async (browser) => {
    const page = await at(browser);
    for (const odd of ["(".repeat(100_000), "x".repeat(900_000), "package a\nvar s = `open\n", "🦀日本\u202e\n".repeat(200)]) {
      await paste(page, odd);
      await page.locator(".review[aria-busy=false] .verdict-line").waitFor({ timeout: 20000 });
      assert.equal(await page.locator(".crash").count(), 0, odd.slice(0, 12));
      await paste(page, SHOP);
      await found(page);
    }
    await paste(page, "a\0b");
    await page.locator(".toast.warning", { hasText: "NUL" }).waitFor();
    page.server.close();
  }],
  ["the draft is there after a reload", async (browser) => {
    const page = await at(browser);
    await paste(page, SHOP);
    await found(page);
    await text(page);
    await page.reload();
    await ready(page);
    await found(page);
    assert.equal(await text(page), SHOP);
    page.server.close();
  }],
  ["editor: brackets are paired, a new line is indented as the one before, Tab indents", async (browser) => {
    const page = await at(browser);
    await paste(page, "package a\n\nfunc f() {\n\tg(1)\n}\n");
    await reviewed(page);
    const paired = async (wanted) => {
      await page.waitForFunction((wanted) => {
        const { shadowRoot } = document.querySelector("#editor");
        const text = (name) => [...shadowRoot.querySelectorAll(`.cm-${name}`)].map((mark) => mark.textContent).join("");
        return `${text("matchingBracket")}|${text("nonmatchingBracket")}` === wanted;
      }, wanted);
    };
    await page.keyboard.press("Control+Home");
    await paired("|");
    for (const key of ["ArrowDown", "ArrowDown", "End"]) await page.keyboard.press(key);
    await paired("{}|");
    for (const key of ["ArrowDown", "End"]) await page.keyboard.press(key);
    await paired("()|");
    await page.keyboard.press("Enter");
    await page.keyboard.type("h(");
    await paired("|(}");
    await page.keyboard.type(")");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Control+Enter");
    assert.equal(await text(page), "package a\n\nfunc f() {\n\tg(1)\n\t\n\th()\n}\n");
    page.server.close();
  }],
  ["without the editor bundle a plain text area does", async (browser) => {
    const server = await serve(dist);
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route("**/editor*.js", (route) => route.abort());
    await page.goto(server.url);
    await page.locator("#plain-editor").fill(SHOP);
    await found(page);
    server.close();
  }],
];
