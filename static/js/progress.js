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
  try {
    localStorage.removeItem(key(pack));
  } catch {
    // See above.
  }
}

/** The best score before the answers were shown; nothing if there was no try. */
export function best(pack, exercise) {
  const tries = read(pack)[exercise]?.tries ?? [];
  return tries.length > 0 ? Math.max(...tries.map(({ percent }) => percent)) : undefined;
}

/** Everything about a pack as the text of a file. */
export function exported(pack) {
  return `${JSON.stringify({ format: 1, kind: "gopeer-answers", pack, exercises: read(pack) }, null, 2)}\n`;
}
