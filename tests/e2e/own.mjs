// Reviewers of one's own: dropped, started from a built-in one, edited beside the code, kept, and sent in links.
import assert from "node:assert/strict";
import { PHONE, dist, fits, open, paste, ready, reviewed } from "./browser.mjs";
import { serve } from "./server.mjs";

const CODE = `package main

import "time"

func main() {
	time.Sleep(2 * time.Second)
}
`;
const TEAM = `+++
id = "shop"
name = "Shop"
tagline = "Does an order survive it?"

[verdict]
high = "No: {first}."

[[rules]]
name = "sleep"
call = "time.Sleep"
severity = "high"
message = "\`{call}\` is not for us"
when = [{ argument = 1, more-than = "1s" }]
+++
Has run the shop for six years.

## Questions
- Who is on call for this?
`;

async function at(browser, options = {}, before = ready) {
  const server = await serve(dist);
  const page = await open(browser, server.url, options);
  page.server = server;
  await before(page);
  return page;
}

const drop = (page, name, text) => page.evaluate(([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  document.querySelector(".review-pane").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}, [name, text]);

const chosen = (page, name) => page.locator(".reviewer.is-chosen", { hasText: name }).waitFor();
const verdict = (page, text) => page.locator(".verdict", { hasText: text }).waitFor();
const openTab = (page, name) => page.locator(".tab", { hasText: name }).locator("button").first().click();
const fetched = (page) => page.requests.filter((request) => /\/config(_bg)?-/.test(request)).length;

async function write(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

async function clean(page) {
  assert.deepEqual(await page.evaluate(() => violations), [], "CSP violations");
  assert.deepEqual(page.problems, []);
  page.server.close();
}

export default [
  ["own: a dropped file reviews, follows each change, and says at which line it is wrong", async (browser) => {
    const page = await at(browser);
    await paste(page, CODE);
    await reviewed(page);
    assert.equal(fetched(page), 0, "most visits need no reader");
    await drop(page, "team.md", TEAM);
    await chosen(page, "Shop");
    await verdict(page, "No: time.Sleep is not for us.");
    await page.locator(".finding[data-rule='team/sleep']").waitFor();
    await page.locator(".tagline", { hasText: "Does an order survive it?" }).waitFor();
    await page.locator(".ticks", { hasText: "Who is on call for this?" }).waitFor();
    assert.match(await page.locator(".tab.is-active").innerText(), /^main\.go/, "the code stays in sight");
    await openTab(page, "team.md");
    await write(page, TEAM.replace("more-than = \"1s\"", "more-than = \"1m\"").replace("Shop", "Store"));
    await chosen(page, "Store");
    await page.locator(".finding[data-rule='team/sleep']").waitFor({ state: "detached" });
    await write(page, TEAM.replace("severity =", "severe ="));
    await page.locator(".review", { hasText: "team.md is not used: unknown field severe, expected one of" }).waitFor();
    await page.locator(".review .note", { hasText: "team.md:12" }).first().waitFor();
    await chosen(page, "Store");
    await write(page, TEAM);
    await chosen(page, "Shop");
    await page.locator(".finding[data-rule='team/sleep']").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.locator(".reviewer", { hasText: "Senior" }).click();
    await page.keyboard.press("6");
    await chosen(page, "Shop");
    await page.reload();
    await ready(page);
    await chosen(page, "Shop");
    await page.locator(".finding[data-rule='team/sleep']").waitFor();
    await page.locator("[aria-label='Close team.md']").click();
    await chosen(page, "Senior");
    await page.locator(".finding[data-rule='team/sleep']").waitFor({ state: "detached" });
    await clean(page);
  }],
  ["own: one starts from a built-in reviewer, whose profile says what it is like", async (browser) => {
    const page = await at(browser);
    await paste(page, CODE);
    await reviewed(page);
    await page.locator(".reviewer", { hasText: "Cassandra/Kafka" }).click();
    await page.locator("gopeer-own button").click();
    const dialog = page.locator("dialog.modal");
    await dialog.locator(".profile", { hasText: "Looks at first" }).waitFor();
    assert.match(await dialog.locator(".profile").innerText(), /kafka/);
    assert.equal(await dialog.locator("h2").innerText(), "Cassandra/Kafka");
    assert.equal(await dialog.locator("select").inputValue(), "data");
    await dialog.locator("select").selectOption("senior");
    await dialog.locator("button", { hasText: "Edit a copy" }).click();
    await chosen(page, "Our Senior");
    assert.equal(await page.locator(".tab.is-active").innerText(), "team.md");
    await reviewed(page);
    await clean(page);
  }],
  ["own: this browser keeps reviewers until they are forgotten", async (browser) => {
    const page = await at(browser);
    await paste(page, CODE);
    await drop(page, "team.md", TEAM);
    await chosen(page, "Shop");
    await page.waitForFunction(() => localStorage.getItem("gopeer.reviewers")?.includes("time.Sleep"));
    await page.locator("[aria-label='Close team.md']").click();
    await chosen(page, "Senior");
    await page.locator("gopeer-own button").click();
    await page.locator("[aria-label='Use Shop']").click();
    await chosen(page, "Shop");
    await page.locator(".tab", { hasText: "shop.md" }).waitFor();
    await page.locator("[aria-label='Close shop.md']").click();
    await page.locator("gopeer-own button").click();
    await page.locator("[aria-label='Forget Shop']").click();
    await page.locator("[aria-label='Use Shop']").waitFor({ state: "detached" });
    assert.equal(await page.evaluate(() => localStorage.getItem("gopeer.reviewers")), "[]");
    await clean(page);
  }],
  ["own: a link brings the reviewer, and leaves nothing behind", async (browser) => {
    const page = await at(browser);
    await paste(page, CODE);
    await drop(page, "team.md", TEAM);
    await page.locator(".finding[data-rule='team/sleep']").waitFor();
    await page.locator(".top-actions .primary").click();
    const link = await page.locator("[aria-label='Link']").inputValue();
    const reader = await open(browser, link);
    await ready(reader);
    await chosen(reader, "Shop");
    await reader.locator(".finding[data-rule='team/sleep']").waitFor();
    await reader.locator("gopeer-own button").click();
    await reader.locator("dialog", { hasText: "A shared review keeps its reviewer." }).waitFor();
    await reader.waitForTimeout(1500);
    assert.equal(await reader.evaluate(() => localStorage.getItem("gopeer.reviewers")), null);
    await clean(page);
  }],
  ["own: texts of a file are text, and a hostile file gives a message", async (browser) => {
    const page = await at(browser);
    await paste(page, CODE);
    const evil = "<img src=x onerror=document.title='pwned'>";
    await drop(page, "team.md", TEAM.replace("\"Shop\"", JSON.stringify(evil)).replace("is not for us", evil).replace("Has run", evil).replace("Who is", evil));
    await chosen(page, evil);
    await page.locator(".finding[data-rule='team/sleep']").waitFor();
    await page.locator("gopeer-own button").click();
    await page.locator("dialog.modal .profile").waitFor();
    assert.match(await page.locator("dialog.modal .modal-texts p").first().innerText(), /the shop for six years\.$/);
    assert.equal(await page.locator("img").count(), 0);
    assert.notEqual(await page.title(), "pwned");
    await page.keyboard.press("Escape");
    for (const [text, said] of [
      [`+++\nvoice = ${"{a=".repeat(20_000)}\n+++\n`, "is not used"],
      [`+++\n${"#".repeat(70_000)}\n+++\n`, "a reviewer may have 64"],
      ["+++\nid = \"x\"\n", "lacks the line"],
    ]) {
      await drop(page, "team.md", text);
      await page.locator(".review", { hasText: said }).waitFor();
      await chosen(page, "Senior");
    }
    await clean(page);
  }],
  ["own: on a phone, and where the reader cannot be had", async (browser) => {
    const page = await at(browser, { viewport: PHONE }, (page) => page.route("**/config_bg-*.wasm", (route) => route.abort()));
    await page.locator(".phone-tab").nth(0).click();
    await ready(page);
    await paste(page, CODE);
    await drop(page, "team.md", TEAM);
    await page.locator(".phone-tab").nth(1).click();
    await page.locator(".review", { hasText: "its reader could not be loaded" }).waitFor();
    await page.locator("gopeer-own button").click();
    await page.locator("dialog", { hasText: "The profile could not be loaded." }).waitFor();
    await fits(page);
    page.server.close();
  }],
];
