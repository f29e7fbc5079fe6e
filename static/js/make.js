/** An element with properties and children. Text is text: nothing here reads HTML. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button; `kind` has further classes. */
export const button = (textContent, onclick, kind = "") => make("button", { type: "button", className: `button ${kind}`, textContent, onclick });
