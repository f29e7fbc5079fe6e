// Workshops: a learner marks lines, checks, takes hints, tries again; packs come from this site or as files.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, open, ready, root, until } from "./browser.mjs";
import { serve } from "./server.mjs";

const SENIOR = JSON.parse(readFileSync(join(root, "static/exercises/senior.json"), "utf8"));
const POOL = SENIOR.exercises[0];

const tall = { width: DESKTOP.width, height: 1000 };

/** An exercise of Senior's pack in a fresh profile. */
async function exercise(browser, options = {}, id = POOL.id) {
  const server = await serve(dist);
  const page = await open(browser, `${server.url}workshop.html?pack=senior#${id}`, { viewport: tall, reducedMotion: "reduce", ...options });
  await page.locator(".lines .line").first().waitFor();
  return { server, page };
}

/** Marks a line of the file that is shown. */
async function mark(page, line, concern, why = "") {
  await page.locator(`#L${line} .line`).click();
  await page.locator(".mark select").selectOption(concern);
  await page.locator(".mark input").fill(why);
  await page.locator(".mark button.primary").click();
  await page.locator(`#L${line} .said`).waitFor();
}

const place = (fault) => fault.places[0].line;
const verdict = (page) => page.locator("#verdict").textContent();
const show = (page, name) => page.locator(".tab", { hasText: name }).click();

async function fine(page) {
  assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []]);
}

