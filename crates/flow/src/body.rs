//! The flat program of a body.

use gopeer_syntax::ast::{ExprId, Node, StmtId};

/// Names a block of one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl BlockId {
    /// Where a body begins.
    pub const ENTRY: BlockId = BlockId(0);

    /// The index into side tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// Reads a variable; `at` is its `Ident`.
    Read,
    /// Writes `at`: a variable, a field, an element, what a pointer points to. A declaration with a value writes its names.
    Write,
    /// A variable begins to exist with its zero value; `at` is the declaring `Ident`.
    Zero,
    /// Takes the address of `at`.
    Addr,
    /// Makes a closure; `at` is the `FuncLit`, whose body is not part of this one.
    Make,
    /// Calls `at`.
    Call,
    /// Starts a goroutine that calls `at`.
    Go,
    /// Puts the call `at` off until the function is left. Callee and arguments are evaluated before.
    Defer,
    /// Follows the pointer that the selector, or the `*` expression, `at` begins with.
    Deref,
    /// Receives: `at` is the receive expression, or the subject of a `range`.
    Recv,
    /// Sends; `at` is the channel.
    Send,
    /// Something that could not be parsed: anything may have happened.
    Havoc,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Op {
    /// What it does.
    pub kind: OpKind,
    /// The expression whose evaluation, or assignment, it is.
    pub at: ExprId,
}

/// When an edge is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// Always.
    Always,
    /// The condition holds, or the case is equal to the tag.
    True,
    /// It does not.
    False,
    /// The clause with this index in the source is chosen.
    Clause(u32),
    /// No clause fits, and there is no `default`.
    NoClause,
    /// There is another element.
    More,
    /// There is none.
    Done,
    /// The goroutine panics, or ends itself.
    Unwind,
}

/// An edge to another block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it leads.
    pub to: BlockId,
    /// When it is taken.
    pub when: When,
}

/// How a block ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Goes on.
    Jump,
    /// Goes by a condition: one without `&&`, `||` and `!`, which are edges.
    If(ExprId),
    /// Goes by whether a case, which is not constant, is equal to the tag.
    Case(ExprId),
    /// Goes by a `Switch` all of whose cases are constant, or by a `TypeSwitch`.
    Switch(StmtId),
    /// Goes by a `Select`: any clause that is ready. Without clauses it waits for ever.
    Select(StmtId),
    /// Goes by whether a `Range` has another element.
    Range(StmtId),
    /// Returns; none where the end of the body is reached.
    Return(Option<StmtId>),
    /// The call panics or ends the goroutine; deferred calls run.
    Unwind(ExprId),
    /// The call ends the process.
    Stop(ExprId),
    /// The one block where all returns and unwinding lead.
    Exit,
}

/// Operations that run one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub(crate) ops: (u32, u32),
    pub(crate) edges: (u32, u32),
    /// How it ends.
    pub ending: Ending,
}

/// The flat program of one function, closure or fragment. Only blocks that can be reached are there, in reverse postorder: but
/// for loops, what runs earlier comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The `Decl::Func`, `Decl::Stmts` or `Expr::FuncLit`.
    pub node: Node,
    pub(crate) ops: Vec<Op>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) edges: Vec<Edge>,
}

impl Body {
    /// The blocks, by id. The first is where the body begins, the last where it is left.
    pub fn blocks(&self) -> impl DoubleEndedIterator<Item = (BlockId, &Block)> + ExactSizeIterator {
        self.blocks.iter().enumerate().map(|(at, block)| (BlockId(at as u32), block))
    }

    /// The block where all returns and unwinding lead; nothing leads there if the body never ends.
    pub fn exit(&self) -> BlockId {
        BlockId(self.blocks.len().saturating_sub(1) as u32)
    }

    /// How a block ends.
    pub fn ending(&self, block: BlockId) -> Ending {
        self.blocks.get(block.index()).map_or(Ending::Exit, |block| block.ending)
    }

    /// The operations of a block.
    pub fn ops(&self, block: BlockId) -> &[Op] {
        let range = self.blocks.get(block.index()).map_or((0, 0), |block| block.ops);
        self.ops.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    /// The edges out of a block, in the order of the source.
    pub fn edges(&self, block: BlockId) -> &[Edge] {
        let range = self.blocks.get(block.index()).map_or((0, 0), |block| block.edges);
        self.edges.get(range.0 as usize..range.1 as usize).unwrap_or_default()
    }

    /// How many operations there are.
    pub fn op_count(&self) -> usize {
        self.ops.len()
    }
}
