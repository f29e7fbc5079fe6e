//! Files in one text: the txtar format of golang.org/x/tools/txtar, with the line on which each begins.

/// A file of an archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'t> {
    /// Its name.
    pub name: &'t str,
    /// Its lines, each with its number in the archive, from 1.
    pub lines: Vec<(u32, &'t str)>,
}

/// The text before the first file, and the files.
pub fn parse(text: &str) -> (Vec<(u32, &str)>, Vec<Entry<'_>>) {
    let mut comment = Vec::new();
    let mut files: Vec<Entry> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match (name(line), files.last_mut()) {
            (Some(name), _) => files.push(Entry { name, lines: Vec::new() }),
            (None, Some(file)) => file.lines.push((number, line)),
            (None, None) => comment.push((number, line)),
        }
    }
    // An empty line before the next file is for the reader.
    for file in &mut files {
        while file.lines.last().is_some_and(|(_, line)| line.trim().is_empty()) {
            file.lines.pop();
        }
    }
    (comment, files)
}

fn name(line: &str) -> Option<&str> {
    let name = line.strip_prefix("-- ")?.trim_end().strip_suffix(" --")?.trim();
    (!name.is_empty()).then_some(name)
}
