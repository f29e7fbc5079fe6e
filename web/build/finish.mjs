// Trunk's last hook: bundles the editor and the style sheets, shrinks the wasm modules, and names every file by its
// content. Trunk itself hashes no worker and writes an inline script; the page's CSP and hosts' caches allow neither.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

const WASM_FEATURES = ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];

function optimise(name, ...passes) {
  const file = join(stage, name);
  const tool = join(root, "web/editor/node_modules/.bin/wasm-opt");
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const said = execFileSync(tool, [...passes, ...features, file, "-o", `${file}.small`], { encoding: "utf8" });
  renameSync(`${file}.small`, file);
  return said;
}

function shrink(name) {
  // Functions with one caller are inlined only where they are small: repeated shapes pack better than merged ones.
  const inline = "--one-caller-inline-max-function-size=20";
  // The lowest kilobyte is the far end of the stack: no address wraps round to it, so offsets go into the loads.
  optimise(name, "--strip-debug", "--strip-producers", "--low-memory-unused", "--flatten", "--rereloop", "-Oz", "-Oz", inline);
}

/** Names of a letter or two for what a module and its script call each other by: wasm-bindgen's are long and do not pack. */
function shorten(module, text) {
  const { imports, exports } = JSON.parse(optimise(`${module}_bg.wasm`, "--minify-imports-and-exports-and-modules"));
  const own = `./${module}_bg.js`;
  const given = new Map(imports.filter(([from]) => from === own).map(([, old, short]) => [old, short]));
  const others = imports.filter(([from]) => from !== own).map(([, old, short]) => `, ${short}: import1.${old}`);
  const taken = new Map(exports);
  const glue = text
    .replaceAll(/\bwasm\.([\w$]+)/g, (whole, name) => (taken.has(name) ? `wasm.${taken.get(name)}` : whole))
    .replaceAll(/(?<=^ +)[\w$]+(?=: function\()/gm, (name) => given.get(name) ?? name)
    .replace(/ +"\.\/__wasm_split\.js": import1,\n/, "")
    .replace(`"${own}": import0`, `a: { ...import0${others.join("")} }`);
  return { glue, taken };
}

/** What loads the module that was split off. It asks the other one for what they share, by the names given to that. */
function loader(text, taken) {
  const shared = /(?<=const \{ )[^}]*(?= \} = initSync)/;
  const streaming = "WebAssembly.instantiateStreaming(src, imports)";
  const fetching = ", import.meta.url))";
  const known = shared.test(text) && text.includes(streaming) && text.includes(fetching);
  if (!known) fail("wasm-split writes another loader than this build knows");
  return text
    .replace(shared, (names) => names.replaceAll(/\w+/g, (name) => `${taken.get(name) ?? name}: ${name}`))
    // A line that stalls must not leave the reader with "so far" for ever.
    .replace(fetching, ", import.meta.url), { signal: AbortSignal.timeout(60_000) })")
    // Hosts that send wasm under another type are hosts too.
    .replace(streaming, "src.then((answer) => answer.arrayBuffer()).then((bytes) => WebAssembly.instantiate(bytes, imports))");
}

async function bundle(entry, options) {
  const built = await esbuild.build({
    entryPoints: [resolve(root, entry)], bundle: true, write: false, minify: release, logLevel: "warning", ...options,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** The editor in parts: what is imported comes before what imports it. */
async function editor() {
  const language = join(root, "web/editor/src/language.ts");
  const built = await esbuild.build({
    entryPoints: [join(root, "web/editor/src/main.ts")], outdir: stage, entryNames: "editor", chunkNames: "editor-part-[hash]",
    bundle: true, splitting: true, format: "esm", loader: { ".css": "text" },
    alias: { "@codemirror/language": language, "@lezer/common": language },
    write: false, minify: release, metafile: true, logLevel: "warning",
  });
  const parts = new Map(Object.entries(built.metafile.outputs).map(([path, output]) => [basename(path), output.imports]));
  const contents = new Map(built.outputFiles.map((file) => [basename(file.path), file.text]));
  const write = (name) => {
    for (const { path } of parts.get(name)) if (!names.has(basename(path))) write(basename(path));
    finish(name, contents.get(name));
  };
  write("editor.js");
}

/** One script for the two that import each other: neither could be named by its content while it names the other. */
async function joined(worker, split) {
  writeFileSync(join(stage, "worker.js"), worker);
  writeFileSync(join(stage, "__wasm_split.js"), split.replace('"./split_types.wasm"', '"./types_bg.wasm"'));
  const built = await bundle(join(stage, "worker.js"), { format: "esm" });
  take("worker.js");
  take("__wasm_split.js");
  return built.toString();
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
if (release) shrink("types_bg.wasm");
finish("types_bg.wasm", take("types_bg.wasm"));
for (const name of ["page", "worker", "codec"]) {
  let [glue, taken] = [take(`${name}.js`).toString(), new Map()];
  if (release) {
    shrink(`${name}_bg.wasm`);
    ({ glue, taken } = shorten(name, glue));
  }
  finish(`${name}_bg.wasm`, take(`${name}_bg.wasm`));
  if (name === "worker") glue = await joined(glue, loader(take("__wasm_split.js").toString(), taken));
  finish(`${name}.js`, await script(glue));
}
samples();
index();
rulePages();
await editor();
finish("page.css", await bundle("static/css/page.css", { loader: { ".svg": "dataurl" } }));
for (const icon of readdirSync(join(root, "static/icons"))) finish(icon, readFileSync(join(root, "static/icons", icon)));
for (const name of ["engine.js", "boot.js"]) {
  finish(name, await script(readFileSync(join(root, "static/js", name), "utf8")));
}

const html = join(stage, "index.html");
let page = readFileSync(html, "utf8").replace(/\s*<link data-trunk[^>]*>/g, "");
for (const [plain, hashed] of names) page = page.replaceAll(`"./assets/${plain}"`, `"./assets/${basename(hashed)}"`);
writeFileSync(html, page);
