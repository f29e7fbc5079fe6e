//! A body as text, for people and tests, and as a graph.

use std::fmt::Write;

use gopeer_syntax::Tree;

use crate::{BlockId, Body, Ending, Op, OpKind, When};

impl Body {
    /// The blocks, one a paragraph: operations, and where it leads when.
    pub fn text(&self, tree: &Tree) -> String {
        let mut out = String::new();
        for (block, _) in self.blocks() {
            let _ = writeln!(out, "b{}:", block.0);
            for op in self.ops(block) {
                let _ = writeln!(out, "  {}", shown(op, tree));
            }
            let _ = writeln!(out, "  {}", self.leaving(block, tree));
        }
        out
    }

    /// The graph in the language of Graphviz.
    pub fn dot(&self, tree: &Tree) -> String {
        let mut out = "digraph {\n  node [shape=box fontname=monospace]\n".to_owned();
        for (block, _) in self.blocks() {
            let mut lines = vec![format!("b{}", block.0)];
            lines.extend(self.ops(block).iter().map(|op| shown(op, tree)));
            lines.extend(ending(self.ending(block), tree));
            let label: String = lines.iter().map(|line| format!("{}\\l", line.escape_default())).collect();
            let _ = writeln!(out, "  b{} [label=\"{label}\"]", block.0);
            for edge in self.edges(block) {
                let _ = writeln!(out, "  b{} -> b{} [label=\"{}\"]", block.0, edge.to.0, when(edge.when));
            }
        }
        out.push_str("}\n");
        out
    }

    fn leaving(&self, block: BlockId, tree: &Tree) -> String {
        let edge = |edge: &crate::Edge| match when(edge.when).as_str() {
            "" => format!("b{}", edge.to.0),
            when => format!("{when} b{}", edge.to.0),
        };
        let edges: Vec<String> = self.edges(block).iter().map(edge).collect();
        let parts = [ending(self.ending(block), tree), (!edges.is_empty()).then(|| format!("-> {}", edges.join(", ")))];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

fn shown(op: &Op, tree: &Tree) -> String {
    let name = match op.kind {
        OpKind::Read => "read",
        OpKind::Write => "write",
        OpKind::Zero => "zero",
        OpKind::Addr => "addr",
        OpKind::Make => "make",
        OpKind::Call => "call",
        OpKind::Go => "go",
        OpKind::Defer => "defer",
        OpKind::Deref => "deref",
        OpKind::Recv => "recv",
        OpKind::Send => "send",
        OpKind::Havoc => "havoc",
    };
    format!("{name} {}", first_line(tree.source(op.at)))
}

fn ending(ending: Ending, tree: &Tree) -> Option<String> {
    let text = |what: &str, source: &str| Some(format!("{what} {}", first_line(source)));
    match ending {
        Ending::Jump => None,
        Ending::If(cond) => text("if", tree.source(cond)),
        Ending::Case(case) => text("case", tree.source(case)),
        Ending::Switch(stmt) => text("choose", tree.source(stmt)),
        Ending::Select(stmt) => text("wait", tree.source(stmt)),
        Ending::Range(stmt) => text("next", tree.source(stmt)),
        Ending::Return(Some(stmt)) => Some(first_line(tree.source(stmt)).to_owned()),
        Ending::Return(None) => Some("return".to_owned()),
        Ending::Unwind(_) => Some("unwind".to_owned()),
        Ending::Stop(_) => Some("stop".to_owned()),
        Ending::Exit => Some("exit".to_owned()),
    }
}

fn when(when: When) -> String {
    match when {
        When::Always => String::new(),
        When::True => "true".to_owned(),
        When::False => "false".to_owned(),
        When::Clause(at) => format!("clause {at}"),
        When::NoClause => "no clause".to_owned(),
        When::More => "more".to_owned(),
        When::Done => "done".to_owned(),
        When::Unwind => "unwind".to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
