// The presenter and the sheets to print, for exercises and for reviews.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, found, open, paste, ready, root } from "./browser.mjs";
import { serve } from "./server.mjs";

const SENIOR = JSON.parse(readFileSync(join(root, "static/exercises/senior.json"), "utf8"));
const POOL = SENIOR.exercises[0];
const CODE = readFileSync(join(root, "static/samples/crawler.go"), "utf8");

const lit = (page) => page.locator(".stage .is-lit").evaluateAll((lines) => lines.map((line) => Number(line.firstChild.textContent)));
const position = async (page) => Number((await page.locator(".stage-count").first().textContent()).split("/")[0]);

/** The pack's page with what trainers see, in a fresh profile. */
async function trainers(browser, options = {}) {
  const server = await serve(dist, "/x/");
  const page = await open(browser, `${server.url}workshop.html?pack=senior`, options);
  await page.locator("summary", { hasText: "For trainers" }).click();
  await page.getByLabel("What to present").selectOption(POOL.id);
  assert.ok(!page.requests.some((request) => /\/(stage|report)/.test(request)), "nothing of it is fetched before");
  return { page, server };
}

/** A review on the page, with the share dialog open. */
async function reviewer(browser, options = {}) {
  const server = await serve(dist, "/x/");
  const page = await open(browser, server.url, options);
  await ready(page);
  await paste(page, CODE);
  await found(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.locator("summary", { hasText: "Present and print" }).click();
  return { page, server };
}

async function fine(page) {
  assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
}

export default [
  ["stage: an exercise is presented by a clicker: asked, revealed, step by step, repaired", async (browser) => {
    const { page, server } = await trainers(browser, { viewport: { width: 1920, height: 1080 } });
    await page.getByRole("button", { name: "Present" }).click();
    await page.locator(".stage h1", { hasText: POOL.title }).waitFor();
    assert.ok(await page.evaluate(() => document.fullscreenElement !== null), "it fills the screen");
    const [fault] = POOL.faults;
    const panel = page.locator(".stage-panel");
    await page.keyboard.press("PageDown");
    assert.ok(!(await panel.textContent()).includes(fault.title), "the fault is hidden at first");
    assert.deepEqual(await lit(page), []);
    await page.keyboard.press("h");
    assert.ok((await panel.textContent()).includes(fault.title.replaceAll("`", "")), "and revealed");
    await page.keyboard.press("h");
    assert.deepEqual(await lit(page), []);
    await page.keyboard.press("PageDown");
    assert.deepEqual(await lit(page), fault.places.map(({ line }) => line));
    for (const step of fault.path) {
      await page.keyboard.press("PageDown");
      assert.deepEqual(await lit(page), [step.line]);
      assert.ok((await panel.locator("[aria-current]").textContent()).includes(`:${step.line}`));
      assert.ok(await page.locator(".stage .is-lit").evaluate((line) => {
        const [box, holder] = [line.getBoundingClientRect(), line.closest(".stage-code").getBoundingClientRect()];
        return box.top >= holder.top && box.bottom <= holder.bottom;
      }), "the line is in sight");
    }
    await page.keyboard.press("PageUp");
    assert.equal(await position(page), 2 + fault.path.length);
    await page.keyboard.press("End");
    assert.ok(await page.locator(".stage .diff .added").count() > 0, "the repaired version comes last");
    await page.keyboard.press("PageDown");
    await page.keyboard.press("Home");
    assert.equal(await position(page), 1);
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { name: SENIOR.title }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Present", "the focus comes back");
    assert.equal(await page.locator(".stage").count(), 0);
    await fine(page);
    server.close();
  }],
  ["stage: type, look, black screen, timer; the notes in a second window follow and lead", async (browser) => {
    const { page, server } = await trainers(browser, { viewport: { width: 1920, height: 1080 } });
    await page.getByRole("button", { name: "Present" }).click();
    await page.locator(".stage").waitFor();
    const size = () => page.locator(".stage").evaluate((stage) => parseFloat(getComputedStyle(stage).fontSize) / 16);
    assert.equal(await size(), 1.5);
    for (let presses = 0; presses < 6; presses += 1) await page.keyboard.press("+");
    assert.equal(await size(), 2.5);
    await page.keyboard.press("l");
    const look = await page.locator(".stage").evaluate((stage) => [getComputedStyle(stage).backgroundColor, getComputedStyle(stage).color]);
    assert.deepEqual(look, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]);
    await page.keyboard.press(".");
    assert.ok(!(await page.locator(".stage-code").isVisible()));
    await page.keyboard.press(".");
    assert.ok(await page.locator(".stage-code").isVisible());
    await page.getByLabel("Time limit", { exact: true }).selectOption("5");
    assert.match(await page.locator(".clock").textContent(), /^0[45]:\d\d$/);
    await page.keyboard.press("t");
    assert.match(await page.locator(".clock").getAttribute("aria-label"), /Start the timer/);
    await page.locator(".stage-panel").focus();
    const [notes] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("n")]);
    await page.keyboard.press("PageDown");
    const text = () => notes.locator("main").textContent();
    assert.ok((await text()).includes(POOL.faults[0].title.replaceAll("`", "")), "the speaker knows the answer");
    assert.ok((await text()).includes(`Hint 1: ${POOL.faults[0].hints[0].replaceAll("`", "")}`));
    await notes.keyboard.press("PageDown");
    assert.equal(await position(page), 3);
    await notes.getByRole("button", { name: "Back" }).click();
    assert.equal(await position(page), 2);
    assert.equal(await notes.evaluate(() => getComputedStyle(document.querySelector("main")).fontFamily), await page.locator(".stage").evaluate((stage) => getComputedStyle(stage).fontFamily), "the notes have our style");
    await clean(notes, "notes");
    await page.getByRole("button", { name: "Close" }).click();
    await page.waitForFunction(() => document.querySelector(".stage") === null);
    assert.ok(notes.isClosed());
    await page.getByRole("button", { name: "Present" }).click();
    await page.locator(".stage").waitFor();
    assert.equal(await size(), 2.5, "the size is kept");
    await fine(page);
    server.close();
  }],
  ["stage: a review is presented over the page, whose keys sleep meanwhile", async (browser) => {
    const { page, server } = await reviewer(browser);
    await page.getByRole("button", { name: "Present" }).click();
    await page.locator(".stage").waitFor();
    const chosen = await page.locator(".reviewer.is-chosen").textContent();
    await page.keyboard.press("3");
    await page.keyboard.press("ArrowRight");
    assert.match(await page.locator(".stage-panel").innerText(), /Finding 1 of/);
    const [line] = await lit(page);
    assert.ok(line > 0);
    await page.keyboard.press("h");
    assert.deepEqual(await lit(page), [], "a finding can be hidden");
    await page.keyboard.press("h");
    await clean(page, "stage of a review");
    await page.keyboard.press("Escape");
    await page.locator(".stage").waitFor({ state: "detached" });
    assert.equal(await page.locator("dialog").count(), 0);
    assert.equal(await page.locator(".reviewer.is-chosen").textContent(), chosen);
    assert.ok(await page.locator(".cm-content").isVisible());
    await fine(page);
    server.close();
  }],
  ["stage: sheets without findings, with them, and a handout whose link is the learners'", async (browser) => {
    const { page, server } = await trainers(browser);
    await page.getByLabel("Time limit in").fill("30");
    await page.getByRole("button", { name: "Print…" }).click();
    const paper = page.locator(".sheet-paper");
    await paper.waitFor();
    const { title } = POOL.faults[0];
    const plain = title.replaceAll("`", "");
    assert.ok(!(await paper.textContent()).includes(plain), "the first sheet gives nothing away");
    assert.equal(await paper.locator(".stage-flag").count(), 0);
    await clean(page, "sheet");
    await page.getByRole("button", { name: "With findings" }).click();
    assert.ok((await paper.textContent()).includes(plain));
    assert.ok(await paper.locator(".diff .added").count() > 0);
    await page.emulateMedia({ media: "print" });
    assert.ok(!(await page.locator(".sheet-bar").isVisible()), "the buttons are not printed");
    assert.ok(!(await page.locator(".bar").isVisible()), "nor is the page");
    await page.emulateMedia({ media: "screen" });
    await page.getByRole("button", { name: "Handout" }).click();
    await paper.locator(".qr").waitFor();
    assert.equal(await paper.locator(".sheet-address").textContent(), `${server.url}workshop.html?pack=senior&minutes=30`);
    await clean(page, "handout");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("heading", { name: SENIOR.title }).waitFor();
    await fine(page);
    server.close();
    const review = await reviewer(browser);
    await review.page.getByRole("button", { name: "Print…" }).click();
    await review.page.getByRole("button", { name: "With findings" }).click();
    assert.ok(await review.page.locator(".sheet-item").count() > 1);
    assert.ok(await review.page.evaluate(() => document.documentElement.scrollHeight > innerHeight), "the sheet is as long as it is, not as the window");
    await review.page.getByRole("button", { name: "Handout" }).click();
    await review.page.locator(".sheet-link[aria-busy=false]").waitFor();
    await fine(review.page);
    review.server.close();
  }],
  ["stage: axe finds nothing and nothing is too wide, on a desktop and a phone", async (browser) => {
    for (const [viewport, colorScheme] of [[DESKTOP, "dark"], [PHONE, "light"]]) {
      const { page, server } = await trainers(browser, { viewport, colorScheme, hasTouch: viewport === PHONE });
      const looks = async (where) => {
        await clean(page, `${where} ${colorScheme}`);
        await fits(page, where);
      };
      await page.getByRole("button", { name: "Present" }).click();
      await page.locator(".stage").waitFor();
      await looks("stage");
      const next = page.locator(".stage-bar .primary");
      await (viewport === PHONE ? next.tap() : next.click());
      await looks("asked");
      await next.click();
      await next.click();
      assert.equal((await lit(page)).length, 1);
      await looks("step");
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("button", { name: "Print…" }).click();
      await page.getByRole("button", { name: "With findings" }).click();
      await looks("sheet");
      await page.getByRole("button", { name: "Handout" }).click();
      await page.locator(".qr").waitFor();
      await looks("handout");
      await fine(page);
      server.close();
    }
  }],
];
