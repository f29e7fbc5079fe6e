// What the code does not show: questions whose answers change the review, and checklists with ticks and notes.
import assert from "node:assert/strict";
import { clean } from "./access.mjs";
import { PHONE, fits, found, open, paste, reviewed, reviewing } from "./browser.mjs";

/** A producer that waits for nobody, and a consumer that counts a message each time it comes. */
export const ORDERS = `package orders

import (
	"context"
	"database/sql"

	"github.com/segmentio/kafka-go"
)

func writer() *kafka.Writer {
	return &kafka.Writer{Addr: kafka.TCP("broker:9092"), Topic: "orders", RequiredAcks: kafka.RequireNone}
}

func consume(ctx context.Context, reader *kafka.Reader, db *sql.DB) error {
	for {
		message, err := reader.FetchMessage(ctx)
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, "UPDATE accounts SET balance = balance + $1", string(message.Value)); err != nil {
			return err
		}
		if err := reader.CommitMessages(ctx, message); err != nil {
			return err
		}
	}
}
`;

/** What two reviewers do not put first alike. */
const MIXED = `package orders

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"sync"

	"github.com/segmentio/kafka-go"
)

type stock struct {
	mu   sync.Mutex
	left map[string]int
}

func (s *stock) take(item string) error {
	s.mu.Lock()
	if s.left[item] == 0 {
		return fmt.Errorf("none of %s", item)
	}
	s.left[item]--
	s.mu.Unlock()
	return nil
}

func writer() *kafka.Writer {
	return &kafka.Writer{Addr: kafka.TCP("broker:9092"), Topic: "orders", RequiredAcks: kafka.RequireNone}
}

func serve(h http.Handler) error {
	return http.ListenAndServe(":8080", h)
}

func names(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM customers")
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		var name string
		rows.Scan(&name)
		all = append(all, name)
	}
	return all, nil
}

func price(url string) (*http.Response, error) {
	return http.Get(url)
}
`;

const card = (page, rule) => page.locator(`.finding[data-rule="${rule}"]`);
const CONSUMER = "messaging/non-idempotent-consumer";
const severity = (page, rule) => card(page, rule).locator(".severity").textContent();
const chip = (page, name) => page.locator("gopeer-context").getByRole("button", { name });

const orders = (browser, options) => reviewing(browser, ORDERS, options);

async function answer(page, name) {
  await chip(page, name).click();
  await page.locator(`gopeer-context .chip[aria-pressed=true]`, { hasText: name }).waitFor();
  await reviewed(page);
}

const openContext = (page) => page.locator("gopeer-context .context > summary").click();

