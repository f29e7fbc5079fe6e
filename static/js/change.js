// Two versions of the files: how the older one is given, how both are looked at, and what the change between them has fixed.
import { button, make, svg } from "./make.js";
import { compare, shared } from "./page.js";
import { SEVERITIES, counted, prose } from "./prose.js";
import { store, stored } from "./stored.js";

/** How a change is looked at. A narrow page has no room for two columns: there is the older version alone. */
const MODES = [["code", "Code"], ["unified", "Unified"], ["split", "Side by side"], ["before", "Before"]];
const KEPT = "gopeer.change";
const LINES = "gopeer.lines";
const narrow = matchMedia("(max-width: 820px)");
const LOST = "The comparison could not be loaded. Check the network connection and try again.";

const ICONS = {
  lines: "M3.5 5h13M3.5 15h13M6 10h9M3.5 10h.01",
  compare: "M4 4.5h5v11H4zM11 4.5h5v11h-5M6.5 7.5v0M13.5 10h-5",
  next: "M5 7.5l5 5 5-5",
  before: "M5 12.5l5-5 5 5",
  close: "M5.5 5.5l9 9M14.5 5.5l-9 9",
};

function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 20 20", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linecap": "round", "stroke-linejoin": "round" }, svg("path", { d: ICONS[name] }));
}

function iconButton(name, label, onclick) {
  const made = button("", onclick, "quiet icon-only small");
  made.append(icon(name));
  return Object.assign(made, { title: label, ariaLabel: label });
}

/** What the page knows of the comparison. */
const bar = {
  host: undefined,
  /** Whether somebody is about to give a version. */
  giving: false,
  mode: "unified",
  /** What the versions were read from, and the versions. */
  read: ["", []],
  /** The version that the user is writing. */
  written: undefined,
  /** What the editor shows: of which file and how, and the text before. */
  shown: ["", ""],
  /** How many changes there are, and at which the cursor is. */
  count: [0, 0],
  /** A place of the text before to go to: the file and the offset. */
  target: undefined,
  /** The number and the name of the file that was drawn last. */
  last: ["", ""],
  drawing: 0,
  /** Done when the editor shows what it was asked to show. */
  showing: Promise.resolve(),
};
bar.mode = stored(KEPT) ?? bar.mode;

const editor = () => document.getElementById("editor")?.editor;
const attribute = (name) => bar.host.getAttribute(name) ?? "";
const isCompared = () => bar.host.hasAttribute("before");
const isLocked = () => bar.host.hasAttribute("locked");

function choose(mode) {
  bar.mode = mode;
  store(KEPT, mode);
  refresh();
}

/** The chosen way of looking, as far as there is room for it. */
function mode() {
  if (narrow.matches) return bar.mode === "split" ? "unified" : bar.mode;
  return bar.mode === "before" ? "split" : bar.mode;
}

/** What the files were. */
async function versions() {
  if (!isCompared()) return [];
  const key = `${attribute("before")} ${attribute("name")}`;
  if (bar.read[0] !== key) bar.read = [key, JSON.parse((await gopeer.loadReport()).versions(shared("")))];
  return bar.read[1];
}

/** Makes files the versions before; without any, the files as they are now. */
async function give(files) {
  try {
    const report = await gopeer.loadReport();
    compare(report.compare(shared(""), files ? JSON.stringify(files) : ""));
    if (!files) bar.mode = "unified";
  } catch (error) {
    say(typeof error === "string" ? error : LOST);
  }
}

/** Gives files of the disk, of a folder only Go source. */
async function giveFiles(list) {
  const path = (file) => file.webkitRelativePath?.split("/").slice(1).join("/") || file.name;
  const wanted = [...list].filter((file) => !file.webkitRelativePath || /\.go$|go\.mod$/.test(file.name)).slice(0, 200);
  const read = async (file) => (file.name.endsWith(".zip") ? (await gopeer.loadArchive()).unpacked(file) : { name: path(file), text: await file.text() });
  let files;
  try {
    files = (await Promise.all(wanted.map(read))).flat();
  } catch (error) {
    return say(String(error));
  }
  const texts = files.filter(({ text }) => !text.includes("\0"));
  if (texts.length === 0) return say("There is no Go source in it.");
  bar.written = undefined;
  if (narrow.matches || bar.mode === "before") bar.mode = "unified";
  await give(texts);
}

function stop() {
  bar.giving = false;
  if (isCompared()) compare(new Uint8Array());
  refresh();
}

/** What is fixed, as the page says it: see `queries::fixed`. */
function fixedOf(text) {
  return text.split("\n").filter(Boolean).map((line, index) => {
    const [severity, rule, file, number, from, to, message] = line.split("\0");
    const say = `${message[0].toUpperCase()}${message.slice(1)}.`;
    return { id: `fixed-${index}`, severity, rule, file, line: Number(number), from: Number(from), to: Number(to), say };
  });
}

