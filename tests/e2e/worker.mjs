// Runs the browser tests that `run.mjs` names, one after the other, in a browser of its own.
import { launch } from "./browser.mjs";
import tests from "./tests.mjs";

const LIMIT = 90_000;
const runs = new Map(tests.map(([name, run]) => [name, run]));
const browser = await launch();

/** What went wrong, if anything did. */
async function failure(run) {
  let timer;
  const late = new Promise((_, no) => { timer = setTimeout(() => no(new Error(`not done after ${LIMIT} ms`)), LIMIT); });
  try {
    await Promise.race([run(browser), late]);
    return undefined;
  } catch (error) {
    return String(error.stack ?? error);
  } finally {
    clearTimeout(timer);
    await Promise.all(browser.contexts().map((context) => context.close().catch(() => {})));
  }
}

process.on("message", async (name) => {
  const began = Date.now();
  const why = await failure(runs.get(name));
  process.send({ why, millis: Date.now() - began });
});
process.on("disconnect", async () => {
  await browser.close();
  process.exit();
});
process.send("ready");
