// Searching in the code; loaded when somebody searches.
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { Facet, StateEffect } from "@codemirror/state";
import { keymap, type EditorView } from "@codemirror/view";

/** Whether a file's state has learnt to search. */
const taught = Facet.define<boolean, boolean>({ combine: (values) => values.length > 0 });
const searching = [search({ top: true }), highlightSelectionMatches(), keymap.of([...searchKeymap]), taught.of(true)];

/** Opens the search panel. */
export function openSearch(view: EditorView): void {
  if (!view.state.facet(taught)) view.dispatch({ effects: StateEffect.appendConfig.of(searching) });
  openSearchPanel(view);
}