const said = make("span", { className: "change-said" });
said.setAttribute("role", "status");
/** Says something; the same is not said again. */
function say(...parts) {
  const whole = make("span", {}, ...parts);
  if (said.textContent !== whole.textContent) said.replaceChildren(whole);
}

export function draw(host) {
  bar.host = host;
  // The number of versions may come again, but not at once.
  if (bar.read[0].split(" ")[0] !== attribute("before")) bar.read = ["", []];
  refresh();
}

narrow.addEventListener("change", () => bar.host?.isConnected && refresh());

/** Draws everything anew. Attributes change one after the other: only the last call draws. */
async function refresh() {
  const number = bar.drawing += 1;
  let known;
  try {
    known = await versions();
  } catch {
    say(LOST);
    return;
  }
  if (number !== bar.drawing || !bar.host.isConnected) return;
  const version = known.find(({ now }) => now === attribute("name"));
  const [file, name] = bar.last;
  bar.last = [attribute("file"), attribute("name")];
  // Under another name it is the same file.
  const renamed = !version && file === attribute("file") && known.find(({ now }) => now === name)?.before;
  if (renamed) return give([{ name: attribute("name"), text: renamed.text }]);
  if (isLocked() || bar.host.hasAttribute("blank")) bar.giving = false;
  layout();
  for (const choice of bar.host.querySelectorAll(".segments button")) choice.ariaPressed = String(choice.value === mode());
  for (const sides of bar.host.querySelectorAll(".change-sides")) sides.hidden = mode() !== "split";
  // One after the other: the code for it comes when it is first needed, and what is asked for meanwhile must not be overtaken.
  bar.showing = bar.showing.catch(() => {}).then(() => show(version));
  await bar.showing;
}

/** Where versions are given, and how they are looked at. */
function layout() {
  const isOpen = isCompared() || bar.giving;
  const shape = [isOpen, isCompared(), narrow.matches, isLocked(), bar.host.hasAttribute("blank")].join();
  if (bar.host.shape === shape) return;
  bar.host.shape = shape;
  if (!isOpen) {
    const begin = Object.assign(button("", async () => {
      bar.giving = true;
      bar.mode = narrow.matches ? "before" : "split";
      await refresh();
      editor()?.comparison?.focus();
    }, "quiet small compare"), { title: "Compare with an earlier version", ariaLabel: "Compare" });
    begin.append(icon("compare"), make("span", { textContent: "Compare" }));
    bar.host.replaceChildren(lines(), ...(isLocked() || bar.host.hasAttribute("blank") ? [] : [begin]));
    return;
  }
  const choices = MODES.filter(([id]) => id !== (narrow.matches ? "split" : "before"));
  const choice = ([id, name]) => make("button", { type: "button", textContent: name, value: id, onclick: () => choose(id) });
  const views = make("div", { className: "segments", role: "group", ariaLabel: "View of the change" }, ...choices.map(choice));
  const steps = make("div", { className: "change-steps" }, said, iconButton("before", "Previous change (Shift F7)", () => step(-1)), iconButton("next", "Next change (F7)", () => step(1)));
  const input = make("input", { type: "file", multiple: true, className: "visually-hidden", onchange: ({ target }) => giveFiles(target.files) });
  const files = make("label", { className: "button small file-button" }, "Open files", input);
  const now = button("Use this code", () => give(), "small");
  now.title = "What you change from now on is the change";
  const close = iconButton("close", isCompared() ? "Stop comparing" : "Close", stop);
  const row = isCompared()
    ? [views, steps, ...(isLocked() ? [] : [close])]
    : [make("p", {}, make("strong", { textContent: "Before: " }), narrow.matches ? "paste the earlier version below, or" : "paste the earlier version on the left, drop its files here, or"), now, files, close];
  const sides = make("div", { className: "change-sides", ariaHidden: "true" }, make("span", { textContent: "Before" }), make("span", { textContent: "Now" }));
  const box = make("div", { className: "change-bar", role: "group", ariaLabel: "Comparison" }, ...row);
  bar.host.replaceChildren(lines(), box, sides);
}

/** Shows each finding under its line, or not. */
function lines() {
  const made = iconButton("lines", "Show findings under their lines", () => {
    const isOn = made.ariaPressed !== "true";
    made.ariaPressed = String(isOn);
    store(LINES, isOn ? "on" : "");
    editor()?.spell(isOn);
  });
  made.ariaPressed = String(stored(LINES) === "on");
  made.classList.add("lines-button");
  if (made.ariaPressed === "true" && !editor()?.spelled) editor()?.spell(true);
  return made;
}

