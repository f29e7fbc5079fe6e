// The engine's worker. A file of our own, because Trunk's loader is not hashed and gloo's is a blob, which the CSP forbids.
import { fetched, keep, open } from "./shelf.js";

const at = (name) => new URL(name, import.meta.url);

// All that nearly every review needs is on its way at once, so that the first one need not wait for, or do without, any of it.
const program = fetch(at("./worker_bg.wasm"));
const STD = "./std.bin";
const std = load(STD);
program.catch(() => {});
std.catch(() => {});

// What the reviewers say besides the facts. It weighs a hundredth of the engine, so that it is there first; nothing waits for it.
let voices;
load("./voices.bin").then((bytes) => { voices = new Uint8Array(bytes); }, () => {});
globalThis.gopeerVoices = () => voices;

// The engine asks for what is known of a Go module.
const QUESTIONS = "./questions.md";
globalThis.gopeerLoad = (name) => {
  if (`./${name}` === STD) return std;
  // The name that the engine knows has no hash.
  return name === "questions.md" ? fetched(at(QUESTIONS)) : load(`./${name}`);
};

// The engine asks what a project's configuration says, or a reviewer of one's own. Few visits have one, so the reader comes with the first; one that did
// not come is asked for again.
let reader;
globalThis.gopeerConfig = async (...asked) => {
  reader ??= import("./config.js")
    .then((module) => module.default({ module_or_path: at("./config_bg.wasm") }).then(() => module))
    .catch((error) => {
      reader = undefined;
      throw error;
    });
  return (await reader).read(...asked);
};

/** A file of the index: gzip, unless the host unpacked it on the way. */
async function load(name) {
  const address = at(name);
  const shelf = location.search === "?sw=off" ? undefined : await open();
  const kept = await shelf?.match(address).catch(() => undefined);
  const bytes = await (kept?.arrayBuffer() ?? fetched(address));
  if (!kept) void keep(shelf, address, bytes).catch(() => {});
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

import("./worker.js")
  .then(({ default: start }) => start({ module_or_path: program }))
  .catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
