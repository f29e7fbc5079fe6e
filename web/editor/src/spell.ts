// Characters that no reader sees, or that show code in another order than the compiler reads it, are written out.
import { type Range } from "@codemirror/state";
import { Decoration, ViewPlugin, WidgetType, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";

const HIDDEN = /[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff\u115f\u1160\u3164\uffa0]/g;

class Spelled extends WidgetType {
  constructor(private readonly name: string) {
    super();
  }
  override eq(other: Spelled): boolean {
    return this.name === other.name;
  }
  override toDOM(): HTMLElement {
    const box = document.createElement("span");
    box.className = "spelled";
    box.textContent = this.name;
    return box;
  }
}

function spell({ visibleRanges, state }: EditorView): DecorationSet {
  const found: Range<Decoration>[] = [];
  for (const { from, to } of visibleRanges) {
    for (const { 0: character, index } of state.sliceDoc(from, to).matchAll(HIDDEN)) {
      const name = `⟨U+${character.charCodeAt(0).toString(16).toUpperCase()}⟩`;
      found.push(Decoration.replace({ widget: new Spelled(name) }).range(from + index, from + index + 1));
    }
  }
  return Decoration.set(found);
}

export const spelling = ViewPlugin.fromClass(
  class {
    drawn: DecorationSet;
    constructor(view: EditorView) {
      this.drawn = spell(view);
    }
    update({ docChanged, viewportChanged, view }: ViewUpdate): void {
      if (docChanged || viewportChanged) this.drawn = spell(view);
    }
  },
  { decorations: ({ drawn }) => drawn },
);
