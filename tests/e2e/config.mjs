// A project's configuration among the files.
import assert from "node:assert/strict";
import { dist, open, paste, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";
import { ORDERS } from "./talk.mjs";

const RULE = "correctness/duration-without-unit";
const files = (config) => `-- main.go --
package main

import "time"

func main() {
	time.Sleep(5)
}
-- .gopeer.toml --
${config}
`;

async function at(browser, before = () => {}) {
  const server = await serve(dist);
  const page = await open(browser, server.url);
  page.server = server;
  await before(page);
  await ready(page);
  return page;
}

const fetched = (page) => page.requests.filter((request) => /\/config(_bg)?-/.test(request)).length;

export default [
  ["config: a file of the project turns a rule off, and its faults are said", async (browser) => {
    const page = await at(browser);
    assert.equal(fetched(page), 0, "most visits need no reader");
    await paste(page, files(`[rules]\n"${RULE}" = "off"`));
    await page.locator(".more summary", { hasText: "Not shown: 1 finding" }).click();
    await page.locator(".silenced code", { hasText: RULE }).waitFor();
    await reviewed(page);
    assert.equal(await page.locator(".finding").count(), 0);
    assert.equal(fetched(page), 2, "a script and a program, once");
    await page.locator(".tab", { hasText: ".gopeer.toml" }).locator("button").first().click();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(`[rules]\n"${RULE}s" = "off"\n`);
    const fault = page.locator(".review", { hasText: `there is no rule ${RULE}s (did you mean ${RULE}?)` });
    await fault.waitFor();
    await page.locator(".finding").first().waitFor();
    assert.equal(fetched(page), 2);
    assert.deepEqual(await page.evaluate(() => violations), [], "CSP violations");
    assert.deepEqual(page.problems, []);
    page.server.close();
  }],
  ["config: what the project assumes changes findings and is shown as the file's; an answer takes its place", async (browser) => {
    const page = await at(browser);
    await paste(page, `-- orders.go --\n${ORDERS}-- .gopeer.toml --\n[assume]\ndelivery = "at-least-once"\n`);
    const severity = (name) => page.locator('.finding[data-rule="kafka/weak-acks"] .severity', { hasText: name }).waitFor();
    await severity("Critical");
    await page.locator(".assumed", { hasText: ".gopeer.toml says: at least once. 1 finding raised, 1 finding lowered." }).waitFor();
    await page.locator(".finding", { hasText: "because .gopeer.toml says “at least once”: a message may be lost here" }).waitFor();
    const summary = page.locator("gopeer-context .context > summary", { hasText: "Change context" });
    await summary.click();
    await page.locator("gopeer-context fieldset", { hasText: "At least once, as .gopeer.toml says." }).waitFor();
    assert.equal(await page.locator("gopeer-context [aria-pressed=true]").count(), 0, "the visitor has said nothing");
    const chip = page.locator("gopeer-context").getByRole("button", { name: "At most once" });
    await chip.click();
    await severity("Medium");
    await page.locator(".assumed", { hasText: "You said: at most once." }).waitFor();
    assert.doesNotMatch(await page.locator(".assumed").textContent(), /gopeer\.toml/);
    await chip.click();
    await severity("Critical");
    await page.locator(".tab", { hasText: ".gopeer.toml" }).locator("button").first().click();
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText('[assume]\ndelivery = "always"\n');
    await page.locator(".review", { hasText: "`delivery` has no answer `always`, only at-most-once".replaceAll("`", "") }).waitFor();
    await severity("High");
    assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
    page.server.close();
  }],
  ["config: the project's reviewer reviews, unless the visitor chose one", async (browser) => {
    const page = await at(browser);
    const chosen = (name) => page.locator(".reviewer.is-chosen", { hasText: name }).waitFor();
    await paste(page, files(`persona = "data"`));
    await chosen("Cassandra/Kafka");
    await page.locator(".tab", { hasText: ".gopeer.toml" }).locator("button").first().click();
    const write = async (config) => {
      await page.locator(".cm-content").click();
      await page.keyboard.press("Control+a");
      await page.keyboard.insertText(config);
    };
    await write(`persona = "throughput"\n`);
    await chosen("High-throughput");
    await page.locator("[aria-label='Close .gopeer.toml']").click();
    await chosen("Senior");
    await page.locator(".toast .button", { hasText: "Undo" }).click();
    await chosen("High-throughput");
    await page.locator(".reviewer", { hasText: "Backend" }).click();
    await write(`persona = "data"\n`);
    await reviewed(page);
    await chosen("Backend");
    await page.reload();
    await ready(page);
    await reviewed(page);
    await chosen("Backend");
    page.server.close();
  }],
  ["config: where its reader cannot be had, the page reviews without it, and says so", async (browser) => {
    const page = await at(browser, (page) => page.route("**/config_bg-*.wasm", (route) => route.abort()));
    await paste(page, files(`[rules]\n"${RULE}" = "off"`));
    await page.locator(".review", { hasText: "its reader could not be loaded" }).waitFor();
    await reviewed(page);
    await page.locator(".finding").first().waitFor();
    page.server.close();
  }],
];
