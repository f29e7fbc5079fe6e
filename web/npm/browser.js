// The package in browsers. The two addresses are written out, so that bundlers find the files and take them along.
import { reviewer } from "./core.js";

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}

const PROGRAM = "gopeer_bg.wasm";

export { reviewer };
export const review = reviewer((name) =>
  fetched(name === PROGRAM ? new URL("./gopeer_bg.wasm", import.meta.url) : new URL(`./${name}`, import.meta.url)));
