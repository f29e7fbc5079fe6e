// What the package does, wherever it runs: `read` gives the bytes of a file of the package by its name.
import init, { Reviewer } from "./gopeer.js";

/** Files as the engine takes them. */
function listed(files) {
  if (typeof files === "string") return [{ name: "main.go", text: files }];
  return Array.isArray(files) ? files : Object.entries(files).map(([name, text]) => ({ name, text }));
}

/** The files of the index are gzip, unless a server unpacked them on the way. */
async function unpacked(bytes) {
  const packed = new Uint8Array(bytes);
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function reviewer(read) {
  let started;
  let last = Promise.resolve();

  async function start() {
    await init({ module_or_path: await read("gopeer_bg.wasm") });
    const engine = new Reviewer();
    engine.speak(new Uint8Array(await read("voices.bin")));
    return engine;
  }

  async function once(files, { persona = "", before, remarks = [], answers = {} }) {
    started ??= start().catch((error) => {
      started = undefined;
      throw error;
    });
    const engine = await started;
    const began = performance.now();
    const wanted = engine.open(listed(files), before === undefined ? undefined : listed(before));
    const learn = async (name) => {
      if (!engine.learn(name, await unpacked(await read(`api/${name}`)))) throw new Error(`api/${name} is damaged.`);
    };
    await Promise.all(wanted.map(learn));
    const review = engine.review(persona, remarks, answers);
    review.stats.millis = performance.now() - began;
    return review;
  }

  // One engine, one review at a time.
  return (files, options = {}) => (last = last.catch(() => {}).then(() => once(files, options)));
}
