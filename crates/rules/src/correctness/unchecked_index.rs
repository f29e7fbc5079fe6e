//! An element is taken that may not be there.
//!
//! How many parts `strings.Split` gives, or whether a regular expression matches, is up to the input, and an index beyond the end panics.
//! A header without its second word, or a transfer with an unusual text, then ends the request, or the process. Check the length, or
//! use `strings.Cut`, which says whether it found the separator.
//!
//! The finding rests on a path on which the length is not checked, or is known to be too small. It is a question unless it is known, because
//! the form of the text may be certain for other reasons. Parts are looked at only where the text comes from a request or the
//! environment, or a condition asks for its parts or their number: others are mostly put together by the program itself.
//!
//! A list that JSON is decoded into has as many elements as the sender has put there; an index into it is asked about where the function
//! does nothing else with the list.
//!
//! Limits: parts that are passed to a function, which may check them, are left alone, and so is a text that a condition looks into.
//!
//! ```go bad
//! func token(header string) (string, error) {
//! 	parts := strings.Split(header, " ")
//! 	if parts[0] != "Bearer" {
//! 		return "", errors.New("unknown scheme")
//! 	}
//! 	return parts[1], nil
//! 	//     ^^^^^^^^ `parts[1]` panics if `strings.Split` gives fewer parts, and nothing checks that here
//! }
//! ```
//! ```go bad
//! func year(text string) string {
//! 	found := regexp.MustCompile(`(\d+)/\d+`).FindStringSubmatch(text)
//! 	if found == nil {
//! 		slog.Warn("no number", "text", text)
//! 	}
//! 	return found[1]
//! 	//     ^^^^^^^^ `found[1]` panics where nothing matches, and nothing checks that here
//! }
//! ```
//! ```go bad
//! func first(data []byte) (string, error) {
//! 	var answer struct{ Choices []string }
//! 	if err := json.Unmarshal(data, &answer); err != nil {
//! 		return "", err
//! 	}
//! 	return answer.Choices[0], nil
//! 	//     ^^^^^^^^^^^^^^^^^ medium: `answer.Choices[0]` panics if the JSON text has no such element, and nothing checks that here
//! }
//! ```
//! ```go good
//! func token(header string) (string, error) {
//! 	parts := strings.Split(header, " ")
//! 	if len(parts) != 2 || parts[0] != "Bearer" { // checked first
//! 		return "", errors.New("no token")
//! 	}
//! 	return parts[1], nil
//! }
//!
//! func choices(data []byte) (string, error) {
//! 	var answer struct{ Choices []string }
//! 	if err := json.Unmarshal(data, &answer); err != nil {
//! 		return "", err
//! 	}
//! 	if len(answer.Choices) == 0 { // checked first
//! 		return "", errors.New("no choice")
//! 	}
//! 	return answer.Choices[0], nil
//! }
//!
//! func host(address string) string {
//! 	return strings.Split(address, ":")[0] // always there
//! }
//! ```
use gopeer_flow::{Next, Op, OpKind, Root, State, Use, Val, Values, Watch};
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/unchecked-index",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["gosec:G602", "gocritic:offBy1"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(PARTS, check),
        Hook::Call(MATCHES, check),
        Hook::Call(DECODES, decoded),
        Hook::Expr(&[ExprKind::Index], beyond),
    ],
    file: file!(),
    examines: "parts and matches that are indexed",
};

/// Functions that give as many parts as the text has.
const PARTS: &[&str] = &[
    "bytes.Fields",
    "bytes.Split",
    "bytes.SplitN",
    "strings.Fields",
    "strings.Split",
    "strings.SplitAfter",
    "strings.SplitAfterN",
    "strings.SplitN",
];

/// Functions that give an error where the text is no number.
const PARSES: &[&str] = &["strconv.Atoi", "strconv.ParseFloat", "strconv.ParseInt", "strconv.ParseUint"];

/// Functions that give nil where nothing matches.
const MATCHES: &[&str] = &[
    "regexp.Regexp.FindIndex",
    "regexp.Regexp.FindStringIndex",
    "regexp.Regexp.FindStringSubmatch",
    "regexp.Regexp.FindStringSubmatchIndex",
    "regexp.Regexp.FindSubmatch",
    "regexp.Regexp.FindSubmatchIndex",
];

