// Puts the npm package together: `cargo dev npm`.
//   node npm.mjs WASM VOICES FOLDER
// WASM is what cargo made of web/src/bin/npm.rs, and VOICES what reviewers say; web/npm has the rest.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { optimise } from "./optimise.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const [wasm, voices, folder] = process.argv.slice(2);

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "api"), { recursive: true });
execFileSync("wasm-bindgen", [wasm, "--target", "web", "--no-typescript", "--out-name", "gopeer", "--out-dir", folder], { stdio: "inherit" });
await optimise(join(folder, "gopeer_bg.wasm"));
for (const name of readdirSync(join(root, "web/npm"))) cpSync(join(root, "web/npm", name), join(folder, name), { recursive: true });
copyFileSync(voices, join(folder, "voices.bin"));
copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
const index = join(root, "static/api");
for (const name of readdirSync(index).filter((name) => name.endsWith(".bin.gz"))) copyFileSync(join(index, name), join(folder, "api", name.replace(/\.gz$/, "")));

// It has the version of the workspace.
const [, version] = /\[workspace\.package\]\s+version = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
const file = join(folder, "package.json");
writeFileSync(file, `${JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), version }, undefined, 2)}\n`);
