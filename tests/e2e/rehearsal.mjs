// A workshop from its beginning to its end: a trainer makes a pack with the command and shares it, twelve learners answer, half of them on
// phones and half of them without a network, and the trainer puts the answers together.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DESKTOP, PHONE, dist, open, root, tab, until } from "./browser.mjs";
import { serve } from "./server.mjs";

/** The command, as `cargo dev test` or another build has left it. */
function gopeer(...args) {
  const built = [process.env.GOPEER, "target/debug/gopeer", "target/release/gopeer"].map((file) => file && join(root, file));
  const command = [process.env.GOPEER, ...built].find((file) => file && existsSync(file));
  assert.ok(command, "the command is built: cargo build -p gopeer-cli");
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A second exercise, as a trainer would write it. */
const SECOND = `# The order book

Handlers call \`Place\` and \`Open\`.

## swallowed: Place reports success although the write failed
concern: errors
rule: none: the error is assigned to the blank identifier, which many projects allow
hint: What does the caller of \`Place\` learn?

The error of \`write\` is dropped, so the customer is promised an order that does not exist.

## unlocked: Open reads the map without the lock
concern: race
rule: none: no file of this package starts a goroutine
hint: Compare \`Place\` and \`Open\`.

A handler may write the map at the same time.

-- book.go --
// Package book keeps orders.
package book

import "sync"

// Book keeps orders.
type Book struct {
	mu     sync.Mutex
	orders map[string]int
	write  func(id string, cents int) error
}

// Place keeps an order.
func (b *Book) Place(id string, cents int) error {
	b.mu.Lock() // right: the lock is held until the order is in the map
	defer b.mu.Unlock()
	b.orders[id] = cents
	_ = b.write(id, cents) // fault swallowed //-
	return nil //-
	//+ 	return b.write(id, cents)
}

// Open returns how many orders there are.
func (b *Book) Open() int {
	//+ 	b.mu.Lock()
	//+ 	defer b.mu.Unlock()
	return len(b.orders) // fault unlocked
}
`;

/** Makes a pack, and puts it beside a copy of the site. Gives the folder of the site and the pack. */
function made(folder) {
  const [sources, site] = [join(folder, "team"), mkdtempSync(join(folder, "site-"))];
  gopeer("pack", "new", sources);
  writeFileSync(join(sources, "2-book.txtar"), SECOND);
  assert.equal(gopeer("pack", "check", sources), "");
  gopeer("pack", "build", sources, "-o", join(site, "team.json"));
  for (const name of readdirSync(dist)) symlinkSync(join(dist, name), join(site, name));
  return { sources, site, pack: JSON.parse(readFileSync(join(site, "team.json"), "utf8")) };
}

/** What each learner does: which faults are marked, and how. Both exercises together have three faults. */
const FAULTS = ["visits unlocked-write", "book swallowed", "book unlocked"];
const LEARNERS = Array.from({ length: 12 }, (_, at) => ({
  name: `Learner ${String.fromCharCode(65 + at)}`,
  isPhone: at % 2 === 1,
  isOffline: at % 4 > 1,
  hasFile: at % 3 === 0,
  // Learner A finds nothing, B and C one fault each, and so on; every fifth one raises a false alarm.
  finds: FAULTS.filter((_, fault) => (at >> fault) % 2 === 1),
  falseAlarm: at % 5 === 0,
}));

/** What a learner has reached in an exercise, by the rules of docs/packs.md. */
function reached(exercise, { finds, falseAlarm }) {
  const found = exercise.faults.filter(({ id }) => finds.includes(`${exercise.id} ${id}`)).length;
  return Math.floor((Math.max(2 * found - (falseAlarm ? 1 : 0), 0) * 100) / (2 * exercise.faults.length));
}

/** What the page says of it: of no mark at all, no rate. */
function verdict(exercise, learner) {
  const marks = learner.falseAlarm || learner.finds.some((fault) => fault.startsWith(`${exercise.id} `));
  return marks ? new RegExp(`^${reached(exercise, learner)} %:`) : /^No line is marked/;
}

async function mark(page, { file, line }, concern) {
  const press = (locator) => (page.isPhone ? locator.tap() : locator.click());
  const tab = page.locator(".tab", { hasText: file });
  if ((await tab.getAttribute("aria-pressed")) !== "true") await press(tab);
  await press(page.locator(`#L${line} .line`));
  await page.locator(".mark select").selectOption(concern);
  await press(page.locator(".mark button.primary"));
  await page.locator(`#L${line} .said`).waitFor();
}

/** A learner's workshop. Gives the file or the link that is handed in. */
async function answered(browser, shared, pack, learner) {
  const options = { viewport: learner.isPhone ? PHONE : DESKTOP, hasTouch: learner.isPhone, isMobile: learner.isPhone, serviceWorkers: learner.isOffline ? "allow" : "block" };
  const page = await open(browser, shared, options);
  page.isPhone = learner.isPhone;
  await page.getByRole("heading", { name: pack.title }).waitFor();
  if (learner.isOffline) {
    await until(page, () => navigator.serviceWorker.controller !== null);
    await until(page, async () => (await (await caches.open("gopeer")).keys()).some(({ url }) => url.endsWith("team.json")));
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole("heading", { name: pack.title }).waitFor();
  }
  for (const exercise of pack.exercises) {
    await page.locator(".packs a", { hasText: exercise.title }).click();
    await page.getByText("20 minutes left").waitFor();
    for (const fault of exercise.faults) {
      if (learner.finds.includes(`${exercise.id} ${fault.id}`)) await mark(page, fault.places[0], fault.concerns[0]);
    }
    if (learner.falseAlarm) await mark(page, exercise.right[0], "latency");
    await page.getByRole("button", { name: "Check", exact: true }).click();
    assert.match(await page.locator("#verdict").textContent(), verdict(exercise, learner), `${learner.name}, ${exercise.id}`);
    await page.locator("nav a").first().click();
  }
  await page.getByLabel("Your name").fill(learner.name);
  let given;
  if (learner.hasFile) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the answers" }).click()]);
    assert.equal(file.suggestedFilename(), `answers-team-${learner.name.toLowerCase().replace(" ", "-")}.json`);
    given = { file: readFileSync(await file.path()) };
  } else {
    await page.getByRole("button", { name: "Copy a link" }).click();
    const field = page.getByLabel("Link with your answers");
    await field.waitFor();
    given = { link: await field.inputValue() };
  }
  const lost = page.problems.filter((problem) => !problem.includes("ERR_INTERNET_DISCONNECTED"));
  assert.deepEqual([lost, await page.evaluate(() => violations)], [[], []]);
  await page.context().close();
  return given;
}

