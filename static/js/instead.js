// A view that takes the place of the page for a while: the presenter, or a sheet to print.

/**
 * Shows `view` instead of the page. `onKey` gets each key; the page gets none. Returns what brings the page back, as it was.
 */
export function instead(view, onKey) {
  const root = document.documentElement;
  const [focused, left, top, { title }] = [document.activeElement, scrollX, scrollY, document];
  const hidden = [...document.body.children].filter((element) => !element.hidden);
  for (const element of hidden) element.hidden = true;
  root.classList.add("is-away");
  document.body.append(view);
  scrollTo(0, 0);
  const hear = (event) => {
    event.stopImmediatePropagation();
    onKey(event);
  };
  addEventListener("keydown", hear, true);
  return () => {
    removeEventListener("keydown", hear, true);
    view.remove();
    root.classList.remove("is-away");
    for (const element of hidden) element.hidden = false;
    document.title = title;
    scrollTo(left, top);
    focused?.focus({ preventScroll: true });
  };
}
