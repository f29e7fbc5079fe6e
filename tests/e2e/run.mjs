// Browser tests of the built site. `node tests/e2e/run.mjs [words]` runs those whose name has one of the words.
import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { ALONE } from "./browser.mjs";
import tests from "./tests.mjs";

/** A page waits more than it works; more than this many at once would slow each other down. */
const WORKERS = Math.min(availableParallelism(), 4);

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

/** Lets one process take test after test, until none is left. */
async function work(queue) {
  const worker = fork(fileURLToPath(new URL("worker.mjs", import.meta.url)));
  const ended = once(worker, "exit");
  const answer = () => Promise.race([once(worker, "message").then(([message]) => message), ended.then(() => ({ why: "the process of this test ended" }))]);
  await answer();
  while (queue.length > 0 && worker.connected) {
    const [name] = queue.shift();
    worker.send(name);
    report(name, await answer());
  }
  if (worker.connected) worker.disconnect();
  await ended;
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
