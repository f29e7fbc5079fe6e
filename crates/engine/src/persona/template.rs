//! What a reviewer of one's own starts from.

use super::BUILTIN;

/// The files of the built-in personas, in their order.
const SOURCES: [&str; 5] = [
    include_str!("../../personas/senior.md"),
    include_str!("../../personas/backend.md"),
    include_str!("../../personas/cloud-native.md"),
    include_str!("../../personas/data.md"),
    include_str!("../../personas/throughput.md"),
];

const INTRODUCTION: &str = "\
# A reviewer of your own. Change what you like: what you delete gets a plain default, but for id, name and tagline.
# docs/reviewer.md describes each part.
";

const RULES: &str = r#"
# Rules of your team: calls that it wants to hear of. They are found by type, whatever a package or a variable is called in the code,
# and their findings are team/NAME. Take the # away to try this one.
# [[rules]]
# name = "fixed-sleep"
# call = "time.Sleep"                                # or several: ["time.Sleep", "example.com/shop/clock.Wait"]
# severity = "medium"                                # low, medium, high or critical
# message = "`{call}` cannot be interrupted"
# note = "Wait for a timer and for ctx.Done() in a select."
# when = [{ argument = 1, more-than = "100ms" }]     # only calls like this
"#;

/// A file to start from: that of the built-in persona with this id, under another id and name.
pub fn template(from: &str) -> Option<String> {
    let source = BUILTIN.into_iter().zip(SOURCES).find(|(id, _)| *id == from)?.1;
    let (front, text) = source.strip_prefix("+++\n")?.split_once("\n+++\n")?;
    let line = |line: &str| match (line.strip_prefix("id = \""), line.strip_prefix("name = \"")) {
        (Some(id), _) => format!("id = \"our-{id}\n"),
        (_, Some(name)) => format!("name = \"Our {name}\n"),
        _ => format!("{line}\n"),
    };
    let (top, tables) = front.split_once("\n\n").unwrap_or((front, ""));
    let top: String = top.lines().map(line).collect();
    Some(format!("+++\n{INTRODUCTION}{top}\n{tables}\n{RULES}+++\n{text}"))
}
