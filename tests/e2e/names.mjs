// What names are: cards, declarations, uses, and where what is known of modules comes from.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { dist, open, paste, ready, reviewed, until } from "./browser.mjs";
import { serve } from "./server.mjs";

/** Two files of one package. */
const PAIR = `-- fetch.go --
package fetch

import "net/http"

const limit = 1 << 4

func get(url string) (*http.Response, error) {
	return http.Get(url)
}
-- both.go --
package fetch

func both() int {
	_, _ = get("a")
	_, _ = get("b")
	return limit
}
`;

const MODULE = `package store

import (
	"context"

	"github.com/jackc/pgx/v5"
)

func open(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
`;

async function at(browser, text, before = () => {}) {
  const server = await serve(dist);
  const page = await open(browser, server.url);
  page.server = server;
  await before(page);
  await ready(page);
  await paste(page, text);
  await reviewed(page);
  return page;
}

/** Points at a word of the code, the first or the last of its kind; plain names have no element of their own. */
async function point(page, word, last = false) {
  const place = await page.waitForFunction(([word, last]) => {
    const content = document.querySelector("#editor").shadowRoot.querySelector(".cm-content");
    const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      for (const match of walker.currentNode.data.matchAll(new RegExp(`\\b${word}\\b`, "g"))) found.push([walker.currentNode, match.index]);
    }
    const hit = found.at(last ? -1 : 0);
    if (hit === undefined) return undefined;
    const range = document.createRange();
    range.setStart(hit[0], hit[1]);
    range.setEnd(hit[0], hit[1] + word.length);
    const box = range.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }, [word, last]);
  const { x, y } = await place.jsonValue();
  await page.mouse.move(x, y);
  return { click: () => page.mouse.click(x, y) };
}

async function click(page, word, last) {
  await (await point(page, word, last)).click();
}

const info = (page, text) => page.locator("#editor .info code", { hasText: text });
const shown = (page, tab) => page.locator(".tab.is-active", { hasText: tab }).waitFor();
const used = (page, count) => page.waitForFunction((count) => {
  const { shadowRoot } = document.querySelector("#editor");
  return shadowRoot.querySelectorAll(".use").length === count;
}, count);

/** Waits until exactly these modules are in the browser's store. */
const kept = (page, stems) => until(page, async (stems) => {
  const requests = await (await caches.open("gopeer")).keys();
  return requests.map(({ url }) => /([^/]*)-\w+\.bin$/.exec(url)?.[1]).sort().join() === stems;
}, stems.join());

async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}

async function untroubled(page) {
  assert.deepEqual(await page.evaluate(() => violations), [], "CSP violations");
  assert.deepEqual(page.problems, []);
  assert.equal(await page.locator(".crash").count(), 0);
  page.server.close();
}

