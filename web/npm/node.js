// The package in Node.js, Deno and Bun.
import { readFile } from "node:fs/promises";
import { reviewer } from "./core.js";

export { reviewer };
export const review = reviewer((name) => readFile(new URL(name, import.meta.url)));
