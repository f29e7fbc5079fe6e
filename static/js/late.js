// What the page does once the engine is there: nothing that a first review waits for.
import { elements } from "./element.js";
import { fetched, once, styled } from "./fetched.js";
import { help } from "./help.js";
import { make } from "./make.js";
import { offline } from "./offline.js";

const at = (name) => new URL(name, import.meta.url).href;
styled(at("./late.css")).catch(() => {});

const link = (href, textContent) => make("a", { className: "link-button", href, target: "_blank", textContent });

help(() => [
  make("p", {}, link("rules.html", "All rules"), ", searchable, with an example of each."),
  make("p", {}, link("workshop.html", "Exercises"), ": find the faults in small programs."),
  make("h3", { textContent: "Privacy" }),
  make("p", {}, "Your code is sent nowhere: the rules run in this tab. ", link("privacy.html", "What is requested, and what is kept where")),
  make("h3", { textContent: "Offline" }),
  offline(),
]);

gopeer.loadArchive = () => import("./archive.js");
gopeer.loadZip = () => import("./zip.js");
gopeer.loadRules = () => fetched("./rules.json", "json");
gopeer.loadSymptoms = () => fetched("./symptoms.json", "json");
gopeer.loadQuestions = () => fetched("./questions.md", "text");
gopeer.loadGallery = () => fetched("./gallery.json", "json");
/** The module that makes exports and QR codes. */
gopeer.loadReport = once(() => import("./report.js").then((module) => module.default({ module_or_path: at("./report_bg.wasm") }).then(() => module)));
/** The presenter, and sheets to print. */
gopeer.loadStage = once(async () => (await Promise.all([import("./stage.js"), styled(at("./stage.css"))]))[0]);

/** The module that reads reviewers. The engine has one of its own, in its worker. */
gopeer.loadReader = once(() => import("./config.js").then((module) => module.default({ module_or_path: at("./config_bg.wasm") }).then(() => module)));

elements({
  share: () => import("./share.js"),
  rule: () => import("./rule.js"),
  remark: () => import("./remark.js"),
  filter: () => import("./filter.js"),
  guide: () => import("./guide.js"),
  option: () => import("./guide.js").then(({ option }) => ({ draw: option })),
  readiness: () => import("./readiness.js"),
  notes: () => import("./notes.js"),
  suggest: () => import("./suggest.js"),
  change: () => import("./change.js"),
  fixed: () => import("./change.js").then(({ list }) => ({ draw: list })),
  context: () => import("./context.js"),
  compare: () => import("./compare.js"),
  symptoms: () => import("./symptoms.js"),
  checklist: () => import("./checklist.js"),
  own: () => import("./own.js"),
});
