// Unpacks a zip archive; loaded when somebody opens one.
import { BlobReader, TextWriter, ZipReader, configure, type FileEntry } from "@zip.js/zip.js/lib/zip-core-custom.js";

/** A file of an archive. */
export interface Unpacked {
  name: string;
  text: string;
}

/** What a session takes at most: see `MAX_FILE_BYTES` and `read_files`. */
const MOST_BYTES = 1 << 20;
const MOST_FILES = 200;
/** What rules look at, and what configures them. */
const WANTED = /(\.go|\.ya?ml|\.dockerfile|(^|\/)(go\.mod|Dockerfile|Dockerfile\.[^/]*|\.gopeer\.toml))$/i;
const LEFT_OUT = /(^|\/)(vendor|node_modules|\.git|__MACOSX)\//;

/** The files of an archive that are reviewed, without the folder that all of them are in. */
export async function unpack(archive: Blob): Promise<Unpacked[]> {
  // The page's CSP has no place for a worker made of text, and an archive of source is small.
  configure({ useWebWorkers: false });
  const entries = await new ZipReader(new BlobReader(archive)).getEntries();
  const isWanted = (entry: { directory: boolean; encrypted: boolean; filename: string; uncompressedSize: number }) =>
    !entry.directory && !entry.encrypted && WANTED.test(entry.filename) && !LEFT_OUT.test(entry.filename) && entry.uncompressedSize <= MOST_BYTES;
  const wanted = entries.filter(isWanted).slice(0, MOST_FILES) as FileEntry[];
  const top = wanted[0]?.filename.split("/")[0];
  const isWrapped = wanted.every(({ filename }) => filename.startsWith(`${top}/`));
  const files: Unpacked[] = [];
  for (const entry of wanted) {
    const name = isWrapped ? entry.filename.slice(top!.length + 1) : entry.filename;
    files.push({ name, text: await entry.getData(new TextWriter()) });
  }
  return files;
}
