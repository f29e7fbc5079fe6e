// Reviews of twenty programs by all five reviewers, without headings, names, questions and checklists, in random order: for a reader who
// does not know the personas' files and says who wrote each.
//   node tests/judged/blind.mjs GOPEER FOLDER [SEED] [--findings]
// GOPEER is the command. FOLDER gets reviews.md, which the reader is given, and key.tsv, for whoever counts. With --findings the
// verdicts are left out as well. The answers are lines like those of key.tsv:
//   node tests/judged/blind.mjs --count FOLDER/key.tsv ANSWERS.tsv
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const PERSONAS = ["senior", "backend", "cloud-native", "data", "throughput"];
const PROGRAMS = [
  ...["accounts.txtar", "crawler.go", "job_pool.go", "ledger_import.go", "notes_service.txtar", "orders_api.go", "payments_consumer.go", "price_gateway.go", "sensor_repo.go", "webhooks.go"]
    .map((name) => `static/samples/${name}`),
  ...["senior/4-quotes", "backend/5-catalogue", "cloud-native/6-config", "data/3-sensors", "throughput/3-export"].map((name) => `exercises/${name}.txtar`),
  ...["goroutines/concurrency/catalog-refresh-group", "paths/sql/shadowed-error-commits", "effects/security/account-bind-gorm", "effects/kafka/shipment-read-message", "paths/http/no-return-refund-limit"]
    .map((name) => `tests/programs/${name}.md`),
];

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(items, next) {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(next() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}

/** The file to review, where no folder's name says that it is a sample: of a test program, the faulty half. */
function file(program, folder) {
  const text = readFileSync(join(root, program), "utf8");
  const [, code] = /```go faulty\n([^]*?)```/.exec(text) ?? [, text];
  const written = join(folder, program.split("/").at(-1).replace(/\.md$/, ".go"));
  writeFileSync(written, code.replace(/ *\/\/ fault: .*/g, ""));
  return written;
}

function review(gopeer, path, persona) {
  const args = ["review", "--persona", persona, "--format", "json", "--fail-on", "critical", path];
  let printed;
  try {
    printed = execFileSync(gopeer, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  } catch (error) {
    printed = error.stdout; // It found something.
  }
  const { verdict, findings, show } = JSON.parse(printed);
  return { verdict, says: findings.slice(0, show).map(({ place, say }) => `- ${place.file.split("/").at(-1)}:${place.range.line}: ${say}`) };
}

function make(gopeer, folder, seed, isFindingsOnly) {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "gopeer-blind-"));
  const next = random(seed);
  const key = [];
  const parts = [];
  for (const [index, program] of shuffled(PROGRAMS, next).entries()) {
    const path = file(program, scratch);
    parts.push(`# Program ${index + 1}`);
    for (const [at, persona] of shuffled(PERSONAS, next).entries()) {
      const { verdict, says } = review(gopeer, path, persona);
      const name = `${index + 1}${"ABCDE"[at]}`;
      key.push(`${name}\t${persona}`);
      parts.push([`## ${name}`, ...(isFindingsOnly ? [] : [verdict]), says.join("\n")].join("\n\n"));
    }
  }
  rmSync(scratch, { recursive: true });
  const task = `Five reviewers, each of whom reviewed each of these programs: ${PERSONAS.join(", ")}. Say who wrote each review: one line each, its name, a tab, the reviewer.`;
  writeFileSync(join(folder, "reviews.md"), `${[task, ...parts].join("\n\n")}\n`);
  writeFileSync(join(folder, "key.tsv"), `${key.join("\n")}\n`);
}

function count(key, answers) {
  const rows = (path) => readFileSync(path, "utf8").trim().split("\n").map((line) => line.trim().split(/\s+/));
  const given = new Map(rows(answers));
  const wrong = rows(key).filter(([name, persona]) => given.get(name) !== persona);
  for (const [name, persona] of wrong) console.log(`${name}: ${persona}, taken for ${given.get(name) ?? "nobody"}`);
  console.log(`${rows(key).length - wrong.length} of ${rows(key).length} right`);
}

const args = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
if (process.argv.includes("--count")) count(...args);
else make(resolve(args[0]), args[1], Number(args[2] ?? 1), process.argv.includes("--findings"));
