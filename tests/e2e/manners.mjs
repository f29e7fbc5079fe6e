// How the page behaves to people: what it shows after a paste, where the focus is, what a screen reader hears, and how a phone looks.
import assert from "node:assert/strict";
import { PHONE, dist, found, open, paste, ready, reviewed, reviewing, text } from "./browser.mjs";
import { FRAGMENT, LONG, SHOP, WORK } from "./code.mjs";
import { serve } from "./server.mjs";

async function at(browser, options = {}) {
  const server = await serve(dist);
  const page = await open(browser, server.url, options);
  page.server = server;
  return page;
}

/** Whether an element of the editor is in view. */
const inEditor = (page, selector) => page.waitForFunction((selector) => {
  const host = document.querySelector("#editor");
  const box = host.shadowRoot.querySelector(selector)?.getBoundingClientRect();
  const pane = host.getBoundingClientRect();
  return box !== undefined && box.top >= pane.top && box.bottom <= pane.bottom;
}, selector);
const scrollTop = (page) => page.evaluate(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-scroller").scrollTop);

const tabs = (page) => page.locator(".tab-name").evaluateAll((tabs) => tabs.map((tab) => tab.firstChild.textContent));

/** Waits until what has the focus matches. */
const focused = (page, selector) => page.waitForFunction((selector) => document.activeElement.matches(selector), selector);

const card = (page, rule) => page.locator(`.finding[data-rule="${rule}"]`).first();

async function openSample(page, title) {
  await page.locator(".sample", { hasText: title }).first().click();
  await found(page);
}

const drop = (page, name, text) => page.evaluate(([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.querySelector(".review-pane").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}, [name, text]);

/** The longest task of the main thread while something is done, in milliseconds of its own CPU time: other processes do not count. */
async function longest(page, act) {
  const devtools = await page.context().newCDPSession(page);
  const events = [];
  devtools.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await devtools.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel"] } });
  await act();
  const done = new Promise((done) => { devtools.once("Tracing.tracingComplete", done); });
  await devtools.send("Tracing.end");
  await done;
  await devtools.detach();
  const thread = ({ pid, tid }) => `${pid}.${tid}`;
  const main = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(thread));
  const tasks = events.filter((event) => event.ph === "X" && event.tdur !== undefined && main.has(thread(event)));
  assert.ok(tasks.length > 0, "the trace has tasks");
  return Math.round(Math.max(...tasks.map(({ tdur }) => tdur)) / 1000);
}

export default [
  ["manners: after a paste the editor shows the first finding, or else the top", async (browser) => {
    const page = await reviewing(browser, `${LONG}\n${SHOP.slice(SHOP.indexOf("import"))}`.replace(/package long/, "package shop"));
    await page.waitForFunction(() => document.querySelector("#editor").shadowRoot.querySelector(".cm-scroller").scrollTop > 1000);
    await inEditor(page, ".mark");
    await page.locator(".review-pane").evaluate((pane) => { pane.scrollTop = 400; });
    await paste(page, LONG);
    await reviewed(page);
    assert.equal(await scrollTop(page), 0);
    assert.equal(await page.locator(".review-pane").evaluate((pane) => pane.scrollTop), 0, "the review begins at its top");
    await inEditor(page, ".cm-line");
    await paste(page, SHOP);
    await found(page);
    await inEditor(page, ".mark");
    assert.equal(await scrollTop(page), 0, "what is in view anyway does not move");
    page.server.close();
  }],
  ["manners: a paste over everything replaces everything, also from Markdown with several fences", async (browser) => {
    const page = await reviewing(browser, SHOP);
    await paste(page, `One:\n\n\`\`\`go\n${FRAGMENT}\`\`\`\n\nTwo:\n\n\`\`\`go\npackage two\n\`\`\`\n`);
    await page.locator(".tab", { hasText: "main2.go" }).waitFor();
    assert.deepEqual(await tabs(page), ["main.go", "main2.go"]);
    assert.equal(await text(page), FRAGMENT);
    await page.locator(".toast .button", { hasText: "Undo" }).click();
    await found(page);
    assert.deepEqual([await tabs(page), await text(page)], [["main.go"], SHOP]);
    await paste(page, FRAGMENT);
    await reviewed(page);
    assert.equal(await text(page), FRAGMENT);
    await page.keyboard.press("Control+z");
    await found(page);
    assert.equal(await text(page), SHOP, "one undo");
    page.server.close();
  }],
  ["manners: archives and binary files are refused with a sentence", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const choose = async (name, buffer) => {
      await page.locator(".top .button", { hasText: "Open" }).click();
      await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
    };
    await choose("shop.zip", Buffer.from("PK\x03\x04\x14\0", "latin1"));
    await page.locator(".toast.warning", { hasText: "shop.zip could not be unpacked" }).waitFor();
    await choose("shop.tar.gz", Buffer.from("\x1f\x8b", "latin1"));
    await page.locator(".toast.warning", { hasText: "shop.tar.gz is a packed archive." }).waitFor();
    await choose("logo.png", Buffer.from("\x89PNG\r\n\x1a\n\0", "latin1"));
    await page.locator(".toast.warning", { hasText: "logo.png is not a text file." }).waitFor();
    assert.deepEqual([await tabs(page), await text(page)], [["main.go"], SHOP]);
    page.server.close();
  }],
  ["manners: a sample that was merely opened is no draft, comes back after a reload, and gives way to a drop", async (browser) => {
    const page = await at(browser);
    await openSample(page, "Orders API");
    await page.waitForTimeout(700);
    await page.reload();
    await found(page);
    assert.deepEqual(await tabs(page), ["orders_api.go"]);
    await page.locator(".top .button", { hasText: "Open" }).click();
    await page.locator("dialog .sample").first().waitFor();
    assert.equal(await page.locator("dialog .draft").count(), 0);
    await page.keyboard.press("Escape");
    await drop(page, "mine.go", FRAGMENT);
    await page.locator(".tab", { hasText: "mine.go" }).waitFor();
    assert.deepEqual(await tabs(page), ["mine.go"]);
    await page.locator(".toast .button", { hasText: "Undo" }).click();
    await page.locator(".tab", { hasText: "orders_api.go" }).waitFor();
    assert.deepEqual(await tabs(page), ["orders_api.go"]);
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("// mine\n");
    await text(page);
    await page.locator(".top .button", { hasText: "Open" }).click();
    await page.locator("dialog .draft", { hasText: "orders_api.go" }).waitFor();
    page.server.close();
  }],
  ["focus: after Apply it is on the next card, after a file is closed or renamed on a tab", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const cards = await page.locator(".finding").evaluateAll((cards) => cards.map(({ id }) => id));
    const fixable = page.locator(".finding", { has: page.locator("button", { hasText: "how to fix it" }) }).first();
    const id = await fixable.getAttribute("id");
    await fixable.locator(".disclose").focus();
    await page.keyboard.press("Enter");
    await fixable.locator(".fix .button.primary").first().focus();
    await page.keyboard.press("Enter");
    await page.locator(`[id="${id}"]`).waitFor({ state: "detached" });
    await focused(page, ".finding .quoted");
    const now = await page.evaluate(() => document.activeElement.closest(".finding").id);
    const at = cards.indexOf(id);
    assert.ok([cards[at + 1], cards[at - 1]].includes(now), `${now} is beside ${id} in ${cards}`);

    await page.locator("[aria-label='New file']").focus();
    await page.keyboard.press("Enter");
    await page.locator(".tab.is-active .tab-name").focus();
    await page.keyboard.press("F2");
    await page.locator("input.rename").fill("extra.go");
    await page.keyboard.press("Enter");
    await page.locator(".tab", { hasText: "extra.go" }).waitFor();
    await focused(page, ".tab-name");
    await page.locator("[aria-label='Close extra.go']").focus();
    await page.keyboard.press("Enter");
    await page.locator(".tab", { hasText: "extra.go" }).waitFor({ state: "detached" });
    await focused(page, ".tab-name");
    page.server.close();
  }],
  ["focus: a message, a dialog and a closed link give it back", async (browser) => {
    const page = await reviewing(browser, SHOP);
    await page.locator(".disclose").first().focus();
    await page.keyboard.press("Enter");
    await page.locator(".rule-line .link-button").first().focus();
    await page.keyboard.press("Enter");
    await page.locator("dialog .rule-page").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await focused(page, ".rule-line .link-button");
    await page.evaluate(() => { location.hash = "v1.broken"; });
    await page.locator(".banner.warning .button").focus();
    await page.keyboard.press("Enter");
    await page.locator(".banner").waitFor({ state: "detached" });
    await focused(page, ".rule-line .link-button");
    page.server.close();
  }],
  ["announced: F8 says the finding, a filter what it leaves, and an empty one that nothing matches", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const count = await page.locator(".finding").count();
    await page.locator(".top h1").click();
    await page.keyboard.press("F8");
    const said = page.locator("[aria-live=polite]", { hasText: new RegExp(`^Finding 1 of ${count}\\. (Critical|High|Medium|Low|Question), main\\.go line \\d+: `) });
    await said.waitFor({ state: "attached" });
    const severities = await page.locator(".chip:not(.plain)").all();
    const categories = await page.locator(".chip.plain").all();
    await severities[0].click();
    await page.locator("[aria-live=polite]", { hasText: /^The filter shows \d+ of \d+ finding/ }).waitFor({ state: "attached" });
    await severities[0].click();
    let empty = false;
    for (const one of severities) {
      for (const other of categories) {
        for (const chip of [one, other]) await chip.click();
        empty ||= await page.locator(".no-match").isVisible();
        if (empty) break;
        for (const chip of [one, other]) await chip.click();
      }
      if (empty) break;
    }
    assert.ok(empty, "some filter matches nothing");
    assert.equal(await page.locator(".no-match").textContent(), "No finding matches the filter.");
    await page.locator("[aria-live=polite]", { hasText: /^No finding matches the filter\./ }).waitFor({ state: "attached" });
    page.server.close();
  }],
  ["cards: each has a heading, and a name that says how bad it is and what it is", async (browser) => {
    const page = await reviewing(browser, SHOP);
    for (const card of await page.locator(".finding").all()) {
      const say = (await card.locator("h3").textContent()).trim();
      assert.ok(say.length > 10);
      const severity = (await card.locator(".severity").textContent()).trim();
      const named = page.getByRole("article", { name: `${severity} ${say}` });
      assert.ok(await named.count() >= 1, `${severity} ${say}`);
    }
    page.server.close();
  }],
  ["cards: a character that does not show is written out, in the code and beside it", async (browser) => {
    const page = await reviewing(browser, `package main\n\nfunc check(role string) bool {\n\treturn role == "admin\u200b"\n}\n`);
    await page.locator("#editor .spelled", { hasText: "⟨U+200B⟩" }).waitFor();
    const quoted = card(page, "security/trojan-source").locator(".quoted");
    assert.equal(await quoted.locator("mark").textContent(), "⟨U+200B⟩");
    assert.equal(await quoted.locator("code").textContent(), 'return role == "admin⟨U+200B⟩"');
    await quoted.click();
    await page.locator("#editor .dot-selected").waitFor();
    page.server.close();
  }],
  ["cards: a fix is shown whole, and its imports in their order", async (browser) => {
    const page = await reviewing(browser, `package main\n\nimport (\n\t"log"\n\t"net/http"\n)\n\nfunc main() {\n\thttp.HandleFunc("/", http.NotFound)\n\tlog.Fatal(http.ListenAndServe(":8080", nil))\n}\n`);
    const one = card(page, "resilience/no-graceful-shutdown");
    await one.locator(".disclose").click();
    const added = await one.locator(".diff").first().locator(".diff-line.new").evaluateAll((lines) => lines.map((line) => line.lastChild.previousSibling.textContent.trim()));
    assert.deepEqual(added, ['"context"', '"errors"', '"os"', '"os/signal"', '"syscall"', '"time"']);
    for (const pre of await one.locator(".diff pre").all()) {
      assert.ok(await pre.evaluate((pre) => pre.scrollWidth <= pre.clientWidth), "long lines are wrapped");
    }
    page.server.close();
  }],
  ["cards: one cause is one card, whose other places are folded and lead to the code", async (browser) => {
    const runs = Array.from({ length: 30 }, (_, i) => `\tt.Run("case ${i}", func(inner *testing.T) {\n\t\tif work(${i}) != nil {\n\t\t\tt.Fatal("failed")\n\t\t}\n\t})\n`);
    const page = await reviewing(browser, `-- work_test.go --\npackage work\n\nimport "testing"\n\nfunc work(int) error { return nil }\n\nfunc TestWork(t *testing.T) {\n${runs.join("")}}\n`);
    const one = card(page, "testing/outer-t-in-subtest");
    assert.equal(await page.locator(".finding[data-rule='testing/outer-t-in-subtest']").count(), 1);
    const more = one.locator("summary", { hasText: /^29 more places/ });
    await more.waitFor();
    assert.equal(await one.locator(".places .where").count(), 0, "nothing is drawn before it is opened");
    await more.click();
    await one.locator(".places .where").nth(28).waitFor();
    await one.locator(".places .where").last().click();
    await page.locator("#editor .cm-activeLine", { hasText: "t.Fatal" }).waitFor();
    page.server.close();
  }],
  ["keys: single-key shortcuts can be switched off, and stay off", async (browser) => {
    const page = await reviewing(browser, SHOP);
    const chosen = () => page.locator(".reviewer.is-chosen .reviewer-name").textContent();
    await page.locator(".top h1").click();
    await page.keyboard.press("2");
    assert.equal(await chosen(), "Backend expert");
    await page.keyboard.press("?");
    await page.locator("dialog input[type=checkbox]").uncheck();
    await page.keyboard.press("Escape");
    for (const reloaded of [false, true]) {
      if (reloaded) {
        await page.reload();
        await ready(page);
        await found(page);
      }
      await page.locator(".top h1").click();
      await page.keyboard.press("3");
      await page.keyboard.press("?");
      await page.keyboard.press("F8");
      await page.locator(".finding.is-selected").waitFor();
      assert.equal(await chosen(), "Backend expert");
      assert.equal(await page.locator("dialog").count(), 0);
    }
    page.server.close();
  }],
  ["phone: the reviewers are one row, and the first screen has a finding", async (browser) => {
    for (const viewport of [PHONE, { width: 390, height: 844 }]) {
      const page = await at(browser, { viewport, hasTouch: true });
      for (const title of ["Orders API", "Payments from Kafka", "Session cache"]) {
        await page.locator(".phone-tab").nth(1).click();
        if (await page.locator(".welcome").isVisible()) await page.locator(".sample", { hasText: title }).click();
        else {
          await page.locator(".top .button[aria-label=Open]").click();
          await page.locator("dialog .sample", { hasText: title }).click();
          await page.locator(".phone-tab").nth(1).click();
        }
        await found(page);
        const place = await page.evaluate(() => {
          const box = (selector) => document.querySelector(selector).getBoundingClientRect();
          const rows = new Set([...document.querySelectorAll(".reviewer")].map((one) => Math.round(one.getBoundingClientRect().top)));
          return { rows: rows.size, switcher: box(".reviewers").height, say: box(".finding .say").bottom, foot: box(".status").top };
        });
        assert.equal(place.rows, 1);
        assert.ok(place.switcher <= 64, `the switcher is ${place.switcher} px high`);
        assert.ok(place.say <= place.foot, `${title}: the first finding ends at ${place.say}, the screen at ${place.foot}`);
        const cut = await page.locator(".reviewer.is-chosen .reviewer-name").evaluate((name) => name.scrollWidth - name.clientWidth);
        assert.ok(cut <= 0, "the name is whole");
      }
      await page.context().close();
      page.server.close();
    }
  }],
  ["phone: a review of other code begins at its top", async (browser) => {
    const page = await at(browser, { viewport: PHONE, hasTouch: true });
    const top = () => page.locator(".review-pane").evaluate((pane) => pane.scrollTop);
    await page.locator(".phone-tab").nth(0).click();
    await ready(page);
    for (const code of [SHOP, LONG]) {
      await paste(page, code);
      await page.locator(".phone-tab").nth(1).click();
      await reviewed(page);
      assert.equal(await top(), 0);
      await page.locator(".review-pane").evaluate((pane) => { pane.scrollTop = 300; });
      assert.ok(await top() > 0);
      await page.locator(".phone-tab").nth(0).click();
    }
    page.server.close();
  }],
  ["work: no task of the main thread takes over 50 ms with a thousand lines", async (browser) => {
    const page = await at(browser);
    await ready(page);
    const pause = () => page.waitForTimeout(600);
    const steps = {
      "pasted": async () => { await paste(page, WORK); await found(page); },
      "reloaded": async () => { await page.reload(); await ready(page); await found(page); },
      "typed in": async () => { await page.locator(".cm-content").click(); await page.keyboard.type("y"); await reviewed(page); },
      "all findings shown": async () => { await page.locator(".fold").click(); await page.locator(".finding").nth(120).waitFor(); },
      "filtered": async () => { await page.locator(".chip").first().click(); },
      "not filtered": async () => { await page.locator(".chip").first().click(); await page.locator(".finding").nth(120).waitFor(); },
      "another reviewer": async () => { await page.locator(".reviewer").nth(4).click(); await reviewed(page); },
    };
    const took = {};
    for (const [step, act] of Object.entries(steps)) took[step] = await longest(page, async () => { await act(); await pause(); });
    console.log(`  ${Object.entries(took).map(([step, millis]) => `${step} ${millis} ms`).join(", ")}`);
    for (const [step, millis] of Object.entries(took)) assert.ok(millis <= 50, `${step}: ${millis} ms`);
    page.server.close();
  }],
];
