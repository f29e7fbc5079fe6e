// The engine's worker. A file of our own, because Trunk's loader is not hashed and gloo's is a blob, which the CSP forbids.
const KEPT = "gopeer";
const at = (name) => new URL(name, import.meta.url);

// All that nearly every review needs is on its way at once, so that the first one need not wait for, or do without, any of it.
const program = fetch(at("./worker_bg.wasm"));
const STD = "./std.bin";
const std = load(STD);
program.catch(() => {});
std.catch(() => {});

// The engine asks for what is known of a Go module.
globalThis.gopeerLoad = (name) => (`./${name}` === STD ? std : load(`./${name}`));

// The engine asks what a project's configuration says. Few visits have one, so its reader comes with the first; one that did
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
  const cache = await open();
  const kept = await cache?.match(address).catch(() => undefined);
  const bytes = await (kept ?? (await fetched(address))).arrayBuffer();
  if (!kept) void keep(cache, address, bytes).catch(() => {});
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function fetched(address) {
  // What comes is learned together: a line that stalls must not keep the rest waiting for ever.
  const response = await fetch(address, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
  return response;
}

/** The browser's store for files, for visits without a network. There is none on plain http and in some private windows. */
async function open() {
  try {
    return await globalThis.caches?.open(KEPT);
  } catch {
    return undefined;
  }
}

/** Keeps a file under a name that tells its content, and only if it does; what it was before goes. */
async function keep(cache, address, bytes) {
  const [, stem, hash] = /([^/]*)-([0-9a-f]{12})\.bin$/.exec(address.pathname) ?? [];
  if (!cache || !stem || !(await sha256(bytes)).startsWith(hash)) return;
  const other = new RegExp(`/${stem}-(?!${hash})[0-9a-f]{12}\\.bin$`);
  const older = (await cache.keys()).filter(({ url }) => other.test(url));
  await cache.put(address, new Response(bytes));
  await Promise.all(older.map((request) => cache.delete(request)));
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

import("./worker.js")
  .then(({ default: start }) => start({ module_or_path: program }))
  .catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
