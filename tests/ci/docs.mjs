// The outputs in docs/ci.md, made by running what they stand for: `GOPEER=target/debug/gopeer node tests/ci/docs.mjs` writes them anew.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { change, git, shop } from "./shop.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
export const PAGE = join(root, "docs/ci.md");

/** What is shown under each name, of a change in a small repository that is made in `folder`. */
export function outputs(gopeer, folder) {
  const review = (...args) => spawnSync(gopeer, ["review", ...args], { cwd: folder, encoding: "utf8" }).stdout.trimEnd();
  shop(folder);
  change(folder);
  const changed = ["--base", "main"];
  const sarif = JSON.parse(review("--format", "sarif", "./..."));
  const { ruleId, level, message, locations: [{ physicalLocation: place }] } = sarif.runs[0].results[0];
  const alert = { ruleId, level, message: message.text, file: place.artifactLocation.uri, line: place.region.startLine };
  const quality = JSON.parse(review("--format", "gitlab-code-quality", "./..."));
  return {
    change: git(folder, "diff"),
    log: review(...changed, "./..."),
    comment: review(...changed, "--format", "markdown", "./..."),
    alert: JSON.stringify(alert, null, 2),
    quality: JSON.stringify(quality.slice(0, 2), null, 2),
  };
}

/** The block of code under a comment that names it. */
const block = (name) => new RegExp(`(<!-- output: ${name} -->\\n\`\`\`\`\\w*\\n)([\\s\\S]*?)(\\n\`\`\`\`\\n)`);

/** What the page shows under a name. */
export function shown(page, name) {
  return block(name).exec(page)?.[2];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "gopeer-docs-")));
  let page = readFileSync(PAGE, "utf8");
  for (const [name, output] of Object.entries(outputs(resolve(process.env.GOPEER ?? join(root, "target/debug/gopeer")), folder))) {
    page = page.replace(block(name), (_, head, __, foot) => head + output + foot);
  }
  writeFileSync(PAGE, page);
  rmSync(folder, { recursive: true });
}
