// What a review consists of. Made from crates/engine/src/protocol by tests/types.rs; do not edit.
// Positions are given twice: `start` and `end` are bytes of UTF-8, `from` and `to` are what JavaScript's strings count.

/** Answers to questions about what code does not show. */
export type Answers = {
  /** Load: runs once, for one user; thousands of requests or messages per second. */
  load?: "once" | "high",
  /** Consistency: every update counts, no stale reads; stale or approximate values are fine. */
  consistency?: "strict" | "loose",
  /** Delivery guarantee: at most once; at least once; exactly once, in effect. */
  delivery?: "at-most-once" | "at-least-once" | "exactly-once",
  /** Instances: one instance; several instances. */
  instances?: "one" | "several",
  /** Platform: Kubernetes, or another platform with rollouts. */
  platform?: "kubernetes",
  /** Network: reached from the internet; only inside a mesh that does mutual TLS. */
  network?: "public" | "mesh",
  /** Go version: Go 1.21 or older; Go 1.22; Go 1.23; Go 1.24 or newer. */
  go?: "1.21" | "1.22" | "1.23" | "1.24",
  /** Team conventions: we follow all of them; we have our own style. */
  conventions?: "strict" | "own",
};

/** Something that code does not show and that a review takes for granted. */
export type Assumption = {
  /** Id of the question. */
  question: string,
  /** Id of the answer. */
  answer: string,
  /** The answer in words, such as `at least once`. */
  said: string,
  /** Who says so. */
  by: SaidBy,
};

/** What a review of a change says besides the findings on changed lines and on those that the change makes wrong. */
export type Change = {
  /** The files that it changes. */
  files: Array<ChangedFile>,
  /** The findings that were there before and still are, on lines that it leaves alone; best first. */
  unchanged: Array<Finding>,
  /** The findings that it has removed, with their places before it; best first. */
  fixed: Array<Finding>,
};

/** A file that a change adds, rewrites, renames or deletes. */
export type ChangedFile = {
  /** Its name before; none where it is new. */
  before: string | null,
  /** Its name after; none where it is deleted. */
  after: string | null,
  /** The stretches of new lines, in order: the first line of each and the last, from 1. */
  lines: Array<[number, number]>,
};

/** How sure the rule is. */
export type Confidence = "low" | "medium" | "high";

/** Counts by severity. */
export type Counts = {
  /** Critical findings. */
  critical: number,
  /** High findings. */
  high: number,
  /** Medium findings. */
  medium: number,
  /** Low findings. */
  low: number,
};

/** What a reader decided about a finding. */
export type Decision = "open" | "accepted" | "dismissed";

/** One text replacement of a fix. */
export type Edit = {
  /** What is replaced. */
  place: Place,
  /** By what. */
  insert: string,
};

/** One file of a session: a name, unique in the session, and its whole text. */
export type FileText = {
  /** Slash-separated path as the user knows it, e.g. `internal/store/user.go`. */
  name: string,
  /** The text, byte for byte what the user has. */
  text: string,
};

/** One finding, framed by the persona. */
export type Finding = {
  /** Stable while the code around it is: rule, hash of the flagged text and its line, ordinal among equals. */
  id: string,
  /** Id of the rule, `category/name`. */
  rule: string,
  /** The rule's category. */
  category: string,
  /** How bad. */
  severity: Severity,
  /** How bad it would be without the reader's answers, where they change that; a remark in `related` says why. */
  was: Severity | null,
  /** How sure. */
  confidence: Confidence,
  /** Where. */
  place: Place,
  /** The fact, the same for every persona. */
  message: string,
  /** The fact as the persona puts it: with its own sentence where that was not said before in the review. */
  say: string,
  /** Remarks and second places. */
  related: Array<Related>,
  /** The way on which it happens, from where it begins to where it ends; empty where it takes no way to see it. */
  steps: Array<Step>,
  /** Where else the same cause shows: this finding stands for all, in whatever files they are. */
  also: Array<Place>,
  /** Fixes, best first. */
  fixes: Array<Fix>,
  /** The persona's score; findings are sorted by it, highest first (critical findings before all others). */
  score: number,
  /** FNV-1a hash of the trimmed text of the flagged lines: finds the place again when lines have moved. */
  snippet: number,
  /** The top-level declaration that it is in: `Load`, `Store.Load`; empty outside of any. */
  within: string,
  /** What a change under review has to do with it. */
  touched: Touched,
  /** What a reader said of it. */
  remark: Remark | null,
};

/** A fix: edits that do not overlap, applied together. */
export type Fix = {
  /** Imperative sentence: what applying it does. */
  title: string,
  /** Safe or suggested. */
  kind: FixKind,
  /** The edits. */
  edits: Array<Edit>,
};

/** Whether a fix may be applied unseen. */
export type FixKind = "none" | "suggested" | "safe";

/** A rule that met what it examines and found nothing wrong. */
export type Held = {
  /** Id of the rule. */
  rule: string,
  /** What it examined, in the plural: `TLS versions`. */
  examines: string,
  /** How many of them. */
  places: number,
  /** Index of the section that its findings would stand in. */
  section: number,
};

/** Where a library is read. */
export type LibraryPlace = "moduleCache" | "vendor" | "index";

/** A module that is imported, and where its types and deprecations are known from. */
export type LibrarySource = {
  /** The module's path. */
  module: string,
  /** The version that was read; empty where `vendor` does not say it. */
  version: string,
  /** Where it was read. */
  from: LibraryPlace,
};

/** Something the reader must know about the input itself: a place that is not analyzed, a fragment, a limit. */
export type Note = {
  /** One sentence. */
  message: string,
  /** Where, if anywhere. */
  place: Place | null,
};

