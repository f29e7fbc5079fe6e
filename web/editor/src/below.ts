// What is drawn under lines: notes, a box to write one in, and the first sentence of findings. Loaded when there is any of it.
import { StateEffect, StateField, type EditorState, type Range } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";
import type { Mark } from "./findings";
import type { Editor } from "./main";

interface Below {
  picked(id: string): void;
  notes: readonly Mark[];
  findings: readonly Mark[];
  /** Where the line begins on which somebody writes a note. */
  writing: number | undefined;
  /** What is in the box so far: lines out of sight have no elements, and neither has a file that is not shown. */
  typed: Typed;
  drawn: DecorationSet;
}

interface Typed {
  text?: string;
}

/** Replaces notes and findings. */
const setMarks = StateEffect.define<Pick<Below, "notes" | "findings" | "picked">>();
/** Opens the box under a line, or closes it. */
const setWriting = StateEffect.define<number | undefined>();

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

function button(text: string, act: () => void): HTMLButtonElement {
  const made = element("button", "line-button", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

const lineOf = (view: EditorView, dom: HTMLElement) => view.state.doc.lineAt(view.posAtDOM(dom));

class Note extends WidgetType {
  constructor(private readonly text: string, private readonly locked: boolean) {
    super();
  }
  override eq(other: Note): boolean {
    return other.text === this.text && other.locked === this.locked;
  }
  override toDOM(view: EditorView): HTMLElement {
    const note = element("div", "line-note", element("strong", "", "Note"), element("p", "", this.text));
    const change = () => view.dispatch({ effects: setWriting.of(lineOf(view, note).from) });
    if (!this.locked) note.append(button("Change", change));
    return note;
  }
}

/** A box to write a note in: empty, it takes the note away. */
class Box extends WidgetType {
  constructor(private readonly text: string, private readonly typed: Typed) {
    super();
  }
  override eq(other: Box): boolean {
    return other.typed === this.typed;
  }
  override toDOM(view: EditorView): HTMLElement {
    const area = element("textarea", "line-text");
    area.value = this.typed.text ?? this.text;
    area.addEventListener("input", () => { this.typed.text = area.value; });
    area.rows = 3;
    area.setAttribute("aria-label", "Note on this line");
    const close = () => {
      view.dispatch({ effects: setWriting.of(undefined) });
      view.focus();
    };
    const save = () => {
      const detail = { line: lineOf(view, box).number, text: area.value.trim() };
      close();
      (view.root as ShadowRoot).host.dispatchEvent(new CustomEvent("note", { detail }));
    };
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
      else return event.stopPropagation();
      event.preventDefault();
      event.stopPropagation();
    });
    const actions = element("div", "line-actions", button("Save note", save), button("Cancel", close));
    if (this.text !== "") actions.append(button("Delete", () => { area.value = ""; save(); }));
    const box = element("div", "line-note", area, actions);
    requestAnimationFrame(() => area.focus());
    return box;
  }
}

/** The first sentence of a finding. */
class Said extends WidgetType {
  constructor(private readonly mark: Mark, private readonly picked: (id: string) => void) {
    super();
  }
  override eq({ mark }: Said): boolean {
    return mark.id === this.mark.id && mark.say === this.mark.say && mark.selected === this.mark.selected;
  }
  override toDOM(): HTMLElement {
    const { id, severity, label, say, selected } = this.mark;
    const sentence = /^.*?[.?!](?=\s|$)/s.exec(say)?.[0] ?? say;
    const said = element("div", `line-said line-${severity}${selected ? " line-selected" : ""}`, element("span", `dot dot-${severity}`));
    said.append(element("strong", "", label), " ", ...sentence.split("`").map((part, at) => (at % 2 === 1 ? element("code", "", part) : part)));
    said.addEventListener("click", () => this.picked(id));
    return said;
  }
}

function build(state: EditorState, { notes, findings, writing, typed, picked }: Omit<Below, "drawn">): DecorationSet {
  const { doc } = state;
  const under = (widget: WidgetType, at: number, side: number): Range<Decoration> =>
    Decoration.widget({ widget, block: true, side }).range(doc.lineAt(Math.min(at, doc.length)).to);
  const ranges = findings.map((mark) => under(new Said(mark, picked), mark.from, 1));
  const lineAt = writing === undefined ? 0 : doc.lineAt(Math.min(writing, doc.length)).number;
  for (const { from, say } of notes) {
    if (from !== lineAt && from <= doc.lines) ranges.push(under(new Note(say, state.readOnly), doc.line(from).from, 2));
  }
  if (lineAt > 0) ranges.push(under(new Box(notes.find(({ from }) => from === lineAt)?.say ?? "", typed), doc.line(lineAt).from, 2));
  return Decoration.set(ranges, true);
}

const below = StateField.define<Below>({
  create: () => ({ picked: () => {}, notes: [], findings: [], writing: undefined, typed: {}, drawn: Decoration.none }),
  update(value, { docChanged, changes, effects, state }) {
    if (docChanged) {
      const { writing, drawn } = value;
      value = { ...value, drawn: drawn.map(changes), writing: writing === undefined ? undefined : changes.mapPos(writing) };
    }
    for (const effect of effects) {
      if (effect.is(setMarks)) value = { ...value, ...effect.value };
      else if (effect.is(setWriting)) value = { ...value, writing: effect.value, typed: {} };
      else continue;
      value = { ...value, drawn: build(state, value) };
    }
    return value;
  },
  provide: (field) => EditorView.decorations.from(field, ({ drawn }) => drawn),
});

const SEVERITIES = ["critical", "high", "medium", "low"];

/** Draws the notes of a file, and its findings if they are wanted there. */
export function draw(editor: Editor, marks: readonly Mark[]): void {
  const { view, spelled } = editor;
  if (view.state.field(below, false) === undefined) view.dispatch({ effects: StateEffect.appendConfig.of(below) });
  const notes = marks.filter(({ severity }) => severity === "note");
  const findings = spelled ? marks.filter(({ severity }) => SEVERITIES.includes(severity)) : [];
  view.dispatch({ effects: setMarks.of({ notes, findings, picked: (id) => editor.pick(id) }) });
}

/** Opens the box under a line. */
export function write({ view }: Editor, line: number): void {
  const { from } = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ effects: [setWriting.of(from), EditorView.scrollIntoView(from, { y: "nearest", yMargin: 160 })] });
}
