// What a card and the page of all rules say of impact, verification, repairs and references.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, found, open, paste, ready, reviewing } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";

/** A lock that stays locked, and a statement with more columns than destinations, in a package of a folder. */
const SEATS = `-- store/seats.go --
package store

import (
	"database/sql"
	"errors"
	"sync"
)

type Seats struct {
	mu    sync.Mutex
	taken map[string]string
}

func (s *Seats) Take(seat, customer string) error {
	s.mu.Lock()
	if s.taken[seat] != "" {
		return errors.New("taken")
	}
	s.taken[seat] = customer
	s.mu.Unlock()
	return nil
}

func load(db *sql.DB, id int) (name string, err error) {
	const other = "SELECT 1"
	row := db.QueryRow(\`
		SELECT name, seat
		FROM customers WHERE id = $1\`, id)
	err = row.Scan(&name)
	return name, err
}
-- go.mod --
module example.com/store

go 1.24
`;

const card = (page, rule) => page.locator(`.finding[data-rule="${rule}"]`);
const part = (box, title) => box.locator("details", { has: box.page().locator("summary", { hasText: title }) });

const seats = (browser, options) => reviewing(browser, SEATS, options);

export default [
  ["guide: it comes when a card is opened, and commands are filled in from the finding", async (browser) => {
    const page = await seats(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    const asked = () => page.requests.filter((request) => /\/guide-.*\.json$/.test(request)).map((request) => request.replace(/.*\/(guide-\w+)-.*/, "$1"));
    assert.deepEqual(asked(), [], "nothing before");
    const lock = card(page, "concurrency/missing-unlock");
    await lock.locator(".disclose").click();
    await lock.locator(".guide summary").first().waitFor();
    assert.deepEqual(await lock.locator(".guide summary").allTextContents(), ["New to Go?", "Impact", "How to verify", "Other options", "References"]);
    assert.equal(await lock.locator(".guide [open]").count(), 0, "all are closed");
    await part(lock, "Impact").locator("summary").click();
    assert.match(await part(lock, "Impact").locator("p").textContent(), /without a time limit/);
    await part(lock, "How to verify").locator("summary").click();
    const command = part(lock, "How to verify").locator("li").first();
    assert.equal(await command.locator("pre").textContent(), "go test -run '(?i)Take' -timeout 10s ./store");
    await command.locator("button").click();
    await command.locator("button", { hasText: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "go test -run '(?i)Take' -timeout 10s ./store");
    const scan = card(page, "sql/scan-mismatch");
    await scan.locator(".disclose").click();
    await part(scan, "How to verify").locator("summary").click();
    const statement = part(scan, "How to verify").locator("pre", { hasText: "PREPARE" });
    assert.match(await statement.textContent(), /^PREPARE q AS SELECT name, seat FROM customers WHERE id = \$1; SELECT/);
    assert.deepEqual(asked().sort(), ["guide-concurrency", "guide-sql"], "a file for each category");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["guide: the reviewer's choice among the options is marked, by keyboard and after a switch", async (browser) => {
    const page = await seats(browser);
    const lock = card(page, "concurrency/missing-unlock");
    await lock.locator(".disclose").focus();
    await page.keyboard.press("Enter");
    await lock.locator(".guide summary").first().waitFor();
    const options = part(lock, "Other options");
    for (let presses = 0; presses < 20 && !(await options.locator("summary").evaluate((it) => it === document.activeElement)); presses += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await options.locator("li").count(), 1);
    const chosen = () => lock.locator(".fix, .guide li", { has: page.locator(".chosen") }).locator("strong").first().textContent();
    assert.equal(await chosen(), "Add defer s.mu.Unlock()");
    // Another reviewer chooses another repair.
    await page.keyboard.press("5");
    await options.locator("li", { hasText: "Move the locked part" }).locator(".chosen").waitFor({ state: "attached" });
    assert.match(await chosen(), /^Move the locked part/);
    const links = part(lock, "References").locator("a");
    for (const link of await links.all()) {
      assert.match(await link.getAttribute("href"), /^https:\/\//);
      assert.deepEqual([await link.getAttribute("target"), await link.getAttribute("rel")], ["_blank", "noreferrer"]);
    }
    page.server.close();
  }],
  ["guide: where several repairs are sound, each has its cost and a button that applies it, as one step to undo", async (browser) => {
    const page = await seats(browser);
    const text = () => page.evaluate(() => document.getElementById("editor").editor.view.state.doc.toString());
    const before = await text();
    const lock = card(page, "concurrency/missing-unlock");
    const buttons = lock.getByRole("button", { name: /^Apply fix: / });
    for (const [at, expected] of [[1, /Lock\(\)\n\tdefer s\.mu\.Unlock\(\)\n/], [0, /\t\ts\.mu\.Unlock\(\)\n\t\treturn errors/]]) {
      if (await lock.locator(".fix").count() === 0) await lock.locator(".disclose").click();
      await lock.locator(".option .chosen").waitFor();
      assert.equal(await lock.locator("h4.fixes").textContent(), "2 ways to repair it");
      assert.equal(await lock.locator(".fix").count(), 2);
      assert.match(await lock.locator(".fix").nth(at).locator(".option p").first().textContent(), at === 1 ? /^Covers every path/ : /^Least time under the lock/);
      await buttons.nth(at).focus();
      await page.keyboard.press("Enter");
      await lock.waitFor({ state: "detached" });
      assert.match(await text(), expected);
      await page.locator("#editor .cm-content").focus();
      await page.keyboard.press("Control+z");
      assert.equal(await text(), before, "one step");
      await lock.waitFor();
    }
    await fits(page);
    await clean(page, "repairs");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["guide: a repair is chosen by touch, in the dark", async (browser) => {
    const page = await seats(browser, { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: "dark" });
    const lock = card(page, "concurrency/missing-unlock");
    await lock.locator(".disclose").tap();
    await lock.locator(".option .chosen").waitFor();
    await fits(page);
    await clean(page, "repairs on a phone");
    await lock.getByRole("button", { name: "Apply fix: Add defer s.mu.Unlock()" }).tap();
    await lock.waitFor({ state: "detached" });
    page.server.close();
  }],
  ["guide: the idiom, opened in one card, is open in all, by keyboard, and on the next visit until it is closed", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, server.url);
    const card = (rule) => page.locator(`.finding[data-rule="${rule}"]`);
    const visit = async () => {
      await ready(page);
      await paste(page, SEATS.replace("err = row.Scan(&name)", "row.Scan(&name)"));
      await found(page);
      for (const rule of ["concurrency/missing-unlock", "errors/unchecked"]) {
        await card(rule).locator(".disclose").click();
        await card(rule).locator(".mentor").waitFor();
      }
    };
    await visit();
    const opened = () => page.locator(".mentor[open]").count();
    assert.equal(await opened(), 0, "it is for those who ask");
    await card("concurrency/missing-unlock").locator(".mentor summary").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelectorAll(".mentor[open]").length === 2);
    assert.match(await card("errors/unchecked").locator(".mentor p").textContent(), /^Go has no exceptions/);
    await page.reload();
    await visit();
    assert.equal(await opened(), 2);
    await card("errors/unchecked").locator(".mentor summary").click();
    await page.waitForFunction(() => document.querySelectorAll(".mentor[open]").length === 0);
    await page.reload();
    await visit();
    assert.equal(await opened(), 0);
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    server.close();
  }],
  ["guide: what cannot be fetched is said, and comes the next time", async (browser) => {
    const page = await reviewing(browser, SHOP);
    await page.route("**/guide-*.json", (route) => route.abort());
    const serving = card(page, "http/server-no-timeouts");
    await serving.locator(".disclose").click();
    await serving.locator(".guide", { hasText: "could not be loaded" }).waitFor();
    await page.unroute("**/guide-*.json");
    await serving.locator(".disclose").click();
    await serving.locator(".disclose").click();
    await serving.locator(".guide summary").first().waitFor();
    page.server.close();
  }],
  ["guide: axe finds nothing and nothing is too wide, in light and dark, on a desktop and a phone", async (browser) => {
    for (const options of [{ viewport: DESKTOP, colorScheme: "dark" }, { viewport: PHONE, colorScheme: "light", hasTouch: true }]) {
      const page = await seats(browser, { ...options, reducedMotion: "reduce" });
      const lock = card(page, "concurrency/missing-unlock");
      const touch = (where) => (options.hasTouch ? where.tap() : where.click());
      await touch(lock.locator(".disclose"));
      await lock.locator(".guide summary").first().waitFor();
      for (const summary of await lock.locator(".guide summary").all()) await touch(summary);
      assert.equal(await lock.locator(".guide [open]").count(), 5);
      await clean(page, `guide ${options.colorScheme}`);
      await fits(page);
      page.server.close();
    }
  }],
  ["guide: the page of all rules has it, with what a command leaves open in capitals", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, `${server.url}rules.html#concurrency/missing-unlock`);
    const rule = page.locator(".rules > li").first();
    await rule.locator(".guide summary").first().waitFor();
    await part(rule.locator(".guide"), "How to verify").locator("summary").click();
    assert.equal(await rule.locator(".guide pre").first().textContent(), "go test -run TEST -timeout 10s PACKAGE");
    await clean(page, "rules with a guide");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    server.close();
  }],
  ["readiness: what rules have seen, what they would change, and what to ask about the rest", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const table = page.locator("gopeer-readiness");
    await table.locator("summary").click();
    const row = (title) => table.locator("li", { has: page.locator("strong", { hasText: title }) });
    assert.deepEqual(await table.locator("li strong").allTextContents(),
      ["Shutdown", "Time limits", "Limits", "Health", "Telemetry", "Configuration", "Security", "Tests"]);
    assert.equal(await row("Time limits").locator(".state").textContent(), "Needs changes");
    assert.equal(await row("Health").locator(".state").textContent(), "Not visible");
    assert.match(await row("Health").textContent(), /\?$/);
    assert.equal(await row("Security").locator(".state").textContent(), "Examined");
    assert.match(await row("Security").textContent(), /Nothing to change in 1 place examined by sql\/injection\./);
    await clean(page, "readiness");
    // A finding's number leads to its card.
    await row("Time limits").locator("button").first().click();
    await page.locator(".finding.is-selected").waitFor();
    // Each rule that the table names is one.
    const script = readFileSync(join(dist, "assets", readdirSync(join(dist, "assets")).find((name) => /^readiness-\w{12}\.js$/.test(name))), "utf8");
    const named = [...script.matchAll(/"([a-z-]+\/[a-z-]+)"/g)].map(([, id]) => id);
    const rules = JSON.parse(readFileSync(join(dist, "assets", readdirSync(join(dist, "assets")).find((name) => /^rules-.*json$/.test(name))), "utf8"));
    assert.ok(named.length > 40);
    assert.deepEqual(named.filter((id) => !rules.some((rule) => rule.id === id)), []);
    page.server.close();
  }],
];
