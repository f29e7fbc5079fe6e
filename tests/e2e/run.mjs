// Browser tests of the built site. `node tests/e2e/run.mjs [words]` runs those whose name has one of the words.
import { launch } from "./browser.mjs";
import budgets from "./budgets.mjs";
import changes from "./changes.mjs";
import beside from "./beside.mjs";
import config from "./config.mjs";
import element from "./element.mjs";
import embed from "./embed.mjs";
import engines from "./engines.mjs";
import examples from "./examples.mjs";
import flow from "./flow.mjs";
import guide from "./guide.mjs";
import hosting from "./hosting.mjs";
import manners from "./manners.mjs";
import links from "./links.mjs";
import npm from "./npm.mjs";
import offline from "./offline.mjs";
import own from "./own.mjs";
import names from "./names.mjs";
import pages from "./pages.mjs";
import paths from "./paths.mjs";
import rehearsal from "./rehearsal.mjs";
import review from "./review.mjs";
import robust from "./robust.mjs";
import stage from "./stage.mjs";
import talk from "./talk.mjs";
import wcag from "./wcag.mjs";
import workshop from "./workshop.mjs";
import access from "./access.mjs";

const LIMIT = 90_000;
const words = process.argv.slice(2);
const tests = [
  ...budgets,
  ...beside,
  ...changes,
  ...config,
  ...element,
  ...embed,
  ...engines,
  ...examples,
  ...flow,
  ...guide,
  ...hosting,
  ...links,
  ...manners,
  ...names,
  ...npm,
  ...offline,
  ...own,
  ...pages,
  ...paths,
  ...review,
  ...robust,
  ...stage,
  ...talk,
  ...access,
  ...wcag,
  ...workshop,
  ...rehearsal,
];
const chosen = tests.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));

const browser = await launch();
let [passed, failed] = [0, 0];
for (const [name, run] of chosen) {
  const began = Date.now();
  let timer;
  const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`not done after ${LIMIT} ms`)), LIMIT); });
  try {
    await Promise.race([run(browser), late]);
    passed += 1;
    console.log(`ok ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${name}`);
    console.log(String(error.stack ?? error).replaceAll(/^/gm, "  "));
  } finally {
    clearTimeout(timer);
    await Promise.all(browser.contexts().map((context) => context.close().catch(() => {})));
  }
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
