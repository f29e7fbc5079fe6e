// Trunk's first hook: compiles the worker and splits off what it needs for types alone, so that the first review need not
// wait for that. Trunk cannot do it: a module is split after it is linked, and before wasm-bindgen (trunk-rs/trunk#1022).
import { execFileSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const stage = process.env.TRUNK_STAGING_DIR;
const profile = process.env.TRUNK_PROFILE === "release" ? "web" : "dev";
const folder = join(root, "target/site/worker");

function run(program, ...args) {
  return execFileSync(program, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}

/** Compiles the worker; what the linker moved where stays in it, for the splitter. */
function compile() {
  const said = run(
    process.env.CARGO ?? "cargo", "rustc", "--offline", "--package", "gopeer-web", "--bin", "worker", "--profile", profile,
    "--target", "wasm32-unknown-unknown", "--message-format", "json-render-diagnostics", "--", "-Clink-arg=--emit-relocs",
  );
  const files = said.trim().split("\n").map((line) => JSON.parse(line)).flatMap((message) => message.filenames ?? []);
  return files.find((file) => file.endsWith("worker.wasm"));
}

rmSync(folder, { recursive: true, force: true });
run("wasm-split-cli", compile(), folder, "--out-name", "worker");
run("wasm-bindgen", join(folder, "worker.wasm"), "--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir", stage, "--out-name", "worker");
for (const [from, to] of [["split_types.wasm", "types_bg.wasm"], ["__wasm_split.js", "__wasm_split.js"]]) {
  copyFileSync(join(folder, from), join(stage, to));
}
