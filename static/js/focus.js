// Keeps the focus near where it was. After Apply a card is gone, after a file is closed its tab: browsers drop the focus then,
// and whoever uses a keyboard would be back at the top of the page.
const FOCUSABLE = "button:not(:disabled), input:not(:disabled, [type=radio]:not(:checked)), summary, a[href], [tabindex='0']";
/** What comes and goes by itself. When it goes, the focus returns to where it was before. */
const PASSING = "dialog, .toasts, .banner, .crash";

/** What has the focus, and where it was last outside of what passes: the element, and its place in each ancestor. */
let focused, kept;

document.addEventListener("focusin", ({ target }) => {
  focused = target;
  if (target.closest(PASSING)) return;
  const trail = [];
  for (let child = target; child.parentElement; child = child.parentElement) {
    trail.push([child.parentElement, [...child.parentElement.children].indexOf(child)]);
  }
  kept = { element: target, trail };
});
// Whoever clicks beside everything wants no focus.
document.addEventListener("pointerdown", ({ target }) => {
  if (!target.closest(FOCUSABLE)) focused = kept = undefined;
});

const visible = (element) => (element?.checkVisibility() ? element : undefined);

/** The first thing in an element that can take the focus. */
function within(element) {
  return element.matches(FOCUSABLE) ? visible(element) : [...element.querySelectorAll(FOCUSABLE)].find(visible);
}

/** What is now where the focus was: the next in its place, or else the one before. */
function heir({ element, trail }) {
  if (element.isConnected) return visible(element);
  for (const [parent, at] of trail) {
    if (!parent.isConnected) continue;
    const children = [...parent.children];
    for (const child of [...children.slice(at), ...children.slice(0, at).reverse()]) {
      const found = within(child);
      if (found) return found;
    }
  }
  return undefined;
}

new MutationObserver(() => {
  if (!kept || focused?.isConnected || document.activeElement !== document.body) return;
  heir(kept)?.focus({ preventScroll: true });
}).observe(document, { childList: true, subtree: true });
