import type { Answers, FileText, Persona, Remark, Review } from "./protocol.js";

export * from "./protocol.js";

/** Text of one file (`main.go`), texts by slash-separated path, or a list. `go.mod`, `.gopeer.toml` and the file of a reviewer may be among them. */
export type Files = string | Readonly<Record<string, string>> | readonly FileText[];

export interface Options {
  /** Who reviews. Without it, the one that a `.gopeer.toml` among the files names or that one of them is, or `senior`. */
  persona?: Persona;
  /** What all the files were before a change: the review is of this change then. */
  before?: Files;
  /** What readers have said of findings: dismissed ones are among `suppressed`. */
  remarks?: readonly Remark[];
  /** What the code does not show, by the ids of the questions: it raises, lowers or leaves out the findings that depend on it. */
  answers?: Answers;
}

/**
 * Reviews Go files. What has not changed since the last call is not parsed again.
 * Rejects with an `Error` that says what is wrong: text that is too large or binary, an unknown persona, question or answer.
 */
export type ReviewFunction = (files: Files, options?: Options) => Promise<Review>;
export const review: ReviewFunction;

/** Gives the bytes of a file of the package: `gopeer_bg.wasm`, `api/std.bin`. */
export type Read = (name: string) => Promise<ArrayBuffer | Uint8Array>;

/** A `review` whose files are somewhere else: on a CDN, or where a bundler has put them. */
export function reviewer(read: Read): ReviewFunction;
