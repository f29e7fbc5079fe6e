// Go colours. The engine sends the tokens of a whole file; only those in view become decorations, so that a long file
// costs no more than a short one.
import { ChangeSet, RangeSetBuilder, StateEffect, StateField, type ChangeDesc } from "@codemirror/state";
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";

/** Triples `from, length, class`, in order, for the text as it is when the effect is dispatched. */
export const setTokens = StateEffect.define<Uint32Array>();

interface Colours {
  tokens: Uint32Array;
  /** What was typed since the engine saw the text. */
  since: ChangeDesc;
}

/** The tokens that the engine has sent. */
export const colours = StateField.define<Colours>({
  create: (state) => ({ tokens: new Uint32Array(), since: ChangeSet.empty(state.doc.length) }),
  update(value, transaction) {
    if (transaction.docChanged) {
      value = { tokens: value.tokens, since: value.since.composeDesc(transaction.changes.desc) };
    }
    for (const effect of transaction.effects) {
      if (effect.is(setTokens)) value = { tokens: effect.value, since: ChangeSet.empty(transaction.newDoc.length) };
    }
    return value;
  },
});

/** Index of the first token that ends after `position`. */
function firstAfter(tokens: Uint32Array, position: number): number {
  let low = 0;
  let high = tokens.length / 3;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle * 3]! + tokens[middle * 3 + 1]! <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

function decorate(view: EditorView, marks: readonly Decoration[]): DecorationSet {
  const { tokens, since } = view.state.field(colours);
  const back = since.invertedDesc;
  const builder = new RangeSetBuilder<Decoration>();
  let last = 0;
  for (const range of view.visibleRanges) {
    const end = back.mapPos(range.to, 1);
    for (let at = firstAfter(tokens, back.mapPos(range.from, -1)) * 3; at < tokens.length; at += 3) {
      const start = tokens[at]!;
      if (start >= end) break;
      const from = since.mapPos(start, 1);
      const to = since.mapPos(start + tokens[at + 1]!, -1);
      const mark = marks[tokens[at + 2]!];
      if (mark === undefined || from >= to || from < last) continue;
      builder.add(from, to, mark);
      last = to;
    }
  }
  return builder.finish();
}

/** The extension; `classes` names the token classes by number. */
export function colouring(classes: readonly string[]) {
  const marks = classes.map((name) => Decoration.mark({ class: `tok-${name}` }));
  const plugin = ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = decorate(view, marks);
      }
      update(update: ViewUpdate) {
        const fresh = update.transactions.some((transaction) => transaction.effects.some((e) => e.is(setTokens)));
        if (fresh || update.docChanged || update.viewportChanged) this.decorations = decorate(update.view, marks);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
  return [colours, plugin];
}
