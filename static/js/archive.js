// Zip archives: opened as the folder that they hold.
import { open as show } from "./page.js";

/** What is reviewed of an archive; an error is a sentence. */
export async function unpacked(file) {
  let files;
  try {
    const { unpack } = await gopeer.loadZip();
    files = await unpack(file);
  } catch (error) {
    console.warn(error);
    throw `${file.name} could not be unpacked: it is damaged, or the code that unpacks it could not be loaded.`;
  }
  if (files.length === 0) throw `${file.name} has no Go source in it.`;
  return files;
}

/** Opens an archive, as if its files had been dropped, or chosen in that field. */
export async function open(file, field) {
  try {
    const data = new DataTransfer();
    for (const { name, text } of await unpacked(file)) data.items.add(new File([text], name, { type: "text/plain" }));
    if (!field) return dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
    field.files = data.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  } catch (error) {
    // The dialog in which the archive was chosen makes room for what is said.
    field?.closest("dialog")?.querySelector(".modal-head button")?.click();
    show(new Uint8Array(), String(error));
  }
}
