// A static server for the built site, as plain as GitHub Pages, under any mount.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json",
  ".wasm": "application/wasm", ".svg": "image/svg+xml", ".go": "text/plain", ".txtar": "text/plain",
};

/** Serves `folder` under `mount`; `types` overrides content types. */
export async function serve(folder, mount = "/", types = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (!path.startsWith(mount) || request.method !== "GET") return void response.writeHead(404).end();
    const inside = normalize(path.slice(mount.length)) || "index.html";
    const name = inside === "." || inside.endsWith("/") ? join(inside, "index.html") : inside;
    try {
      const bytes = await readFile(join(folder, name));
      response.writeHead(200, { "content-type": { ...TYPES, ...types }[extname(name)] ?? "application/octet-stream" });
      response.end(bytes);
    } catch {
      response.writeHead(404).end("not found");
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${server.address().port}${mount}`, close: () => server.close() };
}
