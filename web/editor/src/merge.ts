// What a file was before a change, in its code or beside it; loaded when somebody looks at a change.
import { history, historyKeymap, defaultKeymap, indentWithTab } from "@codemirror/commands";
import { MergeView, getChunks, goToNextChunk, goToPreviousChunk, unifiedMergeView, type Chunk } from "@codemirror/merge";
import { ChangeSet, Compartment, EditorState, StateEffect, StateField, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, keymap, lineNumbers, placeholder, type DecorationSet } from "@codemirror/view";
import { colouring, colours, setTokens } from "./colours";
import { marking, setFindings, type Mark } from "./findings";
import type { Editor } from "./main";
import { readable, tokens } from "./reading";
import { spelling } from "./spell";

/** What a file was, and how to show it. */
export interface Before {
  /** The file's number. */
  file: number;
  name: string;
  text: string;
  /** Old lines above new ones, old and new side by side, or what was there alone. */
  mode: "unified" | "split" | "before";
  readOnly: boolean;
  /** What stands in an empty version. */
  hint: string;
  /** Findings that the change has fixed, with their places in the text before it. */
  fixed: readonly Mark[];
  /** The user changed the text before. */
  changed(text: string): void;
  /** So many changes there are, and the cursor is at that one, from 1; at none, 0. */
  moved(count: number, at: number): void;
  /** The user pointed at something that is fixed. */
  picked(id: string): void;
}

/** A comparison that is shown. */
export interface Comparison {
  end(): void;
  /** Draws what the change has fixed. */
  fixed(marks: readonly Mark[]): void;
  /** Goes to the next change (1), or to the one before (-1). */
  step(by: number): void;
  /** Brings a place of the text before into view. */
  show(at: number): void;
  /** Puts the cursor into the text before, where that has an editor of its own. */
  focus(): void;
}

/** Characters up to which a difference is worth a close look; the library's own measure, for files as long as those of a session. */
const diffConfig = { scanLimit: 500, timeout: 200 };

/** What the comparison adds to the plain view. */
const part = new Compartment();

/** Shows what a file was before; the comparison that was shown ends. */
export function compare(editor: Editor, before: Before): void {
  editor.comparison?.end();
  const begin = { unified, split, before: alone }[before.mode];
  const { end, left } = begin(editor, before);
  const fixed = (marks: readonly Mark[]) => (left ?? editor.view).dispatch({ effects: (left ? setFindings : setFixed).of(marks) });
  editor.comparison = {
    end() {
      editor.comparison = undefined;
      const focused = editor.view.hasFocus || left?.hasFocus;
      end();
      if (focused) editor.view.focus();
    },
    fixed,
    step(by) {
      (by > 0 ? goToNextChunk : goToPreviousChunk)(editor.view);
      editor.view.focus();
    },
    show(at) {
      const view = left ?? editor.view;
      const place = left ? Math.min(at, before.text.length) : placeNow(getChunks(view.state)?.chunks ?? [], at);
      view.dispatch({ selection: { anchor: Math.min(place, view.state.doc.length) }, scrollIntoView: true });
    },
    focus: () => left?.focus(),
  };
  fixed(before.fixed);
  before.moved(...position(editor.view.state));
}

/** What ends a view, and the editor of what was there, if it has one. */
interface View {
  end(): void;
  left?: EditorView;
}

/** Old lines above the new ones, in the editor itself. */
function unified({ view }: Editor, before: Before): View {
  const extension = [
    unifiedMergeView({ original: before.text, mergeControls: false, diffConfig }), readable, whole, notes(before), counting(before),
  ];
  const known = part.get(view.state) !== undefined;
  view.dispatch({ effects: known ? part.reconfigure(extension) : StateEffect.appendConfig.of(part.of(extension)) });
  return { end: () => view.dispatch({ effects: part.reconfigure([]) }) };
}

/** Old and new side by side. */
function split(editor: Editor, before: Before): View {
  const plain = editor.view;
  const config = editor.config(plain.state);
  const merge = new MergeView({
    a: { doc: before.text, extensions: [old(editor, before), whole] },
    b: { ...config, extensions: [config.extensions ?? [], whole, counting(before)] },
    parent: editor.root, root: editor.root, diffConfig,
  });
  plain.dom.hidden = true;
  merge.dom.classList.toggle("is-empty", before.text === "");
  editor.view = merge.b;
  editor.again();
  const end = () => {
    plain.setState(EditorState.create(editor.config(merge.b.state)));
    merge.destroy();
    plain.dom.hidden = false;
    editor.view = plain;
    editor.again();
  };
  return { end, left: merge.a };
}

/** What was there, alone. */
function alone(editor: Editor, before: Before): View {
  const plain = editor.view;
  const view = new EditorView({ doc: before.text, extensions: old(editor, before), parent: editor.root, root: editor.root });
  plain.dom.hidden = true;
  const end = () => {
    view.destroy();
    plain.dom.hidden = false;
  };
  return { end, left: view };
}

