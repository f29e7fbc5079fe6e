// The engine's worker. A file of our own, because Trunk's loader is not hashed and gloo's is a blob, which the CSP forbids.
import start from "./worker.js";

const worker = new URL("./worker_bg.wasm", import.meta.url);
start({ module_or_path: worker }).catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
