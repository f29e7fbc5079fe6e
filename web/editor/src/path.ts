// The path of the selected finding: a number before what each step is about, and the line of the step that is shown.
import { StateEffect, StateField, type Range, type Text } from "@codemirror/state";
import { Decoration, EditorView, WidgetType, type DecorationSet } from "@codemirror/view";

/** One step as the editor draws it. */
export interface Step {
  /** From 1. */
  number: number;
  from: number;
  to: number;
  say: string;
  shown: boolean;
}

/** Replaces the path of the document. */
export const setSteps = StateEffect.define<readonly Step[]>();

class Badge extends WidgetType {
  constructor(private readonly step: Step, private readonly picked: (number: number) => void) {
    super();
  }
  override eq({ step }: Badge): boolean {
    return step.number === this.step.number && step.say === this.step.say && step.shown === this.step.shown;
  }
  override toDOM(): HTMLElement {
    const { number, say, shown } = this.step;
    const badge = document.createElement("span");
    badge.className = shown ? "step-number step-number-shown" : "step-number";
    badge.textContent = String(number);
    badge.title = say;
    badge.setAttribute("role", "img");
    badge.setAttribute("aria-label", `Step ${number}: ${say}`);
    // Without the focus: on a phone that would bring up the keyboard.
    badge.addEventListener("mousedown", (event) => event.preventDefault());
    badge.addEventListener("click", () => this.picked(number));
    return badge;
  }
}

function draw(steps: readonly Step[], doc: Text, picked: (number: number) => void): DecorationSet {
  const ranges = steps.flatMap((step): Range<Decoration>[] => {
    const from = Math.min(step.from, doc.length);
    const to = Math.min(step.to, doc.length);
    const drawn = [Decoration.widget({ widget: new Badge(step, picked), side: -1 }).range(from)];
    if (from < to) drawn.push(Decoration.mark({ class: step.shown ? "step step-shown" : "step" }).range(from, to));
    if (step.shown) drawn.push(Decoration.line({ class: "step-line" }).range(doc.lineAt(from).from));
    return drawn;
  });
  return Decoration.set(ranges, true);
}

/** The extension; `picked` hears which number was clicked. */
export function numbering(picked: (number: number) => void) {
  return StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(drawn, transaction) {
      for (const effect of transaction.effects) {
        if (effect.is(setSteps)) return draw(effect.value, transaction.newDoc, picked);
      }
      return drawn.map(transaction.changes);
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}
