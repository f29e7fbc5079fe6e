// The engine's worker in the one-file edition: the page sends it its files first.
import start from "built:worker.js";
import startReader, { read } from "built:config.js";

function begin({ data: files }) {
  let reader;
  globalThis.gopeerConfig = async (...asked) => {
    reader ??= startReader({ module_or_path: files["config_bg.wasm"] });
    await reader;
    return read(...asked);
  };
  globalThis.gopeerLoad = async (name) => {
    if (!files[name]) throw new Error(`${name} is not in this file`);
    return files[name];
  };
  globalThis.gopeerVoices = () => new Uint8Array(files["voices.bin"]);
  start({ module_or_path: files["worker_bg.wasm"] }).catch((error) => postMessage({ failed: String(error?.stack ?? error) }));
}

addEventListener("message", begin, { once: true });
