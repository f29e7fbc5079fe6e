// Links: broken ones, links to one finding, and the reader's own draft.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dist, found, open, paste, ready, reviewed, text } from "./browser.mjs";
import { FRAGMENT, SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

async function linkOf(page) {
  const link = await page.locator("dialog .field").inputValue();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  return link;
}

async function shop(browser, server) {
  const page = await open(browser, server.url);
  await ready(page);
  await paste(page, SHOP);
  await found(page);
  return page;
}

/** Links as somebody between sender and reader might leave one, the same in every run. */
function mutants(hash, count) {
  const letters = "ABCxyz019-_.#%v=&/";
  let seed = 15;
  const below = (end) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * end);
  };
  const kinds = [
    (at) => hash.slice(0, at),
    (at) => hash.slice(0, at) + letters[below(letters.length)] + hash.slice(at + 1),
    (at, to) => hash.slice(0, at) + hash.slice(to),
    (at, to) => hash.slice(0, to) + hash.slice(at),
    (at, to) => hash.slice(0, at) + [...hash.slice(at, to)].reverse().join("") + hash.slice(to),
    (at, to) => hash.slice(0, at) + hash.slice(at, to).toLowerCase() + hash.slice(to),
  ];
  return Array.from({ length: count }, () => {
    const [at, to] = [3 + below(hash.length - 3), 3 + below(hash.length - 3)].sort((a, b) => a - b);
    return kinds[below(kinds.length)](at, to);
  }).filter((mutant) => mutant !== hash);
}