/** Shows the version in the editor. */
async function show(version) {
  const isOpen = isCompared() || bar.giving;
  const view = mode();
  const isPart = version !== undefined || bar.giving || view === "split" || view === "before";
  const text = version?.before?.text ?? "";
  const isPartial = text.includes("//gopeer:unseen");
  const fixed = version?.before ? marks(version.before.name) : [];
  const isShown = isOpen && view !== "code" && isPart;
  const shown = isShown ? [attribute("file"), view, isLocked() || isPartial].join() : "";
  const isSame = bar.shown[0] === shown && (bar.shown[1] === text || bar.written === text || !isShown);
  if (isSame) editor()?.comparison?.fixed(fixed);
  else {
    bar.written = undefined;
    try {
      await editor()?.compare(isShown ? {
        file: Number(attribute("file")), name: attribute("name"), text, mode: view, readOnly: isLocked() || isPartial, fixed,
        hint: version && !version.before ? "This file is new." : "Paste the earlier version here.",
        changed(text) {
          bar.written = text;
          // Who empties it goes on.
          bar.giving ||= text === "";
          give([{ name: attribute("name"), text }]);
        },
        moved: (...count) => {
          bar.count = count;
          tell();
        },
        picked: (id) => document.getElementById(id)?.scrollIntoView({ block: "nearest" }),
      } : undefined);
    } catch {
      say(LOST);
      return;
    }
  }
  bar.shown = [shown, text];
  if (isShown) tell();
  else say(isCompared() && !version ? "This file has no earlier version" : "");
  if (bar.target?.[0] === attribute("name") && isShown) {
    editor()?.comparison?.show(bar.target[1]);
    bar.target = undefined;
  }
}

/** What is fixed in a file, for the editor. */
function marks(file) {
  const here = fixedOf(attribute("fixed")).filter((found) => found.file === file);
  return here.map(({ id, from, to, say, rule }) => ({ id, from, to, say, rule, severity: "fixed", label: "Fixed", selected: false }));
}

/** Says how many changes there are, and at which the cursor is. */
function tell() {
  const [count, at] = bar.count;
  const none = mode() === "before" ? "" : "No change yet";
  if (!isCompared() || count === 0) return say(isCompared() ? none : "");
  if (at === 0) return say(counted(count, "change"));
  // A narrow page shows 1/4, and a screen reader says all of it.
  const word = (textContent) => make("span", { className: "word", textContent });
  say(word("Change "), `${at}`, make("span", { className: "slash" }), word(" of "), `${count}`);
}

async function step(by) {
  if (mode() === "code" || mode() === "before") {
    choose("unified");
    await refresh();
  }
  editor()?.comparison?.step(by);
}

addEventListener("keydown", (event) => {
  if (event.key !== "F7" || !bar.host?.isConnected || !isCompared() || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  step(event.shiftKey ? -1 : 1);
});

// Dropped files are code, or what it was before: whoever drags them chooses.
let zones;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const canTake = () => bar.host?.isConnected && !isLocked() && !bar.host.hasAttribute("blank");
addEventListener("dragenter", (event) => {
  if (zones || !hasFiles(event) || !canTake()) return;
  const zone = (className, title, text) => make("div", { className: `drop-zone ${className}` }, make("strong", { textContent: title }), make("span", { textContent: text }));
  zones = make("div", { className: "drop-zones" }, zone("drop-before", "Before", "compare the code with these files"), zone("", "Code", "open these files"));
  document.querySelector(".code-body")?.append(zones);
});
const leave = () => {
  zones?.remove();
  zones = undefined;
};
addEventListener("dragleave", (event) => event.relatedTarget === null && leave());
addEventListener("dragend", leave);
addEventListener("drop", (event) => {
  const isBefore = event.target.closest?.(".drop-before, .change-bar");
  leave();
  if (!isBefore || !hasFiles(event) || !canTake()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  giveFiles(event.dataTransfer.files);
}, true);

/** What the change has fixed, in the review. */
export function list(host) {
  const fixed = fixedOf(host.getAttribute("fixed") ?? "");
  const item = ({ id, severity, rule, file, line, from, say }) => {
    const place = make("button", { className: "link-button where", type: "button", textContent: `${file}:${line}`, title: "Show what was there", onclick: () => reveal(file, from) });
    return make("li", { id }, make("p", {}, ...prose(say)), make("p", { className: "muted" }, place, ` ${SEVERITIES[severity]} `, make("code", { textContent: rule })));
  };
  host.hidden = fixed.length === 0;
  const title = make("h2", {}, "Fixed by the change", make("span", { className: "group-count", textContent: fixed.length }));
  host.replaceChildren(make("section", { className: "group", ariaLabel: "Fixed by the change" }, title, make("ul", { className: "fixed-list" }, ...fixed.map(item))));
}

/** Shows a place of the text before. */
async function reveal(file, from) {
  const known = await versions();
  const version = known.find(({ before }) => before?.name === file);
  if (!version?.now) return say(`The change deletes ${file}.`);
  bar.target = [version.now, from];
  if (mode() === "code") choose("unified");
  editor()?.goTo(version.now, 0, 0);
  // Once the page has gone there.
  await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
  await refresh();
}
