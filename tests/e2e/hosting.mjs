// The configurations of docs/hosting, as they are, serve the built site; what a site says about itself where it is linked to.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGraph } from "../../web/build/preview.mjs";
import { dist, found, open, paste, program, ready, root } from "./browser.mjs";
import { SHOP } from "./code.mjs";

const BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";
const meta = /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(join(dist, "index.html"), "utf8"))[1];
const built = (pattern) => `assets/${readdirSync(join(dist, "assets")).find((name) => pattern.test(name))}`;

/** Files of the site, and what they must be called. */
const KINDS = {
  "": "text/html", "privacy.html": "text/html", "sw.js": "text/javascript", "gopeer-review.js": "text/javascript", [built(/^page-\w+\.js$/)]: "text/javascript",
  [built(/^page_bg-.*wasm$/)]: "application/wasm", [built(/^worker_bg-.*wasm$/)]: "application/wasm", [built(/^page-.*css$/)]: "text/css",
  [built(/^rules-.*json$/)]: "application/json",
};

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Status, headers and length of what a server answers. */
function ask(port, path, encoding) {
  return new Promise((done, failed) => {
    get({ port, host: "127.0.0.1", path: `/${path}`, headers: { "accept-encoding": encoding } }, (response) => {
      let length = 0;
      response.on("data", (part) => { length += part.length; });
      response.on("end", () => done({ status: response.statusCode, headers: response.headers, length }));
    }).on("error", failed);
  });
}

/** Runs a server until it answers; `close` ends it. */
async function run(program, args, environment, port) {
  const log = [];
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => log.push(text));
  const ended = new Promise((done) => { child.on("exit", done); child.on("error", (error) => { log.push(error); done(); }); });
  for (const end = Date.now() + 15_000; ; ) {
    if (await ask(port, "", "identity").catch(() => undefined)) break;
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${program} does not serve: ${log.join("")}`);
    await new Promise((done) => { setTimeout(done, 100); });
  }
  return { close: () => { child.kill(); return ended; } };
}

/** A visit, with a review, without complaints. */
async function visits(browser, port) {
  const visit = await open(browser, `http://127.0.0.1:${port}/`);
  await ready(visit);
  await paste(visit, SHOP);
  await found(visit);
  assert.deepEqual([visit.problems, await visit.evaluate(() => violations)], [[], []]);
}

