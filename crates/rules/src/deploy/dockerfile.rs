//! Reading a Dockerfile (Dockerfile reference): instructions, continued over lines, in stages.

use gopeer_lint::prelude::*;

/// An instruction.
pub(super) struct Instruction<'t> {
    /// The keyword in capitals: `FROM`.
    pub keyword: String,
    /// What follows it, continuation lines included.
    pub args: &'t str,
    /// Where `args` stands.
    pub span: Span,
    /// Where the keyword stands.
    pub head: Span,
}

/// A stage: a `FROM` and what follows it.
pub(super) struct Stage<'t, 'i> {
    /// The base image, or the name of an earlier stage.
    pub base: &'t str,
    /// Where the base stands.
    pub span: Span,
    /// The name after `AS`.
    pub name: Option<&'t str>,
    /// The instructions after the `FROM`.
    pub instructions: &'i [Instruction<'t>],
}

impl<'t> Instruction<'t> {
    /// The words with their places, without continuation marks and comments in between.
    pub fn words(&self) -> impl Iterator<Item = (&'t str, Span)> + '_ {
        let lines = self.args.split('\n').filter(|line| !line.trim_start().starts_with('#'));
        lines.flat_map(str::split_whitespace).filter(|word| *word != "\\").map(|word| {
            // A word is a slice of the arguments: its distance from their start is its place.
            let at = self.span.start + (word.as_ptr() as usize - self.args.as_ptr() as usize) as u32;
            (word, Span::new(at, at + word.len() as u32))
        })
    }
}

/// The instructions of a Dockerfile, in order.
pub(super) fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let mut found = Vec::new();
    let mut lines = lines(text);
    while let Some((start, line)) = lines.next() {
        let code = line.trim_start();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let start = start + line.len() - code.len();
        let mut end = start + code.trim_end().len();
        let mut last = code;
        while last.trim_end().ends_with('\\') || last.trim_start().starts_with('#') {
            let Some((at, next)) = lines.next() else { break };
            end = at + next.trim_end().len();
            last = next;
        }
        let whole = text.get(start..end).unwrap_or("");
        if let Some(mark) = heredoc(whole) {
            lines.by_ref().take_while(|(_, line)| line.trim() != mark).for_each(drop);
        }
        let keyword = whole.split_whitespace().next().unwrap_or("");
        let args = whole.get(keyword.len()..).unwrap_or("").trim_start();
        let head = Span::new(start as u32, (start + keyword.len()) as u32);
        let span = Span::new((end - args.len()) as u32, end as u32);
        found.push(Instruction { keyword: keyword.to_ascii_uppercase(), args, span, head });
    }
    found
}

/// The lines with the offsets they start at.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}

/// The word that ends the here-document which an instruction opens.
fn heredoc(instruction: &str) -> Option<&str> {
    let rest = instruction.split_once("<<")?.1.trim_start_matches('-').trim_start_matches(['"', '\'']);
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    rest.get(..end).filter(|mark| !mark.is_empty())
}

/// The stages, in order.
pub(super) fn stages<'t, 'i>(all: &'i [Instruction<'t>]) -> Vec<Stage<'t, 'i>> {
    let starts: Vec<usize> = all.iter().enumerate().filter(|(_, i)| i.keyword == "FROM").map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([all.len()]);
    starts.iter().zip(ends).filter_map(|(&start, end)| stage(all, start, end)).collect()
}

fn stage<'t, 'i>(all: &'i [Instruction<'t>], start: usize, end: usize) -> Option<Stage<'t, 'i>> {
    let from = all.get(start)?;
    let mut words = from.words().filter(|(word, _)| !word.starts_with("--"));
    let (base, span) = words.next()?;
    let name = match (words.next(), words.next()) {
        (Some((r#as, _)), Some((name, _))) if r#as.eq_ignore_ascii_case("as") => Some(name),
        _ => None,
    };
    Some(Stage { base, span, name, instructions: all.get(start + 1..end)? })
}

/// The last stage and those that it is based on, last first: what the image is made of.
pub(super) fn shipped<'a, 't, 'i>(stages: &'a [Stage<'t, 'i>]) -> Vec<&'a Stage<'t, 'i>> {
    let mut chain: Vec<&Stage> = Vec::new();
    let mut wanted: Option<&str> = None;
    // Each stage is built on one before it: the last of that name.
    for stage in stages.iter().rev() {
        let is_wanted = |base: &str| stage.name.is_some_and(|name| name.eq_ignore_ascii_case(base));
        if wanted.is_none_or(is_wanted) {
            chain.push(stage);
            wanted = Some(stage.base);
        }
    }
    chain
}

/// An image's repository without its tag and digest: `golang` of `golang:1.26@sha256:…`.
pub(super) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// The name of an official image of Docker: `golang` of `docker.io/library/golang:1.26`.
pub(super) fn official(image: &str) -> Option<&str> {
    let name = repository(image);
    let name = name.strip_prefix("docker.io/").map_or(name, |name| name.strip_prefix("library/").unwrap_or(name));
    (!name.contains(['/', '$'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_instructions_and_stages() {
        let text = "# syntax=docker/dockerfile:1\nFROM --platform=x golang:1.26 AS build\nrun a \\\n # why\n  b\nRUN <<EOF\nFROM x\nEOF\nFROM build\nCMD [\"/a\"]\n";
        let all = instructions(text);
        let shown: Vec<String> = all
            .iter()
            .map(|i| format!("{} {}", i.keyword, i.words().map(|(w, _)| w).collect::<Vec<_>>().join("|")))
            .collect();
        assert_eq!(
            shown,
            ["FROM --platform=x|golang:1.26|AS|build", "RUN a|b", "RUN <<EOF", "FROM build", "CMD [\"/a\"]"]
        );
        assert!(all.iter().all(|i| i.span.of(text) == i.args && i.words().all(|(word, span)| span.of(text) == word)));
        let stages = stages(&all);
        assert_eq!(shipped(&stages).iter().map(|s| s.base).collect::<Vec<_>>(), ["build", "golang:1.26"]);
    }

    #[test]
    fn repositories() {
        assert_eq!(repository("golang:1.26@sha256:ab"), "golang");
        assert_eq!(repository("host:5000/app"), "host:5000/app");
        assert_eq!(official("docker.io/library/golang:1.26"), Some("golang"));
        assert_eq!(official("docker.io/ann/golang"), None);
    }
}