export default [
  ["names: under the pointer stands what one is, with its documentation", async (browser) => {
    const page = await at(browser, PAIR);
    await point(page, "Get");
    await info(page, "func http.Get(url string) (resp *http.Response, err error)").waitFor();
    const link = page.locator("#editor .info a");
    assert.deepEqual(await link.evaluate((link) => [link.href, link.textContent, link.target, link.rel]), [
      "https://pkg.go.dev/net/http#Get", "pkg.go.dev/net/http#Get", "_blank", "noopener noreferrer",
    ]);
    await clean(page, "with a card");
    await link.hover();
    await page.waitForTimeout(500);
    assert.ok(await link.isVisible(), "the pointer may go to the link");
    await page.locator(".top h1").click();
    await point(page, "limit");
    await info(page, "const limit untyped int = 16").waitFor();
    await press(page, "Escape");
    await page.locator("#editor .info").waitFor({ state: "detached" });
    await untroubled(page);
  }],
  ["names: where the pointer is on a finding too, both are told", async (browser) => {
    const page = await at(browser, `package main\n\nimport "net/http"\n\nfunc main() {\n\thttp.ListenAndServe(":8080", nil)\n}\n`);
    await point(page, "ListenAndServe");
    await info(page, "func http.ListenAndServe").waitFor();
    await page.locator("#editor .card-rule").first().waitFor();
    await untroubled(page);
  }],
  ["names: F12 and a click with Ctrl go to the declaration, in another tab if need be", async (browser) => {
    const page = await at(browser, PAIR);
    await page.locator(".tab", { hasText: "both.go" }).locator("button").first().click();
    await shown(page, "both.go");
    await click(page, "get");
    await used(page, 2);
    await press(page, "F12");
    await shown(page, "fetch.go");
    await used(page, 1);
    assert.match(await page.locator("#editor .cm-activeLine").textContent(), /^func get\(/);
    await page.locator(".tab", { hasText: "both.go" }).locator("button").first().click();
    await page.keyboard.down("Control");
    await click(page, "limit");
    await page.keyboard.up("Control");
    await shown(page, "fetch.go");
    await page.locator("#editor .cm-activeLine", { hasText: "const limit" }).waitFor();
    await press(page, "Control+End", "ArrowUp", "ArrowUp", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft");
    await press(page, "F12");
    await info(page, "func http.Get").waitFor();
    await untroubled(page);
  }],
  ["names: all uses are marked until the text changes, and again after its review", async (browser) => {
    const page = await at(browser, PAIR);
    await click(page, "url");
    await used(page, 2);
    await press(page, "End");
    await used(page, 0);
    await click(page, "url", true);
    await used(page, 2);
    await page.keyboard.type("l");
    await used(page, 0);
    await press(page, "Backspace");
    await used(page, 2);
    await untroubled(page);
  }],
  ["names: the keyboard is enough", async (browser) => {
    const page = await at(browser, PAIR);
    await press(page, "Control+End", "ArrowUp", "ArrowUp", "End", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft");
    await press(page, "Control+i");
    await info(page, "func http.Get").waitFor();
    await page.locator("#editor .cm-announced", { hasText: "func http.Get" }).waitFor({ state: "attached" });
    await press(page, "Control+i");
    const focused = () => page.evaluate(() => document.querySelector("#editor").shadowRoot.activeElement?.className || document.querySelector("#editor").shadowRoot.activeElement?.tagName);
    assert.equal(await focused(), "A");
    await clean(page, "with a card by key");
    await press(page, "Escape");
    await page.locator("#editor .info").waitFor({ state: "detached" });
    assert.match(await focused(), /cm-content/, "the editor has the focus again");
    await press(page, "Control+i");
    await info(page, "func http.Get").waitFor();
    await press(page, "ArrowLeft");
    await page.locator("#editor .info").waitFor({ state: "detached" });
    await untroubled(page);
  }],
  ["names: what is known of a module comes from our own files when an import names it", async (browser) => {
    const page = await at(browser, PAIR);
    const asked = () => page.requests.filter((request) => request.includes("/pgx5-"));
    assert.deepEqual(asked(), []);
    await page.locator("[aria-label=\"New file\"]").click();
    await paste(page, MODULE);
    await page.locator("#editor .cm-line", { hasText: "pgx.Connect" }).waitFor();
    await page.waitForTimeout(1000);
    assert.equal(asked().length, 1);
    assert.ok(asked()[0].startsWith(`GET ${page.server.url}assets/`), asked()[0]);
    await point(page, "Connect");
    await info(page, "func pgx.Connect(ctx context.Context, connString string) (*pgx.Conn, error)").waitFor();
    await untroubled(page);
  }],
  ["names: what could not be fetched is said as long as it is imported, and breaks nothing", async (browser) => {
    const page = await at(browser, MODULE, (page) => page.route("**/pgx5-*.bin", (route) => route.abort()));
    const note = page.locator(".review .note", { hasText: "github.com/jackc/pgx/v5 could not be loaded" });
    await note.waitFor();
    await point(page, "conn");
    await info(page, "conn").waitFor();
    await page.locator("#editor .info p", { hasText: "not known" }).waitFor();
    await paste(page, "package store\n\nfunc two() int { return 2 }\n");
    await note.waitFor({ state: "detached" });
    assert.deepEqual(page.problems.filter((problem) => !problem.includes("ERR_FAILED")), []);
    assert.equal(await page.locator(".crash").count(), 0);
    page.server.close();
  }],
  ["names: what is known of modules stays for visits without a network", async (browser) => {
    const page = await at(browser, MODULE);
    await point(page, "Connect");
    await info(page, "func pgx.Connect(").waitFor();
    await kept(page, ["pgx5", "std", "voices"]);
    await page.route("**/*.bin", (route) => route.abort());
    await page.reload();
    await ready(page);
    await reviewed(page);
    await point(page, "Connect");
    await info(page, "func pgx.Connect(").waitFor();
    await untroubled(page);
  }],
  ["names: what is not what its name says is not kept", async (browser) => {
    const sorry = (route) => route.fulfill({ contentType: "text/html", body: "<title>Log in to this network</title>" });
    const page = await at(browser, MODULE, (page) => page.route("**/pgx5-*.bin", sorry));
    await page.locator(".review .note", { hasText: "github.com/jackc/pgx/v5" }).waitFor();
    await kept(page, ["std", "voices"]);
    await page.unroute("**/pgx5-*.bin");
    await page.reload();
    await ready(page);
    await point(page, "Connect");
    await info(page, "func pgx.Connect(").waitFor();
    await kept(page, ["pgx5", "std", "voices"]);
    await untroubled(page);
  }],
];