async function serves(browser, port) {
  const page = await ask(port, "", "identity");
  assert.equal(page.status, 200);
  assert.equal(page.headers["content-security-policy"], `${meta}; frame-ancestors *`, "the page's own policy, and who may frame it");
  for (const [path, kind] of Object.entries(KINDS)) {
    for (const [encoding, ending] of [["gzip, br", "br"], ["gzip", "gz"], ["identity", ""]]) {
      const { status, headers, length } = await ask(port, path, encoding);
      const file = join(dist, path || "index.html") + (ending && `.${ending}`);
      assert.equal(status, 200, path);
      assert.equal(headers["content-encoding"], { br: "br", gz: "gzip" }[ending], `${path} as ${encoding}`);
      assert.equal(length, readFileSync(file).length, `${path} as ${encoding} is the file that was built`);
      assert.match(headers["content-type"].replace("application/javascript", "text/javascript"), new RegExp(`^${kind}`), path);
      assert.equal(headers["cache-control"], path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache", path);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["referrer-policy"], "no-referrer");
    }
  }
  const { headers } = await ask(port, built(/^std-.*bin$/), "gzip, br");
  assert.equal(headers["content-encoding"], undefined, "what is packed goes out as it is");
  assert.equal((await ask(port, "assets/missing-000000000000.js", "br")).status, 404);
  await visits(browser, port);
}

/** What stands in for `aws s3 sync FROM TO …`: it notes in $UPLOADED each file with its headers, as filters and defaults of the real one have it. */
const AWS = String.raw`#!/usr/bin/env node
const { appendFileSync, readdirSync, statSync } = require("node:fs");
const { join } = require("node:path");
const [service, command, from, to, ...rest] = process.argv.slice(2);
if (service !== "s3" || command !== "sync") throw new Error(process.argv.join(" "));
const filters = [], headers = {};
for (let at = 0; at < rest.length; at += 2) {
  const [name, value] = [rest[at].slice(2), rest[at + 1]];
  if (name === "exclude" || name === "include") filters.push([name === "include", new RegExp("^" + value.replace(/[.]/g, "\\.").replace(/[*]/g, ".*") + "$")]);
  else headers[name] = value;
}
const GUESSED = { html: "text/html", js: "text/javascript", css: "text/css", json: "application/json", svg: "image/svg+xml", png: "image/png" };
const all = (folder) => readdirSync(join(from, folder)).flatMap((name) => statSync(join(from, folder, name)).isDirectory() ? all(folder + name + "/") : [folder + name]);
for (const file of all("")) {
  const isTaken = filters.reduce((taken, [include, pattern]) => (pattern.test(file) ? include : taken), true);
  const type = GUESSED[file.split(".").pop()] || "binary/octet-stream";
  if (isTaken) appendFileSync(process.env.UPLOADED, JSON.stringify({ key: to + "/" + file, "content-type": type, ...headers }) + "\n");
}
`;

/** The headers that CloudFront adds by a response headers policy. */
function added({ SecurityHeadersConfig: { ContentSecurityPolicy, ContentTypeOptions, ReferrerPolicy } }) {
  return {
    "content-security-policy": ContentSecurityPolicy.Override && ContentSecurityPolicy.ContentSecurityPolicy,
    "x-content-type-options": ContentTypeOptions.Override && "nosniff",
    "referrer-policy": ReferrerPolicy.Override && ReferrerPolicy.ReferrerPolicy,
  };
}

/** Follows the steps of a Containerfile into a folder: what is copied lies there, and what it runs has its paths there. */
function contained(folder) {
  const steps = readFileSync(join(root, "docs/hosting/Containerfile"), "utf8").split("\n").filter((line) => /^[A-Z]+ /.test(line));
  const built = { environment: {}, command: [] };
  for (const step of steps) {
    const [, word, rest] = /^(\w+) (.*)$/.exec(step);
    if (word === "COPY") {
      const [from, to] = rest.split(" ");
      cpSync(from === "dist" ? dist : join(root, from), join(folder, to), { recursive: true });
    }
    if (word === "ENV") {
      for (const [name, path] of rest.split(" ").map((set) => set.split("="))) built.environment[name] = join(folder, path);
    }
    if (word === "EXPOSE") built.port = rest;
    if (word === "CMD") built.command = JSON.parse(rest).map((part) => (part.startsWith("/") ? join(folder, part) : part));
  }
  return built;
}

export default [
  ["hosting: nginx with docs/hosting/nginx.conf", async (browser) => {
    const [nginx, brotli] = [program("nginx"), program("nginx's brotli module", BROTLI)];
    if (!nginx || !brotli) return;
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "gopeer-nginx-"));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    let config = readFileSync(join(root, "docs/hosting/nginx.conf"), "utf8");
    // Where the site and the port are, and folders that this user may write to.
    for (const [there, here] of [["/srv/gopeer", dist], ["listen 8080", `listen 127.0.0.1:${port}`], ["/run/gopeer-nginx.pid", `${folder}/pid`], ["http {", `http { ${temporary.join(" ")}`]]) {
      assert.ok(config.includes(there), there);
      config = config.replaceAll(there, here);
    }
    writeFileSync(join(folder, "nginx.conf"), process.getuid() === 0 ? `user root;\n${config}` : config);
    const server = await run(nginx, ["-c", join(folder, "nginx.conf"), "-e", "stderr", "-g", "daemon off;"], {}, port);
    try {
      await serves(browser, port);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  }],
  ["hosting: Caddy with docs/hosting/Caddyfile", async (browser) => {
    const caddy = program("caddy");
    if (!caddy) return;
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), "gopeer-caddy-"));
    const environment = { GOPEER_ADDRESS: `http://127.0.0.1:${port}`, GOPEER_ROOT: dist, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const server = await run(caddy, ["run", "--config", join(root, "docs/hosting/Caddyfile")], environment, port);
    try {
      await serves(browser, port);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  }],
  ["hosting: the image of docs/hosting/Containerfile, its steps followed into a folder", async (browser) => {
    const caddy = program("caddy");
    if (!caddy) return;
    const ignored = readFileSync(join(root, "docs/hosting/Containerfile.dockerignore"), "utf8").split("\n");
    assert.deepEqual(ignored.filter((line) => /^[*!]/.test(line)), ["*", "!dist", "!docs/hosting/Caddyfile"], "what is copied is sent, and no more");
    const folder = mkdtempSync(join(tmpdir(), "gopeer-image-"));
    const { environment, command: [name, ...args], port: exposed } = contained(folder);
    assert.deepEqual([name, exposed], ["caddy", "8080"]);
    // The user nobody has a home that they cannot write to, and /tmp.
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o555 });
    mkdirSync(join(folder, "tmp"));
    const port = await freePort();
    const server = await run(caddy, args, { ...environment, GOPEER_ADDRESS: `http://127.0.0.1:${port}`, HOME: home }, port);
    try {
      await serves(browser, port);
      assert.ok(existsSync(join(folder, "tmp/caddy/autosave.json")), "what the server writes is in /tmp");
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  }],
  ["hosting: S3 and CloudFront, by what s3.sh uploads and cloudfront.json adds", async (browser) => {
    const folder = mkdtempSync(join(tmpdir(), "gopeer-s3-"));
    writeFileSync(join(folder, "aws"), AWS, { mode: 0o755 });
    const [UPLOADED, PATH] = [join(folder, "uploaded"), `${folder}:${process.env.PATH}`];
    execFileSync(join(root, "docs/hosting/s3.sh"), ["s3://bucket/gopeer/", dist], { env: { ...process.env, PATH, UPLOADED } });
    const uploads = readFileSync(UPLOADED, "utf8").trim().split("\n").map((line) => JSON.parse(line));
    rmSync(folder, { recursive: true });
    const keys = uploads.map(({ key }) => key.replace("s3://bucket/gopeer/", ""));
    const built = ["", "assets/"].flatMap((place) => readdirSync(join(dist, place), { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => place + name));
    assert.deepEqual([...keys].sort(), built.filter((name) => !/\.(br|gz)$/.test(name)).sort(), "each file once");
    assert.ok(keys.findIndex((key) => !key.startsWith("assets/")) > keys.findLastIndex((key) => key.startsWith("assets/")), "the pages last");
    const policy = added(JSON.parse(readFileSync(join(root, "docs/hosting/cloudfront.json"), "utf8")));
    assert.equal(policy["content-security-policy"], `${meta}; frame-ancestors *`);
    const answers = new Map(uploads.map((upload, at) => [keys[at], { ...policy, "content-type": upload["content-type"], "cache-control": upload["cache-control"] }]));
    const server = createHttpServer((request, response) => {
      const key = new URL(request.url, "http://x").pathname.slice(1) || "index.html";
      if (!answers.has(key)) return void response.writeHead(403).end();
      response.writeHead(200, answers.get(key)).end(readFileSync(join(dist, key)));
    });
    await new Promise((done) => { server.listen(0, "127.0.0.1", done); });
    const { port } = server.address();
    try {
      for (const [path, kind] of Object.entries(KINDS)) {
        const { headers } = await ask(port, path, "identity");
        assert.match(headers["content-type"], new RegExp(`^${kind}`), path);
        assert.equal(headers["cache-control"], path.startsWith("assets/") ? "public, max-age=31536000, immutable" : "no-cache", path);
        assert.deepEqual([headers["x-content-type-options"], headers["referrer-policy"]], ["nosniff", "no-referrer"]);
      }
      await visits(browser, port);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }],
  ["hosting: GitHub and GitLab build what they publish", () => {
    const [github, gitlab] = [".github/workflows/pages.yml", "docs/hosting/gitlab-ci.yml"].map((file) => readFileSync(join(root, file), "utf8"));
    const commands = [...`${github}${gitlab}`.matchAll(/(cargo dev build) (.*)$/gm)].map(([, , options]) => options);
    assert.deepEqual(commands, ['--base-url "${{ steps.pages.outputs.base_url }}/"', '--base-url "$CI_PAGES_URL/"']);
    assert.match(github, /path: dist$/m);
    assert.match(gitlab, /- mv dist public\n[^]*paths: \[public\]/);
  }],
  ["hosting: what the guide prints is what is tested", () => {
    const guide = readFileSync(join(root, "docs/hosting.md"), "utf8");
    assert.ok(guide.includes(`${meta}; frame-ancestors *`), "the policy");
    for (const [, file] of guide.matchAll(/\]\((hosting\/[^)]+|\.\.\/[^)]+)\)/g)) assert.ok(existsSync(join(root, "docs", file)), file);
    for (const file of readdirSync(join(root, "docs/hosting"))) assert.ok(guide.includes(`(hosting/${file})`), file);
  }],
  ["hosting: a site that knows its address has a preview where it is linked to", () => {
    const tags = Object.fromEntries([...openGraph("https://example.org/a", "assets/p.png").matchAll(/property="([^"]+)" content="([^"]*)"/g)].map(([, name, content]) => [name, content]));
    assert.equal(tags["og:url"], "https://example.org/a/");
    assert.equal(tags["og:image"], "https://example.org/a/assets/p.png");
    const image = readFileSync(join(root, "static/preview.png"));
    assert.deepEqual([image.readUInt32BE(16), image.readUInt32BE(20)], [Number(tags["og:image:width"]), Number(tags["og:image:height"])]);
    assert.ok(!openGraph('https://example.org/"><script>/', "x").includes("<script>"));
    assert.throws(() => openGraph("/review/", "x"));
    assert.throws(() => openGraph("file:///srv", "x"), /--base-url takes/);
    assert.doesNotMatch(readFileSync(join(dist, "index.html"), "utf8"), /og:/, "none where it does not know it");
  }],
];
