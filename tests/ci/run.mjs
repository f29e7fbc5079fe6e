// The scripts of ci/ against a release server and a GitHub of our own: `GOPEER=target/debug/gopeer node --test tests/ci/run.mjs`.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { PAGE, outputs, shown } from "./docs.mjs";
import { change, git, shop, write } from "./shop.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const gopeer = process.env.GOPEER ?? join(root, "target/debug/gopeer");
const version = execFileSync(gopeer, ["--version"], { encoding: "utf8" }).trim().split(" ")[1];
const text = (...path) => readFileSync(join(root, ...path), "utf8");

const made = [];
after(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function folder() {
  made.push(realpathSync(mkdtempSync(join(tmpdir(), "gopeer-ci-"))));
  return made.at(-1);
}

/** A program of ours that is found before the system's. */
function program(bin, name, script) {
  write(bin, name, `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** What a program says and how it ends; none of the machine's own settings reach it. */
function run(file, args, { env = {}, cwd = root, input = "" } = {}) {
  const kept = Object.fromEntries(["PATH", "HOME", "TMPDIR", "SYSTEMROOT"].map((name) => [name, process.env[name]]).filter(([, value]) => value));
  const child = spawn(file, args, { cwd, env: { ...kept, GIT_CONFIG_GLOBAL: "/dev/null", ...env } });
  child.stdin.end(input);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => { stdout += data; });
  child.stderr.on("data", (data) => { stderr += data; });
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

async function serve(answer) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let content = "";
    for await (const part of request) content += part;
    requests.push(`${request.method} ${request.url}`);
    const [status, body] = answer(request, content && JSON.parse(content));
    response.writeHead(status).end(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {}));
  });
  await new Promise((ready) => { server.listen(0, "127.0.0.1", ready); });
  // Nothing waits for it, so that a test that fails ends.
  server.unref();
  return { requests, url: `http://127.0.0.1:${server.address().port}` };
}

// Installing

/** An archive as the release workflow makes it, with a command that says its version, and the checksums of the release. */
function release(archive) {
  const here = folder();
  program(here, "gopeer", `echo gopeer ${version}`);
  const bytes = execFileSync("tar", ["-czf", "-", "-C", here, "gopeer"]);
  return { bytes, sums: `${createHash("sha256").update(bytes).digest("hex")}  ${archive}\n` };
}

/** Runs install.sh on a platform with the release that `files` gives for each name; `cargo` notes what it is asked. */
async function install(files, { kernel = "Linux", machine = "x86_64", env = {}, script, args } = {}) {
  const [bin, into] = [folder(), folder()];
  program(bin, "uname", `case $1 in -s) echo ${kernel} ;; *) echo ${machine} ;; esac`);
  program(bin, "cargo", `echo "$@" >> ${bin}/asked\nwhile [ "$1" != --root ]; do shift; done\nmkdir -p "$2/bin"
    printf '#!/bin/sh\\necho gopeer ${version}\\n' > "$2/bin/gopeer" && chmod +x "$2/bin/gopeer"`);
  const site = await serve((request) => {
    const bytes = files[request.url.split("/").at(-1)];
    return bytes === undefined ? [404] : [200, Buffer.from(bytes)];
  });
  const once = () => run("sh", args ?? [script ?? join(root, "ci/install.sh"), into], {
    cwd: into,
    env: { PATH: `${bin}${delimiter}${process.env.PATH}`, GOPEER_URL: `${site.url}/o/gopeer`, ...env },
    input: args ? text("ci/install.sh") : "",
  });
  const ran = { ...await once(), again: once, into, requests: site.requests };
  return { ...ran, asked: () => existsSync(join(bin, "asked")) ? readFileSync(join(bin, "asked"), "utf8") : "" };
}

test("install: a released binary is fetched once, and checked", async () => {
  const { bytes, sums } = release("gopeer-linux-x86_64.tar.gz");
  const ran = await install({ "gopeer-linux-x86_64.tar.gz": bytes, SHA256SUMS: sums });
  assert.deepEqual([ran.code, ran.stdout], [0, `${ran.into}/gopeer\n`], ran.stderr);
  assert.deepEqual(ran.requests, ["gopeer-linux-x86_64.tar.gz", "SHA256SUMS"].map((name) => `GET /o/gopeer/releases/download/v${version}/${name}`));
  assert.equal((await ran.again()).stdout, `${ran.into}/gopeer\n`);
  assert.equal(ran.requests.length, 2, "it is there already");
  assert.equal(ran.asked(), "", "nothing is built");
});

for (const [what, sums] of [
  ["is not what the release says", () => `${"0".repeat(64)}  gopeer-linux-x86_64.tar.gz\n`],
  ["is not mentioned", () => `${"0".repeat(64)}  gopeer-linux-arm64.tar.gz\n`],
  ["cannot be had", () => undefined],
]) {
  test(`install: where the checksum ${what}, nothing is installed`, async () => {
    const { bytes } = release("gopeer-linux-x86_64.tar.gz");
    const ran = await install({ "gopeer-linux-x86_64.tar.gz": bytes, SHA256SUMS: sums() });
    assert.notEqual(ran.code, 0);
    assert.match(ran.stderr, /not installed|cannot be checked/);
    assert.deepEqual([ran.stdout, readdirSync(ran.into), ran.asked()], ["", [], ""], "neither installed nor built instead");
  });
}

test("install: a platform without a release gets one that is built from this source", async () => {
  const ran = await install({}, { kernel: "FreeBSD", machine: "riscv64" });
  assert.deepEqual([ran.code, ran.stdout], [0, `${ran.into}/gopeer\n`], ran.stderr);
  assert.match(ran.stderr, /no release at \S+gopeer-FreeBSD-riscv64\.tar\.gz/);
  assert.match(ran.asked(), new RegExp(`^install --quiet --locked --root \\S+ --path ${root}/crates/cli\n$`));
});

test("install: the script alone must know the version, and builds from the repository", async () => {
  const none = await install({}, { args: ["-s"] });
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  assert.match(none.stderr, /GOPEER_VERSION/);
  const ran = await install({}, { args: ["-s", "bin"], env: { GOPEER_VERSION: `v${version}` } });
  assert.deepEqual([ran.code, ran.stdout], [0, "bin/gopeer\n"], ran.stderr);
  assert.match(ran.asked(), new RegExp(` --git \\S+/o/gopeer --tag v${version} gopeer-cli\n$`));
});

test("install: releases have the names that it asks for", async () => {
  const released = [...text(".github/workflows/release.yml").matchAll(/- platform: (\S+)/g)].map(([, name]) => name).sort();
  const asked = [];
  for (const kernel of ["Linux", "Darwin", "MINGW64_NT-10.0-26100"]) {
    for (const machine of ["x86_64", kernel === "Linux" ? "aarch64" : "arm64"]) {
      const ran = await install({}, { kernel, machine });
      asked.push(/gopeer-(\S+)\.tar\.gz/.exec(ran.requests[0])[1]);
    }
  }
  assert.deepEqual(released, asked.sort());
});

// GitHub

/** A GitHub with comments on pull request 7. `refuse` says which requests get which error. */
async function hub(refuse = () => undefined) {
  const comments = [];
  const bot = { login: "github-actions[bot]", type: "Bot" };
  const path = "/repos/o/shop/issues";
  const site = await serve((request, content) => {
    const refused = refuse(request);
    if (refused) return [refused, { message: "Resource not accessible by integration" }];
    assert.equal(request.headers.authorization, "Bearer secret");
    const url = new URL(request.url, "http://x");
    const [per, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
    if (request.method === "GET" && url.pathname === "/user") return [403];
    if (request.method === "GET" && url.pathname === `${path}/7/comments`) return [200, comments.slice((page - 1) * per, page * per)];
    if (request.method === "POST" && url.pathname === `${path}/7/comments`) {
      comments.push({ id: comments.length + 1, user: bot, ...content });
      return [201, comments.at(-1)];
    }
    const edited = comments.find(({ id }) => request.method === "PATCH" && url.pathname === `${path}/comments/${id}`);
    return edited ? [200, Object.assign(edited, content)] : [404];
  });
  return { ...site, comments };
}

/** A checkout of pull request 7 as actions/checkout leaves it: the merge alone, without history. */
function checkout({ depth = 1, more = () => undefined } = {}) {
  const [origin, work] = [folder(), folder()];
  shop(origin);
  const base = git(origin, "rev-parse", "HEAD");
  git(origin, "switch", "--quiet", "--create", "feature");
  change(origin);
  more(origin);
  git(origin, "add", ".");
  git(origin, "commit", "--quiet", "--message", "Open orders");
  const head = git(origin, "rev-parse", "HEAD");
  // The target branch has gone on, with a finding of its own.
  git(origin, "switch", "--quiet", "main");
  write(origin, "wait/wait.go", "package wait\n\nimport \"time\"\n\n// Long waits.\nfunc Long() { time.Sleep(7) }\n");
  git(origin, "add", ".");
  git(origin, "commit", "--quiet", "--message", "Wait");
  git(origin, "merge", "--quiet", "--no-ff", "--message", "Merge", "feature");
  git(work, "init", "--quiet");
  git(work, "remote", "add", "origin", `file://${origin}`);
  git(work, "fetch", "--quiet", ...(depth ? [`--depth=${depth}`] : []), "origin", "main");
  git(work, "checkout", "--quiet", "FETCH_HEAD");
  const event = { pull_request: { number: 7, base: { sha: base }, head: { sha: head } } };
  return { origin, work, event, head, sha: git(work, "rev-parse", "HEAD") };
}

/** Runs github.mjs in a checkout. */
async function action({ work, event, sha }, site, env = {}) {
  const temp = folder();
  write(temp, "event.json", JSON.stringify(event));
  const files = { GITHUB_EVENT_PATH: join(temp, "event.json"), GITHUB_OUTPUT: join(temp, "output"), GITHUB_STEP_SUMMARY: join(temp, "summary") };
  const ran = await run(process.execPath, [join(root, "ci/github.mjs")], {
    cwd: work,
    env: {
      ...files, GOPEER: gopeer, RUNNER_TEMP: temp, GITHUB_SHA: sha, GITHUB_TOKEN: "secret", GITHUB_REPOSITORY: "o/shop",
      GITHUB_SERVER_URL: "https://github.com", GITHUB_API_URL: site.url, GITHUB_RUN_ID: "12",
      GITHUB_EVENT_NAME: event.pull_request ? "pull_request" : "push", ...env,
    },
  });
  const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const sarif = /^sarif=(.*)$/m.exec(read(files.GITHUB_OUTPUT))?.[1];
  return { ...ran, summary: read(files.GITHUB_STEP_SUMMARY), sarif: sarif && JSON.parse(read(sarif)) };
}

test("github: one comment, on the change alone, which later runs update", async () => {
  const [site, here] = [await hub(), checkout()];
  // Others talk too, more than fit on a page, and one of them writes what looks like ours.
  const mark = "<!-- gopeer review . ./... -->";
  site.comments.push({ id: 1, body: `${mark} me too`, user: { login: "eve", type: "User" } });
  for (let id = 2; id <= 130; id += 1) site.comments.push({ id, body: "hm", user: { login: "ann", type: "User" } });
  const first = await action(here, site);
  assert.equal(first.code, 1, first.stderr);
  assert.equal(site.comments.length, 131, first.stdout);
  const [{ body, id }] = site.comments.slice(-1);
  assert.ok(body.startsWith(`${mark}\n# Review by Senior\n`), body);
  assert.match(body, /`customer` becomes part of the SQL text/);
  assert.doesNotMatch(body, /duration-without-unit/, "neither what was there before nor what the target branch has got since");
  assert.ok(body.endsWith(`_Commit ${here.head.slice(0, 10)}_\n`), body);
  assert.equal(first.summary, body);

  here.event.pull_request.head.sha = "f".repeat(40);
  assert.equal((await action(here, site)).code, 1);
  assert.equal(site.comments.length, 131, "no second comment");
  assert.equal(site.comments.at(-1).id, id);
  assert.match(site.comments.at(-1).body, /_Commit ffffffffff_\n$/);
  assert.equal(site.comments[0].body, `${mark} me too`, "nobody else's comment is touched");
  assert.equal(site.requests.filter((request) => request.startsWith("POST")).length, 1);

  // Another reviewer has another comment.
  await action(here, site, { INPUT_PERSONA: "data" });
  assert.equal(site.comments.length, 132);
});

test("github: a comment of ours that nothing is left of says so; without a finding there never is one", async () => {
  const [site, here] = [await hub(), checkout({ depth: 0 })];
  await action(here, site);
  assert.equal(site.comments.length, 1);
  git(here.work, "checkout", "--quiet", "HEAD^1");
  write(here.work, "doc.go", "// Package shop sells.\npackage shop\n");
  const repaired = await action(here, site, { INPUT_BASE: "HEAD" });
  assert.equal(repaired.code, 0, repaired.stdout);
  assert.equal(site.comments.length, 1);
  assert.doesNotMatch(site.comments[0].body, /sql\/injection/);
  site.comments.pop();
  await action(here, site, { INPUT_BASE: "HEAD" });
  assert.deepEqual(site.comments, []);
});

test("github: a whole history, a branch that is not the merge, and a push", async () => {
  for (const depth of [0, 1]) {
    const [site, here] = [await hub(), checkout({ depth })];
    git(here.work, "fetch", "--quiet", ...(depth ? [`--depth=${depth}`] : []), "origin", "feature");
    git(here.work, "checkout", "--quiet", "FETCH_HEAD");
    const ran = await action(here, site);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(site.comments[0].body, /sql\/injection/);
    assert.doesNotMatch(site.comments[0].body, /duration-without-unit/);
  }
  const [site, here] = [await hub(), checkout()];
  const push = await action({ ...here, event: {} }, site);
  assert.equal(push.code, 0, "what was there before fails nothing");
  assert.match(push.summary, /duration-without-unit/);
  assert.equal((await action({ ...here, event: {} }, site, { INPUT_FAIL_ON: "high" })).code, 1);
  assert.deepEqual(site.requests, []);
});

test("github: the severity that fails the job", async () => {
  const [site, here] = [await hub(), checkout()];
  const code = async (INPUT_FAIL_ON) => (await action(here, site, { INPUT_FAIL_ON, INPUT_COMMENT: "false", INPUT_SARIF: "false" })).code;
  assert.deepEqual([await code("never"), await code("critical"), await code("nonsense")], [0, 1, 2]);
  assert.deepEqual(site.requests, []);
});

test("github: code scanning gets all that is not silenced, as one run", async () => {
  const more = (origin) => write(origin, "quiet.go", "package shop\n\nimport \"time\"\n\nfunc short() { time.Sleep(5) } //nolint:duration-without-unit // a test\n");
  const [site, here] = [await hub(), checkout({ more })];
  for (const INPUT_PERSONA of ["", "all"]) {
    const { sarif } = await action(here, site, { INPUT_PERSONA });
    assert.equal(sarif.runs.length, 1);
    const [{ results, automationDetails }] = sarif.runs;
    assert.equal(automationDetails, undefined);
    const units = results.filter(({ ruleId }) => ruleId === "correctness/duration-without-unit");
    const places = units.map(({ locations: [{ physicalLocation: place }] }) => place.artifactLocation.uri).sort();
    assert.deepEqual(places, ["orders.go", "wait/wait.go"], "of all the code, each once, and not what a comment silences");
    assert.ok(results.some(({ ruleId }) => ruleId === "sql/injection"));
    assert.ok(results.every((result) => !result.suppressions && !result.baselineState));
  }
});

test("github: where the token may not write, the summary has the review and the findings decide", async () => {
  const [site, here] = [await hub(({ method }) => (method === "POST" ? 403 : undefined)), checkout()];
  const ran = await action(here, site, { INPUT_FAIL_ON: "never" });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^::warning title=gopeer::There is no comment.*pull-requests: write.*403.*$/m);
  assert.match(ran.summary, /sql\/injection/);
});

test("github: a review that is too long for a comment is cut between findings", async () => {
  const each = (at) => `\nfunc wait${at}(db *sql.DB, name string) {\n\tdb.Exec("DELETE FROM t WHERE n = '" + name + "'")\n\tdb.Exec("${"long ".repeat(60)}" + name)\n}\n`;
  const code = `package shop\n\nimport "database/sql"\n${Array.from({ length: 150 }, (_, at) => each(at)).join("")}`;
  const [site, here] = [await hub(), checkout({ more: (origin) => write(origin, "many.go", code) })];
  const { summary } = await action(here, site);
  const [{ body }] = site.comments;
  assert.ok(summary.length > 65_536 && body.length <= 65_536, `${summary.length} ${body.length}`);
  assert.match(body, /\[the log has all of it\]\(https:\/\/github.com\/o\/shop\/actions\/runs\/12\)/);
  assert.equal(body.match(/^ *```/gm).length % 2, 0, "no block of code is left open");
});

test("github: code cannot give commands to the runner", async () => {
  const more = (origin) => write(origin, "evil.go", "package shop\n\nimport \"time\"\n\n/*\n::error::owned\n*/\nfunc evil() {\n\ttime.Sleep(3 + `\n::error::owned`)\n}\n");
  const [site, here] = [await hub(), checkout({ more })];
  const { stdout } = await action(here, site);
  const [, token, inside, rest] = /^::stop-commands::(\S+)\n([\s\S]*)\n::\1::\n([\s\S]*)$/.exec(stdout);
  assert.ok(token.length > 30 && inside.includes("sql/injection"), stdout);
  assert.doesNotMatch(rest, /owned/);
});

test("action.yml gives github.mjs all that it asks for", () => {
  const names = (of) => [...new Set(of.match(/\bINPUT_[A-Z_]+/g))].sort();
  assert.deepEqual(names(text("action.yml")), names(text("ci/github.mjs")));
});

// The others

/** A home in which the command is installed. */
function home() {
  const cache = folder();
  const bin = join(cache, "gopeer", `gopeer-${version}`);
  mkdirSync(bin, { recursive: true });
  copyFileSync(gopeer, join(bin, "gopeer"));
  return { XDG_CACHE_HOME: cache };
}

test("pre-commit: what is staged is reviewed, and nothing else", async () => {
  const [work, env] = [folder(), home()];
  const hook = (more = {}) => run("sh", [join(root, "ci/pre-commit.sh"), "--fail-on", "high"], { cwd: work, env: { ...env, ...more } });
  shop(work);
  write(work, "scratch.go", "package shop\n\nimport \"time\"\n\nfunc scratch() { time.Sleep(5) }\n");
  git(work, "config", "diff.noprefix", "true");
  assert.deepEqual(await hook(), { code: 0, stdout: "", stderr: "" });
  change(work);
  git(work, "add", "orders.go");
  const found = await hook();
  assert.equal(found.code, 1, found.stderr);
  assert.match(found.stdout, /sql\/injection/);
  assert.doesNotMatch(found.stdout, /duration-without-unit/);
  git(work, "commit", "--quiet", "--message", "Open orders");
  assert.equal((await hook()).code, 0);
  assert.equal((await hook({ PRE_COMMIT_FROM_REF: "HEAD^", PRE_COMMIT_TO_REF: "HEAD" })).code, 1, "on a push");
  assert.notEqual((await hook({ PRE_COMMIT_FROM_REF: "nowhere", PRE_COMMIT_TO_REF: "HEAD" })).code, 0, "where git fails, the hook does");
});

/** The commands of a job in ci/gitlab.yml. */
function commands(name) {
  const [, block] = new RegExp(`\\n  ${name}:\\n((?:    .*\\n)+)`).exec(text("ci/gitlab.yml"));
  return [...block.matchAll(/^ {4}- (.*)$/gm)].map(([, line]) => line).join("\n");
}

test("gitlab: the template's job reports all findings and fails on the change", async () => {
  const [work, bin, { bytes, sums }] = [folder(), folder(), release("gopeer-linux-x86_64.tar.gz")];
  shop(work);
  change(work);
  git(work, "add", ".");
  git(work, "commit", "--quiet", "--message", "Open orders");
  const site = await serve(({ url }) => {
    const answers = { "install.sh": text("ci/install.sh"), "gopeer-linux-x86_64.tar.gz": bytes, SHA256SUMS: sums };
    const found = answers[url.split("/").at(-1)];
    return found === undefined ? [404] : [200, Buffer.from(found)];
  });
  program(bin, "uname", "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac");
  program(bin, "go", ":");
  const env = {
    PATH: `${bin}${delimiter}${process.env.PATH}`, GOPEER_URL: site.url, GOPEER_VERSION: version, GOPEER_PERSONA: "",
    GOPEER_FAIL_ON: "high", GOPEER_PATHS: "./...",
  };
  const before = await run("bash", ["-eo", "pipefail"], { cwd: work, env, input: `${commands("before_script")}\n$gopeer --version\n` });
  assert.deepEqual([before.code, before.stdout], [0, `gopeer ${version}\n`], before.stderr);
  assert.equal(site.requests[0], `GET /raw/v${version}/ci/install.sh`);
  const job = (more) => run("bash", ["-eo", "pipefail"], { cwd: work, env: { ...env, ...more }, input: `gopeer=${gopeer}\n${commands("script")}` });
  write(work, ".gopeer.toml", 'persona = "data"\n');
  const branch = await job({});
  assert.deepEqual([branch.code, branch.stdout], [0, ""], branch.stderr);
  const issues = JSON.parse(readFileSync(join(work, "gl-code-quality-report.json"), "utf8"));
  assert.ok(issues.some(({ check_name: rule, location }) => rule === "correctness/duration-without-unit" && location.path === "orders.go"));
  const [base, head] = ["HEAD^", "HEAD"].map((revision) => git(work, "rev-parse", revision));
  const request = await job({ CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
  assert.equal(request.code, 1, request.stderr);
  assert.match(request.stdout, /^Cassandra\/Kafka: [^]*sql\/injection/, "by the reviewer of .gopeer.toml");
  assert.doesNotMatch(request.stdout, /duration-without-unit/);
  assert.match((await job({ CI_MERGE_REQUEST_DIFF_BASE_SHA: base, GOPEER_PERSONA: "senior" })).stdout, /^Senior/);
  const merged = await job({ CI_MERGE_REQUEST_DIFF_BASE_SHA: base, CI_MERGE_REQUEST_TARGET_BRANCH_SHA: head });
  assert.equal(merged.code, 0, "what a merged result has of the target branch fails nothing");
});

test("the template and the documentation name this release", () => {
  const named = `${text("ci/gitlab.yml")}${text("docs/ci.md")}`.matchAll(/(?:GOPEER_VERSION[:=] ?"?|gopeer@v|rev: v|\/v|tag `v)(\d+\.\d+\.\d+)/g);
  const versions = [...named].map(([, name]) => name);
  assert.ok(versions.length >= 6, versions.join());
  assert.deepEqual([...new Set(versions)], [version]);
});

test("docs/ci.md shows what comes out: run `node tests/ci/docs.mjs` after a change", async () => {
  const timeless = (said) => said.replaceAll(/\d+ ms/g, "N ms");
  const page = readFileSync(PAGE, "utf8");
  for (const [name, output] of Object.entries(outputs(gopeer, folder()))) assert.equal(timeless(shown(page, name)), timeless(output), name);
});
