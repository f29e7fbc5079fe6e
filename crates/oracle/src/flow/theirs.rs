//! What go/cfg and ctrlflow say of a package: the reader of the files that go/flowfacts writes (their format is in its
//! functions.go).

use gopeer_syntax::Span;

/// What they say of a package.
#[derive(Debug)]
pub struct Package {
    /// Its import path.
    pub path: String,
    /// Its files.
    pub files: Vec<File>,
}

/// A file and its functions, literals included.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub name: String,
    /// Its functions.
    pub functions: Vec<Function>,
}

/// A function with a body.
#[derive(Debug)]
pub struct Function {
    /// Where its body starts in the file.
    pub start: u32,
    /// Whether it never returns.
    pub never: bool,
    /// The nodes of its graph: statements and conditions.
    pub nodes: Vec<Node>,
    /// The calls in it that can be reached and do not return.
    pub ends: Vec<Span>,
}

/// A node of go/cfg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it is in the file.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Whether it can be reached.
    pub live: bool,
    /// The last node that dominates it strictly.
    pub parent: Option<usize>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A variable of a `range`, which go/cfg sets once, before the loop.
    RangeVariable,
    /// A return, or the end of the body.
    Return,
    /// Any other.
    Plain,
}

impl Package {
    /// Reads a file's text; none where it is not what go/flowfacts writes.
    pub fn read(text: &str) -> Option<Package> {
        let mut package = Package { path: String::new(), files: Vec::new() };
        for line in text.lines() {
            package.line(line)?;
        }
        Some(package)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let fields: Vec<&str> = line.split('\t').collect();
        let span = |start: &str, end: &str| Some(Span::new(start.parse().ok()?, end.parse().ok()?));
        match fields[..] {
            ["package", path] => self.path = path.to_owned(),
            ["file", name] => self.files.push(File { name: name.to_owned(), functions: Vec::new() }),
            ["func", start, returns] => {
                let (start, never) = (start.parse().ok()?, returns == "never");
                let function = Function { start, never, nodes: Vec::new(), ends: Vec::new() };
                self.files.last_mut()?.functions.push(function);
            }
            ["node", start, end, kind, live, parent] => {
                let parent: i64 = parent.parse().ok()?;
                let node = Node {
                    span: span(start, end)?,
                    kind: Kind::of(kind)?,
                    live: live == "1",
                    parent: usize::try_from(parent).ok(),
                };
                self.function()?.nodes.push(node);
            }
            ["ends", start, end] => self.function()?.ends.push(span(start, end)?),
            _ => return None,
        }
        Some(())
    }

    fn function(&mut self) -> Option<&mut Function> {
        self.files.last_mut()?.functions.last_mut()
    }
}

impl Kind {
    fn of(letter: &str) -> Option<Kind> {
        match letter {
            "v" => Some(Kind::RangeVariable),
            "r" => Some(Kind::Return),
            "o" => Some(Kind::Plain),
            _ => None,
        }
    }
}
