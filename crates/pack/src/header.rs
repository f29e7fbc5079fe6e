//! The text before the files: Markdown with a few keys.
//!
//! ```text
//! # Title
//! key: value
//!
//! Paragraphs.
//!
//! ## id: Title of a fault
//! key: value
//!
//! Paragraphs.
//! ```

/// What is wrong with a source, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, and what to write: one sentence without a full stop.
    pub message: String,
}

/// Makes a [`Problem`].
pub fn problem(line: u32, message: impl Into<String>) -> Problem {
    Problem { line, message: message.into() }
}

/// A heading and what is below it.
#[derive(Debug, Default)]
pub struct Section<'t> {
    /// The line of the heading.
    pub line: u32,
    /// The heading without its `#`.
    pub title: &'t str,
    /// Keys with their values and lines, in order.
    pub keys: Vec<(u32, &'t str, &'t str)>,
    /// The paragraphs, each on one line, with an empty line between them.
    pub text: String,
}

impl<'t> Section<'t> {
    /// The values of a key.
    pub fn values<'s>(&'s self, key: &'s str) -> impl Iterator<Item = (u32, &'t str)> + 's {
        self.keys.iter().filter(move |(_, name, _)| *name == key).map(|&(line, _, value)| (line, value))
    }

    /// Problems of keys that are none of these.
    pub fn strangers(&self, known: &[&str]) -> Vec<Problem> {
        let strange = self.keys.iter().filter(|(_, name, _)| !known.contains(name));
        let message = |name: &str| match known {
            [] => format!("`{name}` is not a key of an exercise; begin the text after an empty line"),
            _ => format!("`{name}` is not a key here; the keys are {}", known.join(", ")),
        };
        strange.map(|(line, name, _)| problem(*line, message(name))).collect()
    }
}

/// The first section, and those of the faults.
pub fn parse<'t>(lines: &[(u32, &'t str)]) -> Result<(Section<'t>, Vec<Section<'t>>), Problem> {
    let mut head: Option<Section> = None;
    let mut faults: Vec<Section> = Vec::new();
    let mut in_keys = false;
    for &(number, line) in lines {
        if let Some(title) = line.strip_prefix("## ") {
            faults.push(Section { line: number, title: title.trim(), ..Section::default() });
            in_keys = true;
            continue;
        }
        if let (Some(title), None) = (line.strip_prefix("# "), &head) {
            head = Some(Section { line: number, title: title.trim(), ..Section::default() });
            in_keys = true;
            continue;
        }
        let Some(section) = faults.last_mut().or(head.as_mut()) else {
            if line.trim().is_empty() {
                continue;
            }
            return Err(problem(number, "the first line must be the title: `# Title`"));
        };
        match key(line).filter(|_| in_keys) {
            Some((name, value)) => section.keys.push((number, name, value)),
            None => {
                in_keys = false;
                add(&mut section.text, line.trim());
            }
        }
    }
    let head = head.ok_or_else(|| problem(1, "there is no title: begin with `# Title`"))?;
    Ok((head, faults))
}

fn key(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    is_word.then(|| (name, value.trim()))
}

/// Adds a line to paragraphs: an empty one ends a paragraph.
fn add(text: &mut String, line: &str) {
    match (line.is_empty(), text.is_empty() || text.ends_with('\n')) {
        (true, false) => text.push_str("\n\n"),
        (true, true) => {}
        (false, starts) => {
            if !starts {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
}