export default [
  ["workshop: marks are scored; hits and false alarms are explained, missed faults are not given away", async (browser) => {
    const { page, server } = await exercise(browser);
    await show(page, "pool.go");
    const [closed, swallowed] = POOL.faults;
    await mark(page, place(closed), closed.concerns[0], "sends after close");
    await mark(page, place(swallowed), "latency");
    const right = POOL.right[0];
    await mark(page, right.line, "race");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    // Two points and one, less one for the false alarm, of six.
    assert.equal(await verdict(page), "33 %: 2 of 3 faults found (1 with another concern), 1 false alarm.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "verdict");
    const said = await page.locator(".verdict").innerText();
    assert.ok(said.includes(closed.title) && said.includes("half of the points"), said);
    assert.ok(said.toLowerCase().includes(right.text.slice(0, 30).toLowerCase()), "the look-alike is explained");
    assert.ok(!said.includes(POOL.faults[2].title), "the third fault is not given away");
    assert.equal(await page.locator(".diff").count(), 0);
    await page.locator(".path .link").first().click();
    assert.equal(await page.evaluate(() => document.activeElement.closest("li").id), `L${closed.path[0].line}`);
    await fine(page);
    server.close();
  }],
  ["workshop: hints are a ladder that ends at the fault; then all is shown, with the repaired version", async (browser) => {
    const { page, server } = await exercise(browser);
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.equal(await verdict(page), "No line is marked: 0 of 3 faults found.");
    const fault = page.locator(".fault").first();
    for (const hint of POOL.faults[0].hints) {
      await fault.getByRole("button", { name: /int$/ }).click();
      assert.ok((await fault.innerText()).includes(hint.replaceAll("`", "")), hint);
    }
    assert.ok(!(await fault.innerText()).includes(POOL.faults[0].title));
    await fault.getByRole("button", { name: "Show this fault" }).click();
    assert.ok((await fault.innerText()).includes(POOL.faults[0].title));
    await page.getByRole("button", { name: "Show all answers" }).click();
    await page.getByRole("button", { name: "Show the repaired version" }).click();
    const added = await page.locator(".diff .added code").allTextContents();
    const removed = await page.locator(".diff .removed code").allTextContents();
    const [before, after] = [POOL.files, POOL.repaired].map((files) => files.find(({ name }) => name === "pool.go").text.split("\n"));
    assert.ok(added.length > 5 && added.every((line) => after.includes(line)), "only lines of the repaired version are added");
    assert.ok(removed.length > 0 && removed.every((line) => before.includes(line)));
    assert.equal(await page.locator(".panel .diff").count(), 0, "it is where the code was");
    assert.deepEqual(await page.evaluate(() => [document.activeElement.textContent, document.activeElement.ariaPressed]), ["Repaired version", "true"]);
    // A place in the code brings the code back.
    await page.locator(".path .link").first().click();
    assert.equal(await page.evaluate(() => document.activeElement.closest("li").id), `L${POOL.faults[0].path[0].line}`);
    assert.equal(await page.locator(".diff").count(), 0);
    await page.locator(".tab", { hasText: "Repaired version" }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".code .diff").first().waitFor();
    await fine(page);
    server.close();
  }],
  ["workshop: a second try begins without marks; scores, hints and marks outlast a reload, and can be saved and reset", async (browser) => {
    const { page, server } = await exercise(browser);
    await show(page, "pool.go");
    await mark(page, place(POOL.faults[1]), "errors", "%v");
    await page.reload();
    await page.locator(".marks li").waitFor();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.match(await verdict(page), /^33 %/);
    page.on("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Start over" }).click();
    assert.equal(await page.locator(".said, .verdict").count(), 0);
    await show(page, "pool.go");
    for (const fault of POOL.faults) await mark(page, place(fault), fault.concerns[0]);
    await page.getByRole("button", { name: "Check again", exact: true }).click();
    assert.match(await verdict(page), /^100 %: 3 of 3/);
    assert.ok((await page.locator(".verdict").innerText()).includes("Your tries: 33 %, 100 %."));
    await page.locator("nav a").first().click();
    assert.ok((await page.locator(".packs li").first().innerText()).includes("best: 100 %"));
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the answers" }).click()]);
    const saved = JSON.parse(readFileSync(await file.path(), "utf8"));
    assert.deepEqual([saved.kind, saved.pack, saved.exercises[POOL.id].tries.map(({ percent }) => percent)], ["gopeer-answers", "senior", [33, 100]]);
    await page.getByRole("button", { name: "Reset" }).click();
    assert.ok(!(await page.locator(".packs li").first().innerText()).includes("best"));
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("workshop"))), []);
    await fine(page);
    server.close();
  }],
  ["workshop: code can be selected and copied without a line being chosen, and a button copies the file", async (browser) => {
    const { page, server } = await exercise(browser, { permissions: ["clipboard-read", "clipboard-write"] });
    await show(page, "pool.go");
    const { text } = POOL.files.find(({ name }) => name === "pool.go");
    const lines = text.split("\n");
    const first = lines.findIndex((line) => line.startsWith("func")) + 1;
    const edge = async (line, side) => {
      const { x, y, width, height } = await page.locator(`#L${line} code`).boundingBox();
      return [side === "left" ? x + 1 : x + width - 1, y + height / 2];
    };
    await page.locator(`#L${first}`).scrollIntoViewIfNeeded();
    await page.mouse.move(...await edge(first, "left"));
    await page.mouse.down();
    await page.mouse.move(...await edge(first + 2, "right"), { steps: 5 });
    await page.mouse.up();
    const selected = await page.evaluate(() => getSelection().toString());
    assert.deepEqual(selected.split("\n").map((line) => line.trim()), lines.slice(first - 1, first + 2).map((line) => line.trim()), "without numbers");
    assert.equal(await page.locator("form.mark").count(), 0);
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
    await page.locator(`#L${first} .line`).click();
    await page.locator("form.mark").waitFor();
    await fine(page);
    server.close();
  }],
  ["workshop: hints are announced, an empty check says so, and there is a way back", async (browser) => {
    const { page, server } = await exercise(browser, {}, SENIOR.exercises[1].id);
    await page.getByText("After each check there are hints").waitFor();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.match(await verdict(page), /^No line is marked: 0 of \d faults found\.$/);
    await page.getByRole("button", { name: "Hint" }).first().waitFor();
    await page.getByRole("link", { name: "Previous", exact: true }).click();
    await page.getByRole("heading", { name: SENIOR.exercises[0].title }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Previous", exact: true }).count(), 0, "it is the first");
    await page.getByRole("link", { name: "Next", exact: true }).click();
    await page.getByRole("heading", { name: SENIOR.exercises[1].title }).waitFor();
    await fine(page);
    server.close();
  }],
  ["workshop: the keyboard is enough", async (browser) => {
    const { page, server } = await exercise(browser);
    await page.locator("h1").focus();
    /** Tabs until what has the focus is as it should be. */
    const tabTo = async (holds, what) => {
      for (let presses = 0; !(await page.evaluate(holds)); presses += 1) {
        assert.ok(presses < 12, `${what} is reached`);
        await page.keyboard.press("Tab");
      }
    };
    await tabTo(() => document.activeElement.textContent === "pool.go", "the file");
    await page.keyboard.press("Enter");
    await tabTo(() => document.activeElement.classList.contains("line"), "the code");
    const line = place(POOL.faults[0]);
    for (let at = 1; at < line; at += 1) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.closest("li").id), `L${line}`, "Escape goes back to the line");
    await page.keyboard.press("Enter");
    await page.keyboard.press("c");
    await page.keyboard.press("Tab");
    await page.keyboard.type("closed");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.closest("li").id), `L${line}`);
    assert.equal(await page.locator(`#L${line} .said`).count(), 1);
    await tabTo(() => document.activeElement.textContent === "Check", "Check");
    await page.keyboard.press("Enter");
    assert.match(await verdict(page), /1 of 3 faults found \(1 with another concern\), 0 false alarms/);
    server.close();
  }],
  ["workshop: packs of other sites are refused, files are opened, and what is no pack is said", async (browser) => {
    const server = await serve(dist, "/x/");
    const page = await open(browser, `${server.url}?pack=data`);
    await page.getByRole("heading", { name: /^Data/ }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/x/workshop.html", "the page hands over");
    assert.ok(!page.requests.some((request) => /\/(engine|editor)[-_]/.test(request)), "no engine and no editor are fetched");
    for (const elsewhere of ["https://example.org/a.json", "//example.org/a.json", "nothing"]) {
      await page.goto(`${server.url}workshop.html?pack=${encodeURIComponent(elsewhere)}`);
      assert.ok((await page.getByRole("alert").textContent()).includes(elsewhere));
    }
    assert.ok(page.requests.every((request) => request.includes(server.url)), "nothing is asked of another site");
    const drop = (text) => page.evaluate((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], "mine.json", { type: "application/json" }));
      document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, text);
    const evil = { ...SENIOR, id: "mine", title: "<img src=x onerror=alert(1)> mine" };
    await drop(JSON.stringify({ ...evil, exercises: [{ ...POOL, faults: [] }] }));
    await page.getByRole("alert").filter({ hasText: "there is no fault" }).waitFor();
    await drop("{");
    await page.getByRole("alert").filter({ hasText: "not a pack" }).waitFor();
    await drop(JSON.stringify(evil));
    await page.getByRole("heading", { name: evil.title }).waitFor();
    await page.locator(".packs a").first().click();
    await page.locator(".lines .line").first().waitFor();
    assert.equal(await page.locator("img").count(), 0);
    await page.goBack();
    await page.getByRole("heading", { name: evil.title }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: evil.title }).waitFor();
    await page.goto(server.url);
    await ready(page);
    await until(page, () => customElements.get("gopeer-share") !== undefined);
    await drop(JSON.stringify({ ...SENIOR, id: "other", title: "Another pack" }));
    await page.getByRole("heading", { name: "Another pack" }).waitFor();
    assert.equal(new URL(page.url()).pathname, "/x/workshop.html", "the page hands a pack over");
    server.close();
  }],
  ["workshop: axe finds nothing and nothing is too wide, on a desktop and a phone, in light and dark", async (browser) => {
    for (const [viewport, colorScheme] of [[DESKTOP, "light"], [PHONE, "dark"]]) {
      const { page, server } = await exercise(browser, { viewport, colorScheme, hasTouch: viewport === PHONE });
      const looks = async (where) => {
        await clean(page, `${where} ${colorScheme}`);
        await fits(page, where);
      };
      await show(page, "pool.go");
      await looks("exercise");
      const line = page.locator(`#L${place(POOL.faults[0])} .line`);
      await (viewport === PHONE ? line.tap() : line.click());
      await looks("form");
      await page.locator(".mark select").selectOption("availability");
      await page.locator(".mark button.primary").click();
      await mark(page, POOL.right[0].line, "race");
      await page.getByRole("button", { name: "Check", exact: true }).click();
      await page.getByRole("button", { name: "Hint" }).first().click();
      await looks("verdict");
      await page.getByRole("button", { name: "Show all answers" }).click();
      await looks("answers");
      await page.getByRole("button", { name: "Show the repaired version" }).click();
      await page.locator(".code .diff").first().waitFor();
      await looks("repaired");
      await page.locator("nav a").first().click();
      await looks("pack");
      await page.locator(".bar a").nth(1).click();
      await page.locator(".packs a").nth(4).waitFor();
      await looks("packs");
      await fine(page);
      server.close();
    }
  }],
  ["workshop: on a phone a button leads to the marks and the score; who goes on to another line keeps what was entered", async (browser) => {
    const { page, server } = await exercise(browser, { viewport: PHONE, hasTouch: true, isMobile: true });
    await page.getByText("Tap the lines that are wrong").waitFor();
    const [first, second, third] = POOL.faults;
    await page.locator(`#L${place(first)} .line`).tap();
    await page.locator(".mark select").selectOption(first.concerns[0]);
    await page.locator(`#L${place(second)} .line`).tap();
    assert.equal(await page.locator(`#L${place(first)} .said`).count(), 1, "a chosen concern is a mark");
    await page.locator(`#L${place(third)} .line`).tap();
    assert.equal(await page.locator(`#L${place(second)} .said, #L${place(second)} form`).count(), 0, "an empty form is none");
    await page.getByRole("button", { name: "Cancel" }).tap();
    await page.evaluate(() => scrollTo(0, 0));
    await page.locator(".dock button", { hasText: "Your marks: 1" }).tap();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Your marks");
    await page.getByRole("button", { name: "Check", exact: true }).tap();
    await page.locator(".path .link").last().tap();
    assert.equal(await page.locator(".is-here").getAttribute("id"), `L${first.path.at(-1).line}`);
    await page.locator(".dock button", { hasText: "1 of 3" }).tap();
    assert.equal(await page.evaluate(() => document.activeElement.id), "verdict");
    for (const fault of [second, third]) await mark(page, place(fault), fault.concerns[0]);
    await page.getByRole("button", { name: "Check again" }).tap();
    await page.getByRole("button", { name: "Show the repaired version" }).tap();
    assert.ok((await page.locator(".verdict").innerText()).includes("What looks wrong and is right"));
    await page.getByRole("link", { name: `Next exercise: ${SENIOR.exercises[1].title}` }).tap();
    await page.getByRole("heading", { name: SENIOR.exercises[1].title }).waitFor();
    await fine(page);
    server.close();
  }],
  ["workshop: every exercise can be solved", async (browser) => {
    const server = await serve(dist);
    const page = await open(browser, `${server.url}workshop.html`, { viewport: tall });
    await page.locator(".packs a").nth(4).waitFor();
    for (const file of readdirSync(join(root, "static/exercises"))) {
      const pack = JSON.parse(readFileSync(join(root, "static/exercises", file), "utf8"));
      await page.evaluate(({ id, exercises }) => {
        const answers = exercises.map((exercise) => [exercise.id, { tries: [], hints: {}, shown: false,
          marks: exercise.faults.map(({ places, concerns }) => ({ ...places[0], concern: concerns[0], text: "" })) }]);
        localStorage.setItem(`gopeer.workshop.${id}`, JSON.stringify(Object.fromEntries(answers)));
      }, pack);
      for (const exercise of pack.exercises) {
        await page.goto(`${server.url}workshop.html?pack=${pack.id}#${exercise.id}`);
        await page.getByRole("heading", { name: exercise.title, exact: true }).waitFor();
        await page.getByRole("button", { name: "Check", exact: true }).click();
        const faults = exercise.faults.length;
        assert.equal(await verdict(page), `100 %: ${faults} of ${faults} faults found, 0 false alarms.`, exercise.id);
      }
    }
    server.close();
  }],
  ["workshop: a trainer shares a link, learners on desktops and phones hand in files and links, and all is put together", async (browser) => {
    const server = await serve(dist, "/x/");
    const trainer = await open(browser, `${server.url}workshop.html?pack=senior`);
    await trainer.locator("summary", { hasText: "For trainers" }).click();
    await trainer.getByLabel("Time limit").fill("45");
    await trainer.getByLabel("Hints").uncheck();
    const shared = await trainer.getByLabel("Link for learners").inputValue();
    assert.equal(shared, `${server.url}workshop.html?pack=senior&minutes=45&hints=no`);
    const handedIn = [];
    const name = (at) => ["Anna", "Ben", "<b>Chris</b>", "=Dora"][at];
    for (let at = 0; at < 4; at += 1) {
      const page = await open(browser, shared, { viewport: at % 2 ? PHONE : DESKTOP, hasTouch: at % 2 === 1 });
      await page.locator(".packs a").first().click();
      await page.getByText("45 minutes left").waitFor();
      if (at > 1) await page.context().setOffline(true);
      // Each learner finds one fault more than the one before; the last also marks what is right.
      for (const fault of POOL.faults.slice(0, at)) await mark(page, place(fault), fault.concerns[0], `<i>why</i>, says ${at}`);
      if (at === 3) await mark(page, POOL.right[0].line, "race");
      await page.getByRole("button", { name: "Check", exact: true }).click();
      assert.equal(await page.getByRole("button", { name: "Hint" }).count(), 0, "hints are off");
      if (at > 1) await page.context().setOffline(false);
      await page.locator("nav a").first().click();
      await page.getByLabel("Your name").fill(name(at));
      if (at === 0) {
        const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the answers" }).click()]);
        handedIn.push(readFileSync(await file.path()));
      } else {
        await page.getByRole("button", { name: "Copy a link" }).click();
        await page.getByLabel("Link with your answers").waitFor();
        handedIn.push(await page.getByLabel("Link with your answers").inputValue());
      }
      await fine(page);
      await page.context().close();
    }
    const [file, ...links] = handedIn;
    await trainer.getByLabel("Files that learners").setInputFiles({ name: "anna.json", mimeType: "application/json", buffer: file });
    const damaged = `${links[0].slice(0, 200)}X${links[0].slice(201)}`;
    await trainer.getByLabel("Links that learners").fill([...links, damaged, links[1]].join("\n"));
    await trainer.getByRole("button", { name: "Add the links" }).click();
    await trainer.getByText("4 learners from 6 answers.").waitFor();
    const cells = (row) => trainer.locator("tbody tr").nth(row).locator("th, td").allTextContents();
    assert.deepEqual(await trainer.locator("thead th").allTextContents(), ["Exercise", "Fault", "Found by", "<b>Chris</b>", "=Dora", "Anna", "Ben"]);
    assert.deepEqual((await cells(0)).slice(0, 3), ["All exercises", "", "4 of 4 tried"]);
    assert.deepEqual(await cells(1), [POOL.title, "", "4 of 4 tried", "66 %", "83 %, false alarms: 1", "0 %", "33 %"]);
    assert.deepEqual(await cells(2), [POOL.title, POOL.faults[0].title, "3 of 4", "found", "found", "missed", "found"]);
    assert.deepEqual(await cells(4), [POOL.title, POOL.faults[2].title, "1 of 4", "missed", "found", "missed", "missed"]);
    const reasons = trainer.locator(".reasons details");
    assert.deepEqual(await reasons.locator("summary").allTextContents(), [
      `${POOL.title}: marked where nothing is wrong 1 mark`, ...POOL.faults.map(({ title }, at) => `${POOL.title}: ${title} ${["3 marks", "2 marks", "1 mark"][at]}`),
    ]);
    assert.equal(await reasons.locator("li").count(), 0, "drawn when they are opened");
    await reasons.nth(1).locator("summary").focus();
    await trainer.keyboard.press("Enter");
    await reasons.nth(1).locator("li").nth(2).waitFor();
    const [fault] = POOL.faults;
    assert.match(await reasons.nth(1).locator("li").first().textContent(), new RegExp(`^<b>Chris</b> pool\\.go:${place(fault)} .*: <i>why</i>, says 2$`));
    await clean(trainer, "reasons");
    await trainer.getByLabel("Whose marks").selectOption("Ben");
    await reasons.filter({ hasText: "Ben" }).waitFor();
    assert.deepEqual([await reasons.count(), await reasons.locator("li").count()], [1, 1], "what was open stays open");
    await trainer.setViewportSize({ width: 360, height: 740 });
    await fits(trainer, "the trainer's view");
    await trainer.setViewportSize(DESKTOP);
    const skipped = await trainer.locator("ul.wrong li").allTextContents();
    assert.equal(skipped.length, 2);
    assert.ok(skipped[0].includes(damaged.slice(-6)) && skipped[0].includes("damaged"), skipped[0]);
    assert.ok(skipped[1].includes("handed this in already"));
    await trainer.getByRole("button", { name: "Copy as CSV" }).click();
    assert.ok((await trainer.getByLabel("The table as text").inputValue()).includes("\"'=Dora\""), "no cell is a formula");
    assert.ok((await trainer.getByLabel("The table as text").inputValue()).includes("says 3"), "why is in the table");
    await trainer.getByRole("button", { name: "Copy as Markdown" }).click();
    assert.match(await trainer.getByLabel("The table as text").inputValue(), /\n {2}- Ben, pool\.go:\d+, .*: \\<i\\>why/);
    await clean(trainer, "trainer");
    await trainer.goto("about:blank");
    await trainer.goto(links[0]);
    await trainer.getByText("4 learners from 7 answers.").waitFor();
    assert.ok(!trainer.url().includes("#"), "the answer does not stay in the address");
    trainer.on("dialog", (dialog) => dialog.accept());
    await trainer.getByRole("button", { name: "Remove all answers" }).click();
    await trainer.locator("table").waitFor({ state: "detached" });
    await fine(trainer);
    server.close();
  }],
  ["workshop: a pack that is opened on the page for reviews opens with the exercises, and again after a reload", async (browser) => {
    const server = await serve(dist, "/x/");
    const page = await open(browser, server.url);
    await ready(page);
    await page.locator(".top .button", { hasText: "Open" }).click();
    const buffer = Buffer.from(JSON.stringify({ ...SENIOR, id: "ours", title: "Ours" }));
    await page.locator("input[type=file]:not([webkitdirectory])").setInputFiles({ name: "ours.json", mimeType: "application/json", buffer });
    await page.getByRole("heading", { name: "Ours" }).waitFor();
    assert.equal(page.url(), `${server.url}workshop.html?pack=%7Eours`);
    await page.reload();
    await page.getByRole("heading", { name: "Ours" }).waitFor();
    await fine(page);
    server.close();
  }],
  ["workshop: a pack that was open once opens without a network", async (browser) => {
    const server = await serve(dist, "/x/");
    const page = await open(browser, `${server.url}workshop.html?pack=senior`, { serviceWorkers: "allow" });
    await page.locator(".packs a").first().waitFor();
    await until(page, () => navigator.serviceWorker.controller !== null);
    server.close();
    await page.context().setOffline(true);
    await page.reload();
    await page.locator(".packs a").first().click();
    await page.locator(".lines .line").first().waitFor();
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.match(await verdict(page), /^No line is marked/);
  }],
];