export default [
  ["talk: an answer raises and lowers findings, says so on their cards, and can be taken back", async (browser) => {
    const page = await orders(browser);
    const asked = () => page.requests.filter((request) => /questions-/.test(request)).length;
    assert.equal(asked(), 0, "nothing before");
    assert.equal(await severity(page, "kafka/weak-acks"), "High");
    await openContext(page);
    await answer(page, "At least once");
    await card(page, "kafka/weak-acks").locator(".severity", { hasText: "Critical" }).waitFor();
    assert.match(await card(page, "kafka/weak-acks").textContent(), /Raised from high to critical, because you said “at least once”: a message may be lost here/);
    assert.match(await card(page, CONSUMER).textContent(), /Lowered from medium to low, because you said “at least once”: you accept/);
    assert.match(await page.locator(".assumed").textContent(), /You said: at least once\. 1 finding raised, 1 finding lowered\./);
    assert.ok(asked() > 0);
    await answer(page, "Exactly once, in effect");
    await card(page, CONSUMER).getByText("Raised from medium to high").waitFor();
    assert.equal(await page.locator("gopeer-context [aria-pressed=true]").count(), 1, "one answer to a question");
    await chip(page, "Exactly once, in effect").click();
    await card(page, "kafka/weak-acks").locator(".severity", { hasText: "High" }).waitFor();
    assert.equal(await page.locator(".assumed").textContent(), "");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["talk: what the team leaves to its own style is listed among what is not shown", async (browser) => {
    const page = await orders(browser);
    await paste(page, "package a\n\ntype T_x int\n\nfunc (this T_x) m() int { return int(this) }\n");
    await found(page);
    const before = await page.locator(".finding").count();
    await openContext(page);
    await answer(page, "We have our own style");
    await page.locator("summary", { hasText: "Not shown" }).click();
    assert.match(await page.locator(".silenced").textContent(), /you said “we have our own style”: it is a matter of style/);
    assert.ok(await page.locator(".finding").count() < before);
    page.server.close();
  }],
  ["talk: the version of Go is asked for, unless go.mod says it", async (browser) => {
    const page = await orders(browser);
    const loop = "package a\n\nfunc all(names []string, use func(string)) {\n\tfor _, name := range names {\n\t\tgo func() { use(name) }()\n\t}\n}\n";
    await paste(page, loop);
    await reviewed(page);
    await openContext(page);
    await answer(page, "Go 1.21 or older");
    await card(page, "concurrency/loop-variable-capture").waitFor();
    await paste(page, `-- go.mod --\nmodule a\n\ngo 1.23\n-- a.go --\n${loop}`);
    await reviewed(page);
    await page.locator("gopeer-context").getByText("Go 1.23, as go.mod says.").waitFor();
    assert.equal(await card(page, "concurrency/loop-variable-capture").count(), 0);
    page.server.close();
  }],
  ["talk: answers, ticks and notes are kept, travel in links, and are in the reports", async (browser) => {
    const page = await orders(browser);
    await openContext(page);
    await answer(page, "At least once");
    const item = page.locator("gopeer-checklist li").first();
    await item.locator("input[type=checkbox]").check();
    await item.getByRole("button", { name: /^Note/ }).click();
    await page.keyboard.type("See ADR 7.");
    await page.keyboard.press("Enter");
    await item.getByText("See ADR 7.").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Change note", "the focus stays");
    await page.waitForTimeout(700);
    await page.reload();
    await found(page);
    await page.locator(".assumed", { hasText: "at least once" }).waitFor();
    assert.ok(await item.locator("input").isChecked());
    await page.getByRole("button", { name: "Share" }).first().click();
    const link = page.locator("dialog input[aria-label=Link]");
    await link.waitFor();
    const address = await link.inputValue();
    await page.locator(".export summary").click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save Markdown" }).click()]);
    const markdown = await (await import("node:fs/promises")).readFile(await download.path(), "utf8");
    assert.match(markdown, /- You said: at least once\.\n- Because of the answers: 1 finding raised, 1 finding lowered\./);
    assert.match(markdown, /- \[x\] .*\n  - \*\*Note\*\*: See ADR 7\./);
    const reader = await open(browser, address);
    await found(reader);
    await card(reader, "kafka/weak-acks").locator(".severity", { hasText: "Critical" }).waitFor();
    await reader.locator("gopeer-checklist", { hasText: "See ADR 7." }).waitFor();
    assert.ok(await reader.locator("gopeer-checklist input").first().isChecked());
    assert.deepEqual([reader.problems, page.problems], [[], []]);
    page.server.close();
  }],
  ["talk: by keyboard, the focus stays on the answer; nothing for axe to say", async (browser) => {
    const page = await orders(browser);
    await page.locator("gopeer-context .context > summary").focus();
    await page.keyboard.press("Enter");
    await chip(page, "At least once").waitFor();
    for (let at = 0; at < 20 && !(await page.evaluate(() => document.activeElement.textContent.startsWith("At least once"))); at += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await card(page, "kafka/weak-acks").locator(".severity", { hasText: "Critical" }).waitFor();
    await page.locator("gopeer-context [aria-pressed=true]").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "answer-delivery-at-least-once");
    await page.locator("gopeer-context .more .more > summary").click();
    await clean(page, "questions");
    page.server.close();
  }],
  ["talk: on a phone everything fits and is large enough to touch", async (browser) => {
    const page = await orders(browser, { viewport: PHONE, hasTouch: true, isMobile: true });
    await page.locator("gopeer-context .context > summary").tap();
    await chip(page, "Exactly once, in effect").tap();
    await card(page, CONSUMER).getByText("Raised from medium to high").waitFor();
    await page.locator("gopeer-context .more .more > summary").tap();
    await fits(page);
    for (const box of await page.locator("gopeer-context .chip").all()) {
      const { width, height, x } = await box.boundingBox();
      assert.ok(height >= 36 && width >= 36 && x >= 0 && x + width <= PHONE.width, `${width} × ${height} at ${x}`);
    }
    await clean(page, "questions on a phone");
    page.server.close();
  }],
  ["talk: two reviewers are compared: both, only one, only the other, by what they put first", async (browser) => {
    const page = await orders(browser);
    assert.equal(page.requests.filter((request) => /\/(report|symptoms)-/.test(request) && /wasm|json/.test(request)).length, 0, "nothing before");
    await page.locator("summary", { hasText: "Compare reviewers" }).click();
    await page.locator("#compare-throughput").click();
    const part = (title) => page.locator(`gopeer-compare section[aria-label="${title}"]`);
    await part("Both").waitFor();
    const count = async (title) => {
      const listed = await part(title).locator("li").count();
      assert.equal(Number(await part(title).locator(".group-count").textContent()), listed);
      return listed;
    };
    const sentence = page.locator("gopeer-compare [role=status]");
    const numbers = async () => (await sentence.textContent()).match(/\d+/g).map(Number);
    const named = [await count("Both"), await count("Only Senior"), await count("Only High-throughput services")];
    assert.deepEqual((await numbers()).slice(0, 3), named);
    await page.locator("#compare-3").click();
    await page.locator("#compare-3[aria-pressed=true]").waitFor();
    assert.ok((await count("Both")) + (await count("Only Senior")) <= 3);
    const total = (await numbers()).reduce((sum, number) => sum + number, 0);
    await page.locator("#compare-0").click();
    await page.locator("#compare-0[aria-pressed=true]").waitFor();
    assert.equal((await numbers()).reduce((sum, number) => sum + number, 0), total, "the same findings");
    await part("Both").locator("li .where").first().click();
    await page.locator("#editor .cm-content").waitFor();
    await page.locator(".reviewer", { hasText: "High-throughput" }).click();
    await reviewed(page);
    // Nobody is compared with himself.
    await page.locator("#compare-throughput").waitFor({ state: "detached" });
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["talk: while two reviewers are compared, the margin of the code says who raises what on a line", async (browser) => {
    // Lines out of sight are not drawn.
    const page = await reviewing(browser, MIXED, { viewport: { width: 1440, height: 2000 } });
    const marks = page.locator("#editor .cm-who .who");
    const part = (title) => page.locator(`gopeer-compare section[aria-label="${title}"]`);
    await page.locator("summary", { hasText: "Compare reviewers" }).click();
    await page.locator("#compare-throughput").click();
    await page.locator("#compare-3").click();
    await page.locator("#compare-3[aria-pressed=true]").waitFor();
    await marks.first().waitFor();
    // The lines of the lists, and of the margin, each with its letters.
    const lines = async (title) => (await part(title).locator("li .where").allTextContents()).map((place) => Number(place.split(":")[1]));
    const [both, first, second] = [await lines("Both"), await lines("Only Senior"), await lines("Only High-throughput services")];
    const expected = [...new Set([...both, ...first, ...second])].sort((a, b) => a - b)
      .map((line) => [line, `${[...both, ...first].includes(line) ? "A" : ""}${[...both, ...second].includes(line) ? "B" : ""}`]);
    assert.deepEqual([...new Set(expected.map(([, letters]) => letters))].sort(), ["A", "AB", "B"], "all kinds are there");
    const drawn = () => page.evaluate(() => {
      const { root, view } = document.getElementById("editor").editor;
      const line = (mark) => view.state.doc.lineAt(view.lineBlockAtHeight(mark.getBoundingClientRect().y + 4 - view.documentTop).from).number;
      return [...root.querySelectorAll(".cm-who .who")].map((mark) => [line(mark), mark.textContent]);
    });
    for (let tries = 0; tries < 40 && JSON.stringify(await drawn()) !== JSON.stringify(expected); tries += 1) await page.waitForTimeout(50);
    assert.deepEqual(await drawn(), expected, "the margin has the lines of the lists");
    assert.match(await marks.first().getAttribute("title"), /^(Both|Only Senior|Only High-throughput services): /);
    await clean(page, "the margin");
    // It moves with the text, and goes with the comparison.
    const [[line]] = expected;
    await page.evaluate(() => document.getElementById("editor").editor.view.dispatch({ changes: { from: 0, insert: "// One line more.\n" } }));
    assert.equal((await drawn())[0][0], line + 1);
    await reviewed(page);
    await page.locator("summary", { hasText: "Compare reviewers" }).click();
    await page.locator("#editor .cm-who").waitFor({ state: "detached" });
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["talk: from a symptom each answer leaves fewer candidates, down to a command", async (browser) => {
    const page = await orders(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator("summary", { hasText: "Start from a symptom" }).focus();
    await page.keyboard.press("Enter");
    const box = page.locator("gopeer-symptoms");
    const choose = async (name) => {
      const chip = box.getByRole("button", { name });
      const count = Number(await chip.locator(".chip-count").textContent());
      await chip.focus();
      await page.keyboard.press("Space");
      await box.locator("[aria-pressed=true]", { hasText: name }).waitFor();
      assert.ok(await page.evaluate((name) => document.activeElement.textContent.startsWith(name), name), "the focus stays");
      assert.equal(await box.locator("li").count(), count);
      return count;
    };
    const all = await choose("Something happens twice, or is lost");
    assert.ok(all >= 2, `${all}`);
    const lost = await choose("A message is lost");
    assert.ok(lost >= 1 && lost < all, `${lost} of ${all}`);
    assert.match(await box.locator("li").first().textContent(), /main\.go:11/);
    assert.match(await box.locator(".next-command").last().textContent(), /Run next.*kafka-console-consumer/s);
    await box.locator(".next-command").last().getByRole("button", { name: "Copy" }).click();
    await box.getByText("Copied").waitFor();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^kafka-console-consumer/);
    await choose("Something leaks");
    await box.getByRole("button", { name: "Goroutines" }).click();
    await box.getByText("To answer, run").waitFor();
    await clean(page, "symptoms");
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), "the pane scrolls, and not the page");
    assert.deepEqual(page.problems, []);
    page.server.close();
  }],
  ["talk: comparison and symptoms fit on a phone", async (browser) => {
    const page = await orders(browser, { viewport: PHONE, hasTouch: true, isMobile: true });
    await page.locator("summary", { hasText: "Compare reviewers" }).tap();
    await page.locator("#compare-data").tap();
    await page.locator("gopeer-compare section").first().waitFor();
    await page.locator("summary", { hasText: "Start from a symptom" }).tap();
    await page.locator("#symptom-0-0").tap();
    await page.locator("#symptom-1-0").tap();
    await page.locator("#symptom-2-0").tap();
    await page.locator(".next-command").last().waitFor();
    await fits(page);
    for (const box of await page.locator(".tools .chip").all()) {
      const { width, height, x } = await box.boundingBox();
      assert.ok(height >= 36 && x >= 0 && x + width <= PHONE.width, `${width} × ${height} at ${x}`);
    }
    await clean(page, "comparison on a phone");
    page.server.close();
  }],
];
