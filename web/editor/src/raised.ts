// Who raises the findings of a line, where two reviewers are compared: A, B or both. Loaded with the first comparison.
import { Compartment, RangeSet, StateEffect, StateField, type Text } from "@codemirror/state";
import { EditorView, GutterMarker, gutter } from "@codemirror/view";
import type { Editor } from "./main";

/** A finding that one reviewer raises, or both. */
export interface Raised {
  id: string;
  who: "A" | "B" | "AB";
  file: string;
  from: number;
  /** Who raises it, and what it says. */
  say: string;
}

class Who extends GutterMarker {
  constructor(readonly all: readonly Raised[]) {
    super();
  }
  override eq({ all }: Who): boolean {
    return all.length === this.all.length && all.every(({ say }, at) => say === this.all[at]?.say);
  }
  override toDOM(): HTMLElement {
    const who = ["A", "B"].filter((one) => this.all.some((raised) => raised.who.includes(one))).join("");
    const mark = document.createElement("span");
    mark.className = `who who-${who}`;
    mark.textContent = who;
    mark.title = this.all.map(({ say }) => say.replaceAll("`", "")).join("\n");
    return mark;
  }
}

interface Marks {
  /** What they were made of: the places are those of the text then, and the marks have moved with it since. */
  all: readonly Raised[];
  drawn: RangeSet<Who>;
}

const setRaised = StateEffect.define<{ all: readonly Raised[]; file: string }>();

function place(all: readonly Raised[], doc: Text): RangeSet<Who> {
  const lines = new Map<number, Raised[]>();
  for (const raised of all) {
    const { from } = doc.lineAt(Math.min(raised.from, doc.length));
    lines.set(from, [...(lines.get(from) ?? []), raised]);
  }
  return RangeSet.of([...lines].map(([line, raised]) => new Who(raised).range(line)), true);
}

const marks = StateField.define<Marks>({
  create: () => ({ all: [], drawn: RangeSet.empty }),
  update(value, { changes, effects, newDoc }) {
    for (const effect of effects) {
      if (effect.is(setRaised)) return { all: effect.value.all, drawn: place(effect.value.all.filter(({ file }) => file === effect.value.file), newDoc) };
    }
    return changes.empty ? value : { ...value, drawn: value.drawn.map(changes) };
  },
});

/** The margin is there while there is a comparison. */
const margin = new Compartment();

function column(picked: (raised: Raised) => void) {
  const pick = (view: EditorView, line: number): boolean => {
    let first: Raised | undefined;
    view.state.field(marks).drawn.between(line, line, (_from, _to, { all }) => { first = all[0]; });
    if (first !== undefined) picked(first);
    return first !== undefined;
  };
  return [marks, gutter({
    class: "cm-who",
    markers: (view) => view.state.field(marks).drawn,
    domEventHandlers: { mousedown: (view, { from }) => pick(view, from) },
  })];
}

/** Draws who raises what in a file; without anything, there is no margin. */
export function draw(editor: Editor, file: string, all: readonly Raised[]): void {
  const { view } = editor;
  const known = view.state.field(marks, false);
  if (known?.all === all || (known === undefined && all.length === 0)) return;
  const inside = all.length > 0 ? column(({ id }) => editor.pick(id)) : [];
  if (margin.get(view.state) === undefined) view.dispatch({ effects: StateEffect.appendConfig.of(margin.of(inside)) });
  else if (known === undefined || all.length === 0) view.dispatch({ effects: margin.reconfigure(inside) });
  if (all.length > 0) view.dispatch({ effects: setRaised.of({ all, file }) });
}
