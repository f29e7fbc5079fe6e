// Starts the page of exercises: what they need lies in files beside this one.
import init from "./workshop.js";
import { start } from "./exercises.js";
import { fetched, once, styled } from "./fetched.js";
import "./offline.js";
import { read } from "./packs.js";
import { open } from "./shelf.js";

const at = (name) => new URL(name, import.meta.url);

globalThis.gopeer = {
  loadPacks: () => fetched("./packs.json", "json"),
  /** The text of one of our packs by its address, or of a file of this site by its name. */
  async loadPack(ours, name) {
    const url = ours ? at(ours) : new URL(name, location.href);
    if (!ours && (url.origin !== location.origin || !url.pathname.endsWith(".json"))) throw new Error(`There is no pack “${name}” here.`);
    return read(url);
  },
  /** The module that checks packs and scores answers. */
  loadScorer: () => init({ module_or_path: at("./workshop_bg.wasm") }),
  /** The module that packs links: the one that the page has for reviews. It checks what it unpacks. */
  loadCodec: once(() => import("./codec.js").then((module) => module.default({ module_or_path: at("./codec_bg.wasm").href }).then(() => module))),
  /** The module that makes QR codes. */
  loadReport: once(() => import("./report.js").then((module) => module.default({ module_or_path: at("./report_bg.wasm").href }).then(() => module))),
  /** What shows the repaired version. */
  loadRepaired: () => import("./repaired.js"),
  /** What only a trainer needs. */
  loadTrainer: () => import("./trainer.js"),
  /** The presenter, and sheets to print. */
  loadStage: once(async () => (await Promise.all([import("./stage.js"), styled(at("./stage.css").href)]))[0]),
};

/** Keeps what the workshop has loaded, so that it opens again without a network. */
async function keepFiles() {
  const shelf = await open();
  if (!shelf) return;
  const isOurs = (name) => /\/assets\/(exercise|workshop|pack|codec)[^/]*$/.test(name);
  const mine = performance.getEntriesByType("resource").map((entry) => entry.name).filter(isOurs);
  await Promise.all(mine.map(async (name) => (await shelf.match(name)) ?? shelf.add(name)));
  // Earlier versions of them go.
  const plain = (name) => name.replace(/-\w+(?=\.\w+$)/, "");
  const isOld = ({ url }) => isOurs(url) && !mine.includes(url) && mine.some((name) => plain(name) === plain(url));
  await Promise.all((await shelf.keys()).filter(isOld).map((request) => shelf.delete(request)));
}

await start();
keepFiles().catch(() => {});
// It makes the link with the answers, perhaps without a network.
gopeer.loadCodec().catch(() => {});
