/** An element with properties and children. Text is text: nothing here reads HTML. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A part of a picture: SVG. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A button; `kind` has further classes. */
export const button = (textContent, onclick, kind = "") => make("button", { type: "button", className: `button ${kind}`, textContent, onclick });
