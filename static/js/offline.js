// The page without a network: registers the service worker once the engine is there, offers newer builds, and draws the part of
// the help that is about this. Nothing of it is needed for a review, so a browser that forbids it loses nothing else.
import { make } from "./make.js";
import { fetched, keep, open } from "./shelf.js";
import { store, stored } from "./stored.js";

const BUILD = document.documentElement.dataset.build;
const INDEX = new URL("./offline.json", import.meta.url);
const WORKER = new URL("../sw.js", import.meta.url);
const EVERYTHING = "gopeer.everything";
/** What the first review still needs goes before what later visits need. */
const AFTER = 2_000;
const HOUR = 3_600_000;
/** How many files are fetched side by side. */
const LINES = 6;

/** What is said about this browser's copy of the page; each element of `offline` shows it. */
let said = "Checking what this browser keeps…";
let busy = false;
const shown = new Set();

function say(text) {
  said = text;
  for (const box of shown) {
    if (box.isConnected) box.draw();
    else shown.delete(box);
  }
}

// ----- the service worker

async function register() {
  const { serviceWorker } = navigator;
  const isFirst = serviceWorker.controller === null;
  const registration = await serviceWorker.register(WORKER, { updateViaCache: "none" });
  serviceWorker.addEventListener("controllerchange", async () => {
    if ((await buildOf(serviceWorker.controller)) !== BUILD) offer(registration);
  });
  const look = () => waiting(registration);
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", look));
  await look();
  setInterval(() => registration.update().catch(() => {}), HOUR);
  if (isFirst) await installed(registration);
  say("This version of the page is kept in this browser and opens without a network.");
}

/** Until the first service worker has everything. */
async function installed(registration) {
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((done, failed) => {
    const look = () => {
      if (worker.state === "activated") done();
      if (worker.state === "redundant") failed(new Error("the files could not be stored"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

/** A newer build is installed. Where this tab shows it already, it takes over; otherwise the reader decides when. */
async function waiting(registration) {
  const next = registration.waiting;
  if (!next) return;
  if ((await buildOf(next)) === BUILD) next.postMessage("take over");
  else offer(registration);
}

function buildOf(worker) {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => done(data);
    worker?.postMessage("build", [port2]);
  });
}

let offered;
function offer(registration) {
  if (offered) return;
  const reload = () => {
    const next = registration.waiting;
    if (!next) return location.reload();
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    next.postMessage("take over");
  };
  const toast = make("div", { className: "toast" },
    make("p", { textContent: "A newer version is ready." }),
    make("button", { className: "button small", textContent: "Reload", onclick: reload }),
    make("button", { className: "button quiet small", textContent: "Later", onclick: () => offered.remove() }));
  offered = make("div", { className: "toasts update", role: "status" }, toast);
  // At the top: the page's own messages are at the foot.
  offered.style.inset = "60px auto auto 50%";
  document.body.append(offered);
}

// ----- everything that is known of Go modules

/** Fetches what is not stored yet. Says how far it is. */
async function keepEverything() {
  busy = true;
  try {
    const shelf = await open();
    if (!shelf) throw new Error("this browser stores no files for this page");
    const names = JSON.parse(new TextDecoder().decode(await fetched(INDEX)));
    const stored = new Set((await shelf.keys()).map(({ url }) => url));
    const missing = names.map((name) => new URL(name, import.meta.url)).filter(({ href }) => !stored.has(href));
    const all = missing.length;
    const line = async () => {
      // Where another line has failed, that is what there is to say.
      for (let address = missing.pop(); address && busy; address = missing.pop()) {
        if (!(await keep(shelf, address, await fetched(address)))) throw new Error(`${address.pathname} came damaged`);
        if (busy) say(`Fetching: ${all - missing.length} of ${all} files.`);
      }
    };
    await Promise.all(Array.from({ length: LINES }, line));
    busy = false;
    remember(true);
    say(`Everything is kept in this browser: the page and all ${names.length} files of the index.`);
  } catch (error) {
    busy = false;
    const why = error.name === "QuotaExceededError" ? "the browser has no room left" : error.message;
    say(`Not everything could be kept: ${why}.`);
  }
}

/** Whether later builds fetch everything by themselves. Storage may be forbidden; then the reader asks again. */
const remember = (everything) => store(EVERYTHING, everything ? "on" : null);
const remembered = () => stored(EVERYTHING) !== null;

async function askedForEverything() {
  // So that the browser does not clear it when disk space runs short; it may refuse.
  await navigator.storage?.persist?.().catch(() => false);
  await keepEverything();
}

// ----- what the help shows

/** Draws what is said about it, now and whenever it changes, until the element is gone. */
export function offline() {
  const line = make("p", { role: "status" });
  const button = make("button", { className: "button", textContent: "Keep everything for offline use", onclick: askedForEverything });
  const off = make("a", { className: "link-button", href: "?sw=off", textContent: "Remove what is kept" });
  const box = make("div", { className: "modal-texts" }, line, make("p", {}, button, " ", off));
  box.draw = () => {
    line.textContent = said;
    button.disabled = busy;
  };
  shown.add(box);
  box.draw();
  return box;
}

async function start() {
  // Inside another page the visitor did not come for this one.
  if (window !== window.top) return say("");
  if (new URLSearchParams(location.search).get("sw") === "off") {
    remember(false);
    for (const registration of await navigator.serviceWorker.getRegistrations()) {
      if (registration.scope === new URL("../", import.meta.url).href) await registration.unregister();
    }
    return say("What was kept was removed. Open the page without ?sw=off to have it kept again.");
  }
  await new Promise((done) => { setTimeout(done, AFTER); });
  await register();
  if (remembered()) await keepEverything();
}

start().catch(() => say("This browser does not keep the page for visits without a network, or has no room for it."));
