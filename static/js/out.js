// What leaves the page: by the clipboard, or as a file.
import { button, make } from "./make.js";

/** Whether the clipboard took it. There is none on plain http. */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** A button that copies a text, or else selects the element that shows it, so that the reader can. */
export function copyButton(text, shown) {
  const copy = button("Copy", async () => {
    const done = await copied(text);
    if (!done) getSelection().selectAllChildren(shown);
    copy.textContent = done ? "Copied" : "Selected";
    setTimeout(() => { copy.textContent = "Copy"; }, 2_000);
  }, "small");
  copy.setAttribute("aria-live", "polite");
  return copy;
}

/** A box to copy from by hand. */
export function byHand(text, label) {
  const box = make("textarea", { className: "report copy-box", readOnly: true, rows: 6, value: text, ariaLabel: label });
  box.addEventListener("focus", () => box.select());
  return box;
}

export function save(name, text, type) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
