// The one-file edition of the page: what `boot.js` fetches lies in this document (web/build/single.mjs).
import * as codec from "built:codec.js";
import * as config from "built:config.js";
import * as editor from "built:editor.js";
import "built:focus.js";
import startPage from "built:page.js";
import * as report from "built:report.js";
import * as scorer from "built:workshop.js";
import * as zip from "built:zip.js";
import { PACK } from "./answers.js";
import * as archive from "./archive.js";
import * as change from "./change.js";
import * as checklist from "./checklist.js";
import * as compare from "./compare.js";
import * as context from "./context.js";
import { elements } from "./element.js";
import { start as startExercises } from "./exercises.js";
import { once } from "./fetched.js";
import * as filter from "./filter.js";
import * as guide from "./guide.js";
import { help } from "./help.js";
import { make } from "./make.js";
import * as notes from "./notes.js";
import * as own from "./own.js";
import * as readiness from "./readiness.js";
import * as remark from "./remark.js";
import * as repaired from "./repaired.js";
import * as rule from "./rule.js";
import * as share from "./share.js";
import * as stage from "./stage.js";
import * as suggest from "./suggest.js";
import * as symptoms from "./symptoms.js";
import * as trainer from "./trainer.js";

/** The bytes of a file. */
async function file(name) {
  const text = atob(document.getElementById(name).textContent);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

const text = async (name) => new TextDecoder().decode(await file(name));

/** What the engine may ask for later; all of it goes with it, for a worker does not see this document. */
async function engineFiles() {
  const names = [...document.querySelectorAll('script[type="application/gzip"]')].map(({ id }) => id);
  const wanted = names.filter((name) => /\.(bin|md)$/.test(name) || /^(worker|config)_bg\.wasm$/.test(name));
  return Object.fromEntries(await Promise.all(wanted.map(async (name) => [name, await file(name)])));
}

/** A module, once its program is there. */
const started = (module, program) => once(async () => {
  await module.default({ module_or_path: await file(program) });
  return module;
});

const loadJson = async (name) => JSON.parse(await text(name));

globalThis.gopeer = {
  loadRules: () => loadJson("rules.json"),
  loadSymptoms: () => loadJson("symptoms.json"),
  loadQuestions: () => text("questions.md"),
  loadSamples: () => loadJson("index.json"),
  loadSample: text,
  loadTemplate: text,
  loadGuide: loadJson,
  loadPacks: () => loadJson("packs.json"),
  async loadPack(ours, name) {
    if (!ours) throw new Error(`There is no pack “${name}” in this file.`);
    return text(ours);
  },
  loadScorer: started(scorer, "workshop_bg.wasm"),
  loadEditor: async () => editor,
  loadArchive: async () => archive,
  loadZip: async () => zip,
  loadCodec: started(codec, "codec_bg.wasm"),
  loadReport: started(report, "report_bg.wasm"),
  loadRepaired: async () => repaired,
  loadTrainer: async () => trainer,
  loadStage: async () => stage,
  loadReader: started(config, "config_bg.wasm"),
};

function failed(error) {
  const box = document.getElementById("boot-failed");
  if (box === null) return;
  document.getElementById("boot-wait")?.remove();
  document.getElementById("boot-report").textContent = String(error?.stack ?? error);
  box.hidden = false;
}

const link = (href, textContent) => make("a", { className: "link-button", href, textContent });

function reviews() {
  const engine = URL.createObjectURL(new Blob([ENGINE_SCRIPT], { type: "text/javascript" }));
  const parts = engineFiles();
  gopeer.startEngine = () => {
    const worker = new Worker(engine);
    parts.then((files) => worker.postMessage(files));
    return worker;
  };
  try {
    document.documentElement.dataset.theme = localStorage.getItem("gopeer.theme") ?? "auto";
  } catch {
    // Storage may be forbidden; then the system's theme is used.
  }
  help(() => [
    make("p", {}, link("?pack", "Exercises"), ": find the faults in small programs."),
    make("h3", { textContent: "Privacy" }),
    make("p", { textContent: "This is the one-file edition: everything is in this file, and it can request nothing. Drafts are saved in this browser. "
      + "A share link opens on any machine that has this file at the same path." }),
  ]);
  elements({
    change: async () => change,
    checklist: async () => checklist,
    compare: async () => compare,
    context: async () => context,
    filter: async () => filter,
    guide: async () => guide,
    notes: async () => notes,
    option: async () => ({ draw: guide.option }),
    own: async () => own,
    readiness: async () => readiness,
    remark: async () => remark,
    rule: async () => rule,
    share: async () => share,
    suggest: async () => suggest,
    symptoms: async () => symptoms,
    fixed: async () => ({ draw: change.list }),
  });
  file("page_bg.wasm").then((bytes) => startPage({ module_or_path: bytes })).catch(failed);
}

/** The exercises take the place of the page, with a style sheet of their own. */
function exercises() {
  const [page, workshop] = document.querySelectorAll("style");
  page.media = "not all";
  workshop.media = "all";
  document.getElementById("page").replaceWith(
    make("header", { className: "bar" }, make("a", { href: "?", textContent: "gopeer" }), " ", make("a", { href: "?pack", textContent: "Exercises" })),
    make("main", { id: "main" }, make("h1", { textContent: "Exercises" }), make("p", { id: "wait", role: "status", textContent: "Loading the exercises…" })));
  startExercises();
}

// A link with a whole pack names none.
if (new URLSearchParams(location.search).has("pack") || location.hash.startsWith(PACK)) exercises();
else reviews();
