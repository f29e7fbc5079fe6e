// The package in browsers.
import { reviewer } from "./core.js";

const here = import.meta.url;

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}

export { reviewer };
// The program's address is written out, so that bundlers find the file and take it along; the index stays a folder beside the script.
export const review = reviewer((name) =>
  fetched(name === "gopeer_bg.wasm" ? new URL("./gopeer_bg.wasm", import.meta.url) : new URL(name, here)));
