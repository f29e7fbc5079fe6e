// Runs the browser tests that `run.mjs` asks for by their place in the list, one after the other, in a browser of its own.
import { launch } from "./browser.mjs";
import tests from "./tests.mjs";

const LIMIT = 90_000;
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

process.on("message", async (at) => {
  const began = Date.now();
  const why = await failure(tests[at][1]);
  process.send({ why, millis: Date.now() - began });
});
process.on("disconnect", async () => {
  await browser.close();
  process.exit();
});
process.send("ready");
