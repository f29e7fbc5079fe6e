import { make } from "./make.js";

/** A file of ours, read as `kind` says: text or json. */
export async function fetched(name, kind) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response[kind]();
}

/** What is loaded when it is first asked for. What did not come is asked for again. */
export function once(load) {
  let there;
  return () => (there ??= load().catch((error) => {
    there = undefined;
    throw error;
  }));
}

/** Adds a style sheet; done when it is there. */
export const styled = (href) => new Promise((done, failed) => {
  document.head.append(make("link", { rel: "stylesheet", href, onload: done, onerror: () => failed(new Error(href)) }));
});
