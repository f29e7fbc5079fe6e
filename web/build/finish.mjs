// Trunk's last hook: bundles the editor and the style sheets, optimises the wasm modules, and names every file by its
// content. Trunk itself hashes no worker and writes an inline script; the page's CSP and hosts' caches allow neither.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip, gzipSync } from "node:zlib";
import { optimise } from "./optimise.mjs";
import { openGraph } from "./preview.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const stage = process.env.TRUNK_STAGING_DIR ?? fail("run by Trunk: `cargo dev build`");
const release = process.env.TRUNK_PROFILE === "release";
const esbuild = createRequire(join(root, "web/editor/package.json"))("esbuild");
const assets = join(stage, "assets");
/** What the engine says of itself: see `crates/dev/src/lab.rs`. */
const siteFolder = process.env.GOPEER_SITE ?? join(root, "target/site");

/** Quoted plain name of each finished file → its hashed name. */
const names = new Map();

function fail(message) {
  console.error(`finish.mjs: ${message}`);
  process.exit(1);
}

const sha256 = (content) => createHash("sha256").update(content).digest("hex");

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
  const hash = sha256(bytes).slice(0, 12);
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

async function bundle(entry, options) {
  const built = await esbuild.build({
    entryPoints: [resolve(root, entry)], bundle: true, write: false, minify: release, logLevel: "warning", ...options,
  });
  return Buffer.from(built.outputFiles[0].contents);
}

/** The editor, in parts that esbuild names by their content. */
async function editor() {
  const [language, reading] = ["language", "reading"].map((name) => join(root, `web/editor/src/${name}.ts`));
  const built = await esbuild.build({
    entryPoints: [join(root, "web/editor/src/main.ts")], outdir: assets, entryNames: "editor-[hash]", chunkNames: "editor-part-[hash]",
    bundle: true, splitting: true, format: "esm", loader: { ".css": "text" },
    alias: { "@codemirror/language": language, "@lezer/common": language, "@lezer/highlight": reading },
    minify: release, metafile: true, logLevel: "warning",
  });
  const [entry] = Object.entries(built.metafile.outputs).find(([, output]) => output.entryPoint !== undefined);
  names.set("editor.js", basename(entry));
}

async function script(text) {
  return (await esbuild.transform(text, { minify: release, charset: "utf8", format: "esm" })).code;
}

/** The glue of wasm modules, and scripts that draw a part of the page when it is first there: each is fetched by itself. */
const MODULES = ["worker", "config", "page", "report", "workshop", "codec"];
const VIEWS = [
  "repaired",
  "stage",
  "archive",
  "change",
  "checklist",
  "compare",
  "context",
  "filter",
  "guide",
  "notes",
  "own",
  "readiness",
  "remark",
  "rule",
  "share",
  "suggest",
  "symptoms",
  "trainer",
];

/** A script of ours with what it imports from beside it; what it loads while it runs stays a file of its own. */
async function module(name) {
  const external = [...MODULES, ...VIEWS, "zip", "host"].map((name) => `./${name}.js`);
  return (await bundle(`static/js/${name}`, { charset: "utf8", format: "esm", external, define: { GUIDES: JSON.stringify(guides), TEMPLATES: JSON.stringify(templates) } })).toString();
}

function samples() {
  const folder = join(root, "static/samples");
  const index = join(folder, "index.json");
  if (!existsSync(index)) return finish("index.json", "[]");
  const entries = JSON.parse(readFileSync(index, "utf8"));
  const listed = entries.map((entry) => ({ ...entry, url: finish(entry.file, readFileSync(join(folder, entry.file))) }));
  return finish("index.json", JSON.stringify(listed));
}

/** The packs of exercises, and a list of them. */
function packs() {
  const folder = join(root, "static/exercises");
  const order = ["senior", "backend", "cloud-native", "data", "throughput"];
  const listed = order.map((name) => {
    const text = readFileSync(join(folder, `${name}.json`), "utf8");
    const { id, title, persona, exercises } = JSON.parse(text);
    finish(`pack-${name}.json`, JSON.stringify(JSON.parse(text)));
    return { id, title, persona, url: `./pack-${name}.json`, exercises: exercises.map((exercise) => exercise.id) };
  });
  finish("packs.json", JSON.stringify(listed));
}

/** The documentation of all rules, what the page of all rules needs besides, and what reviewers say. Gives the names of the guides' files by category. */
function rulePages() {
  const folder = siteFolder;
  for (const name of ["rules.json", "gallery.json"]) {
    if (!existsSync(join(folder, name))) fail(`${join(folder, name)} is missing: build with \`cargo dev build\``);
    finish(name, readFileSync(join(folder, name), "utf8"));
  }
  // Packed like the index: hosts pack no files of this kind.
  finish("voices.bin", gzipSync(readFileSync(join(folder, "voices.bin")), { level: 9 }));
  return listed(folder, "guide-");
}

/** Finishes the files of a folder whose names begin so; gives the names that they have by what follows, without the ending. */
function listed(folder, start) {
  const files = readdirSync(folder).filter((name) => name.startsWith(start));
  return Object.fromEntries(files.map((name) => [name.slice(start.length, name.lastIndexOf(".")), finish(name, readFileSync(join(folder, name), "utf8"))]));
}

