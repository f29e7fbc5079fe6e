// Puts the example together, ready for any static host:
//   cargo dev build && cargo dev npm && node examples/docs/build.mjs /tmp/docs
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const [folder] = process.argv.slice(2);
const parts = { "": "examples/docs", gopeer: process.env.GOPEER_DIST ?? "dist", npm: process.env.GOPEER_NPM ?? "target/npm" };
mkdirSync(folder, { recursive: true });
for (const [name, from] of Object.entries(parts)) {
  const source = resolve(root, from);
  if (!existsSync(source)) throw new Error(`${source} is missing: run \`cargo dev build\` and \`cargo dev npm\``);
  cpSync(source, join(folder, name), { recursive: true });
}
