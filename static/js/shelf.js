// The browser's store for what is known of Go modules. A file's name tells its content, so one store serves every build.
const SHELF = "gopeer";

/** The store. There is none on plain http and in some private windows. */
export async function open() {
  try {
    return await globalThis.caches?.open(SHELF);
  } catch {
    return undefined;
  }
}

/** The bytes at an address of ours. */
export async function fetched(address) {
  // What comes is read together: a line that stalls must not keep the rest waiting forever.
  const response = await fetch(address, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok) throw new Error(`${address.pathname}: ${response.status}`);
  return response.arrayBuffer();
}

/** Stores a file, if its content is what its name says, and removes its earlier versions. Returns whether it is stored. */
export async function keep(shelf, address, bytes) {
  const [, stem, hash] = /([^/]*)-([0-9a-f]{12})\.bin$/.exec(address.pathname) ?? [];
  if (!shelf || !stem || !(await sha256(bytes)).startsWith(hash)) return false;
  const other = new RegExp(`/${stem}-(?!${hash})[0-9a-f]{12}\\.bin$`);
  const older = (await shelf.keys()).filter(({ url }) => other.test(url));
  await shelf.put(address, new Response(bytes));
  await Promise.all(older.map((request) => shelf.delete(request)));
  return true;
}

async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
