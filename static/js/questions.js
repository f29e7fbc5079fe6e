// The questions about what code does not show: the file that the engine reads as well (`crates/engine/src/questions.rs`).
import { once } from "./fetched.js";

/** Questions in their order: id, title, what is asked, and answers with id, label, a hint, and the rules that each of them matters for. */
function read(text) {
  const questions = [];
  const heading = (line) => /^#+ ([\w.-]+): (.*)$/.exec(line)?.slice(1);
  let last;
  for (const line of text.split("\n")) {
    if (line.startsWith("# ")) {
      const [id, title] = heading(line);
      last = { id, title, text: "", answers: [] };
      questions.push(last);
    } else if (line.startsWith("## ")) {
      const [id, label] = heading(line);
      last = { id, label, text: "", rules: new Set() };
      questions.at(-1).answers.push(last);
    } else if (line.startsWith("- ")) {
      const [, rules] = /^- \w+ (.*?): /.exec(line);
      for (const rule of rules.split(" ")) last.rules.add(rule);
    } else if (line) {
      last.text = line;
    }
  }
  return questions;
}

/** What did not come is asked for again the next time. */
export const questions = once(() => gopeer.loadQuestions().then(read));
