// Browser tests of the built site. `node tests/e2e/run.mjs [words]` runs those whose name has one of the words.
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { ALONE } from "./browser.mjs";
import tests from "./tests.mjs";

/** A page waits more than it works; more than this many at once would slow each other down. */
const WORKERS = Math.min(availableParallelism(), 4);

/** A process that says nothing for this long is stuck; it gives a test half of that. */
const PATIENCE = 180_000;

const words = process.argv.slice(2);
const chosen = tests.filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));
let [passed, failed] = [0, 0];

/** Tells how a test ended. */
function report(name, { why, millis }) {
  if (why === undefined) {
    passed += 1;
    console.log(`ok ${name} (${millis} ms)`);
  } else {
    failed += 1;
    console.log(`not ok ${name}`);
    console.log(why.replaceAll(/^/gm, "  "));
  }
}

/**
 * Lets one process take test after test, until none is left or it has ended. What it had begun then has failed, and what is left is for
 * the others.
 */
async function work(queue) {
  const worker = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)));
  let isThere = true;
  // What cannot be sent to it is an error: it has just ended.
  const ended = new Promise((end) => { for (const event of ["exit", "error"]) worker.on(event, end); })
    .then(() => { isThere = false; return { why: "the process of this test ended" }; });
  const answer = () => {
    const stuck = setTimeout(() => worker.kill("SIGKILL"), PATIENCE);
    const message = new Promise((said) => { worker.once("message", said); });
    return Promise.race([message, ended]).finally(() => clearTimeout(stuck));
  };
  await answer();
  while (queue.length > 0 && isThere) {
    const test = queue.shift();
    worker.send(tests.indexOf(test));
    report(test[0], await answer());
  }
  if (worker.connected) worker.disconnect();
  await answer();
}

/** Runs tests in so many processes; where all of them ended, what is left has failed. */
async function all(queue, workers) {
  await Promise.all(Array.from({ length: Math.min(workers, queue.length) }, () => work(queue)));
  for (const [name] of queue) report(name, { why: "no process is left to run it" });
}

await all(chosen.filter(([, , how]) => how !== ALONE), WORKERS);
await all(chosen.filter(([, , how]) => how === ALONE), 1);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
