// The engine's worker. A file of our own, because Trunk's loader is not hashed and gloo's is a blob, which the CSP forbids.
import start from "./worker.js";

const KEPT = "gopeer";

// What is known of a Go module: gzip, unless the host unpacked it on the way.
globalThis.gopeerLoad = async (name) => {
  const address = new URL(`./${name}`, import.meta.url);
  const cache = await open();
  const kept = await cache?.match(address).catch(() => undefined);
  const bytes = await (kept ?? (await fetched(address))).arrayBuffer();
  if (!kept) void keep(cache, address, bytes).catch(() => {});
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
};

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

const worker = new URL("./worker_bg.wasm", import.meta.url);
start({ module_or_path: worker }).catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
