// What a name is: a card under the pointer or at the cursor, the way to its declaration, and all its uses.
import { Prec, StateEffect, StateField, type EditorState } from "@codemirror/state";
import {
  Decoration, EditorView, ViewPlugin, closeHoverTooltips, hasHoverTooltips, hoverTooltip, keymap, showTooltip, tooltips,
  type DecorationSet, type Tooltip,
} from "@codemirror/view";
import { setFindings } from "./findings";

/** What the engine knows of a name (`Inspection` in crates/engine/src/protocol/mod.rs). */
export interface Found {
  from: number;
  to: number;
  code: string;
  value?: string;
  note?: string;
  link?: string;
  definition?: { file: string; from: number; to: number };
  uses: [from: number, to: number][];
}

/** Asks the engine; nothing comes where the text has changed since. */
export type Ask = (at: number) => Promise<Found | undefined>;

/** How long the cursor rests before the uses of its name are looked for. */
const PAUSE = 150;
/** How far cards stay from the window's sides, in pixels. */
const MARGIN = 8;
/** As in most editors: the key that a click goes to the declaration with. */
const held = /Mac/.test(navigator.platform) ? "metaKey" : "ctrlKey";

const setUses = StateEffect.define<Found["uses"]>();
const setCard = StateEffect.define<Tooltip | null>();
const use = Decoration.mark({ class: "use" });

const uses = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(value, transaction) {
    if (transaction.docChanged) value = Decoration.none;
    for (const effect of transaction.effects) {
      if (effect.is(setUses)) value = Decoration.set(effect.value.map(([from, to]) => use.range(from, to)), true);
    }
    return transaction.selection && value.size > 0 && !touches(value, transaction.newSelection.main.head) ? Decoration.none : value;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The card that a key has opened at the cursor. */
const card = StateField.define<Tooltip | null>({
  create: () => null,
  update(value, transaction) {
    if (transaction.docChanged || transaction.selection) value = null;
    for (const effect of transaction.effects) if (effect.is(setCard)) value = effect.value;
    return value;
  },
  provide: (field) => showTooltip.from(field),
});

function touches(ranges: DecorationSet, at: number): boolean {
  let found = false;
  ranges.between(at, at, () => { found = true; });
  return found;
}

const code = (found: Found) => (found.value === undefined ? found.code : `${found.code} = ${found.value}`);

/** Text nodes only: what is shown may quote the user's code. */
function drawn(found: Found): HTMLElement {
  const box = document.createElement("div");
  box.className = "info";
  const part = <K extends "code" | "p" | "a">(tag: K, text: string | undefined) => {
    if (text === undefined) return undefined;
    const element = box.appendChild(document.createElement(tag));
    element.textContent = text;
    return element;
  };
  part("code", code(found));
  part("p", found.note);
  const link = part("a", found.link?.replace("https://", ""));
  if (link !== undefined) {
    Object.assign(link, { href: found.link, target: "_blank", rel: "noopener noreferrer" });
  }
  return box;
}

function tooltip(found: Found): Tooltip {
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: drawn(found) }) };
}

function atWord(state: EditorState, at: number, side = 0): boolean {
  const word = state.wordAt(at);
  return word !== null && !(side < 0 && at === word.from) && !(side > 0 && at === word.to);
}

/** The extension; `goTo` shows a declaration. */
export function inspecting(ask: Ask, goTo: (file: string, from: number, to: number) => void) {
  const show = (view: EditorView, found: Found | undefined) => view.dispatch({
    effects: [
      setCard.of(found ? tooltip(found) : null),
      EditorView.announce.of(found ? [code(found), found.note, found.link].filter(Boolean).join(". ") : "Nothing is known about this name."),
    ],
  });
  /** The card at the cursor; a second time, the link in it. */
  const tell = (view: EditorView): boolean => {
    const link = view.state.field(card) && view.dom.querySelector<HTMLElement>(".info a");
    const { head } = view.state.selection.main;
    if (link) link.focus();
    else void ask(head).then((found) => view.state.selection.main.head === head && show(view, found));
    return true;
  };
  /** Goes to the declaration. Where it is not in the session, a card shows what is known. */
  const go = (view: EditorView, at: number): boolean => {
    const { head } = view.state.selection.main;
    void ask(at).then((found) => {
      if (view.state.selection.main.head !== head) return;
      const to = found?.definition;
      if (to) goTo(to.file, to.from, to.to);
      else show(view, found);
    });
    return true;
  };
  const hover = hoverTooltip(async (view, at, side) => {
    const found = atWord(view.state, at, side) ? await ask(at) : undefined;
    return found ? tooltip(found) : null;
  }, { hoverTime: 300, hideOnChange: true });

  const following = ViewPlugin.define((view) => {
    const look = () => {
      const { empty, head } = view.state.selection.main;
      if (!empty || !atWord(view.state, head)) return;
      void ask(head).then((found) => {
        const now = view.state.selection.main.head;
        if (found && found.from <= now && now <= found.to) view.dispatch({ effects: setUses.of(found.uses) });
      });
    };
    let timer = setTimeout(look, PAUSE);
    // On the document: a card under the pointer is there wherever the focus is.
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !(view.state.field(card) || hasHoverTooltips(view.state))) return;
      const inside = view.root.activeElement?.closest(".info");
      view.dispatch({ effects: [closeHoverTooltips, setCard.of(null)] });
      if (inside) view.focus();
    };
    document.addEventListener("keydown", escape);
    return {
      update(update) {
        const reviewed = update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(setFindings)));
        if (!update.selectionSet && !reviewed) return;
        clearTimeout(timer);
        timer = setTimeout(look, PAUSE);
      },
      destroy() {
        clearTimeout(timer);
        document.removeEventListener("keydown", escape);
      },
    };
  });
  const click = EditorView.domEventHandlers({
    mousedown(event, view) {
      const at = event[held] && event.button === 0 ? view.posAtCoords(event) : null;
      if (at === null) return false;
      event.preventDefault();
      return go(view, at);
    },
  });
  const keys = Prec.high(keymap.of([
    { key: "Mod-i", run: tell },
    { key: "F12", run: (view) => go(view, view.state.selection.main.head) },
  ]));
  const space = tooltips({ tooltipSpace: () => ({ top: 0, left: MARGIN, bottom: innerHeight, right: innerWidth - MARGIN }) });
  return [uses, card, hover, following, click, keys, space];
}
