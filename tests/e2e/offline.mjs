// Visits without a network, and new builds: nothing is lost, nothing is mixed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { dist, found, open, paste, ready, reviewed, tab, text, until } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

const WITH_WORKER = { serviceWorkers: "allow" };
const MODULE = `package store\n\nimport "github.com/google/uuid"\n\nfunc id() string { return uuid.NewString() }\n`;

/** Waits until the service worker has the whole build and answers for this page. */
const settled = (page) => until(page, async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active?.state === "activated" && navigator.serviceWorker.controller !== null;
});

const build = (page) => page.evaluate(() => document.documentElement.dataset.build);
const caches = (page) => page.evaluate(async () => (await globalThis.caches.keys()).filter((name) => name.startsWith("gopeer ")));
const newer = (page) => page.locator(".update", { hasText: "A newer version is ready" });
const help = (page) => page.locator(".top .help-button").click();

/** The site as a later build has it: another id, another first script, which says so, and one of the samples is gone. */
function later(id) {
  const folder = mkdtempSync(join(tmpdir(), "gopeer-build-"));
  cpSync(dist, folder, { recursive: true });
  const assets = join(folder, "assets");
  const boot = readdirSync(assets).find((name) => name.startsWith("boot-") && name.endsWith(".js"));
  const renamed = `boot-${id.padEnd(12, "0")}.js`;
  renameSync(join(assets, boot), join(assets, renamed));
  const code = `${readFileSync(join(assets, renamed), "utf8")}\nglobalThis.laterBuild = "${id}";`;
  writeFileSync(join(assets, renamed), code);
  const old = /data-build="(\w+)"/.exec(readFileSync(join(dist, "index.html"), "utf8"))[1];
  for (const name of ["index.html", "privacy.html", "rules.html", "workshop.html", "sw.js"]) {
    const file = readFileSync(join(folder, name), "utf8").replaceAll(old, id).replaceAll(boot, renamed);
    writeFileSync(join(folder, name), file);
  }
  const gone = readdirSync(assets).find((name) => /^session_cache-\w+\.go$/.test(name));
  rmSync(join(assets, gone));
  const worker = readFileSync(join(folder, "sw.js"), "utf8").replace(new RegExp(`"assets/${gone}":"\\w+",`), "");
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 12);
  writeFileSync(join(folder, "sw.js"), worker.replace(new RegExp(`("assets/${renamed}":)"\\w+"`), `$1"${hash}"`));
  return folder;
}

