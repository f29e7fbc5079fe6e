// The npm package: what `cargo dev npm` writes to target/npm, in Node.js.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { open, root } from "./browser.mjs";
import { SHOP } from "./code.mjs";
import { serve } from "./server.mjs";
import { ORDERS } from "./talk.mjs";

export const npm = process.env.GOPEER_NPM ?? resolve(root, "target/npm");
const manifest = () => JSON.parse(readFileSync(join(npm, "package.json"), "utf8"));

/** A project that has the package among its modules. */
async function project(files, use) {
  if (!existsSync(npm)) throw new Error(`${npm} is missing: run \`cargo dev npm\``);
  const folder = mkdtempSync(join(tmpdir(), "gopeer-npm-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(npm, join(folder, "node_modules/gopeer"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a script of such a project prints, read as JSON. */
const run = (script) => project({ "main.js": script }, (folder) => JSON.parse(execFileSync("node", ["main.js"], { cwd: folder, encoding: "utf8" })));

const PGX = `package a

import (
	"context"

	"github.com/jackc/pgx/v5"
)

func count(ctx context.Context, c *pgx.Conn) (n int, err error) {
	rows, err := c.Query(ctx, "SELECT 1")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, nil
}
`;

const TYPED = `import { review, reviewer, type Finding, type Review, type Severity } from "gopeer";

const result: Review = await review({ "main.go": "package main" }, { persona: "data", before: "package main", remarks: [], answers: { load: "high", go: "1.22" } });
const first: Finding | undefined = result.findings[0];
const severity: Severity | undefined = first?.severity;
const line: number | undefined = first?.place.range.line;
const edits: string[] = result.findings.flatMap(({ fixes }) => fixes.flatMap((fix) => fix.edits.map((edit) => edit.insert)));
const removed: number | undefined = result.change?.fixed.length;
const other = reviewer(async (name: string) => new TextEncoder().encode(name));
export { edits, line, other, removed, severity };
// @ts-expect-error there is no such reviewer
void review("package main", { persona: "nobody" });
// @ts-expect-error a misspelt option
void review("package main", { personna: "data" });
// @ts-expect-error there is no such answer
void review("package main", { answers: { load: "much" } });
// @ts-expect-error there is no such question
void review("package main", { answers: { speed: "high" } });
// @ts-expect-error findings have no such field
void first?.severty;
`;

export default [
  ["npm: a program in Node.js reviews files, and sees what it would see in the page", async () => {
    const said = await run(`import { review } from "gopeer";
      const files = ${JSON.stringify({ "shop.go": SHOP })};
      const first = await review(files);
      const again = await review(files, { persona: "throughput" });
      const pasted = await review(${JSON.stringify(SHOP)});
      const refused = await review({ "a.go": "a\\0b" }).catch((error) => error.message);
      const nobody = await review(files, { persona: "nobody" }).catch((error) => error.message);
      const after = await review(files);
      console.log(JSON.stringify({ first, again, pasted, refused, nobody, after }));`);
    const { first, again, pasted, after } = said;
    const background = first.findings.find(({ rule }) => rule === "context/background-in-call-chain");
    assert.deepEqual([background.severity, background.place.file, background.place.range.line], ["high", "shop.go", 15]);
    assert.deepEqual([first.partial, first.engine, first.persona.id], [false, manifest().version, "senior"]);
    assert.equal(first.counts.high, first.findings.filter(({ severity }) => severity === "high").length);
    assert.equal(SHOP.slice(background.place.range.from, background.place.range.to), "context.Background()");
    const [fix] = first.findings.flatMap(({ fixes }) => fixes);
    assert.equal(typeof fix.edits[0].insert, "string");
    assert.deepEqual([again.persona.id, again.stats.parsed, again.stats.examined], ["throughput", 0, 0], "the engine has kept what it knows");
    assert.deepEqual(pasted.findings.map(({ rule }) => rule), first.findings.map(({ rule }) => rule));
    assert.deepEqual(after.findings, first.findings, "after a refusal");
    assert.match(said.refused, /not text/);
    assert.match(said.nobody, /no reviewer nobody/);
  }],
  ["npm: libraries are known, configurations read, changes reviewed, remarks kept", async () => {
    const said = await run(`import { review } from "gopeer";
      const types = await review(${JSON.stringify(PGX)});
      const configured = await review({ ".gopeer.toml": 'persona = "data"\\n', "a.go": "package a\\n" });
      const old = ${JSON.stringify({ "shop.go": SHOP })};
      const now = { "shop.go": old["shop.go"].replace("context.Background()", "r.Context()").replace('\\n\\t"context"', "") };
      const change = await review(now, { before: old });
      const all = await review(old);
      const remarks = [{ finding: all.findings[0].id, key: 0, decision: "dismissed", text: "known" }];
      const dismissed = await review(old, { remarks });
      console.log(JSON.stringify({ types, configured, change, all, dismissed }));`);
    assert.deepEqual(said.types.findings.map(({ rule }) => rule), ["sql/rows-err-unchecked"], "the type of a library's function");
    assert.equal(said.configured.persona.id, "data");
    assert.deepEqual(said.change.change.files.map(({ after }) => after), ["shop.go"]);
    assert.deepEqual([said.change.change.fixed.map(({ rule }) => rule), said.change.findings], [["context/background-in-call-chain"], []]);
    assert.deepEqual(said.dismissed.suppressed.filter(({ by }) => by === "dismissed").map(({ finding }) => finding), [said.all.findings[0].id]);
  }],
  ["npm: answers to questions change the review; those that there are not are refused, with those that there are", async () => {
    const said = await run(`import { review } from "gopeer";
      const files = ${JSON.stringify({ "orders.go": ORDERS })};
      const asked = (answers) => review(files, { answers });
      const refused = (answers) => asked(answers).then(() => "taken", (error) => error.constructor.name + ": " + error.message);
      const answered = await asked({ delivery: "at-least-once", load: "high" });
      const question = await refused({ speed: "high" });
      const answer = await refused({ delivery: "always" });
      const inherited = await refused({ constructor: "high" });
      const file = { ...files, ".gopeer.toml": '[assume]\\ndelivery = "at-least-once"\\nload = "once"\\n' };
      const ofFile = await review(file);
      const won = await review(file, { answers: { delivery: "at-most-once" } });
      console.log(JSON.stringify({ answered, question, answer, inherited, without: await review(files), ofFile, won }));`);
    const acks = ({ findings }) => findings.find(({ rule }) => rule === "kafka/weak-acks");
    assert.deepEqual([acks(said.answered).severity, acks(said.answered).was, acks(said.without).severity], ["critical", "high", "high"]);
    assert.deepEqual(said.answered.assumptions.map(({ question, answer }) => [question, answer]), [["load", "high"], ["delivery", "at-least-once"]]);
    assert.deepEqual([said.without.assumptions, said.answered.partial], [[], false], "nothing is kept for the next review");
    assert.deepEqual([acks(said.ofFile).severity, acks(said.won).severity], ["critical", "medium"], "what is said here wins over the file");
    assert.deepEqual(said.won.assumptions.map(({ question, by }) => [question, by]), [["load", "config"], ["delivery", "reader"]]);
    assert.match(said.question, /^Error: There is no question `speed`, only load, .*, conventions\.$/);
    assert.match(said.answer, /^Error: `delivery` has no answer `always`, only at-most-once \(at most once\), .*\.$/);
    assert.match(said.inherited, /^Error: There is no question `constructor`/);
  }],
  ["npm: a bundled program reviews in the browser, with the package's files where it says", (browser) => project({
    "main.js": `import { reviewer } from "gopeer";
      const review = reviewer(async (name) => (await fetch("static/" + name)).arrayBuffer());
      globalThis.reviewed = review({ "shop.go": ${JSON.stringify(SHOP)} });`,
    "index.html": '<!doctype html><title>Bundled</title><link rel="icon" href="data:,"><script src="bundle.js"></script>',
  }, async (folder) => {
    const { buildSync } = createRequire(join(root, "web/editor/package.json"))("esbuild");
    buildSync({ absWorkingDir: folder, entryPoints: ["main.js"], bundle: true, format: "iife", outfile: join(folder, "bundle.js"), logLevel: "error", logOverride: { "empty-import-meta": "silent" } });
    symlinkSync(npm, join(folder, "static"));
    const server = await serve(folder);
    const page = await open(browser, server.url);
    const findings = await page.evaluate(async () => (await globalThis.reviewed).findings.map(({ rule }) => rule));
    assert.ok(findings.includes("context/background-in-call-chain"), findings.join());
    assert.deepEqual(page.problems, []);
    server.close();
  })],
  ["npm: the types say what a review is", async () => {
    for (const [moduleResolution, module] of [["nodenext", "nodenext"], ["bundler", "esnext"]]) {
      const compilerOptions = { noEmit: true, strict: true, target: "es2022", module, moduleResolution, types: [] };
      const config = JSON.stringify({ compilerOptions, files: ["main.ts"] });
      await project({ "main.ts": TYPED, "tsconfig.json": config }, (folder) => {
        try {
          execFileSync(join(root, "web/editor/node_modules/.bin/tsc"), [], { cwd: folder, encoding: "utf8" });
        } catch (error) {
          assert.fail(`${moduleResolution}: ${error.stdout}`);
        }
      });
    }
  }],
  ["npm: the package holds what it needs, under its version, and nothing else", () => {
    const listed = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--offline"], { cwd: npm, encoding: "utf8" }))[0];
    const files = listed.files.map(({ path }) => path);
    const rest = files.filter((path) => !path.startsWith("api/"));
    assert.deepEqual(rest.sort(), ["LICENSE", "README.md", "browser.js", "core.js", "gopeer.js", "gopeer_bg.wasm", "index.d.ts", "node.js", "package.json", "protocol.d.ts", "voices.bin"]);
    const index = readdirSync(join(root, "static/api")).filter((name) => name.endsWith(".bin.gz"));
    assert.deepEqual(files.filter((path) => path.startsWith("api/")).sort(), index.map((name) => `api/${name.slice(0, -3)}`).sort());
    const [, version] = /\[workspace\.package\]\s+version = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
    assert.deepEqual([listed.name, listed.version], ["gopeer", version]);
    console.log(`  package: ${(listed.size / 1000).toFixed(0)} KB packed`);
    const { exports } = manifest();
    for (const file of Object.values(exports["."])) assert.ok(files.includes(file.slice(2)), file);
  }],
];
