//! Functions whose promise is written elsewhere: in a route, a .proto file, the comment of a type, or their one line.

use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

/// Types of a file.
#[derive(Default)]
pub(super) struct Types {
    /// Those with a comment.
    documented: Vec<String>,
    /// Those that the file asserts to implement an interface, whose methods have comments of their own:
    /// `var _ I = (*T)(nil)`.
    asserted: Vec<String>,
}

impl Types {
    /// Whether the file asserts that the type implements an interface.
    pub(super) fn asserts(&self, ty: &str) -> bool {
        self.asserted.iter().any(|asserted| asserted == ty)
    }
}

/// Adds the types of a piece.
pub(super) fn collect(cx: &Cx, types: &mut Types) {
    for &root in cx.tree.roots() {
        let Decl::Group { specs, .. } = cx.decl(root) else { continue };
        for &spec in cx.tree.decls(specs) {
            match cx.decl(spec) {
                Decl::Type { name, .. } if is_documented(cx, root, spec) => {
                    types.documented.push(cx.source(name).to_owned());
                }
                Decl::Value { names, values, .. } => {
                    let blank = cx.only(names).is_some_and(|name| cx.source(name) == "_");
                    if let Some(value) = cx.only(values).filter(|_| blank) {
                        types.asserted.push(implementer(cx, value).to_owned());
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_documented(cx: &Cx, group: DeclId, spec: DeclId) -> bool {
    !(cx.doc_comment(group).is_empty() && cx.doc_comment(spec).is_empty())
}

/// `T` of `(*T)(nil)`, `new(T)`, `&T{}` and `T{}`.
fn implementer<'a>(cx: &Cx<'a>, value: ExprId) -> &'a str {
    let ty = match cx.expr(cx.unparen(value)) {
        Expr::Call { fun, args, .. } if cx.is_builtin(fun, "new") => cx.only(args).unwrap_or(fun),
        Expr::Call { fun, .. } => cx.pointee(cx.unparen(fun)),
        Expr::Unary { operand, .. } => return implementer(cx, operand),
        Expr::Composite { ty: Some(ty), .. } => ty,
        _ => value,
    };
    base_name(cx, ty)
}

/// `T` of `*T[K]`.
pub(super) fn base_name<'a>(cx: &Cx<'a>, ty: ExprId) -> &'a str {
    match cx.expr(cx.pointee(ty)) {
        Expr::Index { base, .. } => cx.source(base),
        _ => cx.source(cx.pointee(ty)),
    }
}

/// Whether what an exported function or method promises is said by something besides a comment of its own.
pub(super) fn is_said(cx: &Cx, decl: DeclId, known: &Types) -> bool {
    let Decl::Func { recv, name, ty, body, .. } = cx.decl(decl) else { return false };
    let Expr::FuncType { params, results, .. } = cx.expr(ty) else { return false };
    let (params, results) = (types(cx, params), types(cx, results));
    let (name, method) = (cx.source(name), !recv.is_empty());
    cx.as_func(decl.into()).is_some_and(|func| cx.caller(func) == Some(Caller::Client))
        || method
            && (is_remote(cx, &params, &results) || body.is_some_and(|body| is_plain(cx, body, name, params.len())))
        || !method && results.first().is_some_and(|&made| makes(cx, name, made, known))
}

fn types(cx: &Cx, list: FieldList) -> Vec<ExprId> {
    cx.params(list).into_iter().map(|(_, ty)| ty).collect()
}

/// `func(ctx context.Context, in *pb.GetRequest) (*pb.GetResponse, error)`, and the streams: the service's definition
/// names it.
fn is_remote(cx: &Cx, params: &[ExprId], results: &[ExprId]) -> bool {
    let &[context, request] = params else { return false };
    let ends = |ty: ExprId, ends: &[&str]| ends.iter().any(|end| cx.source(ty).ends_with(end));
    cx.denotes(context, &["context.Context"])
        && ends(request, &["Request", "Req", "Empty"])
        && matches!(*results, [answer, _] if ends(answer, &["Response", "Reply", "Resp", "Empty"]))
        || ends(request, &["Server"]) && ends(context, &["Request", "Req"])
}

/// A getter of one line, or a method that hands everything on to another of its name.
fn is_plain(cx: &Cx, body: StmtId, name: &str, params: usize) -> bool {
    let Stmt::Block(stmts) = cx.stmt(body) else { return false };
    let &[only] = cx.stmts(stmts) else { return false };
    let value = match cx.stmt(only) {
        Stmt::Return(values) => cx.only(values),
        Stmt::Expr(call) => Some(call),
        _ => None,
    };
    let Some(value) = value else { return false };
    match cx.expr(value) {
        Expr::Call { .. } if matches!(cx.method_call(value), Some((_, called, _)) if called == name) => true,
        _ => params == 0 && matches!(cx.stmt(only), Stmt::Return(_)),
    }
}

/// `NewServer` that makes a `Server` with a comment.
fn makes(cx: &Cx, name: &str, made: ExprId, known: &Types) -> bool {
    let Some(rest) = name.strip_prefix("New") else { return false };
    let made = base_name(cx, made);
    (rest.is_empty() || rest == made) && known.documented.iter().any(|ty| ty == made)
}