fn check(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some(&text) = call.args.first() else { return };
    if cx.constant_value(text).is_some() || is_looked_into(cx, call, text) || is_match(cx, text) {
        return;
    }
    let matches = call.callee.is(MATCHES);
    if !matches && !is_doubted(cx, call, text) {
        return;
    }
    // A text has one part at least, unless white space is all there is.
    let least = if matches || call.callee.name == "Fields" { 0 } else { 1 };
    let found = match cx.tree.parent(call.expr) {
        Some(Node::Expr(index)) => {
            indexed(cx, index, call.expr).filter(|&at| at >= least).map(|_| (index, Vec::new(), false))
        }
        Some(Node::Stmt(stmt)) => {
            kept(cx, stmt, call.expr).and_then(|variable| followed(cx, call.expr, variable, least, matches))
        }
        _ => None,
    };
    let Some((index, steps, certain)) = found else { return };
    let says = |node: Node| cx.is_said(node, &["guarante", "always"]);
    if says(index.into())
        || cx.enclosing_stmt(call.expr).and_then(|stmt| cx.next_stmt(stmt)).is_some_and(|next| says(next.into()))
    {
        return;
    }
    let name = cx.source(index);
    let gives = cx.callee_text(call.expr);
    let message = match matches {
        true => format!("`{name}` panics where nothing matches, and nothing checks that here"),
        false => format!("`{name}` panics if `{gives}` gives fewer parts, and nothing checks that here"),
    };
    let report = cx.report(index, message).steps(steps);
    if !certain {
        report.question();
    }
}

/// Functions that decode JSON into their last argument.
const DECODES: &[&str] = &["encoding/json.Decoder.Decode", "encoding/json.Unmarshal"];

/// An element of a list that was decoded, and that nothing else is done with.
fn decoded(cx: &mut Cx, decode: Call) {
    let Some(&target) = decode.args.last() else { return };
    let Expr::Unary { op: UnaryOp::Addr, operand } = cx.expr(cx.unparen(target)) else { return };
    let Def::Local(declared) = cx.def(cx.unparen(operand)) else { return };
    cx.examined();
    let lists: Vec<Option<ExprId>> =
        cx.names.uses(declared).take(64).filter(|&used| used != declared).map(|used| list_of(cx, used)).collect();
    // Who gets the whole value may check it.
    if lists.contains(&None) && !is_only_decoded(cx, declared) {
        return;
    }
    let indexed_at = |list: ExprId| match cx.tree.parent(list) {
        Some(Node::Expr(around)) if matches!(cx.under(list), Type::Slice(_)) => {
            indexed(cx, around, list).map(|_| around)
        }
        _ => None,
    };
    let lists: Vec<ExprId> = lists.into_iter().flatten().collect();
    let checked = |list: ExprId| {
        lists.iter().any(|&other| cx.same_text(other, list) && indexed_at(other).is_none() && !is_given_away(cx, other))
    };
    let found = lists.iter().find_map(|&list| indexed_at(list).filter(|_| !checked(list)));
    let Some(index) = found.filter(|&index| {
        cx.enclosing_func(index).map(|func| func.node) == cx.enclosing_func(decode.expr).map(|func| func.node)
    }) else {
        return;
    };
    let name = cx.source(index);
    cx.report(index, format!("`{name}` panics if the JSON text has no such element, and nothing checks that here"))
        .severity(Severity::Medium)
        .question();
}

/// Whether a list is an argument of a library's function, which checks nothing for its caller.
fn is_given_away(cx: &Cx, list: ExprId) -> bool {
    let Some(Node::Expr(around)) = cx.tree.parent(list) else { return false };
    cx.call(around).is_some_and(|call| call.args.contains(&list) && !cx.is_own(&call.callee))
}

/// The whole selector that begins with a mention of a variable; none where the variable itself is meant.
fn list_of(cx: &Cx, used: ExprId) -> Option<ExprId> {
    let mut whole = used;
    while let Some(Node::Expr(around)) = cx.tree.parent(whole)
        && matches!(cx.expr(around), Expr::Selector { base, .. } if base == whole)
    {
        whole = around;
    }
    (whole != used || matches!(cx.under(used), Type::Slice(_))).then_some(whole)
}

/// Whether a variable as a whole is only given to what decodes into it.
fn is_only_decoded(cx: &Cx, declared: ExprId) -> bool {
    cx.names.uses(declared).take(64).filter(|&used| used != declared && list_of(cx, used).is_none()).all(|used| {
        let decodes =
            |cx: &Cx, node: Node| matches!(node, Node::Expr(call) if matches!(cx.expr(call), Expr::Call { .. }));
        matches!(cx.around(used, decodes), Some(Node::Expr(call)) if cx.calls(call, DECODES))
    })
}

/// The constant index, or bound, at which a value is taken apart.
fn indexed(cx: &Cx, around: ExprId, value: ExprId) -> Option<i64> {
    match cx.expr(around) {
        Expr::Index { base, args } if base == value => cx.int_value(cx.only(args)?),
        Expr::Slice { base, lo: Some(lo), .. } if base == value => cx.int_value(lo).map(|lo| lo - 1),
        _ => None,
    }
}

