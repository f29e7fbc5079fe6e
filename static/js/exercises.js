// The exercises of workshops: a learner reads code, marks lines and says why, and sees what was found. `?pack=NAME` opens one of our
// packs or a file of this site; other packs are opened as files, or are in a link. Nothing is sent anywhere. What they need comes from
// `gopeer`: see exercise.js.
import { compare, concerns, fault, merge, score } from "./workshop.js";
import { file } from "./lines.js";
import { button, make } from "./make.js";
import { copyButton } from "./out.js";
import { KEPT, keep, kept } from "./packs.js";
import { answer, began, best, reset, save } from "./progress.js";
import { REVIEWERS, counted } from "./prose.js";
import { ANSWERS, PACK, collectLink, handIn, settings, trainer, unpacked } from "./answers.js";
import { RULES, paragraphs, summary, verdict } from "./verdict.js";

let main;

/** The words of each concern, by id. */
let words;
/** The pack that is open. */
let pack;
/** Our packs. */
let offered = [];

const link = (href, textContent) => make("a", { href, textContent });

function draw(title, ...content) {
  document.title = `${title} – gopeer`;
  main.replaceChildren(...content);
}

// ----- packs

/** The text of a pack: one that this browser has kept, or one that comes with the exercises. */
async function named(name) {
  if (name.startsWith(KEPT)) {
    const text = await kept(name);
    if (text === undefined) throw new Error(`The pack “${name.slice(KEPT.length)}” is not in this browser. Open its file or its link first.`);
    return text;
  }
  return gopeer.loadPack(offered.find(({ id }) => id === name)?.url, name);
}

function opened(json) {
  const wrong = fault(json);
  if (wrong) throw new Error(wrong);
  pack = JSON.parse(json);
}

/** Opens a pack that is no file of this site, and gives it an address in this browser. The settings in the address stay. */
async function take(json) {
  opened(json);
  const name = await keep(json);
  const url = new URL(location.href);
  url.hash = "";
  if (name) url.searchParams.set("pack", name);
  else url.searchParams.delete("pack");
  history.replaceState(null, "", url);
  drawPack();
}

function openFile() {
  const input = make("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", () => input.files[0] && takeFile(input.files[0]));
  input.click();
}

async function takeFile(dropped) {
  try {
    if (dropped.size > 4e6) throw new Error("This file is too large for a pack of exercises.");
    const json = await dropped.text();
    // The settings in the address are those of another pack.
    history.replaceState(null, "", location.pathname);
    await take(json);
  } catch (error) {
    drawList(error.message);
  }
}

/** Opens the pack that is in a link. */
async function takeLink(link) {
  let json;
  try {
    json = await unpacked(link, PACK);
  } catch {
    throw new Error("The pack in this link is damaged or cut off. Ask for the link again, or for the file of the pack.");
  }
  await take(json);
}

function drawList(message) {
  pack = undefined;
  const item = ({ id, title, persona, exercises }) => {
    const done = exercises.filter((exercise) => best(id, exercise) !== undefined).length;
    const progress = done > 0 ? `, ${done} tried` : "";
    return make("li", {}, link(`?pack=${id}`, title), make("span", { className: "facts" }, `${REVIEWERS[persona] ?? persona} · ${counted(exercises.length, "exercise")}${progress}`));
  };
  draw("Exercises", make("h1", { textContent: "Exercises" }),
    ...(message ? [make("p", { className: "wrong", role: "alert", textContent: message })] : []),
    make("p", {}, "Each exercise is a small Go program with a few planted faults. Read it as in a code review: mark the lines that are wrong, say what they threaten, and check."),
    make("ul", { className: "packs" }, ...offered.map(item)),
    make("p", {}, button("Open a pack file…", openFile), " ", make("span", { className: "facts" }, "or drop one here. Your answers stay in this browser.")));
}

