// The presenter: an exercise or a review on a projector, step by step, by arrow keys or a clicker.
import { instead } from "./instead.js";
import { coloured } from "./lines.js";
import { button, make } from "./make.js";
import { prose } from "./prose.js";
import { store, stored } from "./stored.js";

const SIZES = [100, 125, 150, 175, 200, 225, 250];
const MINUTES = [1, 2, 3, 5, 10, 15, 20, 30, 45, 60];
const CHOSEN = "gopeer.presenter";

/** What a key does. Clickers send the page keys, and a full stop for a black screen. */
const KEYS = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", Enter: "next",
  ArrowLeft: "back", ArrowUp: "back", PageUp: "back", Backspace: "back",
  Home: "first", End: "last", "+": "larger", "=": "larger", "-": "smaller", ".": "black",
  b: "black", h: "hide", l: "look", t: "time", n: "notes", f: "full", Escape: "close",
};

/** How large the type is and which look was chosen, as the last time. */
function chosen() {
  const first = { size: innerWidth < 900 ? 100 : 150, look: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light" };
  try {
    const { size, look } = JSON.parse(stored(CHOSEN)) ?? first;
    return { size: SIZES.includes(size) ? size : first.size, look: look === "dark" ? "dark" : "light" };
  } catch {
    return first;
  }
}

/** What is shown one after the other. `steps` is how many steps of the item have been taken; `asks` hides what it is about. */
function beatsOf(deck) {
  const beats = [{ deck }];
  for (const item of deck.items) {
    if (item.asks) beats.push({ deck, item, steps: 0, asks: true });
    beats.push({ deck, item, steps: 0 });
    item.steps.forEach((_, at) => beats.push({ deck, item, steps: at + 1 }));
    if (item.said.length > 0) beats.push({ deck, item, steps: item.steps.length, said: true });
  }
  if (deck.changes.length > 0) beats.push({ deck, changes: true });
  return beats;
}

/** A file whose lines can be lit. */
function pane({ name, text }) {
  const items = coloured(name, text).map((parts, at) => make("li", {}, make("span", { className: "stage-number", textContent: at + 1 }), make("code", {}, ...parts)));
  const list = make("ol", { className: "stage-lines" }, ...items);
  return {
    list,
    /** Lights lines, keeps others readable, and shows the first lit one. Without lit lines all of them are as they were. */
    light(lit, near) {
      const covers = (places, line) => places.some((place) => line >= place.line && line <= (place.end ?? place.line));
      list.classList.toggle("has-spot", lit.length > 0);
      items.forEach((item, at) => {
        item.classList.toggle("is-lit", covers(lit, at + 1));
        item.classList.toggle("is-near", covers(near, at + 1));
      });
      const first = lit.length > 0 ? items[Math.min(...lit.map(({ line }) => line)) - 1] : items[0];
      first?.scrollIntoView({ block: lit.length > 0 ? "center" : "start" });
    },
  };
}

/** Where the content of what scrolls ends; below the code there is room, so that its last lines can be in the middle. */
const end = (part) => [...part.children].reduce((most, child) => Math.max(most, child.offsetTop + child.offsetHeight), 0);

/** Presents decks, one after the other. */
export function present(decks) {
  const settings = chosen();
  const beats = decks.flatMap(beatsOf);
  let at = 0;
  let isHidden = false;
  let name = "";
  let notes;
  const panes = new Map();

  const holder = make("div", { className: "stage-code", tabIndex: 0, role: "region", ariaLabel: "Code" });
  const tabs = make("div", { className: "stage-files", role: "group", ariaLabel: "Files" });
  const panel = make("section", { className: "stage-panel", tabIndex: 0, ariaLabel: "What there is to see", ariaLive: "polite" });
  const count = make("span", { className: "stage-count" });
  const said = make("span", { role: "status" });

  // ----- what is seen

  const places = (beat) => (beat.steps > 0 && !beat.said ? [beat.item.steps[beat.steps - 1]] : beat.item?.places ?? []);
  const heading = ({ deck, item, changes }) => (changes ? "The repaired version" : item?.title ?? deck.title);

  function show(wanted, beat) {
    name = wanted;
    const key = `${decks.indexOf(beat.deck)} ${name}`;
    if (!panes.has(key)) panes.set(key, pane(beat.deck.files.find((file) => file.name === name)));
    const shown = panes.get(key);
    if (holder.firstChild !== shown.list || holder.childNodes.length > 1) holder.replaceChildren(shown.list);
    const here = (list) => (isHidden ? [] : list.filter(({ file }) => file === name));
    shown.light(here(places(beat)), here(beat.item ? [...beat.item.places, ...beat.item.steps.slice(0, beat.steps)] : []));
    for (const tab of tabs.children) tab.ariaPressed = String(tab.textContent === name);
  }

  function drawCode(beat) {
    const { files } = beat.deck;
    tabs.replaceChildren(...files.map((file) => button(file.name, () => show(file.name, beat), "small")));
    tabs.hidden = beat.changes ?? false;
    if (beat.changes) return holder.replaceChildren(...beat.deck.changes);
    const wanted = isHidden ? name : places(beat)[0]?.file;
    show(files.some((file) => file.name === wanted) ? wanted : files.some((file) => file.name === name) ? name : files[0].name, beat);
  }

  function drawPanel(beat) {
    const { deck, item } = beat;
    if (!item) {
      const were = deck.items.filter(({ asks }) => asks).map(({ title }) => make("li", {}, ...prose(title)));
      const about = beat.changes ? [make("p", { className: "stage-label", textContent: "What was wrong:" }), make("ol", { className: "stage-steps" }, ...were)]
        : deck.about.map((text) => make("p", {}, ...prose(text)));
      return panel.replaceChildren(make("h1", {}, ...prose(heading(beat))), ...about);
    }
    const label = make("p", { className: "stage-label", textContent: item.label });
    if (isHidden) return panel.replaceChildren(label, make("h1", { textContent: "Where is it?" }), make("p", { textContent: "And what does it threaten?" }));
    // The explanation has the place of the steps, which have been seen.
    const steps = (beat.said ? [] : item.steps.slice(0, beat.steps)).map(({ file, line, text }, index) => {
      const step = make("li", {}, make("span", { className: "where", textContent: `${file}:${line}` }), " ", ...prose(text));
      if (index + 1 === beat.steps) step.ariaCurrent = "step";
      return step;
    });
    panel.replaceChildren(label, make("h1", {}, ...prose(item.title)), ...(item.facts ? [make("p", { className: "stage-label", textContent: item.facts })] : []),
      ...(steps.length > 0 ? [make("ol", { className: "stage-steps" }, ...steps)] : []), ...(beat.said ? item.said : []).map((text) => make("p", {}, ...prose(text))));
    (panel.querySelector("[aria-current]") ?? panel.firstChild).scrollIntoView({ block: "nearest" });
  }

  function draw() {
    const beat = beats[at];
    drawCode(beat);
    drawPanel(beat);
    count.textContent = `${at + 1} / ${beats.length}`;
    document.title = heading(beat);
    drawNotes();
  }

  /** Shows more of what does not fit. Whether there was more. */
  function more() {
    const part = beats[at].changes ? holder : panel;
    if (part.scrollTop + part.clientHeight >= end(part) - 8) return false;
    part.scrollBy(0, part.clientHeight * 0.8);
    return true;
  }

  function go(to) {
    const wanted = Math.min(Math.max(to, 0), beats.length - 1);
    stage.classList.remove("is-black");
    if (wanted === at) return;
    at = wanted;
    isHidden = beats[at].asks ?? false;
    draw();
  }

  // ----- the timer: time that has passed, or that is left

  let [since, before, limit] = [Date.now(), 0, 0];
  const clock = button("", () => acts.time(), "small clock");
  const minutes = make("select", { ariaLabel: "Time limit" }, make("option", { value: 0, textContent: "no limit" }),
    ...MINUTES.map((value) => make("option", { value, textContent: `${value} min` })));
  minutes.addEventListener("change", () => {
    [since, before, limit] = [Date.now(), 0, Number(minutes.value) * 60_000];
    drawTime();
  });

  function drawTime() {
    const passed = before + (since ? Date.now() - since : 0);
    const seconds = limit ? Math.ceil(Math.max(limit - passed, 0) / 1000) : Math.floor(passed / 1000);
    const pair = [Math.floor(seconds / 60), seconds % 60].map((number) => String(number).padStart(2, "0")).join(":");
    clock.textContent = limit && seconds === 0 ? "Time is up" : pair;
    clock.ariaLabel = `${clock.textContent}. ${since ? "Pause the timer" : "Start the timer"}`;
    clock.classList.toggle("is-up", limit > 0 && seconds === 0);
    clock.classList.toggle("is-paused", !since);
    if (!notes || notes.closed) return;
    const there = notes.document.getElementById("time");
    if (there) there.textContent = clock.textContent;
  }
  const ticking = setInterval(() => {
    drawTime();
    // Some browsers put an empty document of their own into a new window a moment later.
    if (notes && !notes.closed && !notes.document.getElementById("time")) prepareNotes();
  }, 500);

  // ----- the speaker's notes

  function drawNotes() {
    if (!notes || notes.closed) return;
    const beat = beats[at];
    const { item } = beat;
    const lines = item ? [
      ...item.notes, ...(beat.asks ? [] : item.said),
      `Where: ${[...new Set(item.places.map(({ file, line }) => `${file}:${line}`))].join(", ")}`,
    ] : [];
    const next = beats[at + 1];
    const what = !next ? "the end" : next.asks ? `the question about ${next.item.label.toLowerCase()}` : next.item && next.item === item ? (next.said ? "the explanation" : `step ${next.steps}`) : heading(next);
    notes.document.title = "Speaker’s notes";
    notes.document.body.replaceChildren(make("main", { className: "stage-notes" },
      make("p", { className: "stage-row" }, make("strong", { id: "time" }), make("span", { textContent: `${at + 1} / ${beats.length}` }),
        button("Back", acts.back), button("Next", acts.next, "primary")),
      make("p", { className: "stage-label", textContent: item?.label ?? "" }), make("h1", {}, ...prose(heading(beat))),
      ...lines.map((text) => make("p", {}, ...prose(text))), make("p", { className: "stage-label" }, "Next: ", ...prose(what))));
    drawTime();
  }

  function openNotes() {
    notes = open("", "gopeer-notes", "popup,width=760,height=620");
    if (!notes) return void (said.textContent = "The browser has blocked the window with the notes.");
    said.textContent = "Move the notes to your own screen, then press F here.";
    prepareNotes();
  }

  function prepareNotes() {
    const root = notes.document.documentElement;
    root.lang = "en";
    root.classList.add("is-away");
    notes.document.head.replaceChildren(...[...document.querySelectorAll('link[rel="stylesheet"], style')].map((sheet) => {
      const copy = sheet.cloneNode(true);
      if (copy.href) copy.href = sheet.href;
      return copy;
    }));
    notes.onkeydown = onKey;
    drawNotes();
  }

  // ----- what can be done

  const resize = (by) => {
    settings.size = SIZES[SIZES.indexOf(settings.size) + by] ?? settings.size;
    drawLook();
  };
  const acts = {
    next: () => more() || go(at + 1),
    back: () => go(at - 1),
    first: () => go(0),
    last: () => go(beats.length - 1),
    hide() {
      if (!beats[at].item) return;
      isHidden = !isHidden;
      draw();
    },
    black: () => stage.classList.toggle("is-black"),
    larger: () => resize(1),
    smaller: () => resize(-1),
    look() {
      settings.look = settings.look === "dark" ? "light" : "dark";
      drawLook();
    },
    time() {
      if (since) [before, since] = [before + Date.now() - since, 0];
      else since = Date.now();
      drawTime();
    },
    notes: openNotes,
    full() {
      const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
      change?.catch(() => {});
      said.textContent = "";
    },
    close() {
      clearInterval(ticking);
      notes?.close();
      if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
      bringBack();
    },
  };

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    const { target } = event;
    const own = { BUTTON: [" ", "Enter"], SELECT: [" ", "Enter", "ArrowUp", "ArrowDown"] }[target.tagName] ?? [];
    // What has the focus and does not fit scrolls.
    const scrolls = /^Arrow(Up|Down)$/.test(event.key) && target.scrollHeight > target.clientHeight && (target === holder || target === panel);
    if (!act || own.includes(event.key) || scrolls) return;
    event.preventDefault();
    acts[act]();
  }

  function drawLook() {
    stage.dataset.look = settings.look;
    stage.style.fontSize = `${settings.size / 100}rem`;
    size.textContent = `${settings.size} %`;
    store(CHOSEN, JSON.stringify(settings));
    // What is lit stays in sight.
    draw();
  }

  const size = make("span", { className: "stage-count" });
  const tool = (text, act, title, kind = "") => Object.assign(button(text, acts[act], `small ${kind}`), { title, ariaLabel: title });
  const bar = make("div", { className: "stage-bar", role: "toolbar", ariaLabel: "Presenter" },
    tool("←", "back", "Back (arrow keys, Page Up)"), count, tool("→", "next", "Next (arrow keys, Page Down)", "primary"),
    tool("Hide", "hide", "Hide or reveal (H)"), tool("Black", "black", "Black screen (B or full stop)"),
    tool("A−", "smaller", "A−: smaller type (-)"), size, tool("A+", "larger", "A+: larger type (+)"), tool("Theme", "look", "Theme: light or dark (L)"),
    clock, minutes, tool("Notes", "notes", "Notes for the speaker in a second window (N)", "roomy"), tool("Full screen", "full", "Full screen (F)", "roomy"),
    tool("Close", "close", "Close (Escape)"), said);
  const stage = make("main", { className: "stage", tabIndex: -1 }, make("div", { className: "stage-left" }, tabs, holder), panel, bar);
  stage.addEventListener("click", (event) => stage.classList.contains("is-black") && !bar.contains(event.target) && acts.black());
  const bringBack = instead(stage, onKey);
  addEventListener("pagehide", () => notes?.close(), { once: true });
  document.documentElement.requestFullscreen?.().catch(() => {});
  drawLook();
  drawTime();
  stage.focus();
}