export default [
  ["offline: after one visit everything works without a network, under a sub-path too", async (browser) => {
    const server = await serve(dist, "/a/b/");
    const page = await open(browser, server.url, WITH_WORKER);
    await ready(page);
    await paste(page, MODULE);
    await reviewed(page);
    await settled(page);
    server.close();
    await page.context().setOffline(true);
    await page.reload();
    await ready(page);
    await reviewed(page);
    assert.equal(await page.locator(".review .note").count(), 0, "the index of the module is here");
    await paste(page, SHOP);
    await found(page);
    await page.locator(".disclose").first().click();
    await page.locator(".details .example").first().waitFor();
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => /#v2\./.test(document.querySelector("dialog .field")?.value ?? ""));
    const link = await page.locator("dialog .field").inputValue();
    await page.keyboard.press("Escape");
    const other = await tab(page.context(), link);
    await other.locator(".banner", { hasText: "Shared review" }).waitFor();
    await found(other);
    await other.close();
    await page.locator(".top .button[aria-label=Open]").click();
    await page.locator("dialog .sample", { hasText: "Orders API" }).click();
    await found(page);
    await page.locator("[aria-label='New file']").click();
    await paste(page, "-- .gopeer.toml --\npersona = \"data\"\n-- main.go --\npackage main\n\nfunc main() {}\n");
    await page.locator(".reviewer.is-chosen", { hasText: "Cassandra" }).waitFor();
    await help(page);
    await page.locator("gopeer-help p", { hasText: "is kept in this browser and opens without a network" }).waitFor();
    await page.goto(`${server.url}privacy.html`);
    await page.locator("h1", { hasText: "Privacy" }).waitFor();
    assert.deepEqual(page.problems.filter((problem) => !/ERR_|Failed to (fetch|update)/.test(problem)), []);
  }],
  ["offline: everything is kept by one button, and ?sw=off removes it", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url, WITH_WORKER);
    await ready(page);
    await settled(page);
    await help(page);
    await page.locator("gopeer-help p", { hasText: "opens without a network" }).waitFor();
    await clean(page, "help");
    await page.locator("gopeer-help button").click();
    await page.locator("gopeer-help p", { hasText: "Everything is kept" }).waitFor();
    const modules = readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".bin"));
    const shelf = await page.evaluate(async () => (await (await globalThis.caches.open("gopeer")).keys()).map(({ url }) => url));
    assert.deepEqual(shelf.map((url) => url.split("/").at(-1)).sort(), modules.sort());
    await page.keyboard.press("Escape");
    await page.context().setOffline(true);
    await page.reload();
    await ready(page);
    await paste(page, MODULE);
    await reviewed(page);
    assert.equal(await page.locator(".review .note").count(), 0);
    await page.context().setOffline(false);
    await page.locator(".top .help-button").click();
    await page.locator("gopeer-help a[href='?sw=off']").click();
    await ready(page);
    await until(page, async () => (await navigator.serviceWorker.getRegistrations()).length === 0);
    await page.waitForTimeout(2_500);
    assert.deepEqual(await page.evaluate(() => globalThis.caches.keys()), []);
    await page.locator(".top .primary").click();
    await page.waitForFunction(() => document.querySelector("dialog .field")?.value);
    assert.ok((await page.locator("dialog .field").inputValue()).startsWith(`${server.url}#v2.`), "no link says ?sw=off");
    assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 0, "it stays away");
    server.close();
  }],
  ["offline: a newer build is offered to an open page, and nothing of the two is mixed", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url, WITH_WORKER);
    await ready(page);
    await paste(page, SHOP);
    await found(page);
    await settled(page);
    const old = await build(page);
    const second = await tab(page.context(), server.url);
    await found(second);
    const next = later("11111111");
    server.folder = next;
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
    await newer(page).waitFor();
    await newer(second).waitFor();
    assert.equal(await build(page), old);
    await page.locator(".disclose").first().click();
    await page.locator(".details .example").first().waitFor();
    await clean(page, "with a newer version");
    await newer(page).locator("button", { hasText: "Reload" }).click();
    await page.waitForFunction(() => globalThis.laterBuild === "11111111" && document.documentElement.dataset.build === "11111111");
    await found(page);
    assert.equal(await text(page), SHOP, "the draft is here");
    assert.equal(await build(second), old);
    // What a page still loads is of its own build, though the host has it no more.
    await second.locator(".top .button[aria-label=Open]").click();
    await second.locator("dialog .sample", { hasText: "Session cache" }).click();
    await found(second);
    assert.equal(await newer(page).count(), 0);
    await newer(second).locator("button", { hasText: "Reload" }).click();
    await second.waitForFunction(() => globalThis.laterBuild === "11111111");
    // A third build; a plain reload gets it whole, and the first build is removed.
    server.folder = later("22222222");
    await page.reload();
    await page.waitForFunction(() => globalThis.laterBuild === "22222222");
    await ready(page);
    await until(page, async () => {
      const builds = (await globalThis.caches.keys()).filter((name) => name.startsWith("gopeer /"));
      return builds.map((name) => name.split(" ").at(-1)).sort().join() === "11111111,22222222";
    });
    for (const tab of [page, second]) assert.deepEqual(await tab.evaluate(() => violations), []);
    rmSync(next, { recursive: true });
    rmSync(server.folder, { recursive: true });
    server.close();
  }],
  ["offline: an error page or a half deploy is never kept, and never shown where a build is here", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url, WITH_WORKER);
    await ready(page);
    await settled(page);
    const old = await build(page);
    const [kept] = await caches(page);
    // The new page is there, one of its files is not.
    const next = later("33333333");
    rmSync(join(next, "assets", readdirSync(join(next, "assets")).find((name) => name.startsWith("boot-33333333"))));
    server.folder = next;
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const over = new Promise((done) => {
        registration.addEventListener("updatefound", () => {
          registration.installing.addEventListener("statechange", ({ target }) => target.state === "redundant" && done());
        });
      });
      await registration.update().catch(() => {});
      await over;
    });
    assert.deepEqual(await caches(page), [kept]);
    assert.equal(await newer(page).count(), 0);
    await page.reload();
    await ready(page);
    assert.equal(await build(page), old);
    // A network that answers everything with its own page, and one that answers with an error.
    for (const answer of ["<title>Log in to this network</title>", undefined]) {
      rmSync(join(next, "index.html"), { force: true });
      if (answer) writeFileSync(join(next, "index.html"), answer);
      await page.reload();
      await ready(page);
      assert.equal(await build(page), old);
    }
    const types = await page.evaluate(async (name) => {
      const cache = await globalThis.caches.open(name);
      const responses = await Promise.all((await cache.keys()).map(async (request) => [request.url, await cache.match(request)]));
      return responses.map(([url, { status, headers }]) => [url, status, headers.get("content-type")]);
    }, kept);
    for (const [url, status, type] of types) {
      assert.equal(status, 200);
      assert.equal(/html/.test(type), !url.includes("/assets/"), url);
    }
    rmSync(next, { recursive: true });
    server.close();
  }],
  ["offline: a full disk and forbidden storage cost nothing else", async (browser) => {
    const server = await serve(dist);
    const full = await open(browser, "about:blank", WITH_WORKER);
    const devtools = await full.context().newCDPSession(full);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(server.url).origin, quotaSize: 200_000 });
    await full.goto(server.url);
    await ready(full);
    await help(full);
    await full.locator("gopeer-help p", { hasText: "no room for it" }).waitFor();
    assert.deepEqual(await caches(full), [], "nothing by halves");
    await full.locator("gopeer-help button").click();
    await full.locator("gopeer-help p", { hasText: "Not everything could be kept: the browser has no room left." }).waitFor();
    await full.keyboard.press("Escape");
    await paste(full, SHOP);
    await found(full);
    assert.deepEqual(full.problems, []);

    const forbidden = await open(browser, "about:blank", WITH_WORKER);
    await forbidden.addInitScript(() => {
      const no = { get() { throw new DOMException("denied", "SecurityError"); } };
      for (const name of ["localStorage", "sessionStorage", "caches"]) Object.defineProperty(globalThis, name, no);
      Object.defineProperty(navigator, "serviceWorker", no);
    });
    await forbidden.goto(server.url);
    await ready(forbidden);
    await paste(forbidden, SHOP);
    await found(forbidden);
    await help(forbidden);
    await forbidden.locator("gopeer-help p", { hasText: "does not keep the page" }).waitFor();
    await forbidden.locator("gopeer-help button").click();
    await forbidden.locator("gopeer-help p", { hasText: "Not everything could be kept: this browser stores no files" }).waitFor();
    assert.deepEqual(forbidden.problems, []);
    server.close();
  }],
  ["offline: the page can be installed", async (browser) => {
    const server = await serve(dist, "/x/");
    const page = await open(browser, server.url);
    const devtools = await page.context().newCDPSession(page);
    const { url, errors, data } = await devtools.send("Page.getAppManifest");
    assert.match(url, /\/x\/assets\/manifest-\w+\.json$/);
    assert.deepEqual(errors, []);
    const manifest = JSON.parse(data);
    assert.equal(new URL(manifest.start_url, url).href, server.url);
    assert.equal(new URL(manifest.scope, url).href, server.url);
    for (const { src, sizes } of manifest.icons.filter(({ type }) => type === "image/png")) {
      const bytes = Buffer.from(await (await fetch(new URL(src, url))).arrayBuffer());
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
    }
    const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"), []);
    server.close();
  }],
];
