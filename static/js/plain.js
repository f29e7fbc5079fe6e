/**
 * The state of a link to one file: the bytes of `Shared` in crates/link/src/state.rs, as postcard writes them. They are written here
 * as well because the module that does it besides is the page. The format of a released link never changes.
 */
export function state(file, code, persona) {
  const number = (value) => (value > 127 ? [(value & 127) | 128, ...number(value >>> 7)] : [value]);
  const string = (text) => {
    const bytes = new TextEncoder().encode(text);
    return [new Uint8Array(number(bytes.length)), bytes];
  };
  const [one, first] = [new Uint8Array([1]), new Uint8Array([0])];
  // Filter, focus, engine, digest, notes, verdicts, view, remarks, before, found and more: all empty.
  const rest = new Uint8Array(2 + 5 + 4 + 4);
  const parts = [one, ...string(file || "main.go"), ...string(code), first, ...string(persona || "senior"), rest];
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
