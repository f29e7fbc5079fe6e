// What the editor's commands ask of a language. Our Go colours come from the engine, so CodeMirror's own language
// package with its parser framework, a sixth of the editor, would do nothing here: the build puts this file in its
// place (web/build/finish.mjs), with what is true of any text: brackets and white space.
import { Facet, StateField, countColumn, type EditorState } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

/** What a step of indentation is. */
export const indentUnit = Facet.define<string, string>({ combine: (values) => values[0] ?? "\t" });

/** Columns of a step of indentation. */
export function getIndentUnit(state: EditorState): number {
  return countColumn(state.facet(indentUnit), state.tabSize);
}

/** White space that reaches to a column. */
export function indentString(state: EditorState, columns: number): string {
  const tabs = state.facet(indentUnit).startsWith("\t") ? Math.floor(columns / state.tabSize) : 0;
  return "\t".repeat(tabs) + " ".repeat(columns - tabs * state.tabSize);
}

/** Where the language wants a line to begin: as the line before. */
export function getIndentation(): null {
  return null;
}

/** The lines around a place whose indentation is asked for. */
export class IndentContext {
  constructor(private readonly state: EditorState) {}

  lineIndent(position: number): number {
    const { text } = this.state.doc.lineAt(position);
    return countColumn(text.slice(0, text.length - text.trimStart().length), this.state.tabSize);
  }
}

/** The tree of a text without grammar: nothing but the place that is asked for. */
export function syntaxTree() {
  const nodeAt = (position: number) => ({
    from: position,
    to: position,
    type: { prop: () => undefined },
    childBefore: () => null,
    childAfter: () => null,
  });
  return { resolveInner: nodeAt, resolveStack: (position: number) => ({ node: nodeAt(position), next: null }) };
}

/** What the comparison of versions colours with: `reading.ts` sets it. */
export const language = Facet.define<{ parser: { parse(text: string): string } }, { parser: { parse(text: string): string } } | undefined>({
  combine: (values) => values[0],
});

/** Of a highlighter, which there is not. */
export const highlightingFor = () => null;

/** Of `@lezer/common`: names of what a node may know; ours know nothing. */
export const NodeProp = { closedBy: undefined, openedBy: undefined };

interface Part {
  from: number;
  to: number;
}

interface Match {
  start: Part;
  end?: Part;
  matched: boolean;
}

const BRACKETS = "()[]{}";
/** Brackets further away are not looked for: this runs at every move of the cursor. */
const FAR = 10_000;

/** The bracket after (1) or before (-1) a place that opens in that direction, and the one that closes it. */
export function matchBrackets(state: EditorState, position: number, direction: number): Match | null {
  const forward = direction > 0;
  const first = forward ? position : position - 1;
  const opening = (char: string) => BRACKETS.includes(char) && BRACKETS.indexOf(char) % 2 === (forward ? 0 : 1);
  if (first < 0 || first >= state.doc.length) return null;
  const mine = state.sliceDoc(first, first + 1);
  if (!opening(mine)) return null;
  const part = (from: number): Part => ({ from, to: from + 1 });
  const begin = forward ? first : Math.max(0, first + 1 - FAR);
  const text = state.sliceDoc(begin, forward ? begin + FAR : first + 1);
  let depth = 0;
  for (let at = first - begin; at >= 0 && at < text.length; at += direction) {
    const char = text.charAt(at);
    if (opening(char)) depth += 1;
    else if (BRACKETS.includes(char)) depth -= 1;
    if (depth > 0) continue;
    const matched = BRACKETS.indexOf(char) >> 1 === BRACKETS.indexOf(mine) >> 1;
    return { start: part(first), end: part(begin + at), matched };
  }
  const whole = forward ? begin + text.length === state.doc.length : begin === 0;
  return whole ? { start: part(first), matched: false } : null;
}

const pair = Decoration.mark({ class: "cm-matchingBracket" });
const stray = Decoration.mark({ class: "cm-nonmatchingBracket" });

function brackets(state: EditorState): DecorationSet {
  const marks = state.selection.ranges.flatMap(({ empty, head }) => {
    // A bracket before the cursor counts before one after it, whichever way it opens.
    const match = matchBrackets(state, head, -1) ?? matchBrackets(state, head - 1, 1)
      ?? matchBrackets(state, head, 1) ?? matchBrackets(state, head + 1, -1);
    if (!empty || match === null) return [];
    const { start, end, matched } = match;
    return [start, ...(end === undefined ? [] : [end])].map((part) => (matched ? pair : stray).range(part.from, part.to));
  });
  return Decoration.set(marks, true);
}

/** Shows the bracket that belongs to the one at the cursor. */
export const bracketMatching = StateField.define<DecorationSet>({
  create: brackets,
  update: (value, transaction) => (transaction.docChanged || transaction.selection ? brackets(transaction.state) : value),
  provide: (field) => EditorView.decorations.from(field),
});