function drawPack() {
  const item = (exercise) => {
    const percent = best(pack.id, exercise.id);
    const state = percent === undefined ? (answer(pack.id, exercise.id).marks.length > 0 ? "begun" : "") : `best: ${percent} %`;
    return make("li", {}, link(`#${exercise.id}`, exercise.title), make("span", { className: "facts", textContent: state }));
  };
  const clear = button("Reset the answers", () => {
    if (!confirm("Delete all your answers to this pack from this browser?")) return;
    reset(pack.id);
    drawPack();
  });
  draw(pack.title, make("h1", { tabIndex: -1, textContent: pack.title }), ...paragraphs(pack.about), make("p", { className: "facts", textContent: RULES }),
    make("ol", { className: "packs" }, ...pack.exercises.map(item)), handIn(pack), trainer(pack, { merge, words, compare: compared }),
    make("p", {}, clear));
}

// ----- an exercise

const REPAIRED = "Repaired version";

/** The repaired version of a file beside the faulty one; nothing if the repair leaves it alone. */
const compared = (exercise, file) => JSON.parse(compare(JSON.stringify(exercise), file));

/** How much time is left, in milliseconds; without a limit, more than anybody needs. */
function left() {
  const { minutes } = settings();
  return minutes > 0 ? began(pack.id) + minutes * 60_000 - Date.now() : Infinity;
}

/** Says how much time is left, for as long as it is shown. */
function clock() {
  const box = make("strong", { className: "facts", role: "timer" });
  const draw = () => {
    const minutes = Math.ceil(left() / 60_000);
    box.textContent = minutes > 0 ? `${counted(minutes, "minute")} left` : "The time is up: hand in your answers.";
    if (minutes > 0) setTimeout(() => box.isConnected && draw(), 5_000);
  };
  draw();
  return box;
}

