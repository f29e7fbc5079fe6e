// The configurations of docs/hosting, as they are, serve the built site; what a site says about itself where it is linked to.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGraph } from "../../web/build/preview.mjs";
import { dist, found, open, paste, program, ready, root } from "./browser.mjs";
import { SHOP } from "./code.mjs";

const BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so";
const meta = /Content-Security-Policy" content="([^"]*)"/.exec(readFileSync(join(dist, "index.html"), "utf8"))[1];
const built = (pattern) => `assets/${readdirSync(join(dist, "assets")).find((name) => pattern.test(name))}`;

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

async function serves(browser, port) {
  const page = await ask(port, "", "identity");
  assert.equal(page.status, 200);
  assert.equal(page.headers["content-security-policy"], `${meta}; frame-ancestors *`, "the page's own policy, and who may frame it");
  const kinds = {
    "": "text/html", "privacy.html": "text/html", "sw.js": "text/javascript", [built(/^page-\w+\.js$/)]: "text/javascript",
    [built(/^page_bg-.*wasm$/)]: "application/wasm", [built(/^worker_bg-.*wasm$/)]: "application/wasm", [built(/^page-.*css$/)]: "text/css",
    [built(/^rules-.*json$/)]: "application/json",
  };
  for (const [path, kind] of Object.entries(kinds)) {
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
  const visit = await open(browser, `http://127.0.0.1:${port}/`);
  await ready(visit);
  await paste(visit, SHOP);
  await found(visit);
  assert.deepEqual([visit.problems, await visit.evaluate(() => violations)], [[], []]);
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
