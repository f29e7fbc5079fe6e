// The pages to read: privacy, with what it claims, and all rules.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, found, open, paste, ready } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

const built = (pattern) => JSON.parse(readFileSync(join(dist, "assets", readdirSync(join(dist, "assets")).find((name) => pattern.test(name)))));
const rules = built(/^rules-.*json$/);

/** In light and dark, on a desktop and a phone: axe finds nothing, and nothing is wider than the screen. */
async function looks(browser, url, shown) {
  for (const [viewport, colorScheme] of [[DESKTOP, "light"], [PHONE, "dark"]]) {
    const page = await open(browser, url, { viewport, colorScheme });
    await shown(page);
    await clean(page, `${url} ${colorScheme}`);
    await fits(page);
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    await page.context().close();
  }
}

export default [
  ["privacy: the page holds what it says about requests, cookies and storage", async (browser) => {
    const server = await serve(dist, "/x/");
    const asked = [];
    // What the host sees, the service worker's requests included.
    server.heard = ({ method, url, headers }) => asked.push({ method, url, headers });
    const page = await open(browser, server.url, { serviceWorkers: "allow" });
    const everywhere = [];
    page.context().on("request", (request) => everywhere.push(request.url()));
    await ready(page);
    await paste(page, `${SHOP}\nvar secret = "hunter2"\n`);
    await found(page);
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => /#v2/.test(document.querySelector("dialog .field")?.value ?? ""));
    const link = await page.locator("dialog .field").inputValue();
    await page.goto("about:blank");
    await page.goto(link);
    await found(page);
    await page.locator(".top .help-button").click();
    await page.locator("gopeer-help button").click();
    await page.locator("gopeer-help p", { hasText: "Everything is kept" }).waitFor();
    assert.deepEqual(everywhere.filter((url) => !url.startsWith(server.url) && url !== "about:blank"), []);
    assert.ok(asked.length > 150);
    const files = new Set(["", "privacy.html", "rules.html", "workshop.html", "sw.js", ...readdirSync(join(dist, "assets")).map((name) => `assets/${name}`)]);
    for (const { method, url, headers } of asked) {
      assert.equal(method, "GET", url);
      assert.ok(files.has(url.replace("/x/", "")), `${url} is a file of ours and says nothing else`);
      assert.deepEqual([headers.cookie, headers["content-length"]], [undefined, undefined], url);
    }
    const stored = await page.evaluate(async () => ({
      cookies: document.cookie, local: Object.keys(localStorage), session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).length, caches: await caches.keys(),
      kept: (await Promise.all((await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)))).flat(),
    }));
    assert.deepEqual([stored.cookies, stored.databases], ["", 0]);
    assert.deepEqual(await page.context().cookies(), []);
    assert.deepEqual([...stored.local, ...stored.session].filter((key) => !key.startsWith("gopeer.")), []);
    assert.deepEqual(stored.session, ["gopeer.tab"]);
    assert.deepEqual(stored.caches.filter((name) => !name.startsWith("gopeer")), []);
    assert.deepEqual(stored.kept.filter((url) => !files.has(url.replace(server.url, ""))), []);
    await looks(browser, `${server.url}privacy.html`, (page) => page.locator("h1", { hasText: "Privacy" }).waitFor());
    server.close();
  }],
  ["rules: found by words and by other tools' names, each with an example that opens", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, `${server.url}rules.html`);
    await page.locator("#count", { hasText: `${rules.length} rules.` }).waitFor();
    const first = () => page.locator("#rules > li").first();
    const other = rules.flatMap(({ id, equivalents }) => equivalents.map((name) => [id, name]));
    for (const name of ["SA5011", "lostcancel"]) {
      await page.locator("#search").fill(name);
      const ids = other.filter(([, theirs]) => theirs.endsWith(`:${name}`)).map(([id]) => id);
      assert.ok(ids.length > 0, name);
      assert.ok(ids.includes(await first().locator("summary code").last().textContent()), name);
    }
    await page.locator("#search").fill("waitgroup goroutine");
    assert.match(await first().locator("summary code").last().textContent(), /waitgroup/);
    await page.locator("#search").fill("no-such-rule");
    await page.locator("#count", { hasText: `0 of ${rules.length} rules.` }).waitFor();
    const id = "concurrency/waitgroup-add-in-goroutine";
    await page.goto(`${server.url}rules.html#${id}`);
    await page.reload();
    await page.locator("#rules [open] a", { hasText: "Open the example" }).click();
    await found(page);
    await page.locator(`.finding.is-selected[data-rule="${id}"]`).waitFor();
    const { links } = built(/^gallery-.*json$/);
    assert.deepEqual(rules.map((rule) => rule.id).filter((id) => !links[id]), [], "each has an example that opens");
    // This one is a fault only in a module of an older Go.
    const older = "concurrency/loop-variable-capture";
    await page.goto("about:blank");
    await page.goto(`${server.url}#${links[older]}`);
    await found(page);
    await page.locator(`.finding.is-selected[data-rule="${older}"]`).waitFor();
    await page.goto(`${server.url}rules.html`);
    await page.locator("#count", { hasText: `${rules.length} rules.` }).waitFor();
    assert.equal(await page.locator("#rules [open]").count(), 0);
    await page.locator("#surprise").click();
    await page.locator("#rules [open]").first().waitFor();
    assert.deepEqual(page.problems, []);
    await looks(browser, `${server.url}rules.html#${id}`, (page) => page.locator("#rules [open] figure").first().waitFor());
    server.close();
  }],
];
