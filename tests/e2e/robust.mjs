// What goes wrong must not lose a letter.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ALONE, dist, found, open, paste, ready, reviewed, root, text } from "./browser.mjs";
import { LONG, SHOP } from "./code.mjs";
import { DEEP } from "./deep.mjs";
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

/**
 * Harms the engine while a long text is reviewed. Gives the report, and the milliseconds from the harm until the page noticed it
 * and until another engine was there. The review of the same text takes the card away.
 */
async function survives(page, harm) {
  await paste(page, LONG);
  await reviewed(page);
  await page.evaluate(() => { document.querySelector("#editor").shadowRoot.querySelector(".cm-scroller").scrollTop = 3000; });
  await page.waitForTimeout(200);
  const before = [await text(page), await scrollTop(page)];
  await page.evaluate(() => {
    const seen = { began: performance.now() };
    globalThis.seen = seen;
    new MutationObserver(() => {
      const crash = document.querySelector(".crash .report");
      seen.report ??= crash?.textContent;
      if (crash) seen.noticed ??= performance.now();
      const there = /^engine \d/.test(document.querySelector(".status-engine").textContent);
      if (seen.noticed && there) seen.replaced ??= performance.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await harm();
  await page.waitForFunction(() => seen.replaced !== undefined);
  await page.locator(".toast", { hasText: "started again" }).waitFor();
  await page.locator(".crash").waitFor({ state: "detached" });
  assert.deepEqual([await text(page), await scrollTop(page)], before);
  await paste(page, SHOP);
  await found(page);
  const { began, noticed, replaced, report } = await page.evaluate(() => seen);
  assert.match(report, /gopeer \d/);
  return { report, noticed: Math.round(noticed - began), replaced: Math.round(replaced - began) };
}

export default [
  ["engine: a panic is survived", async (browser) => {
    const page = await at(browser, "?test");
    const { report, replaced } = await survives(page, () => misbehave(page, "panic"));
    console.log(`  replaced after ${replaced} ms`);
    assert.ok(replaced < 1000, `${replaced} ms`);
    assert.match(report, /asked for by a test/);
    page.server.close();
  }],
  ["engine: an endless loop is survived", async (browser) => {
    const page = await at(browser, "?test");
    const { noticed, replaced } = await survives(page, async () => {
      await misbehave(page, "loop");
      await page.evaluate(() => {
        document.querySelectorAll(".reviewer")[1].click();
        // The page hears nothing from here on.
        seen.began = performance.now();
      });
    });
    console.log(`  noticed after ${noticed} ms, replaced after ${replaced} ms`);
    assert.ok(noticed < 1000, `${noticed} ms`);
    page.server.close();
  }, ALONE],
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
  }, ALONE],
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
    assert.match(await page.locator("dialog .field").inputValue(), /#v2\./);
    // What is said at length of a rule comes when it is asked for, and so does what makes exports and QR codes; all else is here.
    assert.deepEqual(page.requests.slice(before).filter((request) => !/\/(guide-[a-z-]+-\w+\.json|report(_bg)?-\w+\.(js|wasm))$/.test(request)), []);
  }],
  ["the page takes text before the engine is there, and has it reviewed then", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let release;
    const held = new Promise((go) => { release = go; });
    await page.route("**/worker_bg-*.wasm", async (route) => { await held; await route.continue(); });
    await page.goto(server.url);
    await page.locator("#editor:not([hidden]) .cm-content").click();
    await page.keyboard.insertText(SHOP);
    assert.equal(await text(page), SHOP, "it is kept already");
    assert.equal(await page.locator(".status-engine").textContent(), "loading the engine");
    assert.equal(await page.locator(".finding").count(), 0);
    release();
    await found(page);
    assert.equal(await text(page), SHOP);
    server.close();
  }],
  ["index: the first review waits no more than a second for it, and says that there may be more", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let release;
    const held = new Promise((go) => { release = go; });
    await page.route("**/std-*.bin", async (route) => { await held; await route.continue(); });
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await page.locator(".verdict-line .so-far").waitFor();
    await page.locator(".status-engine", { hasText: "loading types" }).waitFor();
    const before = await page.locator(".finding").count();
    release();
    await found(page);
    assert.ok(await page.locator(".finding").count() > before, "the index found more");
    assert.match(await page.locator(".status-engine").textContent(), /^engine \d/);
    server.close();
  }],
  ["index: what comes soon is waited for, so that there is one review and no other before it", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    await page.route("**/sarama-*.bin", async (route) => { await new Promise((go) => setTimeout(go, 300)); await route.continue(); });
    await page.addInitScript(() => {
      globalThis.partly = 0;
      new MutationObserver(() => { globalThis.partly += document.querySelectorAll(".review .so-far").length; }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(server.url);
    await ready(page);
    await page.evaluate(() => { globalThis.partly = 0; });
    await paste(page, readFileSync(join(root, "static/samples/ledger_import.go"), "utf8"));
    await found(page);
    assert.equal(await page.evaluate(() => globalThis.partly), 0, "nothing was shown that was not complete");
    server.close();
  }],
  ["index: without it the page reviews what it can, and says so", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    await page.route("**/std-*.bin", (route) => route.fulfill({ contentType: "text/html", body: "<title>Log in</title>" }));
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await found(page);
    await page.locator(".review .note", { hasText: "knows of the standard library could not be loaded" }).waitFor();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// again\n");
    await found(page);
    assert.equal(page.requests.filter((request) => request.includes("/std-")).length, 1, "asked for once");
    assert.equal(await page.locator(".crash").count(), 0);
    server.close();
  }],
  ["index: a line that stalls is given up, and the page says so", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    let patience = 0;
    await page.route("**/engine-*.js", async (route) => {
      const response = await route.fetch();
      const hurried = (_, millis) => { patience = Number(millis); return "AbortSignal.timeout(500)"; };
      await route.fulfill({ response, body: (await response.text()).replace(/AbortSignal\.timeout\((\w+)\)/, hurried) });
    });
    await page.route("**/std-*.bin", () => new Promise(() => {}));
    await page.goto(server.url);
    await ready(page);
    await paste(page, SHOP);
    await page.locator(".review .note", { hasText: "could not be loaded" }).waitFor({ timeout: 10_000 });
    assert.ok(patience >= 30_000 && patience <= 120_000, `${patience} ms`);
    server.close();
  }],
  ["index: the standard library comes with the engine, so that a first review needs no network", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, "about:blank");
    const std = page.waitForResponse((response) => /\/std-/.test(response.url()));
    await page.goto(server.url);
    await ready(page);
    await (await std).finished();
    await page.context().setOffline(true);
    server.close();
    await paste(page, SHOP);
    await found(page);
    assert.equal(await page.locator(".review .note").count(), 0);
  }],
  ...Object.entries(DEEP).map(([name, shapes]) => [`deep: ${name}`, async (browser) => {
    const page = await at(browser);
    for (const [shape, code] of Object.entries(shapes)) {
      await paste(page, code);
      const over = page.locator(".crash").or(page.locator(".review[aria-busy=false] .verdict-line:not(:has(.so-far))"));
      await over.first().waitFor({ timeout: 20_000 }).catch(() => assert.fail(`${shape}: no review`));
      assert.equal(await page.locator(".crash").count(), 0, shape);
      await paste(page, SHOP);
      await found(page);
    }
    assert.equal(await page.locator(".toast").count(), 0);
    page.server.close();
  }]),
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
