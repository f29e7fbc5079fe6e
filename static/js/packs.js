// Packs of exercises that do not come from this site: dropped, or in a link. The browser's store keeps them, so that they open again.
import { open } from "./shelf.js";

/** Begins the name of such a pack in an address. */
export const KEPT = "~";

const at = (id) => new URL(`kept/${encodeURIComponent(id)}.json`, location.href).href;

/** Whether a file looks like a pack. What is wrong with it is said where it is opened. */
export function isPack(text) {
  try {
    return Array.isArray(JSON.parse(text).exercises);
  } catch {
    return false;
  }
}

/** Keeps a pack, and gives the name by which it opens again. There is none where the browser stores nothing. */
export async function keep(text) {
  try {
    const { id } = JSON.parse(text);
    await (await open()).put(at(id), new Response(text));
    return `${KEPT}${id}`;
  } catch {
    return undefined;
  }
}

/** The text of a pack that was kept. */
export async function kept(name) {
  return (await (await open())?.match(at(name.slice(KEPT.length))))?.text();
}

/** The text of a pack of this site: as it is now or, without a network, as it was when it was last read. */
export async function read(url) {
  const shelf = await open().catch(() => undefined);
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`There is no pack at ${url.pathname}.`);
    const text = await response.text();
    await shelf?.put(url.href, new Response(text)).catch(() => {});
    return text;
  } catch (error) {
    const before = await shelf?.match(url.href);
    if (!before) throw error;
    return before.text();
  }
}
