//! The shape of a file as our parser sees it, with the place of each node, in the form that go/astshape/shape.go prints.

use std::fmt::Write;

use gopeer_syntax::Span;
use gopeer_syntax::ast::{
    AssignOp, BranchKind, ChanDir, Decl, DeclId, Expr, ExprId, ExprList, FieldList, GroupKind, LiteralKind, Stmt,
    StmtId, StmtList, Tree,
};

/// The shape of a file, given the trees of its pieces; with or without places.
pub fn shape(pieces: &[Tree], places: bool) -> String {
    let mut out = String::new();
    let mut base = 0;
    for tree in pieces {
        for &root in tree.roots() {
            Printer { tree, base, places, out: &mut out }.decl(root);
            out.push('\n');
        }
        base += tree.text().len() as u32;
    }
    out
}

struct Printer<'a> {
    tree: &'a Tree,
    base: u32,
    places: bool,
    out: &'a mut String,
}

impl Printer<'_> {
    fn decl(&mut self, id: DeclId) {
        match self.tree.decl(id) {
            Decl::Bad => self.part("bad"),
            Decl::Package { name } => self.node("package", &[name]),
            Decl::Group { kind, specs, parens } => {
                self.open(match kind {
                    GroupKind::Import => "import",
                    GroupKind::Const => "const",
                    GroupKind::Var => "var",
                    GroupKind::Type => "type",
                });
                if parens {
                    self.part("parens");
                }
                for &spec in self.tree.decls(specs) {
                    self.out.push_str("\n ");
                    self.spec(spec);
                }
                self.close();
            }
            Decl::Func { recv, name, ty, body } => {
                self.open("funcdecl");
                self.fields(recv);
                self.expr(name);
                self.expr(ty);
                self.opt_stmt(body);
                self.close();
            }
            Decl::Stmts(list) => {
                self.open("statements outside any function");
                self.stmts(list);
                self.close();
            }
            Decl::Import { .. } | Decl::Value { .. } | Decl::Type { .. } => self.spec(id),
        }
    }

    fn spec(&mut self, id: DeclId) {
        match self.tree.decl(id) {
            Decl::Import { name, path } => {
                self.open("import");
                self.opt(name);
                self.expr(path);
            }
            Decl::Value { names, ty, values, iota } => {
                self.open(&format!("value {iota}"));
                self.exprs(names);
                self.part(":");
                self.opt(ty);
                self.part("=");
                self.exprs(values);
            }
            Decl::Type { name, params, alias, ty } => {
                self.open("type");
                self.expr(name);
                self.fields(params);
                if alias {
                    self.part("=");
                }
                self.expr(ty);
            }
            _ => self.open("bad"),
        }
        self.close();
    }

    fn fields(&mut self, list: FieldList) {
        self.out.push_str(" [");
        for &id in self.tree.fields(list) {
            let field = self.tree.field(id);
            self.open("field");
            self.exprs(field.names);
            self.part(":");
            self.expr(field.ty);
            if field.tag.is_some() {
                self.opt(field.tag);
            }
            self.close();
        }
        self.out.push(']');
    }

    fn expr(&mut self, id: ExprId) {
        if !matches!(self.tree.expr(id), Expr::FuncType { .. }) {
            self.place(self.tree.span(id));
        }
        match self.tree.expr(id) {
            Expr::Bad => self.part("bad"),
            Expr::Ident => self.part(self.tree.source(id)),
            Expr::Literal(kind) => {
                self.open(match kind {
                    LiteralKind::Int => "INT",
                    LiteralKind::Float => "FLOAT",
                    LiteralKind::Imaginary => "IMAG",
                    LiteralKind::Rune => "CHAR",
                    LiteralKind::String | LiteralKind::RawString => "STRING",
                });
                self.part(&self.tree.source(id).replace('\r', ""));
                self.close();
            }
            Expr::Composite { ty, elems } => {
                self.open("composite");
                self.opt(ty);
                self.exprs(elems);
                self.close();
            }
            Expr::KeyValue { key, value } => self.node("kv", &[key, value]),
            Expr::FuncLit { ty, body } => {
                self.open("funclit");
                self.expr(ty);
                self.stmt(body);
                self.close();
            }
            Expr::Paren(x) => self.node("paren", &[x]),
            Expr::Selector { base, name } => self.node(".", &[base, name]),
            Expr::Index { base, args } => self.applied("index", base, args),
            Expr::Slice { base, lo, hi, max } => {
                self.open("slice");
                self.expr(base);
                [lo, hi, max].into_iter().for_each(|bound| self.opt(bound));
                self.close();
            }
            Expr::TypeAssert { base, ty } => {
                self.open("assert");
                self.expr(base);
                self.opt(ty);
                self.close();
            }
            Expr::Call { fun, args, spread } => self.applied(if spread { "call..." } else { "call" }, fun, args),
            Expr::Star(x) => self.node("star", &[x]),
            Expr::Unary { op, operand } => self.node(&format!("unary{}", op.as_str()), &[operand]),
            Expr::Binary { .. } => self.binary(id),
            _ => self.ty(id),
        }
    }

    /// A chain of left operands may be thousands long.
    fn binary(&mut self, id: ExprId) {
        let mut chain = Vec::new();
        let mut leftmost = id;
        while let Expr::Binary { op, lhs, rhs } = self.tree.expr(leftmost) {
            chain.push((op, leftmost, rhs));
            leftmost = lhs;
        }
        for (i, (op, id, _)) in chain.iter().enumerate() {
            if i > 0 {
                self.place(self.tree.span(*id));
            }
            self.open(op.as_str());
        }
        self.expr(leftmost);
        for (_, _, rhs) in chain.into_iter().rev() {
            self.expr(rhs);
            self.close();
        }
    }

    fn ty(&mut self, id: ExprId) {
        match self.tree.expr(id) {
            Expr::Ellipsis(elem) => {
                self.open("...");
                self.opt(elem);
                self.close();
            }
            Expr::ArrayType { len, elem } => {
                self.open("array");
                self.opt(len);
                self.expr(elem);
                self.close();
            }
            Expr::StructType { fields } => {
                self.open("struct");
                self.fields(fields);
                self.close();
            }
            Expr::InterfaceType { elems } => {
                self.open("interface");
                self.fields(elems);
                self.close();
            }
            Expr::FuncType { type_params, params, results } => {
                self.open("func");
                [type_params, params, results].into_iter().for_each(|list| self.fields(list));
                self.close();
            }
            Expr::MapType { key, value } => self.node("map", &[key, value]),
            Expr::ChanType { dir, elem } => {
                let head = match dir {
                    ChanDir::Both => "chan",
                    ChanDir::Send => "chan<-",
                    ChanDir::Recv => "<-chan",
                };
                self.node(head, &[elem]);
            }
            _ => self.part("bad"),
        }
    }

    fn stmt(&mut self, id: StmtId) {
        self.place(self.tree.span(id));
        match self.tree.stmt(id) {
            Stmt::Bad => self.part("bad"),
            Stmt::Empty => self.part("empty"),
            Stmt::Expr(x) => self.node("expr", &[x]),
            Stmt::Send { chan, value } => self.node("send", &[chan, value]),
            Stmt::IncDec { operand, inc } => self.node(if inc { "++" } else { "--" }, &[operand]),
            Stmt::Assign { lhs, op, rhs } => {
                match op {
                    AssignOp::Assign => self.open("assign="),
                    AssignOp::Define => self.open("assign:="),
                    AssignOp::Op(op) => self.open(&format!("assign{}=", op.as_str())),
                }
                self.exprs(lhs);
                self.part("<-");
                self.exprs(rhs);
                self.close();
            }
            Stmt::Go(call) => self.node("go", &[call]),
            Stmt::Defer(call) => self.node("defer", &[call]),
            Stmt::Return(results) => {
                self.open("return");
                self.exprs(results);
                self.close();
            }
            Stmt::Branch { kind, label } => {
                self.open(match kind {
                    BranchKind::Break => "break",
                    BranchKind::Continue => "continue",
                    BranchKind::Goto => "goto",
                    BranchKind::Fallthrough => "fallthrough",
                });
                self.opt(label);
                self.close();
            }
            Stmt::Block(list) => {
                self.open("block");
                self.stmts(list);
                self.close();
            }
            Stmt::Labeled { label, stmt } => {
                self.open("label");
                self.expr(label);
                self.stmt(stmt);
                self.close();
            }
            Stmt::Decl(decl) => self.decl(decl),
            compound => self.compound(compound),
        }
    }

    fn compound(&mut self, stmt: Stmt) {
        match stmt {
            Stmt::If { init, cond, then, els } => {
                self.open("if");
                self.opt_stmt(init);
                self.expr(cond);
                self.stmt(then);
                self.opt_stmt(els);
            }
            Stmt::Switch { init, tag, clauses } => {
                self.open("switch");
                self.opt_stmt(init);
                self.opt(tag);
                self.stmts(clauses);
            }
            Stmt::TypeSwitch { init, bind, guard, clauses } => {
                self.open("typeswitch");
                self.opt_stmt(init);
                self.opt(bind);
                self.expr(guard);
                self.stmts(clauses);
            }
            Stmt::Select { clauses } => {
                self.open("select");
                self.stmts(clauses);
            }
            Stmt::CaseClause { exprs, default, body } => {
                self.open("case");
                self.exprs(exprs);
                if default {
                    self.part("default");
                }
                self.stmts(body);
            }
            Stmt::CommClause { comm, body } => {
                self.open("comm");
                self.opt_stmt(comm);
                self.stmts(body);
            }
            Stmt::For { init, cond, post, body } => {
                self.open("for");
                self.opt_stmt(init);
                self.opt(cond);
                self.opt_stmt(post);
                self.stmt(body);
            }
            Stmt::Range { key, value, define, subject, body } => {
                self.open("range");
                if define {
                    self.part(":=");
                }
                self.opt(key);
                self.opt(value);
                self.expr(subject);
                self.stmt(body);
            }
            _ => self.open("bad"),
        }
        self.close();
    }

    /// Where a node starts and ends in the file.
    fn place(&mut self, span: Span) {
        if self.places {
            let Span { start, end } = span.offset(self.base);
            let _ = write!(self.out, " {start}-{end}");
        }
    }

    fn stmts(&mut self, list: StmtList) {
        for &id in self.tree.stmts(list) {
            self.out.push_str("\n ");
            self.stmt(id);
        }
    }

    fn opt_stmt(&mut self, id: Option<StmtId>) {
        match id {
            Some(id) => self.stmt(id),
            None => self.part("_"),
        }
    }

    fn exprs(&mut self, list: ExprList) {
        self.tree.exprs(list).iter().for_each(|&id| self.expr(id));
    }

    fn opt(&mut self, id: Option<ExprId>) {
        match id {
            Some(id) => self.expr(id),
            None => self.part("_"),
        }
    }

    fn applied(&mut self, head: &str, base: ExprId, args: ExprList) {
        self.open(head);
        self.expr(base);
        self.exprs(args);
        self.close();
    }

    fn node(&mut self, head: &str, parts: &[ExprId]) {
        self.open(head);
        parts.iter().for_each(|&id| self.expr(id));
        self.close();
    }

    fn open(&mut self, head: &str) {
        let _ = write!(self.out, " ({head}");
    }

    fn close(&mut self) {
        self.out.push(')');
    }

    fn part(&mut self, text: &str) {
        self.out.push(' ');
        self.out.push_str(text);
    }
}
