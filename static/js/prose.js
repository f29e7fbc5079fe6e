// Words: running text with code in it, and what things are called. The page has the same in `components/prose.rs` and `queries/names.rs`.
import { make } from "./make.js";

export const SEVERITIES = { critical: "Critical", high: "High", medium: "Medium", low: "Low" };
export const REVIEWERS = {
  senior: "Senior", backend: "Backend expert", "cloud-native": "Cloud-native", data: "Cassandra/Kafka", throughput: "High-throughput services",
};

/** Text in which backquotes mark code. Short code stays in one line. */
export function prose(text) {
  const code = (part) => make("code", { textContent: part, className: part.length <= 24 ? "short" : "" });
  return text.split("`").map((part, index) => (index % 2 === 1 ? code(part) : part));
}

export const counted = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** How much a reviewer cares about a rule. */
export function weight(rank) {
  if (rank >= 2.5) return "top priority";
  if (rank >= 1.5) return "important";
  return rank > 0 ? "minor" : "does not report it";
}
