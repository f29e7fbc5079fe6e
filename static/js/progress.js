// What is kept in this browser: of a learner what was marked in each pack, the scores, and which hints were taken; of a trainer the answers
// of all.
import { store, stored } from "./stored.js";

const marksOf = (pack) => `gopeer.workshop.${pack}`;
const learnerOf = (pack) => `gopeer.learner.${pack}`;
const answersOf = (pack) => `gopeer.answers.${pack}`;

/** What storage does not take, because it is forbidden or full, lasts as long as the page. */
const held = new Map();

function load(key) {
  if (held.has(key)) return held.get(key);
  try {
    return JSON.parse(stored(key));
  } catch {
    // Not ours: begin anew.
    return null;
  }
}

function keep(key, value) {
  if (store(key, JSON.stringify(value))) held.delete(key);
  else held.set(key, value);
}

function drop(key) {
  held.delete(key);
  store(key, null);
}

// ----- learners

/** The answers to the packs that are open, as they are now. */
const current = new Map();

function read(pack) {
  if (!current.has(pack)) {
    const all = load(marksOf(pack));
    current.set(pack, all && typeof all === "object" && !Array.isArray(all) ? all : {});
  }
  return current.get(pack);
}

/** The answer to an exercise, as it is now. `save` keeps what was changed in it. */
export function answer(pack, exercise) {
  const all = read(pack);
  const found = all[exercise];
  const isAnswer = found && Array.isArray(found.marks) && Array.isArray(found.tries) && typeof found.hints === "object";
  return (all[exercise] = isAnswer ? found : { marks: [], tries: [], hints: {}, shown: false });
}

export const save = (pack) => keep(marksOf(pack), read(pack));

export function reset(pack) {
  current.delete(pack);
  drop(marksOf(pack));
  drop(learnerOf(pack));
}

/** The best score before the answers were shown; nothing if there was no try. */
export function best(pack, exercise) {
  const tries = read(pack)[exercise]?.tries ?? [];
  return tries.length > 0 ? Math.max(...tries.map(({ percent }) => percent)) : undefined;
}

/** What a learner hands in: who it is, and all answers to a pack. The id recognises the same learner in a later answer. */
export function handedIn(pack, learner) {
  const { id } = who(pack, { learner });
  return { format: 1, kind: "gopeer-answers", pack, id, learner, at: Date.now(), exercises: read(pack) };
}

/** Who learns here, and since when: made up when a pack is first opened. What is `changed` is kept. */
export function who(pack, changed) {
  const known = load(learnerOf(pack));
  const id = () => crypto.getRandomValues(new Uint32Array(2)).join("-");
  const learner = { ...(typeof known?.id === "string" ? known : { id: id(), learner: "", began: 0 }), ...changed };
  keep(learnerOf(pack), learner);
  return learner;
}

/** When the learner has opened the first exercise of the pack, in milliseconds. */
export function began(pack) {
  return who(pack).began || who(pack, { began: Date.now() }).began;
}

// ----- trainers

/**
 * The answers that a trainer has put together: pairs of where each comes from, and its text. Each link opens in a tab of its own, so they
 * are kept in the browser and not in the tab.
 */
export function received(pack) {
  const list = load(answersOf(pack));
  return Array.isArray(list) ? list : [];
}

export const receive = (pack, from, text) => keep(answersOf(pack), [...received(pack), [from, text]]);

export const forget = (pack) => drop(answersOf(pack));
