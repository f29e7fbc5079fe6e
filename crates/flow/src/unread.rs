//! Values that nothing reads: on every path the variable is assigned to again, or its scope is left, before it is mentioned.

use std::collections::{BTreeMap, HashSet};

use gopeer_sema::Def;
use gopeer_syntax::ast::{ExprId, Stmt};

use crate::{Before, BlockId, Body, Ending, Input, OpKind, Root, Shared, is_deferred};

/// A place in a body where a variable is mentioned.
#[derive(Clone, Copy)]
struct Mention {
    block: BlockId,
    ident: ExprId,
    /// Whether it gets a value there; else its value is read.
    writes: bool,
}

impl Body {
    /// The identifiers by which locals get values that nothing reads. Variables are left out whose address is taken, or that closures
    /// mention which are not deferred. `results` are the named results of the function; `fuel` is what may be spent, in mentions and
    /// edges looked at: once it is spent, what was not looked at is left out.
    pub fn unread(
        &self,
        input: Input<'_>,
        (shared, before): (&Shared, &Before),
        results: &[ExprId],
        fuel: &mut u32,
    ) -> Vec<ExprId> {
        let is_own = |declared| input.tree.span(self.node).contains(input.tree.span(declared));
        let defers = self.defers();
        let mut found = Vec::new();
        for (declared, mentions) in self.mentions(input) {
            let mut closures = shared.closures(Root(declared)).peekable();
            let is_result = results.contains(&declared);
            let at_exit = closures.peek().is_some() || is_result && defers;
            if !is_own(declared) || !closures.all(|closure| is_deferred(input.tree, closure)) {
                continue;
            }
            let reads_at_end = |block| match self.ending(block) {
                Ending::Return(_) if at_exit => true,
                Ending::Return(Some(stmt)) if is_result => {
                    matches!(input.tree.stmt(stmt), Stmt::Return(list) if list.is_empty())
                }
                Ending::Return(None) => is_result,
                _ => false,
            };
            let Some(live) = self.live_at_end(&mentions, before, reads_at_end, fuel) else { break };
            let is_read = |at: usize, mention: &Mention| match mentions.get(at + 1) {
                Some(next) if next.block == mention.block => !next.writes,
                _ => live.contains(&mention.block),
            };
            let unread = mentions.iter().enumerate().filter(|(at, mention)| mention.writes && !is_read(*at, mention));
            found.extend(unread.map(|(_, mention)| mention.ident));
        }
        found.sort_unstable();
        found
    }

    /// Where each local of this body is mentioned, in the order of the operations, but for those whose address is taken.
    fn mentions(&self, input: Input<'_>) -> BTreeMap<ExprId, Vec<Mention>> {
        let mut all: BTreeMap<ExprId, Vec<Mention>> = BTreeMap::new();
        let mut addressed = HashSet::new();
        for (block, _) in self.blocks() {
            for op in self.ops(block) {
                let writes = match op.kind {
                    OpKind::Write | OpKind::Zero => true,
                    OpKind::Read => false,
                    OpKind::Addr => {
                        addressed.extend(local(op.at, input));
                        continue;
                    }
                    _ => continue,
                };
                if let Some(declared) = local(op.at, input) {
                    all.entry(declared).or_default().push(Mention { block, ident: op.at, writes });
                }
            }
        }
        all.retain(|declared, _| !addressed.contains(declared));
        all
    }

    /// The blocks at whose end the value of a variable may still be read; none once there is no fuel.
    fn live_at_end(
        &self,
        mentions: &[Mention],
        before: &Before,
        reads_at_end: impl Fn(BlockId) -> bool,
        fuel: &mut u32,
    ) -> Option<HashSet<BlockId>> {
        let mut first_is_read = BTreeMap::new();
        for mention in mentions {
            first_is_read.entry(mention.block).or_insert(!mention.writes);
        }
        let returns = before.into(self.exit()).map(|(block, _)| block).filter(|&block| reads_at_end(block));
        let mut live: HashSet<BlockId> = returns.collect();
        let through = live.iter().copied().filter(|block| !first_is_read.contains_key(block));
        let reading = first_is_read.iter().filter(|(_, reads)| **reads).map(|(block, _)| *block);
        // The blocks at whose beginning it may be read.
        let mut open: Vec<BlockId> = through.chain(reading).collect();
        *fuel = fuel.saturating_sub(mentions.len() as u32 + 1);
        while let Some(block) = open.pop() {
            for (from, _) in before.into(block) {
                *fuel = fuel.saturating_sub(1);
                if live.insert(from) && !first_is_read.contains_key(&from) {
                    open.push(from);
                }
            }
        }
        (*fuel > 0).then_some(live)
    }

    fn defers(&self) -> bool {
        self.blocks().any(|(block, _)| self.ops(block).iter().any(|op| op.kind == OpKind::Defer))
    }
}

/// The local that an identifier names, also as the bare key of a literal.
fn local(ident: ExprId, input: Input<'_>) -> Option<ExprId> {
    match (input.names.def(ident), input.names.key(ident)) {
        (Def::Local(declared), _) | (Def::Unknown, Def::Local(declared)) => Some(declared),
        _ => None,
    }
}