/** An editor of what was there. */
function old({ classes }: Editor, before: Before): Extension {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return [
    lineNumbers(), history(), spelling, EditorState.tabSize.of(4), EditorState.readOnly.of(before.readOnly),
    EditorView.contentAttributes.of({ tabindex: "0", "aria-label": `${before.name} before the change${before.readOnly ? ", read-only" : ". Press Escape, then Tab to leave the editor"}` }),
    keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
    colour(before.text, classes), marking(before.picked), placeholder(before.hint),
    EditorView.updateListener.of(({ docChanged, view, startState, transactions }) => {
      if (!docChanged) return;
      // What was pasted is read from its beginning.
      const isPasted = startState.doc.length === 0 && transactions.some((one) => one.isUserEvent("input.paste"));
      if (isPasted) view.dispatch({ selection: { anchor: 0 }, scrollIntoView: true });
      view.dom.closest(".cm-mergeView")?.classList.toggle("is-empty", view.state.doc.length === 0);
      view.dispatch({ effects: setTokens.of(tokens(view.state.doc.toString(), classes)) });
      clearTimeout(timer);
      timer = setTimeout(() => before.changed(view.state.doc.toString()), 300);
    }),
    EditorView.domEventHandlers({ drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0 }),
  ];
}

/** The colours of a text that the engine does not hold. */
function colour(text: string, classes: readonly string[]): Extension {
  return [colouring(classes), colours.init((state) => ({ tokens: tokens(text, classes), since: ChangeSet.empty(state.doc.length) }))];
}

/** How many changes there are, and at which the cursor is. */
function position(state: EditorState): [number, number] {
  const chunks = getChunks(state)?.chunks ?? [];
  const { head } = state.selection.main;
  return [chunks.length, chunks.findIndex((chunk) => chunk.fromB <= head && head <= chunk.endB) + 1];
}

function counting({ moved }: Before): Extension {
  return EditorView.updateListener.of(({ state, startState, selectionSet, docChanged }) => {
    if (selectionSet || docChanged || getChunks(state)?.chunks !== getChunks(startState)?.chunks) moved(...position(state));
  });
}

const wholeLine = Decoration.line({ class: "whole" });

/** Lines that come or go as a whole: to mark their text as well would say nothing. */
const whole = StateField.define<DecorationSet>({
  create: wholeLines,
  update: (drawn, { state, startState }) => (getChunks(state)?.chunks === getChunks(startState)?.chunks ? drawn : wholeLines(state)),
  provide: (field) => EditorView.decorations.from(field),
});

function wholeLines(state: EditorState): DecorationSet {
  const { chunks = [], side = "b" } = getChunks(state) ?? {};
  const lines: Range<Decoration>[] = [];
  for (const { fromA, toA, fromB, toB } of chunks) {
    const [from, to] = side === "a" ? [fromA, toA] : [fromB, toB];
    if (fromA < toA && fromB < toB) continue;
    for (let at = from; at < to && at <= state.doc.length; at = state.doc.lineAt(at).to + 1) lines.push(wholeLine.range(state.doc.lineAt(at).from));
  }
  return Decoration.set(lines, true);
}

/** The place in the new text that one in the old text has become. */
function placeNow(chunks: readonly Chunk[], at: number): number {
  let [a, b] = [0, 0];
  for (const chunk of chunks) {
    if (at < chunk.fromA) break;
    if (at < chunk.toA) return chunk.fromB;
    [a, b] = [chunk.toA, chunk.toB];
  }
  return b + at - a;
}

/** Says below the lines that are gone what is fixed by that. */
class Fixed extends WidgetType {
  constructor(private readonly mark: Mark, private readonly picked: (id: string) => void) {
    super();
  }
  override eq(other: Fixed): boolean {
    return other.mark.id === this.mark.id;
  }
  override toDOM(): HTMLElement {
    const note = document.createElement("div");
    note.className = "fixed-note";
    const label = note.appendChild(document.createElement("strong"));
    label.textContent = this.mark.label;
    note.append(" ", this.mark.say.replaceAll("`", ""));
    note.addEventListener("click", () => this.picked(this.mark.id));
    return note;
  }
}

/** Replaces what is fixed. */
const setFixed = StateEffect.define<readonly Mark[]>();

/** The findings that are fixed, in the new text. */
function notes({ picked }: Before): Extension {
  let fixed: readonly Mark[] = [];
  const build = (state: EditorState): DecorationSet => {
    const chunks = getChunks(state)?.chunks ?? [];
    const ranges = fixed.map((mark): Range<Decoration> => {
      const at = Math.min(placeNow(chunks, mark.from), state.doc.length);
      // After the lines that are gone, before the ones that are there.
      return Decoration.widget({ widget: new Fixed(mark, picked), block: true, side: -0.5 }).range(state.doc.lineAt(at).from);
    });
    return Decoration.set(ranges, true);
  };
  return StateField.define<DecorationSet>({
    create: build,
    update(drawn, { state, startState, effects }) {
      const other = effects.find((effect) => effect.is(setFixed));
      fixed = other?.value ?? fixed;
      return other !== undefined || getChunks(state)?.chunks !== getChunks(startState)?.chunks ? build(state) : drawn;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}