/// The local variable that a call's result is assigned to.
fn kept(cx: &Cx, stmt: StmtId, call: ExprId) -> Option<ExprId> {
    let Stmt::Assign { lhs, op: AssignOp::Assign | AssignOp::Define, rhs } = cx.stmt(stmt) else { return None };
    let at = cx.tree.place(cx.exprs(rhs), call)?;
    let variable = *cx.exprs(lhs).get(at).filter(|_| lhs.len() == rhs.len())?;
    matches!(cx.def(variable), Def::Local(_)).then_some(variable)
}

/// An index, the path to it, and whether the element certainly is not there.
type Element = (ExprId, Vec<(Span, String)>, bool);

/// Where an element is taken on a path on which it may not be there, with the path, and whether it certainly is not.
fn followed(cx: &Cx, call: ExprId, variable: ExprId, least: i64, matches: bool) -> Option<Element> {
    let Def::Local(declared) = cx.def(variable) else { return None };
    let func = cx.enclosing_func(call)?;
    let followed = cx.followed(func.node)?;
    let mut start = cx.start(&followed, followed.after_write(variable)?);
    let parts = start.values.made(call, 0);
    start.hold(Root(declared), parts)?;
    start.state.subject = Some(parts);
    let mut watch = Taken { cx, declared, parts, least, matches, index: None, certain: false };
    let found = cx.follow(&followed, &mut start, &mut watch)?;
    let index = watch.index?;
    let name = cx.source(variable);
    let mut steps = vec![(cx.span(variable), format!("`{name}` gets its parts here"))];
    steps.extend(cx.branches_of(&followed, &found.path));
    steps.push((cx.span(index), "an element is taken here".to_owned()));
    Some((index, steps, watch.certain))
}

struct Taken<'c, 'a> {
    cx: &'c Cx<'a>,
    declared: ExprId,
    parts: Val,
    /// How many there are at least.
    least: i64,
    matches: bool,
    index: Option<ExprId>,
    certain: bool,
}

impl Taken<'_, '_> {
    fn read(&mut self, values: &Values<'_>, state: &State, ident: ExprId) -> Next {
        if let Some(Node::Expr(around)) = self.cx.tree.parent(ident)
            && let Some(at) = indexed(self.cx, around, ident)
        {
            let upto = if self.matches { 1 } else { at + 1 };
            let possible = |len: &i64| {
                state.admits_len(self.parts, *len, values) && !(self.matches && state.excludes(self.parts, Val::NIL))
            };
            return match (self.least..upto).find(possible) {
                Some(_) => {
                    self.index = Some(around);
                    self.certain = state.knows(self.parts, Val::NIL);
                    Next::Found
                }
                None => Next::Go,
            };
        }
        match values.input.use_of(ident) {
            Use::Argument { call, .. } => {
                let Expr::Call { fun, .. } = self.cx.expr(call) else { return Next::Stop };
                // What an operator makes of the length, other than in a condition, is not worked out.
                if self.cx.is_builtin(fun, "len") && !is_combined(self.cx, call) { Next::Go } else { Next::Stop }
            }
            Use::Seen => Next::Go,
            _ => Next::Stop,
        }
    }
}

/// Whether a comparison is part of `a || b` that is kept as a value.
fn is_combined(cx: &Cx, len: ExprId) -> bool {
    let is_logical = |id| matches!(cx.expr(id), Expr::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, .. });
    let mut logical = false;
    for node in cx.tree.ancestors(len) {
        match node {
            Node::Expr(id) => logical |= is_logical(id),
            Node::Stmt(stmt) => return logical && matches!(cx.stmt(stmt), Stmt::Assign { .. }),
            _ => return false,
        }
    }
    false
}

impl Watch for Taken<'_, '_> {
    fn op(&mut self, values: &mut Values<'_>, state: &mut State, op: Op) -> Next {
        let it = || self.cx.def(op.at) == Def::Local(self.declared);
        match op.kind {
            OpKind::Read if it() => self.read(values, state, op.at),
            OpKind::Write | OpKind::Addr if it() => Next::Stop,
            OpKind::Make if self.cx.shared().mentions(op.at, Root(self.declared)) => Next::Stop,
            _ => Next::Go,
        }
    }

    fn leaves(&mut self, _: &mut Values<'_>, _: &mut State, _: Option<StmtId>) -> Next {
        Next::Stop
    }
}

