// The engine's worker. A file of our own, because Trunk's loader is not hashed and gloo's is a blob, which the CSP forbids.
import start from "./worker.js";

// What is known of a Go module: gzip, unless the host unpacked it on the way.
globalThis.gopeerLoad = async (name) => {
  // The page waits for the first of these: what does not come is given up.
  const response = await fetch(new URL(`./${name}`, import.meta.url), { signal: AbortSignal.timeout(8000) });
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  const [first, second] = new Uint8Array(bytes, 0, 2);
  if (first !== 0x1f || second !== 0x8b) return bytes;
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
};

const worker = new URL("./worker_bg.wasm", import.meta.url);
start({ module_or_path: worker }).catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
