// What a learner has done, kept in this browser: for each pack, what was marked, the scores, and which hints were taken.
const key = (pack) => `gopeer.workshop.${pack}`;

/** Storage may be forbidden or full; then the answers last as long as the page. */
const held = new Map();

function read(pack) {
  if (held.has(pack)) return held.get(pack);
  let all = {};
  try {
    all = JSON.parse(localStorage.getItem(key(pack)) ?? "{}") ?? {};
  } catch {
    // Not ours, or not readable: begin anew.
  }
  if (typeof all !== "object" || Array.isArray(all)) all = {};
  held.set(pack, all);
  return all;
}

/** The answer to an exercise, as it is now. `save` keeps what was changed in it. */
export function answer(pack, exercise) {
  const all = read(pack);
  const found = all[exercise];
  const isAnswer = found && Array.isArray(found.marks) && Array.isArray(found.tries) && typeof found.hints === "object";
  return (all[exercise] = isAnswer ? found : { marks: [], tries: [], hints: {}, shown: false });
}

export function save(pack) {
  try {
    localStorage.setItem(key(pack), JSON.stringify(read(pack)));
  } catch {
    // See above.
  }
}

export function reset(pack) {
  held.set(pack, {});
  people.delete(pack);
  try {
    localStorage.removeItem(key(pack));
    localStorage.removeItem(about(pack));
  } catch {
    // See above.
  }
}

/** The best score before the answers were shown; nothing if there was no try. */
export function best(pack, exercise) {
  const tries = read(pack)[exercise]?.tries ?? [];
  return tries.length > 0 ? Math.max(...tries.map(({ percent }) => percent)) : undefined;
}

/** What a learner hands in: who it is, and all answers to a pack. The id recognises the same learner in a later answer. */
export function handedIn(pack, learner) {
  const exercises = read(pack);
  const { id } = who(pack, learner);
  return { format: 1, kind: "gopeer-answers", pack, id, learner, at: Date.now(), exercises };
}

const about = (pack) => `gopeer.learner.${pack}`;
const people = new Map();

/** Who learns here, and since when: made up when a pack is first opened. A name that is given is kept. */
export function who(pack, learner) {
  let known = people.get(pack);
  try {
    known ??= JSON.parse(localStorage.getItem(about(pack)));
  } catch {
    // Made anew below.
  }
  if (typeof known?.id !== "string") known = { id: crypto.getRandomValues(new Uint32Array(2)).join("-"), learner: "", began: 0 };
  if (learner !== undefined) known.learner = learner;
  people.set(pack, known);
  try {
    localStorage.setItem(about(pack), JSON.stringify(known));
  } catch {
    // It lasts as long as the page.
  }
  return known;
}

/** When the learner has opened the first exercise of the pack, in milliseconds. */
export function began(pack) {
  const known = who(pack);
  known.began ||= Date.now();
  who(pack, known.learner);
  return known.began;
}