function drawExercise(exercise) {
  const json = JSON.stringify(exercise);
  const given = answer(pack.id, exercise.id);
  const panel = make("section", { className: "panel", ariaLabel: "Your answer" });
  const holder = make("div", { className: "code" });
  let shown;
  // Go first: what is wrong is rarely in go.mod.
  const files = [...exercise.files].sort((a, b) => b.name.endsWith(".go") - a.name.endsWith(".go"));
  let [{ name }] = files;

  const keep = () => save(pack.id);
  const findMark = (line) => given.marks.find((mark) => mark.file === name && mark.line === line);

  const tab = (label, act) => button(label, act, "tab");
  const tabs = make("div", { className: "tabs", role: "group", ariaLabel: "Files" }, ...files.map((one) => tab(one.name, () => show(one.name))));
  const copier = make("span", { className: "copier" });

  /** Presses a tab: that of a file, or of the repaired version. */
  function press(label) {
    name = label;
    for (const tab of tabs.children) tab.ariaPressed = String(tab.textContent === label);
  }

  function show(wanted) {
    press(wanted);
    const { text } = exercise.files.find((one) => one.name === name);
    shown = file({ name, text }, edit);
    holder.replaceChildren(shown.list);
    copier.replaceChildren(copyButton(text, shown.list));
    given.marks.filter((mark) => mark.file === name).forEach(drawMark);
    colour();
  }

  /** Shows the repaired version in the place of the code, under a tab of its own. */
  async function showRepaired() {
    const lost = () => [make("p", { className: "wrong", textContent: "The repaired version could not be loaded. Check the network connection and reload the page." })];
    const content = await gopeer.loadRepaired().then(({ changes }) => changes(exercise, compared), lost);
    if (tabs.children.length === files.length) tabs.append(tab(REPAIRED, showRepaired));
    press(REPAIRED);
    shown = undefined;
    copier.replaceChildren();
    holder.replaceChildren(...content);
    tabs.lastChild.focus({ preventScroll: true });
    tabs.scrollIntoView({ block: "nearest" });
  }

  function drawMark(mark) {
    const said = make("p", { className: "said" }, make("strong", { textContent: words.get(mark.concern) ?? mark.concern }), mark.text ? `: ${mark.text}` : "");
    shown.below(mark.line, said);
  }

  /** The form below a line. */
  function edit(line) {
    const mark = findMark(line);
    const concern = make("select", {}, ...[...words].map(([value, textContent]) => make("option", { value, textContent, selected: value === (mark?.concern ?? "") })));
    if (!mark) {
      concern.prepend(make("option", { value: "", textContent: "Choose…", disabled: true }));
      concern.selectedIndex = 0;
    }
    concern.required = true;
    const why = make("input", { type: "text", value: mark?.text ?? "", maxLength: 400, autocomplete: "off" });
    const close = () => {
      const now = findMark(line);
      if (now) drawMark(now);
      else shown.below(line);
      shown.go(line);
      drawPanel();
    };
    const form = make("form", { className: "mark" },
      make("label", {}, "What is threatened here?", concern), make("label", {}, "Why? (for yourself and your trainer)", why),
      make("p", { className: "row" }, make("button", { className: "button primary", textContent: mark ? "Change" : "Mark" }),
        ...(mark ? [button("Remove", () => { given.marks = given.marks.filter((one) => one !== mark); keep(); close(); })] : []),
        button("Cancel", close)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const now = { file: name, line, concern: concern.value, text: why.value.trim() };
      given.marks = [...given.marks.filter((one) => one !== mark), now];
      keep();
      close();
    });
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    // Whoever goes on to another line has not cancelled.
    for (const open of holder.querySelectorAll("form")) {
      if (open.checkValidity()) open.requestSubmit();
      else open.querySelector("button:last-of-type").click();
    }
    shown.below(line, form);
    concern.focus();
  }

  /** The score of the marks as they were checked. */
  const scored = () => JSON.parse(score(json, JSON.stringify(given.checked.map(({ file, line, concern }) => ({ file, line, concern })))));

  function check() {
    given.checked = given.marks.map((mark) => ({ ...mark }));
    const result = scored();
    if (!given.shown && left() > 0) {
      const hints = Object.values(given.hints).reduce((sum, count) => sum + count, 0);
      given.tries.push({ percent: result.percent, marks: given.checked, hints });
    }
    keep();
    drawPanel("verdict");
    colour();
  }

  /** Lines of the faults that are known by now, and of false alarms. */
  function colour() {
    if (!shown) return;
    const lines = (places) => places.filter((place) => place.file === name).map(({ line }) => line);
    if (!given.checked) return ["is-fault", "is-alarm"].forEach((kind) => shown.mark(kind, []));
    const result = scored();
    const isKnown = (one, index) => given.shown || result.faults[index].marks.length > 0 || (given.hints[one.id] ?? 0) > one.hints.length;
    const found = result.faults.flatMap(({ marks }) => marks.map((mark) => given.checked[mark]));
    shown.mark("is-fault", lines([...exercise.faults.filter(isKnown).flatMap(({ places }) => places), ...found]));
    shown.mark("is-alarm", lines(result.falseAlarms.map(({ mark }) => given.checked[mark])));
  }

  function jump(wanted, line) {
    if (wanted !== name) show(wanted);
    shown.go(line);
  }

  function drawPanel(focus) {
    const order = files.map((one) => one.name);
    const marks = [...given.marks].sort((a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line);
    const result = given.checked && scored();
    const isDone = result?.faults.every(({ named }) => named) && result.falseAlarms.length === 0;
    const list = marks.map((mark) => make("li", {}, button(`${mark.file}:${mark.line}`, () => jump(mark.file, mark.line), "link"), ` ${words.get(mark.concern) ?? mark.concern}`));
    const later = settings().hints ? " After each check there are hints for what you have missed." : "";
    const hint = given.marks.length > 0 ? "" : `Choose a line to mark it: click or tap it, or move with the arrow keys and press Enter.${later}`;
    const parts = [
      make("h2", { textContent: "Your marks" }),
      hint ? make("p", { className: "facts", textContent: hint }) : make("ul", { className: "marks" }, ...list),
      make("p", { className: "row" }, button(given.tries.length > 0 ? "Check again" : "Check", check, isDone ? "" : "primary"),
        ...(given.checked && !given.shown && settings().answers ? [button(isDone ? "Show the repaired version" : "Show all answers", () => { given.shown = true; keep(); drawPanel("right"); colour(); if (isDone) showRepaired(); })] : []),
        ...(given.checked ? [button("Start over", again)] : [])),
    ];
    if (given.checked) {
      const view = {
        exercise, words, jump, showRepaired, hints: settings().hints, answer: { ...given, marks: given.checked, hints: given.hints },
        isStale: JSON.stringify(given.marks) !== JSON.stringify(given.checked),
        redraw(id) { keep(); drawPanel(id); colour(); },
      };
      parts.push(make("div", { className: "verdict" }, ...verdict(view, result)), make("p", {}, onwards(isDone ? "button primary" : "")));
      said.textContent = summary(result);
    }
    how.hidden = given.marks.length > 0 || Boolean(result);
    dock.replaceChildren(button(result ? `${summary(result)} ↓` : `Your marks: ${marks.length} ↓`, toPanel));
    panel.replaceChildren(...parts);
    document.getElementById(focus)?.focus();
  }

  /** A second try: the marks go, the scores and what was learnt stay. */
  function again() {
    if (given.marks.length > 0 && !confirm("Delete your marks in this exercise? The scores of your tries stay.")) return;
    given.marks = [];
    delete given.checked;
    keep();
    show(name === REPAIRED ? files[0].name : name);
    drawPanel();
    shown.go(1);
  }

  const said = make("p", { className: "visually-hidden", role: "status" });
  // Where the panel is below the code: what to do, and a way down to the panel.
  const how = make("p", { className: "how facts", textContent: "Tap the lines that are wrong, and check below the code." });
  const dock = make("p", { className: "dock" });
  const toPanel = () => {
    const heading = panel.querySelector("#verdict") ?? panel.querySelector("h2");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    heading.scrollIntoView();
  };
  // It keeps its room: otherwise lines would move under a finger at the end of the page.
  new IntersectionObserver(([{ isIntersecting }]) => { dock.classList.toggle("is-away", isIntersecting); }, { rootMargin: "0px 0px -30% 0px" }).observe(panel);
  const place = pack.exercises.indexOf(exercise);
  const [previous, next] = [pack.exercises[place - 1], pack.exercises[place + 1]];
  const onwards = (className) => Object.assign(next ? link(`#${next.id}`, `Next exercise: ${next.title}`) : link(`${location.search}#`, "Hand in the answers"), { className });
  draw(exercise.title,
    make("nav", { className: "row", ariaLabel: "Pack" }, link(`${location.search}#`, pack.title), make("span", { className: "facts" }, `Exercise ${place + 1} of ${pack.exercises.length}`),
      ...(previous ? [link(`#${previous.id}`, "Previous")] : []), ...(next ? [link(`#${next.id}`, "Next")] : []), ...(left() < Infinity ? [clock()] : [])),
    make("h1", { tabIndex: -1, textContent: exercise.title }), make("div", { className: "story" }, ...paragraphs(exercise.story)), how,
    make("div", { className: "exercise" }, make("section", { ariaLabel: "Code" }, make("div", { className: "head" }, tabs, copier), holder), panel), dock, said);
  show(name);
  drawPanel();
}

// ----- addresses

async function fromHash() {
  const { hash } = location;
  if (hash.startsWith(PACK)) await takeLink(hash);
  if (!pack) return;
  if (hash.startsWith(ANSWERS)) {
    await collectLink(pack, hash);
    history.replaceState(null, "", `${location.pathname}${location.search}`);
  }
  const wanted = location.hash.slice(1);
  const exercise = pack.exercises.find(({ id }) => id === wanted);
  if (exercise) drawExercise(exercise);
  else drawPack();
  scrollTo(0, 0);
  main.querySelector("h1")?.focus({ preventScroll: true });
}

/** Begins with what the address names. */
export async function start() {
  main = document.getElementById("main");
  addEventListener("hashchange", () => fromHash().catch((error) => drawList(error.message)));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) takeFile(event.dataTransfer.files[0]);
  });
  try {
    [offered] = await Promise.all([gopeer.loadPacks(), gopeer.loadScorer()]);
    words = new Map(JSON.parse(concerns()));
    const wanted = new URLSearchParams(location.search).get("pack");
    if (!wanted && !location.hash.startsWith(PACK)) return drawList();
    if (!location.hash.startsWith(PACK)) opened(await named(wanted));
    await fromHash();
  } catch (error) {
    if (words) drawList(error.message);
    else document.getElementById("wait").textContent = "The exercises could not be loaded. Check the network connection and reload the page.";
  }
}
