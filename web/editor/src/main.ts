// The editor of the page: CodeMirror in a shadow root, behind the few calls that the page makes (web/src/js/editor.rs).
// Offsets are UTF-16 code units. A file is known by the number that the page gave it and keeps its own undo history.
import { defaultKeymap, history, historyField, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import {
  Annotation, EditorState, Prec, type ChangeSet, type EditorStateConfig, type Extension, type StateEffect, type TransactionSpec,
} from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { colouring, setTokens } from "./colours";
import { bracketMatching, indentUnit } from "./language";
import { marking, placeOf, setFindings, type Mark } from "./findings";
import { inspecting, type Found } from "./inspect";
import { numbering, setSteps, type Step } from "./path";
import { spelling } from "./spell";
import type { Before, Comparison } from "./merge";
import type { Raised } from "./raised";
import sheet from "./editor.css";

/** One replacement. */
export interface Delta {
  from: number;
  to: number;
  insert: string;
}

/** What the editor tells the page. */
export interface Hooks {
  /** The user changed a file; the deltas apply one after another. */
  changed(file: number, deltas: Delta[]): void;
  /** The user pointed at a finding. */
  picked(id: string): void;
  /** The user pointed at a step of the selected finding's path. */
  stepPicked(number: number): void;
  /** The user pastes, perhaps over all there is; true when the page takes the text itself. */
  pasted(text: string, overAll: boolean): boolean;
  /** What is the name at this place? The page answers by `inspected`. */
  inspect(file: number, at: number, ticket: number): void;
  /** Show a place of a file. */
  goTo(file: string, from: number, to: number): void;
}

/** Marks changes that the page made itself: it needs no notice of them. */
const own = Annotation.define<boolean>();

interface Kept {
  name: string;
  readOnly: boolean;
  state: EditorState;
  scroll?: ReturnType<EditorView["scrollSnapshot"]>;
  marks: readonly Mark[];
  /** What was drawn last, by what draws it: another state of the same text begins with it. */
  drawn: StateEffect<unknown>[][];
}

/** Deltas that apply one after another, from changes that all speak of the old text. */
function inOrder(changes: ChangeSet): Delta[] {
  const deltas: Delta[] = [];
  changes.iterChanges((fromA, toA, fromB, _toB, inserted) => {
    deltas.push({ from: fromB, to: fromB + toA - fromA, insert: inserted.toString() });
  });
  return deltas;
}

/** Opens the search panel; where it cannot be fetched, the key did nothing. */
function find(view: EditorView): boolean {
  import("./search").then((search) => search.openSearch(view), () => undefined);
  return true;
}

/** Whether what is outside of the selection is blank. */
function coversAll({ doc, selection }: EditorState): boolean {
  const { from, to } = selection.main;
  const blank = (text: string) => !/\S/.test(text);
  return selection.ranges.length === 1 && blank(doc.sliceString(0, from)) && blank(doc.sliceString(to));
}

/** The editor. */
export class Editor {
  /** Where the file is shown: of a comparison side by side, the right one of its two. */
  view: EditorView;
  readonly root: ShadowRoot;
  /** With what the file was before. */
  comparison: Comparison | undefined;
  current = -1;
  /** Whether findings are shown under their lines. */
  spelled = false;
  private isTaught = false;
  /** Who raises what, once two reviewers have been compared. */
  private raised: readonly Raised[] | undefined;
  private readonly files = new Map<number, Kept>();
  private readonly asked = new Map<number, (found: Found | undefined) => void>();
  private tickets = 0;

  constructor(host: HTMLElement & { editor?: Editor }, private readonly hooks: Hooks, readonly classes: readonly string[]) {
    const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
    host.editor = this;
    this.root = root;
    const own = new CSSStyleSheet();
    own.replaceSync(sheet);
    root.adoptedStyleSheets = [own];
    this.view = new EditorView({ parent: root, root });
    // CodeMirror's own sheets come first: ours must win.
    root.adoptedStyleSheets = [...root.adoptedStyleSheets.filter((known) => known !== own), own];
  }

  /** Shows a file; `text` counts only when the file is new. */
  show(file: number, name: string, text: string, readOnly: boolean): void {
    if (file === this.current) return;
    this.comparison?.end();
    this.keep();
    this.asked.clear();
    const kept = this.files.get(file) ?? { name, readOnly, state: this.begin(name, text, readOnly), marks: [], drawn: [] };
    this.files.set(file, kept);
    this.current = file;
    this.view.setState(kept.state);
    void this.under();
    if (kept.scroll !== undefined) this.view.dispatch({ effects: kept.scroll });
  }

  /** Forgets a file and its history. */
  forget(file: number): void {
    if (file === this.current) {
      this.comparison?.end();
      this.current = -1;
    }
    this.files.delete(file);
  }

  /** Replaces a range of a file as one step to undo. */
  apply(file: number, from: number, to: number, insert: string): void {
    this.change(file, { changes: { from, to, insert }, annotations: [own.of(true), isolateHistory.of("full")] });
  }

  /** Puts text in place of the selection, as if it were typed. */
  insert(text: string): void {
    this.view.dispatch(this.view.state.replaceSelection(text), { userEvent: "input.paste", scrollIntoView: true });
  }

  /** Colours a file. */
  colour(file: number, tokens: Uint32Array): void {
    this.draw(file, 0, setTokens.of(tokens));
  }

  /** Draws the findings of a file, and the steps of the selected one. */
  mark(file: number, marks: Mark[], steps: Step[]): void {
    this.draw(file, 1, setFindings.of(marks), setSteps.of(steps));
    const kept = this.files.get(file);
    if (kept !== undefined) kept.marks = marks;
    void this.under();
  }

  /** Whether findings are shown under their lines as well. */
  spell(out: boolean): void {
    this.spelled = out;
    void this.under();
  }

  /** Draws who raises the findings of a line, where two reviewers are compared; an empty list ends that. */
  raise(all: readonly Raised[]): void {
    if (this.raised === undefined && all.length === 0) return;
    this.raised = all;
    void this.under();
  }

  /** Writes a note on a line, counted from 1. */
  async note(line: number): Promise<void> {
    const below = await import("./below");
    below.draw(this, this.files.get(this.current)?.marks ?? []);
    below.write(this, line);
  }

  /** Draws what is under lines, notes and findings if they are wanted there, and who raises what beside them. */
  private async under(): Promise<void> {
    const marks = () => this.files.get(this.current)?.marks ?? [];
    this.isTaught ||= this.spelled || marks().some(({ severity }) => severity === "note");
    if (this.isTaught) (await import("./below")).draw(this, marks());
    if (this.raised !== undefined) {
      const { draw } = await import("./raised");
      draw(this, this.files.get(this.current)?.name ?? "", this.raised);
    }
  }

  private draw(file: number, kind: number, ...effects: StateEffect<unknown>[]): void {
    const kept = this.files.get(file);
    if (kept !== undefined) kept.drawn[kind] = effects;
    this.change(file, { effects });
  }

  /** Compares the open file with what it was, or ends that. */
  async compare(before?: Before): Promise<void> {
    if (before === undefined) return this.comparison?.end();
    const { compare } = await import("./merge");
    if (before.file === this.current) compare(this, before);
  }

  /** Selects a finding. */
  pick(id: string): void {
    this.hooks.picked(id);
  }

  /** Shows a place of a file, which may not be the open one. */
  goTo(file: string, from: number, to: number): void {
    this.hooks.goTo(file, from, to);
  }

  /** The text and the history of a state, with more extensions than it had. */
  config(of: EditorState): EditorStateConfig {
    const { name, readOnly } = this.files.get(this.current)!;
    return {
      doc: of.doc,
      selection: of.selection,
      extensions: [this.extensions(name, readOnly), historyField.init(() => of.field(historyField))],
    };
  }

  /** Draws in a new state of the open file what there was in the one before. */
  again(): void {
    this.view.dispatch({ effects: (this.files.get(this.current)?.drawn ?? []).flat() });
    void this.under();
  }

  /** Selects a finding, or else the range where it was, and brings it into view. */
  reveal(id: string, from: number, to: number, focus: boolean): void {
    const { state } = this.view;
    const place = placeOf(state, id) ?? { from: Math.min(from, state.doc.length), to: Math.min(to, state.doc.length) };
    // What is in view already stays where it is: steps that are close together do not make the code jump.
    const yMargin = this.root.host.clientHeight / 3;
    this.view.dispatch({
      selection: { anchor: place.from },
      effects: EditorView.scrollIntoView(place.from, { y: "nearest", yMargin }),
    });
    if (focus) this.view.focus();
  }

  /** Brings a place into view, unless the reader has scrolled already. */
  glance(at: number): void {
    if (this.view.scrollDOM.scrollTop > 0) return;
    const place = Math.min(at, this.view.state.doc.length);
    this.view.dispatch({ effects: EditorView.scrollIntoView(place, { y: "nearest", yMargin: 100 }) });
  }

  /** Puts the cursor into the text, as it was in the plain text area. */
  focus(from: number): void {
    this.view.dispatch({ selection: { anchor: Math.min(from, this.view.state.doc.length) }, scrollIntoView: true });
    this.view.focus();
  }

  /** What the page knows of the name that was asked about. */
  inspected(ticket: number, found: Found | undefined): void {
    this.asked.get(ticket)?.(found);
    this.asked.delete(ticket);
  }

  private ask(at: number): Promise<Found | undefined> {
    return new Promise((answer) => {
      this.asked.set(++this.tickets, answer);
      this.hooks.inspect(this.current, at, this.tickets);
    });
  }

  private keep(): void {
    const kept = this.files.get(this.current);
    if (kept !== undefined) Object.assign(kept, { state: this.view.state, scroll: this.view.scrollSnapshot() });
  }

  private change(file: number, spec: TransactionSpec): void {
    if (file === this.current) this.view.dispatch(spec);
    else {
      const kept = this.files.get(file);
      if (kept !== undefined) kept.state = kept.state.update(spec).state;
    }
  }

  private begin(name: string, text: string, readOnly: boolean): EditorState {
    return EditorState.create({ doc: text, extensions: this.extensions(name, readOnly) });
  }

  private extensions(name: string, readOnly: boolean): Extension {
    const write = ({ state }: EditorView, at: number): boolean => {
      if (!readOnly) void this.note(state.doc.lineAt(at).number);
      return !readOnly;
    };
    return [
      lineNumbers({ domEventHandlers: { click: (view, { from }) => write(view, from) } }),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      history(),
      spelling,
      bracketMatching,
      indentUnit.of("\t"),
      EditorState.tabSize.of(4),
      EditorState.readOnly.of(readOnly),
      EditorView.contentAttributes.of({
        tabindex: "0",
        "aria-label": readOnly ? `Code of ${name}, read-only` : `Code of ${name}. Press Escape, then Tab to leave the editor`,
      }),
      Prec.high(keymap.of([{ key: "Mod-f", run: find }, { key: "Mod-Alt-m", run: (view) => write(view, view.state.selection.main.head) }])),
      keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
      colouring(this.classes),
      marking((id) => this.hooks.picked(id)),
      numbering((number) => this.hooks.stepPicked(number)),
      inspecting((at) => this.ask(at), (file, from, to) => this.hooks.goTo(file, from, to)),
      EditorView.domEventHandlers({
        paste: (event) => {
          const text = event.clipboardData?.getData("text/plain") ?? "";
          const taken = !readOnly && text !== "" && this.hooks.pasted(text, coversAll(this.view.state));
          if (taken) event.preventDefault();
          return taken;
        },
        // Files are the page's to open; CodeMirror would insert them as text.
        drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0,
      }),
      EditorView.updateListener.of((update) => {
        // What was asked of the text before is not answered any more.
        if (update.docChanged) this.asked.clear();
        for (const transaction of update.transactions) {
          if (transaction.docChanged && !transaction.annotation(own)) {
            this.hooks.changed(this.current, inOrder(transaction.changes));
          }
        }
      }),
    ];
  }
}
