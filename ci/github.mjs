// What action.yml does once the command is there: a review of the change in the log and in one comment on the pull request, and all
// findings as SARIF. Nothing is installed for it; Node.js 18 or newer is on GitHub's runners.
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const CLEAN = 0;
const FOUND = 1;

/** GitHub refuses longer comments and summaries. It counts the bytes of a summary; a UTF-16 unit has at most three. */
const LONGEST = 65_536;
const LONGEST_SUMMARY = Math.floor((1 << 20) / 3);

const env = process.env;
const inputs = {
  base: env.INPUT_BASE ?? "",
  comment: env.INPUT_COMMENT !== "false",
  failOn: env.INPUT_FAIL_ON ?? "",
  folder: env.INPUT_WORKING_DIRECTORY ?? ".",
  paths: (env.INPUT_PATHS || "./...").split(/\s+/).filter((path) => path !== ""),
  persona: env.INPUT_PERSONA ?? "",
  sarif: env.INPUT_SARIF !== "false",
};
const event = env.GITHUB_EVENT_PATH && existsSync(env.GITHUB_EVENT_PATH) ? JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, "utf8")) : {};
const pull = event.pull_request;
/** Code may say `::error::`; between these two lines the runner takes nothing for a command. */
const quiet = randomUUID();

/** The command's `review`. What it says about its input goes to the log. */
function review(args, stdout = "pipe") {
  const persona = inputs.persona === "" ? [] : ["--persona", inputs.persona];
  const all = ["review", ...persona, ...args, ...inputs.paths];
  const run = spawnSync(env.GOPEER || "gopeer", all, {
    encoding: "utf8",
    env: stdout === "inherit" ? { ...env, CLICOLOR_FORCE: "1" } : env,
    maxBuffer: 1 << 30,
    stdio: ["ignore", stdout, stdout === "inherit" ? "inherit" : "pipe"],
  });
  if (run.error) throw run.error;
  return run;
}

