// Trunk's last hook: bundles the editor and the style sheets, optimises the wasm modules, and names every file by its
// content. Trunk itself hashes no worker and writes an inline script; the page's CSP and hosts' caches allow neither.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const stage = process.env.TRUNK_STAGING_DIR ?? fail("run by Trunk: `cargo dev build`");
const release = process.env.TRUNK_PROFILE === "release";
const esbuild = createRequire(join(root, "web/editor/package.json"))("esbuild");
const assets = join(stage, "assets");

/** Quoted plain name of each finished file → its hashed name. */
const names = new Map();

function fail(message) {
  console.error(`finish.mjs: ${message}`);
  process.exit(1);
}

/** The file with its references to finished files renamed. */
function refer(text) {
  for (const [plain, hashed] of names) {
    text = text.replaceAll(`"./${plain}"`, `"./${hashed}"`).replaceAll(`'${plain}'`, `'${hashed}'`);
  }
  return text;
}

/** Writes a file under a name that tells its content, and lets later files refer to it by the plain one. */
function finish(plain, content) {
  const bytes = typeof content === "string" ? Buffer.from(refer(content)) : content;
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const dot = plain.lastIndexOf(".");
  const hashed = `${plain.slice(0, dot)}-${hash}${plain.slice(dot)}`;
  writeFileSync(join(assets, hashed), bytes);
  names.set(plain, hashed);
  return hashed;
}

/** What Trunk left in the stage. */
function take(name) {
  const file = join(stage, name);
  const content = readFileSync(file);
  rmSync(file);
  return content;
}

/** What rustc may use, and every browser knows that the page runs in. */
const WASM_FEATURES = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];

/** Runs Binaryen over a module: a tenth smaller. Functions of one origin look alike; beside each other they pack better. */
function optimise(name) {
  const tool = join(root, "web/editor/node_modules/.bin/wasm-opt");
  const file = join(stage, name);
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  execFileSync(tool, ["-O", "--reorder-functions-by-name", ...features, file, "-o", file]);
}

async function bundle(entry, options) {
  const built = await esbuild.build({
    entryPoints: [resolve(root, entry)], bundle: true, write: false, minify: release, logLevel: "warning", ...options,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** The editor, in parts that esbuild names by their content. */
async function editor() {
  const language = join(root, "web/editor/src/language.ts");
  const built = await esbuild.build({
    entryPoints: [join(root, "web/editor/src/main.ts")], outdir: assets, entryNames: "editor-[hash]", chunkNames: "editor-part-[hash]",
    bundle: true, splitting: true, format: "esm", loader: { ".css": "text" },
    alias: { "@codemirror/language": language, "@lezer/common": language },
    minify: release, metafile: true, logLevel: "warning",
  });
  const [entry] = Object.entries(built.metafile.outputs).find(([, output]) => output.entryPoint !== undefined);
  names.set("editor.js", basename(entry));
}

async function script(name) {
  return (await esbuild.transform(name, { minify: release, charset: "utf8", format: "esm" })).code;
}

function samples() {
  const folder = join(root, "static/samples");
  const index = join(folder, "index.json");
  if (!existsSync(index)) return finish("index.json", "[]");
  const entries = JSON.parse(readFileSync(index, "utf8"));
  const listed = entries.map((entry) => ({ ...entry, url: finish(entry.file, readFileSync(join(folder, entry.file))) }));
  return finish("index.json", JSON.stringify(listed));
}

function rulePages() {
  const file = process.env.GOPEER_RULES ?? join(root, "target/site/rules.json");
  if (!existsSync(file)) fail(`${file} is missing: build with \`cargo dev build\``);
  return finish("rules.json", JSON.stringify(JSON.parse(readFileSync(file, "utf8"))));
}

/** What is known of Go modules, under the names that the engine works out from its manifest. */
function index() {
  const folder = join(root, "static/api");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".bin.gz"))) {
    finish(file.replace(/\.gz$/, ""), readFileSync(join(folder, file)));
  }
}

mkdirSync(assets, { recursive: true });
for (const name of ["page", "worker", "codec", "config"]) {
  if (release) optimise(`${name}_bg.wasm`);
  finish(`${name}_bg.wasm`, take(`${name}_bg.wasm`));
  finish(`${name}.js`, await script(take(`${name}.js`).toString()));
}
samples();
index();
rulePages();
await editor();
finish("page.css", await bundle("static/css/page.css", { loader: { ".svg": "dataurl" } }));
for (const icon of readdirSync(join(root, "static/icons"))) finish(icon, readFileSync(join(root, "static/icons", icon)));
for (const name of ["engine.js", "focus.js", "boot.js"]) {
  finish(name, await script(readFileSync(join(root, "static/js", name), "utf8")));
}

const html = join(stage, "index.html");
let page = readFileSync(html, "utf8").replace(/\s*<link data-trunk[^>]*>/g, "");
for (const [plain, hashed] of names) page = page.replaceAll(`"./assets/${plain}"`, `"./assets/${basename(hashed)}"`);
writeFileSync(html, page);
