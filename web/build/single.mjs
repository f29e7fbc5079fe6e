// The one-file edition: the built site as one HTML file that opens from disk. `cargo dev build --single`.
//   node single.mjs DIST FILE
// Programs and data lie in it as gzip in base64, in script elements of a type that no browser runs. The one script and the
// style sheets that do run are allowed by their hashes; the engine's worker is made from a blob.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const esbuild = createRequire(join(root, "web/editor/package.json"))("esbuild");
const [dist, output] = process.argv.slice(2);
const assets = resolve(dist, "assets");
const names = readdirSync(assets).filter((name) => !/\.(br|gz)$/.test(name));

/** What is known of these goes into the file: the modules that Go projects import most. */
const MODULES = [
  "std", "testify", "xsync", "uuid", "pkgerrors", "cobra", "pflag", "viper", "yaml3", "logrus", "zap", "zerolog", "grpc", "protobuf",
  "prometheus", "gin", "chi5", "mux", "pgx5", "sqlx", "redis9",
];

/** The plain names of the files of a kind, by what is between that and the hash. */
const listed = (kind, ending) => Object.fromEntries(names.flatMap((name) => {
  const [, id] = new RegExp(`^${kind}-(.+)-\\w{12}\\.${ending}$`).exec(name) ?? [];
  return id ? [[id, `${kind}-${id}.${ending}`]] : [];
}));

/** The guides of rules, a file for each category. */
const GUIDES = listed("guide", "json");

/** The files that reviewers of one's own start from, by the built-in reviewer. */
const TEMPLATES = listed("reviewer", "md");

/** The name of a built file, by its plain one. */
function named(plain) {
  const dot = plain.lastIndexOf(".");
  const stem = plain.slice(0, dot);
  const found = names.filter((name) => name.endsWith(plain.slice(dot)) && /^-(\w{12}|[0-9A-Z]{8})$/.test(name.slice(stem.length, name.lastIndexOf("."))) && name.startsWith(stem));
  if (found.length !== 1) throw new Error(`${assets} has ${found.length} files ${plain}: run \`cargo dev build\``);
  return found[0];
}

/** A script with all that it imports: "built:x.js" is x.js of the built site. */
async function bundle(entry, define = {}) {
  const built = {
    name: "built",
    setup(build) {
      build.onResolve({ filter: /^built:/ }, ({ path }) => ({ path: join(assets, named(path.slice("built:".length))) }));
      // The page itself and the scorer, as modules that come late in the built site ask for them.
      build.onResolve({ filter: /^\.\/(page|workshop)\.js$/ }, ({ path }) => ({ path: join(assets, named(path.slice("./".length))) }));
      build.onResolve({ filter: /^\.\/shelf\.js$/ }, () => ({ path: join(root, "static/js/single-shelf.js") }));
    },
  };
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(root, "static/js", entry)], bundle: true, write: false, minify: true, format: "iife", plugins: [built],
    // What stays of it is the address that a module takes where none is given; all are given.
    define: { "import.meta.url": '"about:blank"', ...define }, logLevel: "warning",
  });
  return outputFiles[0].text;
}

/** Something for the page to read, under its plain name or, what the engine asks for, its built one. */
function block(name, bytes) {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b ? bytes : gzipSync(bytes, { level: 9 });
  return `<script type="application/gzip" id="${name}">${packed.toString("base64")}</script>`;
}

const asset = (plain) => readFileSync(join(assets, named(plain)));
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const samples = JSON.parse(asset("index.json"));
const packs = JSON.parse(asset("packs.json"));
const files = [
  ...["page_bg.wasm", "worker_bg.wasm", "codec_bg.wasm", "config_bg.wasm", "report_bg.wasm", "workshop_bg.wasm", "voices.bin", "rules.json", "questions.md", "symptoms.json", "index.json", "packs.json", ...Object.values(GUIDES), ...Object.values(TEMPLATES)].map((name) => [name, asset(name)]),
  ...[...samples, ...packs].map(({ url }) => [url, readFileSync(join(assets, url))]),
  ...MODULES.map((stem) => [named(`${stem}.bin`), asset(`${stem}.bin`)]),
];
const script = await bundle("single.js", { ENGINE_SCRIPT: JSON.stringify(await bundle("single-engine.js")), GUIDES: JSON.stringify(GUIDES), TEMPLATES: JSON.stringify(TEMPLATES) });
// The page's, that of the exercises, which take its place, and one for both.
const styles = [["page.css", "late.css"], ["exercise.css"], ["stage.css"]].map((sheets) => sheets.map(asset).join(""));
const icon = `data:image/svg+xml;base64,${asset("favicon.svg").toString("base64")}`;
const policy = `default-src 'none'; script-src ${hash(script)} 'wasm-unsafe-eval'; style-src ${styles.map(hash).join(" ")}; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'`;

let page = readFileSync(join(dist, "index.html"), "utf8");
page = page.replace(/\s*<(link|script)\b[^>]*>(<\/script>)?/g, "").replace(/\s*<meta property=[^>]*>/g, "");
page = page.replace(/(Content-Security-Policy" content=")[^"]*/, () => `Content-Security-Policy" content="${policy}`);
page = page.replace("</title>", () => `</title>\n  <link rel="icon" href="${icon}">\n${styles.map((style, at) => `  <style${at === 1 ? ' media="not all"' : ""}>${style}</style>`).join("\n")}`);
page = page.replace("</body>", () => `${files.map(([name, bytes]) => block(name, bytes)).join("\n")}\n<script>${script}</script>\n</body>`);
writeFileSync(output, page);
console.log(`${output}: ${(page.length / 1000).toFixed(0)} KB`);
