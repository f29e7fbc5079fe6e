/** A file of ours, read as `kind` says: text or json. */
export async function fetched(name, kind) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response[kind]();
}
