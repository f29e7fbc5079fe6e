// The service worker: keeps one build of the page, whole, for visits without a network. Every build has a cache of its own, and
// what a name asks for is what its hash says, so that builds never mix. `?sw=off` removes everything.
//
// The build fills in its id, and its files with the first digits of their SHA-256; a page has none, for it carries the id.
const BUILD = "@build";
const FILES = FILES_OF_THE_BUILD;

const ROOT = registration.scope;
/** Caches belong to an origin, which on many hosts has several sites. */
const OURS = `gopeer ${new URL(ROOT).pathname} `;
const CACHE = OURS + BUILD;
/** How long a slow network may keep a visitor from the build that is here, in milliseconds. */
const PATIENCE = 3_000;

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", ({ data, ports }) => {
  if (data === "build") ports[0].postMessage(BUILD);
  if (data === "take over") skipWaiting();
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(ROOT)) return;
  if (request.mode === "navigate") event.respondWith(navigate(request));
  else if (request.url.startsWith(`${ROOT}assets/`)) event.respondWith(asset(request));
});

/** All files or none: half a build would fail later, without a network. */
async function install() {
  const cache = await caches.open(CACHE);
  const stored = Object.entries(FILES).map(async ([name, hash]) => cache.put(ROOT + name, await genuine(name, hash)));
  const failed = (await Promise.allSettled(stored)).find(({ status }) => status === "rejected");
  if (!failed) return;
  await caches.delete(CACHE);
  throw failed.reason;
}

/** The build before stays: another tab may still show it. */
async function activate() {
  const others = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
  await clients.claim();
}

/** A file as this build has it: of an earlier build, of the browser's own cache, or of the network; never an error page. */
async function genuine(name, hash) {
  const kept = hash && (await caches.match(ROOT + name));
  if (kept) return kept;
  for (const cache of hash ? ["force-cache", "reload"] : ["reload"]) {
    const response = await fetch(ROOT + name, { cache });
    const bytes = await response.arrayBuffer();
    const isIt = hash ? (await sha256(bytes)).startsWith(hash) : new TextDecoder().decode(bytes).includes(`data-build="${BUILD}"`);
    if (response.ok && isIt) return new Response(bytes, { headers: response.headers });
  }
  throw new Error(`${name} is not the file of build ${BUILD}`);
}

async function asset(request) {
  const kept = await caches.match(request, { ignoreSearch: true, ignoreVary: true }).catch(() => undefined);
  return kept ?? fetch(request);
}

/** The newest page that the network has, and otherwise the one that is here. */
async function navigate(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (searchParams.get("sw") === "off") {
    await remove();
    return fetch(request);
  }
  const name = pathname.slice(new URL(ROOT).pathname.length).replace("index.html", "");
  const kept = await caches.match(ROOT + name, { cacheName: CACHE }).catch(() => undefined);
  if (!kept) return fetch(request);
  const late = new Promise((done) => { setTimeout(done, PATIENCE); });
  const response = await Promise.race([fetch(request), late]).catch(() => undefined);
  return (await isWhole(response).catch(() => false)) ? response : kept;
}

/** Whether it is a page of ours, and what it starts with is there: a deploy may be half done. */
async function isWhole(response) {
  const page = response?.ok ? await response.clone().text() : "";
  if (page.includes(`data-build="${BUILD}"`)) return true;
  const parts = [...page.matchAll(/"\.\/(assets\/[^"]+)"/g)].map(([, name]) => fetch(ROOT + name));
  return page.includes('data-build="') && (await Promise.all(parts)).every(({ ok }) => ok);
}

async function remove() {
  const ours = (await caches.keys()).filter((name) => name.startsWith(OURS) || name === "gopeer");
  await Promise.all([registration.unregister(), ...ours.map((name) => caches.delete(name))]);
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
