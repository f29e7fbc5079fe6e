// Findings in the text: underline, gutter mark, hover card. They move with the text until the engine sends new ones.
import { RangeSet, StateEffect, StateField, type EditorState, type Range, type Text } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutter, hoverTooltip, type DecorationSet } from "@codemirror/view";

/** One finding as the editor draws it. */
export interface Mark {
  id: string;
  from: number;
  to: number;
  /** `changed`: lines from and to, counted from 1, are new. `fixed`: it is in the text before a change that has removed it.
   *  `note`: somebody wrote `say` on line `from`. */
  severity: "low" | "medium" | "high" | "critical" | "changed" | "fixed" | "note";
  /** Spoken and shown name of the severity. */
  label: string;
  say: string;
  rule: string;
  selected: boolean;
}

const ORDER = ["low", "medium", "high", "critical"];

/** Replaces all findings of the document. */
export const setFindings = StateEffect.define<readonly Mark[]>();

interface Findings {
  marks: Map<string, Mark>;
  underlines: DecorationSet;
}

const none: Findings = { marks: new Map(), underlines: Decoration.none };

function underline(mark: Mark, length: number): Range<Decoration> | undefined {
  const from = Math.min(mark.from, length);
  const to = Math.min(Math.max(mark.to, from + 1), length);
  if (from >= to) return undefined;
  const chosen = mark.selected ? " mark-selected" : "";
  return Decoration.mark({ class: `mark mark-${mark.severity}${chosen}`, id: mark.id }).range(from, to);
}

const changed = Decoration.line({ class: "changed" });

function changedLines(marks: readonly Mark[], doc: Text): Range<Decoration>[] {
  const lines: Range<Decoration>[] = [];
  for (const { severity, from, to } of marks) {
    for (let line = from; severity === "changed" && line <= Math.min(to, doc.lines); line++) lines.push(changed.range(doc.line(line).from));
  }
  return lines;
}

function place(all: readonly Mark[], doc: Text): Findings {
  const marks = all.filter(({ severity }) => severity !== "changed" && severity !== "note");
  const ranges = marks.map((mark) => underline(mark, doc.length)).filter((range) => range !== undefined);
  ranges.push(...changedLines(all, doc));
  return { marks: new Map(marks.map((mark) => [mark.id, mark])), underlines: Decoration.set(ranges, true) };
}

const findings = StateField.define<Findings>({
  create: () => none,
  update(value, transaction) {
    if (transaction.docChanged) {
      value = { marks: value.marks, underlines: value.underlines.map(transaction.changes) };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setFindings)) value = place(effect.value, transaction.newDoc);
    }
    return value;
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.underlines),
});

/** Findings that touch a range, most severe first, with where they are now. */
export function findingsIn(state: EditorState, from: number, to: number): { mark: Mark; from: number; to: number }[] {
  const { marks, underlines } = state.field(findings);
  const found: { mark: Mark; from: number; to: number }[] = [];
  underlines.between(from, to, (start, end, decoration) => {
    const mark = marks.get(decoration.spec.id);
    if (mark !== undefined) found.push({ mark, from: start, to: end });
  });
  return found.sort((a, b) => ORDER.indexOf(b.mark.severity) - ORDER.indexOf(a.mark.severity));
}

/** Where a finding is now, if it is still drawn. */
export function placeOf(state: EditorState, id: string): { from: number; to: number } | undefined {
  return findingsIn(state, 0, state.doc.length).find((found) => found.mark.id === id);
}

class Dot extends GutterMarker {
  constructor(private readonly severity: string, private readonly selected: boolean) {
    super();
  }
  override eq(other: Dot): boolean {
    return this.severity === other.severity && this.selected === other.selected;
  }
  override toDOM(): Node {
    const dot = document.createElement("span");
    dot.className = `dot dot-${this.severity}${this.selected ? " dot-selected" : ""}`;
    return dot;
  }
}

function dots(view: EditorView): RangeSet<GutterMarker> {
  const lines = new Map<number, Dot>();
  const { from, to } = view.viewport;
  for (const { mark, from: start } of findingsIn(view.state, from, to).reverse()) {
    lines.set(view.state.doc.lineAt(start).from, new Dot(mark.severity, mark.selected));
  }
  return RangeSet.of([...lines].map(([line, dot]) => dot.range(line)), true);
}

/** What stands in backticks as code. */
function prose(text: string): Node[] {
  return text.split("`").map((part, at) => {
    if (at % 2 === 0) return document.createTextNode(part);
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

/** A card of text nodes only: what is shown may quote the user's code. */
function card(marks: readonly Mark[]): HTMLElement {
  const box = document.createElement("div");
  box.className = "cards";
  for (const mark of marks) {
    const item = box.appendChild(document.createElement("div"));
    item.className = `card card-${mark.severity}`;
    for (const [name, text] of [["label", mark.label], ["say", mark.say], ["rule", mark.rule]] as const) {
      const line = item.appendChild(document.createElement("div"));
      line.className = `card-${name}`;
      line.append(...prose(text));
    }
  }
  return box;
}

/** The extension; `picked` hears which finding was clicked. */
export function marking(picked: (id: string) => void) {
  const pick = (view: EditorView, from: number, to: number): boolean => {
    const first = findingsIn(view.state, from, to)[0];
    if (first !== undefined) picked(first.mark.id);
    return first !== undefined;
  };
  const bar = gutter({
    class: "cm-dots",
    markers: dots,
    lineMarkerChange: (update) => update.docChanged || update.transactions.some((t) => t.effects.length > 0),
    initialSpacer: () => new Dot("low", false),
    domEventHandlers: { mousedown: (view, line) => pick(view, line.from, line.to) },
  });
  const hover = hoverTooltip((view, position) => {
    const found = findingsIn(view.state, position, position);
    const first = found[0];
    if (first === undefined) return null;
    return {
      pos: first.from,
      end: first.to,
      above: true,
      create: () => ({ dom: card(found.map((item) => item.mark)) }),
    };
  }, { hoverTime: 250 });
  const click = EditorView.domEventHandlers({
    click(event, view) {
      if (event.ctrlKey || event.metaKey) return;
      const position = view.posAtCoords({ x: event.clientX, y: event.clientY });
      if (position !== null && view.state.selection.main.empty) pick(view, position, position);
    },
  });
  // Where a key moves the cursor, the card follows; a click has its own way.
  const moved = EditorView.updateListener.of(({ view, transactions }) => {
    const { head, empty } = view.state.selection.main;
    const byKey = transactions.some((one) => one.isUserEvent("select") && !one.isUserEvent("select.pointer"));
    if (byKey && empty) pick(view, head, head);
  });
  return [findings, bar, hover, click, moved];
}