/** What the table says for the whole pack and for each exercise and fault. */
function expected(pack) {
  const found = (exercise, fault) => LEARNERS.filter(({ finds }) => finds.includes(`${exercise.id} ${fault.id}`)).length;
  const total = (learner) => {
    const sum = pack.exercises.reduce((sum, exercise) => sum + reached(exercise, learner), 0);
    return `${Math.floor(sum / pack.exercises.length)} %, ${learner.finds.length} of ${FAULTS.length} faults`;
  };
  const rows = [["All exercises", "", "12 of 12 tried", ...LEARNERS.map(total)]];
  for (const exercise of pack.exercises) {
    const scored = (learner) => `${reached(exercise, learner)} %${learner.falseAlarm ? ", false alarms: 1" : ""}`;
    rows.push([exercise.title, "", "12 of 12 tried", ...LEARNERS.map(scored)]);
    for (const fault of exercise.faults) {
      const outcome = ({ finds }) => (finds.includes(`${exercise.id} ${fault.id}`) ? "found" : "missed");
      rows.push([exercise.title, fault.title, `${found(exercise, fault)} of 12`, ...LEARNERS.map(outcome)]);
    }
  }
  return rows;
}

async function rehearse(browser, folder) {
  const { sources, site, pack } = made(folder);
  const server = await serve(site, "/x/");
  const trainer = await open(browser, `${server.url}workshop.html?pack=team.json`);
  await trainer.locator("summary", { hasText: "For trainers" }).click();
  await trainer.getByLabel("Time limit").fill("20");
  const shared = await trainer.getByLabel("Link for learners").inputValue();
  assert.equal(shared, `${server.url}workshop.html?pack=team.json&minutes=20`);

  const given = [];
  for (let at = 0; at < LEARNERS.length; at += 3) {
    given.push(...await Promise.all(LEARNERS.slice(at, at + 3).map((learner) => answered(browser, shared, pack, learner))));
  }

  const files = given.flatMap(({ file }, at) => (file ? [{ name: `${LEARNERS[at].name}.json`, mimeType: "application/json", buffer: file }] : []));
  const damagedFile = { name: "damaged.json", mimeType: "application/json", buffer: files[1].buffer.subarray(0, 200) };
  await trainer.getByLabel("Files that learners").setInputFiles([...files, damagedFile]);
  const links = given.flatMap(({ link }) => (link ? [link] : []));
  const damaged = `${links[0].slice(0, -20)}AAAAA${links[0].slice(-15)}`;
  // The last learner's link is opened in a tab of its own; the others are pasted.
  await trainer.getByLabel("Links that learners").fill([...links.slice(0, -1), damaged].join("\n"));
  await trainer.getByRole("button", { name: "Add the links" }).click();
  await trainer.getByText("11 learners from 13 answers.").waitFor();
  const last = await tab(trainer.context(), links.at(-1));
  await last.getByText("12 learners from 14 answers.").waitFor();

  const rows = await last.locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)));
  assert.deepEqual(await last.locator("thead th").allTextContents(), ["Exercise", "Fault", "Found by", ...LEARNERS.map(({ name }) => name)]);
  assert.deepEqual(rows, expected(pack));
  const skipped = await last.locator("ul.wrong li").allTextContents();
  assert.deepEqual(skipped.map((text) => text.slice(0, text.indexOf(":"))), ["damaged.json", `link …${damaged.slice(-6)}`]);
  assert.ok(skipped.every((text) => text.includes("damaged")), String(skipped));

  // The maker's preview: the whole pack in a link.
  const preview = gopeer("pack", "link", "--base", server.url, sources).trim();
  const maker = await open(browser, preview);
  await maker.getByRole("heading", { name: pack.title }).waitFor();
  await maker.locator(".packs a").nth(1).click();
  await maker.reload();
  await maker.locator(".lines .line").first().waitFor();
  await maker.locator("nav a").first().click();
  await maker.locator("summary", { hasText: "For trainers" }).click();
  await until(maker, () => document.querySelector("[aria-label='Link for learners']")?.value.includes("#pack."));
  const copy = await open(browser, `${preview.slice(0, -30)}AAA${preview.slice(-27)}`);
  await copy.getByRole("alert").filter({ hasText: "damaged or cut off" }).waitFor();
  assert.deepEqual([trainer.problems, last.problems, maker.problems, copy.problems], [[], [], [], []]);
  server.close();
}

export default [
  ["workshop: a rehearsal with a pack of the trainer's own, twelve learners, and damaged answers", async (browser) => {
    const folder = mkdtempSync(join(tmpdir(), "gopeer-rehearsal-"));
    try {
      await rehearse(browser, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }],
];