/** Ids of the built-in reviewers. */
export type Persona = "senior" | "backend" | "cloud-native" | "data" | "throughput";

/** Who reviews. */
export type PersonaCard = {
  /** `senior`, `backend`, `cloud-native`, `data`, `throughput`, or a user's own. */
  id: string,
  /** Name in the page. */
  name: string,
  /** One line: what this reviewer looks at first. */
  tagline: string,
  /** Who this is, two sentences. */
  about: string,
};

/** A range and its file. */
export type Place = {
  /** Name of the file. */
  file: string,
  /** Where in it. */
  range: Range,
};

/** A range of one file. */
export type Range = {
  /** First byte. */
  start: number,
  /** Byte after the last. */
  end: number,
  /** First UTF-16 code unit. */
  from: number,
  /** UTF-16 code unit after the last. */
  to: number,
  /** Line of the first character, from 1. */
  line: number,
  /** Column of the first character, from 1, in Unicode scalar values. */
  column: number,
  /** Line of the end. */
  end_line: number,
  /** Column of the end (exclusive). */
  end_column: number,
};

/** A second place or remark that explains a finding. */
export type Related = {
  /** The remark. */
  message: string,
  /** Where, if anywhere. */
  place: Place | null,
};

/** What a reader says of one finding. */
export type Remark = {
  /** `Finding::id` when it was written. */
  finding: string,
  /** `Finding::key`, or 0 where only the id is known. */
  key: number,
  /** What was decided. */
  decision: Decision,
  /** A note, or the reason for the decision; may be empty. */
  text: string,
};

/** A whole review. */
export type Review = {
  /** Version of engine and rules, e.g. `0.1.0`. */
  engine: string,
  /** Who reviews. */
  persona: PersonaCard,
  /** One sentence, in the persona's voice. */
  verdict: string,
  /** Counts of `findings`. */
  counts: Counts,
  /** All findings, best first. */
  findings: Array<Finding>,
  /** How many of `findings` the persona shows opened; the rest is folded. */
  show: number,
  /** The persona's sections, in its order; each finding stands in exactly one. */
  sections: Array<Section>,
  /** Findings that are not shown. */
  suppressed: Array<Suppressed>,
  /** What is taken for granted. */
  assumptions: Array<Assumption>,
  /** The persona's questions, those that fit the code first. */
  questions: Array<string>,
  /** Checks that no tool can make. */
  checklist: Array<string>,
  /** What a reader said of questions and checks; whoever renders a review adds it. */
  ticked: Array<Ticked>,
  /** What was checked and held. */
  held: Array<Held>,
  /** About the input itself. */
  notes: Array<Note>,
  /** What is not Go that can be parsed, and so was not reviewed. */
  unparsed: Array<Note>,
  /** Where what is known of the libraries that the files import comes from, each module once, where sources are looked for. */
  sources: Array<LibrarySource>,
  /** Whether types, or what is known of packages, are still to come: there may be more to find then. */
  partial: boolean,
  /** Digest over rule ids and snippets: tells whether two reviews found the same. Zero where something is still to come or
   * could not be loaded: such a review cannot be compared. */
  digest: number,
  /** Of a review of a change: what there is besides the findings of the change. */
  change: Change | null,
  /** The work done. */
  stats: Stats,
};

/** Who says what code does not show. */
export type SaidBy = "reader" | "config" | "module";

/** A heading of the persona and what belongs under it. */
export type Section = {
  /** The heading. */
  title: string,
  /** Indices into `Review::findings`, best first. */
  findings: Array<number>,
  /** How many of its rules met what they examine here and found nothing to change. */
  rules: number,
  /** How many places they examined. */
  places: number,
  /** How many of its findings are not shown: silenced, left out, or known from a baseline. */
  hidden: number,
};

/** How bad it is. */
export type Severity = "low" | "medium" | "high" | "critical";

/** Why a finding is not shown. */
export type SilencedBy = "comment" | "config" | "purpose" | "unchanged" | "baseline" | "dismissed" | "answer";

/** How much work the review was. */
export type Stats = {
  /** Files in the session. */
  files: number,
  /** Those of them that the project's configuration leaves out. */
  excluded: number,
  /** Those of them that rules looked at. */
  reviewed: number,
  /** Lines in them. */
  lines: number,
  /** Bytes in them. */
  bytes: number,
  /** Top-level pieces in them. */
  pieces: number,
  /** Pieces parsed for this review; the rest came from the cache. */
  parsed: number,
  /** Pieces whose types were checked for this review. */
  checked: number,
  /** Pieces examined by rules for this review; the rest came from the cache. */
  examined: number,
  /** Questions about functions that were answered by looking at their bodies; the rest came from the cache. */
  solved: number,
  /** Milliseconds the worker took, filled in by whoever has a clock. */
  millis: number,
};

/** A step of the way on which something happens. */
export type Step = {
  /** What happens. */
  message: string,
  /** Where. */
  place: Place,
  /** Which goroutine does it, in words, where several are involved. */
  goroutine: string | null,
};

/** A finding that is not shown. */
export type Suppressed = {
  /** Id of the rule. */
  rule: string,
  /** Where. */
  place: Place,
  /** The fact that would have been said. */
  message: string,
  /** The reason that the comment gives, or empty; what the file is, where that decides: `an example`. */
  reason: string,
  /** By what. */
  by: SilencedBy,
  /** `Remark::finding`, where a reader dismissed it. */
  finding: string,
};

/** What a reader said of a question of the review or of an entry of its checklist. */
export type Ticked = {
  /** The question or entry. */
  text: string,
  /** Whether it is ticked. */
  done: boolean,
  /** A note; may be empty. */
  note: string,
};

/** What a change has to do with a finding. */
export type Touched = "unchanged" | "changed" | "affected" | "fixed";
