// A static server for the built site, as plain as GitHub Pages, under any mount, on a line as slow as wanted.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
  ".wasm": "application/wasm", ".svg": "image/svg+xml", ".go": "text/plain", ".txtar": "text/plain",
};

const sleep = (millis) => new Promise((done) => { setTimeout(done, millis); });

/**
 * A line that carries `mbit` megabits a second in all, however many connections share it, and answers `latency` milliseconds late.
 * Connections take turns, a packet each.
 */
function slowLine({ mbit, latency }) {
  const PACKET = 1460;
  const waiting = [];
  let sending = false;
  async function send() {
    sending = true;
    // When the line is free again. Timers are coarse, so the line falls behind and catches up; it never runs ahead.
    let free = performance.now();
    while (waiting.length > 0) {
      const { response, bytes, done } = waiting.shift();
      response.write(bytes.subarray(0, PACKET));
      free += (Math.min(PACKET, bytes.length) * 8) / (mbit * 1000);
      if (bytes.length > PACKET) waiting.push({ response, bytes: bytes.subarray(PACKET), done });
      else done();
      const early = free - performance.now();
      if (early > 1) await sleep(early);
    }
    sending = false;
  }
  return async (response, bytes) => {
    await sleep(latency);
    const sent = new Promise((done) => { waiting.push({ response, bytes, done }); });
    if (!sending) void send();
    await sent;
    response.end();
  };
}

/** Files that hosts compress on the way. */
const PACKED = /\.(html|js|css|json|wasm|svg|go|txtar)$/;
const zipped = new Map();

function gzipped(path, bytes) {
  if (!zipped.has(path)) zipped.set(path, gzipSync(bytes, { level: 9 }));
  return zipped.get(path);
}

/**
 * Serves `folder` under `mount`; `types` overrides content types. With a `line`, files go out as gzip over such a line. What is
 * returned says the address, and may get another `folder` (a new deploy) and `heard`, which is called with each request.
 */
export async function serve(folder, mount = "/", types = {}, line = undefined) {
  const send = line && slowLine(line);
  const site = { folder };
  const server = createServer(async (request, response) => {
    site.heard?.(request);
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (!path.startsWith(mount) || request.method !== "GET") return void response.writeHead(404).end();
    const inside = normalize(path.slice(mount.length)) || "index.html";
    const name = inside === "." || inside.endsWith("/") ? join(inside, "index.html") : inside;
    const type = { "content-type": { ...TYPES, ...types }[extname(name)] ?? "application/octet-stream" };
    try {
      const bytes = await readFile(join(site.folder, name));
      if (!send) return void response.writeHead(200, type).end(bytes);
      const packed = PACKED.test(name);
      response.writeHead(200, packed ? { ...type, "content-encoding": "gzip" } : type);
      await send(response, packed ? gzipped(join(site.folder, name), bytes) : bytes);
    } catch {
      response.writeHead(404).end("not found");
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const close = () => { server.close(); server.closeAllConnections(); };
  return Object.assign(site, { url: `http://127.0.0.1:${server.address().port}${mount}`, close });
}