/** What is known of Go modules, under the names that the engine works out from its manifest, and the list of these names. */
function index() {
  const folder = join(root, "static/api");
  const files = readdirSync(folder).filter((name) => name.endsWith(".bin.gz")).sort();
  const names = files.map((file) => finish(file.replace(/\.gz$/, ""), readFileSync(join(folder, file))));
  finish("offline.json", JSON.stringify(names));
}

/** What a link to the page looks like in a chat: only for a site that knows its address. */
function preview(page) {
  const base = process.env.GOPEER_BASE_URL;
  if (!base) return page;
  const image = finish("preview.png", readFileSync(join(root, "static/preview.png")));
  return page.replace("</title>", `</title>\n${openGraph(base, `assets/${image}`)}`);
}

/** Packed once and well, beside each file that packs, for hosts that serve such files. */
async function pack() {
  const folders = [stage, assets];
  const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => /\.(html|js|css|json|md|wasm|svg|go|txtar)$/.test(name)).map((name) => join(folder, name)));
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: release ? 11 : 5 } };
  await Promise.all(files.map(async (file) => {
    const bytes = readFileSync(file);
    writeFileSync(`${file}.br`, await promisify(brotliCompress)(bytes, quality));
    writeFileSync(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }));
  }));
}

/** What the browser shows where the page is installed. */
function manifest() {
  const icon = (file, more) => ({ src: `./${names.get(file)}`, type: file.endsWith("svg") ? "image/svg+xml" : "image/png", ...more });
  finish("manifest.json", JSON.stringify({
    name: "gopeer – Go code review", short_name: "gopeer", description: "Go code review in your browser. Your code never leaves this tab.",
    id: "../", start_url: "../", scope: "../", display: "standalone", background_color: "#f3f5f6", theme_color: "#0b6b74",
    icons: [
      icon("icon-512.png", { sizes: "512x512", purpose: "any" }), icon("icon-192.png", { sizes: "192x192", purpose: "any" }),
      icon("icon-maskable.png", { sizes: "512x512", purpose: "maskable" }), icon("favicon.svg", { sizes: "any", purpose: "any" }),
    ],
  }));
}

/** The pages, which carry the build's id, and the service worker, which knows the id and every file that each visit may need. */
async function pages() {
  const worker = await script(readFileSync(join(root, "static/js/sw.js"), "utf8"));
  const texts = {
    "": preview(readFileSync(join(stage, "index.html"), "utf8").replace(/\s*<link data-trunk[^>]*>/g, "").replace(/\n\s*(?=\n)/g, "")),
    ...Object.fromEntries(["privacy.html", "rules.html", "workshop.html"].map((name) => [name, readFileSync(join(root, "web", name), "utf8")])),
  };
  // What only workshops need is kept when one begins: see static/js/exercise.js. What they load later (`trainer`, `repaired`) is for all,
  // since they may ask for it without a network.
  const isForAll = (name) => (!name.endsWith(".bin") || /^(std|voices)-/.test(name)) && !/^(preview|exercise|workshop(_bg)?|packs?)-/.test(name);
  const files = readdirSync(assets).filter(isForAll).sort();
  const build = sha256([worker, ...Object.values(texts), ...readdirSync(assets).sort()].join("\n")).slice(0, 8);
  for (const [name, text] of Object.entries(texts)) {
    const written = [...names].reduce((text, [plain, hashed]) => text.replaceAll(`"./assets/${plain}"`, `"./assets/${hashed}"`), text);
    writeFileSync(join(stage, name || "index.html"), written.replaceAll("@build", build));
  }
  const list = Object.fromEntries(files.map((name) => [`assets/${name}`, sha256(readFileSync(join(assets, name))).slice(0, 12)]));
  for (const name of Object.keys(texts)) list[name] = "";
  writeFileSync(join(stage, "sw.js"), worker.replaceAll("@build", build).replace("FILES_OF_THE_BUILD", JSON.stringify(list)));
}

mkdirSync(assets, { recursive: true });
if (release) await Promise.all(MODULES.map((name) => optimise(join(stage, `${name}_bg.wasm`))));
for (const name of MODULES) {
  finish(`${name}_bg.wasm`, take(`${name}_bg.wasm`));
  finish(`${name}.js`, await script(take(`${name}.js`).toString()));
}
samples();
packs();
index();
const guides = rulePages();
const templates = listed(siteFolder, "reviewer-");
await editor();
finish("zip.js", await bundle("web/editor/src/zip.ts", { format: "esm" }));
for (const sheet of ["page.css", "late.css", "text.css", "embed.css", "exercise.css", "stage.css"]) finish(sheet, await bundle(`static/css/${sheet}`, { loader: { ".svg": "dataurl" } }));
for (const icon of readdirSync(join(root, "static/icons"))) finish(icon, readFileSync(join(root, "static/icons", icon)));
manifest();
finish("symptoms.json", JSON.stringify(JSON.parse(readFileSync(join(root, "static/symptoms.json"), "utf8"))));
finish("questions.md", readFileSync(join(root, "crates/engine/questions.md"), "utf8"));
finish("engine.js", await module("engine.js"));
for (const name of [...VIEWS, "late", "host", "embed", "rules", "exercise"]) finish(`${name}.js`, await module(`${name}.js`));
for (const name of ["focus.js", "boot.js"]) finish(name, await script(readFileSync(join(root, "static/js", name), "utf8")));
// Pages of other sites load it: a name that stays.
writeFileSync(join(stage, "gopeer-review.js"), await script(readFileSync(join(root, "static/js/gopeer-review.js"), "utf8")));
await pages();
await pack();
