// Makes a wasm module smaller.
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const tool = resolve(fileURLToPath(import.meta.url), "../../editor/node_modules/.bin/wasm-opt");

/** What rustc may use, and every browser knows that the page runs in. */
const FEATURES = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];

/**
 * Runs Binaryen over a file: a tenth smaller. Functions of one origin look alike; beside each other they pack better. In low memory there
 * is nothing but the end of the stack, which rustc has wasm-ld put first, so an address and what is added to it do not wrap around.
 */
export async function optimise(file) {
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  await promisify(execFile)(tool, ["-O", "--low-memory-unused", "--reorder-functions-by-name", ...features, file, "-o", file]);
}
