// examples/docs: a documentation site that uses the element and the package.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean } from "./access.mjs";
import { DESKTOP, PHONE, dist, fits, open, root } from "./browser.mjs";
import { npm } from "./npm.mjs";
import { serve } from "./server.mjs";

const example = join(root, "examples/docs");
const environment = { ...process.env, GOPEER_DIST: dist, GOPEER_NPM: npm, GOPEER_PACKAGE: join(npm, "node.js") };

/** The site as its own script puts it together, under a sub-path. */
async function site(use) {
  const folder = mkdtempSync(join(tmpdir(), "gopeer-example-"));
  execFileSync("node", [join(example, "build.mjs"), folder], { env: environment });
  const server = await serve(folder, "/docs/");
  try {
    await use(server);
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

/** Nothing of the page complains, nor does axe, and nothing is too wide. */
async function healthy(page, where) {
  await clean(page, where);
  await fits(page, where);
  assert.deepEqual([page.problems, await page.evaluate(() => violations)], [[], []], where);
}

/** Runs the check of a folder of documentation; gives its exit code and what it prints. */
function check(folder) {
  try {
    return [0, execFileSync("node", [join(folder, "check.mjs")], { env: environment, encoding: "utf8" })];
  } catch (error) {
    return [error.status, error.stdout];
  }
}

export default [
  ["example: a page with the element shows reviews, and says what they found", (browser) => site(async (server) => {
    for (const [viewport, colorScheme] of [[DESKTOP, "light"], [PHONE, "dark"]]) {
      const page = await open(browser, server.url, { viewport, colorScheme });
      await page.locator("gopeer-review").first().scrollIntoViewIfNeeded();
      await page.locator(".outcome", { hasText: /finds [1-9]\d* in this snippet, [1-9]\d* of them serious/ }).first().waitFor();
      await page.locator("gopeer-review").last().scrollIntoViewIfNeeded();
      await page.locator(".outcome").last().filter({ hasText: "cancel" }).waitFor();
      assert.equal(await page.locator("gopeer-review[data-state=shown]").count(), 2);
      assert.equal((await page.locator("iframe").last().boundingBox()).height, 420);
      await healthy(page, `element ${colorScheme}`);
      await page.context().close();
    }
  })],
  ["example: a page with the package reviews its snippets in a worker", (browser) => site(async (server) => {
    for (const [viewport, colorScheme] of [[DESKTOP, "light"], [PHONE, "dark"]]) {
      const page = await open(browser, `${server.url}package.html`, { viewport, colorScheme });
      const bad = page.getByRole("region", { name: "Review of drain.go" });
      await bad.locator("li", { hasText: "Line 8, high: " }).waitFor();
      assert.match(await bad.textContent(), /default/);
      await page.getByRole("region", { name: "Review of wait.go" }).waitFor();
      assert.equal(await page.getByRole("region", { name: "Review of wait.go" }).locator("li").count(), 0);
      await healthy(page, `package ${colorScheme}`);
      assert.deepEqual(page.requests.filter((request) => !request.startsWith(`GET ${server.url}`)), []);
      await page.context().close();
    }
  })],
  ["example: the check before publishing passes, and fails for a page that teaches a fault", () => {
    const [code, said] = check(example);
    assert.equal(code, 0, said);
    assert.equal(said.trim().split("\n").length, 4, said);
    const folder = mkdtempSync(join(tmpdir(), "gopeer-check-"));
    cpSync(example, folder, { recursive: true });
    writeFileSync(join(folder, "package.html"), readFileSync(join(folder, "package.html"), "utf8").replace('class="bad" ', ""));
    const [failed, why] = check(folder);
    rmSync(folder, { recursive: true });
    assert.equal(failed, 1, why);
    assert.match(why, /WRONG {2}package\.html drain\.go[^]*drain\.go:8: .*\(concurrency\//);
  }],
];
