//! Text to tree: tree-sitter under guard, then the lowering.

use std::ops::ControlFlow;

use tree_sitter::ParseOptions;

use crate::ast::{Decl, Tree};
use crate::lower::{self, Kinds};
use crate::mend::{Edit, What, mend};
use crate::rescue::rescue;
use crate::scan::scan;
use crate::{Comment, Progress, Span, SyntaxError};

/// The longest piece that is parsed, in bytes. Beyond it a piece is data rather than code, and one `Bad` node.
pub const MAX_PIECE: usize = 4 << 20;

/// Parses pieces, one after the other; keeps what it can use again.
pub struct Parser {
    inner: tree_sitter::Parser,
    kinds: Kinds,
    progress: Progress,
}

impl Default for Parser {
    fn default() -> Self {
        Parser::new()
    }
}

impl Parser {
    /// A parser of Go.
    pub fn new() -> Parser {
        let language = tree_sitter::Language::new(tree_sitter_go::LANGUAGE);
        let kinds = Kinds::new(&language);
        let mut inner = tree_sitter::Parser::new();
        // It fails only for a grammar of another generation, which the pinned versions rule out. Then nothing parses.
        let _ = inner.set_language(&language);
        Parser { inner, kinds, progress: Progress::default() }
    }

    /// Says who is told that a parse goes on.
    pub fn set_progress(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// The tree of a piece: of a declaration, or of any other text. What does not parse is `Bad` and named in
    /// [`Tree::errors`]. Takes bounded time.
    pub fn parse(&mut self, text: &str) -> Tree {
        self.progress.step();
        let found = scan(text);
        let refusal = if text.len() > MAX_PIECE {
            "this declaration is too long to be examined: more than 4 MB"
        } else if found.depth > lower::MAX_DEPTH {
            lower::TOO_DEEP
        } else {
            let mended = (!found.edits.is_empty()).then(|| mend(text, &found.edits));
            let (bytes, inserted) = mended.as_ref().map_or((text.as_bytes(), &[][..]), |(bytes, at)| (bytes, at));
            match self.parse_guarded(bytes) {
                Some(parsed) => {
                    let broken = parsed.root_node().has_error();
                    return match if broken { self.rescued(text, &found.edits) } else { None } {
                        Some((parsed, inserted)) => {
                            lower::lower(&parsed, &self.kinds, text, &inserted, found, &self.progress)
                        }
                        None => lower::lower(&parsed, &self.kinds, text, inserted, found, &self.progress),
                    };
                }
                None => "this declaration is too broken to be examined",
            }
        };
        refused(text, found.comments, refusal)
    }

    /// The grammar's own parse of a text and nothing else: what `cargo dev bench` measures against. Whether there was one.
    pub fn parse_bare(&mut self, text: &str) -> bool {
        self.inner.parse(text, None).is_some()
    }

    /// A parse without errors of a text that has some, if a second look helps, and where bytes were inserted for it.
    fn rescued(&mut self, text: &str, edits: &[Edit]) -> Option<(tree_sitter::Tree, Vec<u32>)> {
        let mut more = rescue(text);
        let twice = |new: &Edit| edits.iter().any(|edit| edit.at == new.at && matches!(edit.what, What::Byte(_)));
        more.retain(|edit| !twice(edit));
        if more.is_empty() {
            return None;
        }
        more.extend_from_slice(edits);
        let (bytes, inserted) = mend(text, &more);
        let parsed = self.parse_guarded(&bytes)?;
        (!parsed.root_node().has_error()).then_some((parsed, inserted))
    }

    fn parse_guarded(&mut self, bytes: &[u8]) -> Option<tree_sitter::Tree> {
        let mut guard = Guard::new(bytes);
        let progress = &self.progress;
        let mut watch = |state: &tree_sitter::ParseState| {
            progress.step();
            if guard.goes_on(state.current_byte_offset()) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut watch);
        let parsed =
            self.inner.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        if parsed.is_none() {
            self.inner.reset();
        }
        parsed
    }
}

/// Stops a parse that falls too far behind: tree-sitter's recovery from errors can cost the square of a text.
struct Guard {
    /// Where the code ends. What the parser does from there on takes a time that depends on the whole text.
    end: usize,
    /// How far the parser has read.
    reached: usize,
    /// How many bytes it should have read since.
    behind: usize,
}

impl Guard {
    /// How many bytes the parser should read between two calls, which are 100 of its steps apart. In all of Go's source, and
    /// in what is broken in ordinary ways, it reads at least 22 on average.
    const PACE: usize = 10;
    /// How many bytes it may fall behind.
    const SLACK: usize = 2_500;

    fn new(bytes: &[u8]) -> Guard {
        Guard { end: bytes.trim_ascii_end().len(), reached: 0, behind: 0 }
    }

    /// Whether the parser, which is at this byte now, may go on.
    fn goes_on(&mut self, at: usize) -> bool {
        self.behind = (self.behind + Guard::PACE).saturating_sub(at.saturating_sub(self.reached));
        self.reached = self.reached.max(at);
        self.behind <= Guard::SLACK + if at < self.end { 0 } else { self.end }
    }
}

/// A tree that says only that the text was not examined, and why.
fn refused(text: &str, comments: Vec<Comment>, why: &str) -> Tree {
    let whole = Span::new(0, text.len() as u32);
    let mut tree = Tree::new(text);
    let root = tree.push_decl(Decl::Bad, whole);
    let error = SyntaxError { span: whole, message: why.to_owned() };
    tree.finish(vec![root], comments, vec![error])
}