export default [
  ["links: broken ones say so and leave the draft alone", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.locator(".top .primary").click();
    const link = await linkOf(page);
    const hash = link.split("#")[1];
    const middle = hash.length >> 1;
    const changed = hash.slice(0, middle) + (hash[middle] === "A" ? "B" : "A") + hash.slice(middle + 1);
    for (const broken of [hash.slice(0, middle), changed, "v1.", "v7.abcdefgh", "%E0%A4%A", "v1.AAAA😀"]) {
      await page.evaluate((hash) => { location.hash = hash; }, broken);
      await page.locator(".banner.warning").waitFor();
      await page.locator(".banner.warning .button").click();
      assert.equal(await page.locator(".banner").count(), 0);
      await found(page);
      assert.equal(await text(page), SHOP);
    }
    const cold = await open(browser, `${server.url}#${changed}`);
    await ready(cold);
    await cold.locator(".banner.warning").waitFor();
    await cold.locator(".welcome").waitFor();
    assert.deepEqual(cold.problems, []);
    server.close();
  }],
  ["links: thousands of damaged ones give a sentence each, and cost no draft", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.locator(".top .primary").click();
    const hash = (await linkOf(page)).split("#")[1];
    assert.match(hash, /^v2\./);
    const damaged = mutants(hash, 10_000);
    assert.ok(damaged.length > 9_000);
    const outcomes = await page.evaluate(async ({ hash, damaged }) => {
      const codec = await gopeer.loadCodec();
      const whole = String(codec.unpack(hash));
      const outcomes = {};
      for (const mutant of damaged) {
        let outcome;
        try {
          outcome = String(codec.unpack(mutant)) === whole ? "the same" : `other code: ${mutant}`;
        } catch (error) {
          outcome = typeof error === "string" ? "a sentence" : `${error}: ${mutant}`;
        }
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
      return outcomes;
    }, { hash, damaged });
    assert.deepEqual(Object.keys(outcomes).filter((outcome) => !["the same", "a sentence"].includes(outcome)), []);
    assert.ok(outcomes["a sentence"] > 9_000, JSON.stringify(outcomes));
    for (const mutant of damaged.filter((_, at) => at % 400 === 0)) {
      await page.evaluate((hash) => { location.hash = hash; }, mutant);
      await page.locator(".banner .button", { hasText: "Dismiss" }).click();
    }
    await found(page);
    assert.equal(await text(page), SHOP);
    assert.deepEqual(page.problems, []);
    server.close();
  }],
  ["links: opening one keeps the draft, a copy can be edited", async (browser) => {
    const server = await serve(dist);
    const sender = await shop(browser, server);
    await sender.locator(".top .primary").click();
    const link = await linkOf(sender);
    const reader = await open(browser, server.url);
    await ready(reader);
    await paste(reader, FRAGMENT);
    await reviewed(reader);
    assert.equal(await text(reader), FRAGMENT);
    await reader.evaluate((hash) => { location.hash = hash; }, link.split("#")[1]);
    await found(reader);
    await reader.locator(".cm-content").click();
    await reader.keyboard.type("XX");
    assert.equal(await text(reader), FRAGMENT, "the stored draft is the reader's");
    await reader.locator(".banner .button", { hasText: "Back to my draft" }).click();
    await reader.locator(".banner").waitFor({ state: "detached" });
    await reader.locator(".cm-line", { hasText: "func add" }).waitFor();
    await reader.evaluate((hash) => { location.hash = hash; }, link.split("#")[1]);
    await reader.locator(".banner .button", { hasText: "Edit a copy" }).click();
    await reader.locator(".cm-content").click();
    await reader.keyboard.press("Control+Home");
    await reader.keyboard.type("// mine\n");
    assert.equal(await text(reader), `// mine\n${SHOP}`);
    await reader.locator(".top .button", { hasText: "Open" }).click();
    assert.ok(await reader.locator("dialog .row-button").count() >= 2, "the earlier draft is listed");
    server.close();
  }],
  ["links: one to a finding opens it", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    const card = page.locator(".finding").last();
    const id = await card.getAttribute("id");
    await card.locator('[aria-label="Link to this finding"]').click();
    const fresh = await open(browser, await linkOf(page));
    await ready(fresh);
    const same = fresh.locator(`.finding.is-selected[id="${id}"]`);
    await same.waitFor();
    await same.locator(".details").waitFor();
    await reviewed(fresh);
    const inView = (id) => {
      const box = document.getElementById(id).getBoundingClientRect();
      return box.top < innerHeight && box.bottom > 0;
    };
    await fresh.waitForFunction(inView, id);
    await fresh.waitForTimeout(300);
    assert.ok(await fresh.evaluate(inView, id), "it stays in view");
    server.close();
  }],
  ["links: what no link can carry is saved as a file, and that opens again", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.locator("[aria-label=\"New file\"]").click();
    await paste(page, FRAGMENT);
    await reviewed(page);
    await page.locator(".top .primary").click();
    const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("dialog .link-button", { hasText: "as a file" }).click()]);
    assert.equal(saved.suggestedFilename(), "review.txtar");
    const path = await saved.path();
    const fresh = await open(browser, server.url);
    await ready(fresh);
    await fresh.locator(".top .button", { hasText: "Open" }).click();
    await fresh.locator("input[type=file]:not([webkitdirectory])").setInputFiles({ name: "review.txtar", mimeType: "text/plain", buffer: readFileSync(path) });
    await found(fresh);
    assert.equal(await fresh.locator(".tab").count(), 2);
    assert.deepEqual(await fresh.evaluate(() => violations), []);
    assert.deepEqual(await page.evaluate(() => violations), []);
    server.close();
  }],
  ["drafts: fifty are kept, they can be named, and a full storage loses the oldest alone", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    await ready(page);
    const keep = (from, to, size) => page.evaluate(([from, to, size]) => {
      for (let i = from; i < to; i += 1) {
        const draft = { saved: 1000 + i, files: [[`file${i}.go`, `package a // ${"x".repeat(size)}\n`]], active: 0, persona: "senior", ticks: [] };
        localStorage.setItem(`gopeer.draft.old-${i}`, JSON.stringify(draft));
      }
    }, [from, to, size]);
    const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("gopeer.draft.")).length);
    await keep(0, 60, 10);
    await paste(page, SHOP);
    await found(page);
    assert.equal(await text(page), SHOP);
    assert.equal(await kept(), 50);
    await page.locator(".top .button", { hasText: "Open" }).click();
    const row = page.locator(".draft", { hasText: "file59.go" });
    await row.locator("[aria-label^=Name]").click();
    await page.locator(".draft .rename").press("Escape");
    assert.equal(await page.locator("dialog .draft .rename").count(), 0, "Escape closes the field, not the dialog");
    await row.locator("[aria-label^=Name]").click();
    await page.keyboard.type("Friday's outage");
    await page.keyboard.press("Enter");
    await page.locator(".draft", { hasText: "Friday's outage" }).locator(".row-button").click();
    await page.locator(".tab", { hasText: "file59.go" }).waitFor();
    // Five megabytes are what browsers give: the next save finds no room.
    await keep(100, 140, 100_000);
    const before = await kept();
    await paste(page, `${SHOP}// ${"y".repeat(300_000)}\n`);
    await reviewed(page);
    await text(page);
    const left = await kept();
    assert.ok(left > 10 && left < before, `${left} of ${before} are left`);
    await page.locator(".status-kept", { hasText: "draft saved" }).waitFor();
    server.close();
  }],
  ["links: a refused clipboard leaves the link to copy by hand", async (browser) => {
    const server = await serve(dist);
    const page = await shop(browser, server);
    await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error("no")); });
    await page.locator(".top .primary").click();
    await page.locator("dialog .button.primary").click();
    await page.locator(".said", { hasText: "by hand" }).waitFor();
    server.close();
  }],
];
