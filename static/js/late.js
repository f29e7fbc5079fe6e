// What the page does once the engine is there: nothing that a first review waits for.
import { help } from "./help.js";
import { make } from "./make.js";
import { offline } from "./offline.js";
import "./snippet.js";

document.head.append(make("link", { rel: "stylesheet", href: new URL("./late.css", import.meta.url).href }));

const link = (href, textContent) => make("a", { className: "link-button", href, target: "_blank", textContent });

help(() => [
  make("p", {}, link("rules.html", "All rules"), ", searchable, with an example of each."),
  make("p", {}, link("workshop.html", "Exercises"), ": find the faults in small programs."),
  make("h3", { textContent: "Privacy" }),
  make("p", {}, "Your code is sent nowhere: the rules run in this tab. ", link("privacy.html", "What is requested, and what is kept where")),
  make("h3", { textContent: "Offline" }),
  offline(),
]);
