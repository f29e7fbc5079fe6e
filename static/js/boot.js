// Starts the page. A classic script in the head, so that the chosen theme is there before the first paint; inline it
// would need a hole in the CSP. The build replaces each "./name" by the file's hashed name.
(() => {
  const base = document.currentScript.src;
  const at = (name) => new URL(name, base).href;
  const asks = new URLSearchParams(location.search);
  // The exercises of workshops are a page of their own.
  if (asks.has("pack")) return location.replace(`workshop.html${location.search}${location.hash}`);

  try {
    document.documentElement.dataset.theme = localStorage.getItem("gopeer.theme") ?? "auto";
  } catch {
    // Storage may be forbidden; then the system's theme is used.
  }

  // The engine's test hooks are open only where the address asks for them.
  const testing = asks.has("test");

  /** A file of ours, read as `kind` says: text or json. */
  async function fetched(name, kind) {
    const response = await fetch(at(name));
    if (!response.ok) throw new Error(`${name}: ${response.status}`);
    return response[kind]();
  }

  let codec;
  globalThis.gopeer = {
    loadSamples: () => fetched("./index.json", "json"),
    loadSample: (name) => fetched(`./${name}`, "text"),
    loadEditor: () => import(at("./editor.js")),
    // Kept once it is there; what did not come is asked for again.
    loadCodec() {
      codec ??= import(at("./codec.js"))
        .then((module) => module.default({ module_or_path: at("./codec_bg.wasm") }).then(() => module))
        .catch((error) => {
          codec = undefined;
          throw error;
        });
      return codec;
    },
    startEngine() {
      const worker = new Worker(at("./engine.js") + (testing ? "?test" : asks.get("sw") === "off" ? "?sw=off" : ""), { type: "module" });
      if (testing) globalThis.gopeer.engine = worker;
      // The engine is here, or does not come.
      for (const event of ["message", "error"]) worker.addEventListener(event, () => import(at("./late.js")).catch(() => {}), { once: true });
      return worker;
    },
  };

  function failed(error) {
    const box = document.getElementById("boot-failed");
    if (box === null) return;
    document.getElementById("boot-wait")?.remove();
    document.getElementById("boot-report").textContent = String(error?.stack ?? error);
    box.hidden = false;
  }

  // A link is opened by the page, but what opens it can be on its way before.
  if (location.hash.startsWith("#v")) globalThis.gopeer.loadCodec().catch(() => {});

  const embedded = asks.has("embed") && import(at("./embed.js")).catch(() => {});

  // Without it the page works all the same.
  import(at("./focus.js")).catch(() => {});
  Promise.all([import(at("./page.js")), embedded])
    .then(([page]) => page.default({ module_or_path: at("./page_bg.wasm") }))
    .catch(failed);
})();