/// Whether the form of a text is no matter of course: it comes from outside, or the function looks at its parts.
fn is_doubted(cx: &Cx, call: Call, text: ExprId) -> bool {
    const OUTSIDE: &[&str] = &[
        "net/http.Header.Get",
        "net/http.Request.FormValue",
        "net/http.Request.PathValue",
        "net/http.Request.PostFormValue",
        "net/url.Values.Get",
        "os.Getenv",
    ];
    let source = cx.origin(text).map_or(text, |(value, _)| value);
    if cx.find_expr(source, false, |id| cx.calls(id, OUTSIDE)).is_some() {
        return true;
    }
    let Some(variable) = cx.tree.parent(call.expr).and_then(|node| match node {
        Node::Stmt(stmt) => kept(cx, stmt, call.expr),
        _ => None,
    }) else {
        return false;
    };
    let Def::Local(declared) = cx.def(variable) else { return false };
    // A part is compared, or the length is asked for, in a condition; or it may be no number.
    cx.names.uses(declared).filter(|&used| used != variable).take(64).any(|used| {
        let compares = |node: Node| match node {
            Node::Expr(id) => {
                matches!(cx.expr(id), Expr::Binary { op, .. } if op.is_comparison())
                    || cx.calls(id, &["strings.EqualFold"])
            }
            _ => false,
        };
        let near = cx.tree.ancestors(used).take_while(|node| matches!(node, Node::Expr(_)));
        let near: Vec<Node> = near.take(16).collect();
        let parses = |node: &Node| matches!(*node, Node::Expr(id) if cx.calls(id, PARSES));
        match cx.enclosing_stmt(used).map(|stmt| cx.stmt(stmt)) {
            Some(Stmt::Assign { lhs, .. }) => {
                near.iter().any(parses) && cx.exprs(lhs).last().is_some_and(|&error| cx.source(error) != "_")
            }
            Some(Stmt::If { .. }) => near.into_iter().any(compares),
            Some(Stmt::Switch { .. }) => true,
            _ => false,
        }
    })
}

/// Whether a text is what a regular expression has found, which knows its form.
fn is_match(cx: &Cx, text: ExprId) -> bool {
    let finds = |value: ExprId| cx.calls(value, &["regexp.Regexp.FindString"]);
    let Def::Local(declared) = cx.def(text) else { return finds(text) };
    cx.names.uses(declared).take(256).any(|used| {
        let Some(Node::Stmt(stmt)) = cx.tree.parent(used).filter(|_| cx.is_target(used)) else { return false };
        matches!(cx.stmt(stmt), Stmt::Assign { rhs, .. } if cx.only(rhs).is_some_and(finds))
    })
}

/// Whether a condition before a call gives the text to a function: `strings.Contains(text, ":")`, `len(text)`.
fn is_looked_into(cx: &Cx, call: Call, text: ExprId) -> bool {
    let Some(func) = cx.enclosing_func(call.expr) else { return true };
    let conditions: gopeer_lint::Wanted = |cx, node| matches!(node, Node::Stmt(id) if matches!(cx.stmt(id), Stmt::If { .. } | Stmt::Switch { .. } | Stmt::CaseClause { .. }));
    let asks = |cond: ExprId| {
        cx.find_expr(cond, false, |id| match cx.expr(id) {
            Expr::Call { args, .. } => id != call.expr && cx.exprs(args).iter().any(|&arg| cx.same_text(arg, text)),
            _ => false,
        })
    };
    const NEAR: usize = 64;
    let all = cx.within(func.body, true, conditions);
    let before = all.partition_point(|&node| cx.span(node).start < cx.span(call.expr).start);
    all[..before].iter().rev().take(NEAR).any(|&node| {
        let Node::Stmt(stmt) = node else { return false };
        match cx.stmt(stmt) {
            Stmt::If { cond, .. } => asks(cond).is_some(),
            Stmt::Switch { tag: Some(tag), .. } => asks(tag).is_some(),
            Stmt::CaseClause { exprs, .. } => cx.exprs(exprs).iter().any(|&case| asks(case).is_some()),
            _ => false,
        }
    })
}

/// `xs[len(xs)]`: one beyond the last.
fn beyond(cx: &mut Cx, index: ExprId) {
    let Expr::Index { base, args } = cx.expr(index) else { return };
    let Some(arg) = cx.only(args).map(|arg| cx.unparen(arg)) else { return };
    let Expr::Call { fun, args, .. } = cx.expr(arg) else { return };
    let Some(of) = cx.only(args).filter(|_| cx.is_builtin(fun, "len")) else { return };
    if !matches!(cx.under(base), Type::Slice(_) | Type::Array { .. } | Type::Basic(_)) || !cx.same_pure(of, base) {
        return;
    }
    let name = cx.source(index);
    cx.report(index, format!("`{name}` is one beyond the last element, and always panics")).severity(Severity::High);
}
