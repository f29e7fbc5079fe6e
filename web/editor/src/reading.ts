// Colours of Go for reading: of text that the engine does not hold, what was there before a change. Comments, texts, numbers and
// keywords are enough. The build puts this file in the place of `@lezer/highlight`, which would bring a parser framework along.
import { language } from "./language";

const WORDS = "break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var";
const KINDS = ["comment", "string", "keyword", "number"];
const GO = new RegExp(
  `(\\/\\/.*|\\/\\*[^]*?(?:\\*\\/|$))|("(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?|\`[^\`]*\`?)|\\b(${WORDS})\\b|\\b(\\d[\\w.]*)`, "g");

function each(text: string, draw: (from: number, to: number, kind: string) => void): void {
  for (const found of text.matchAll(GO)) {
    draw(found.index, found.index + found[0].length, KINDS[found.slice(1).findIndex((part) => part !== undefined)]!);
  }
}

/** As the engine sends them: triples `from, length, class`. */
export function tokens(text: string, classes: readonly string[]): Uint32Array {
  const found: number[] = [];
  each(text, (from, to, kind) => found.push(from, to - from, classes.indexOf(kind)));
  return new Uint32Array(found);
}

/** For lines that are gone, which are drawn as a text of their own. */
export const readable = language.of({ parser: { parse: (text) => text } });

/** Of `@lezer/highlight`: the "tree" is the text itself. */
export function highlightTree(text: string, _: unknown, draw: (from: number, to: number, style: string) => void): void {
  each(text, (from, to, kind) => draw(from, to, `tok-${kind}`));
}