function git(...args) {
  return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

const gitFinds = (...args) => spawnSync("git", args, { stdio: "ignore" }).status === 0;

/** What `--base` gets, fetched where the checkout does not go back so far; none where no change is reviewed. */
function base() {
  if (inputs.base) return inputs.base;
  if (!pull) return undefined;
  const fetch = (...args) => git("fetch", "--quiet", "--no-tags", ...args);
  if (env.GITHUB_EVENT_NAME === "pull_request" && git("rev-parse", "HEAD") === env.GITHUB_SHA) {
    // The merge that GitHub made of the pull request: its first parent is the target branch of now.
    if (!gitFinds("rev-parse", "--verify", "HEAD^2")) fetch("--depth=2", "origin", env.GITHUB_SHA);
    return "HEAD^1..";
  }
  const { sha } = pull.base;
  if (!gitFinds("merge-base", sha, "HEAD")) {
    const shallow = git("rev-parse", "--is-shallow-repository") === "true" ? ["--unshallow"] : [];
    fetch(...shallow, "origin", sha);
  }
  return sha;
}

/**
 * The log for code scanning. It is of the whole code: GitHub compares it with that of the target branch, and takes what a log does not
 * mention for fixed. GitHub would show suppressed results as open alerts, and refuses a second run.
 */
function sarif() {
  const { stdout } = review(["--format", "sarif"]);
  if (stdout === "") return undefined;
  const { runs: [run, ...others], ...log } = JSON.parse(stdout);
  const results = [run, ...others].flatMap((of) => of.results).filter((result) => !result.suppressions?.length);
  // What several reviewers found is one alert.
  const distinct = new Map(results.map((result) => [JSON.stringify([result.ruleId, result.locations]), result]));
  // The category of the upload names the run, whoever reviews.
  return { ...log, runs: [{ ...run, automationDetails: undefined, results: [...distinct.values()] }] };
}

/** Begins the comment, and finds it again: another reviewer, or another part of the code, has a comment of its own. */
const mark = `<!-- gopeer ${[inputs.persona || "review", inputs.folder, ...inputs.paths].join(" ").replaceAll("--", "- -")} -->`;

/** The text of a comment or summary: as much of the review as there is room for. */
function body(markdown, longest) {
  const run = `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`;
  const commit = pull?.head?.sha ?? env.GITHUB_SHA ?? "";
  const foot = `\n_Commit ${commit.slice(0, 10)}_\n`;
  const whole = `${mark}\n${markdown}${foot}`;
  if (whole.length <= longest) return whole;
  const rest = `\n\nThe review is too long to be shown here in full: [the log has all of it](${run}).\n${foot}`;
  // Not within a row of the table, or an item and its code.
  const room = longest - mark.length - rest.length - 1;
  const end = Math.max(...["\n| ", "\n- "].map((start) => markdown.lastIndexOf(start, room)));
  return `${mark}\n${markdown.slice(0, end < 0 ? room : end)}${rest}`;
}

async function api(method, path, content) {
  const response = await fetch(`${env.GITHUB_API_URL ?? "https://api.github.com"}${path}`, {
    method,
    headers: { accept: "application/vnd.github+json", authorization: `Bearer ${env.GITHUB_TOKEN}`, "user-agent": "gopeer" },
    body: content && JSON.stringify(content),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Our comment on the pull request. Anybody may write our mark, so whose comment it is counts as well. */
async function earlier(comments) {
  // The token of a job and those of apps have no user, and write as a bot.
  const login = await api("GET", "/user").then((user) => user.login, () => undefined);
  const ours = ({ body, user }) => body?.startsWith(mark) && (login ? user?.login === login : user?.type === "Bot");
  for (let page = 1; ; page += 1) {
    const found = await api("GET", `${comments}?per_page=100&page=${page}`);
    const comment = found.find(ours);
    if (comment || found.length < 100) return comment;
  }
}

/** Writes the comment, or writes the present review into it. Where nothing was ever found there is none. */
async function comment(markdown, found) {
  const issues = `/repos/${env.GITHUB_REPOSITORY}/issues`;
  const comments = `${issues}/${pull.number}/comments`;
  const before = await earlier(comments);
  const content = { body: body(markdown, LONGEST) };
  if (before) await api("PATCH", `${issues}/comments/${before.id}`, content);
  else if (found) await api("POST", comments, content);
}

/** Whether the job fails: by default on what a change brings, and never on what was there before. */
function verdict(change) {
  const failOn = inputs.failOn || (change.length > 0 ? "high" : "never");
  const severity = failOn === "never" ? "critical" : failOn;
  // Not console.log: the command writes to the same place.
  writeSync(1, `::stop-commands::${quiet}\n`);
  const { status } = review([...change, "--fail-on", severity], "inherit");
  writeSync(1, `::${quiet}::\n`);
  return failOn === "never" && status === FOUND ? CLEAN : status;
}

async function main() {
  const from = base();
  const change = from ? ["--base", from] : [];
  process.exitCode = verdict(change);

  const { stdout: markdown, status } = review([...change, "--format", "markdown"]);
  if (markdown === "") return;
  if (env.GITHUB_STEP_SUMMARY) appendFileSync(env.GITHUB_STEP_SUMMARY, body(markdown, LONGEST_SUMMARY));
  if (pull && inputs.comment) {
    await comment(markdown, status !== CLEAN).catch((error) => {
      const why = "the job needs `permissions: pull-requests: write`, which pull requests from forks never get";
      const said = `There is no comment, but the summary of the job has the review: ${why}. ${error.message}`;
      console.log(`::warning title=gopeer::${said.replaceAll(/\s+/g, " ")}`);
    });
  }
  const log = inputs.sarif ? sarif() : undefined;
  if (log) {
    const file = join(env.RUNNER_TEMP ?? ".", "gopeer.sarif");
    writeFileSync(file, JSON.stringify(log));
    if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, `sarif=${file}\n`);
  }
}

await main();
