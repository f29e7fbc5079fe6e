//! A function that takes no format is given text with verbs.
//!
//! `fmt.Println("user %d", id)` prints `user %d 7`: only the functions whose names end in f take a format (package `fmt`,
//! "Printing").
//!
//! Limits: only literals are read. A verb before a letter or digit, or with a space in it, is taken for a percent sign that
//! is meant, as in `100%done` and `50% off`.
//!
//! ```go bad
//! func report(id int) {
//! 	fmt.Println("user %d", id)
//! 	//  ^^^^^^^ `fmt.Println` does not fill in `%d`
//! }
//! ```
//! ```diff fixed
//! -	fmt.Println("user %d", id)
//! +	fmt.Printf("user %d\n", id)
//! ```
//! ```go good
//! func report(id int) {
//! 	fmt.Println("100% done", id) // a percent sign and a word
//! }
//! ```
//! ```go good
//! func help() {
//! 	fmt.Println("use %d for numbers") // nothing is there to be filled in
//! }
//! ```
use gopeer_lint::prelude::*;

use super::printers::{LETTERS, printed};
use super::verbs;

pub static RULE: Rule = Rule {
    id: "correctness/verb-in-print",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 2), (Concern::Operability, 2)],
    equivalents: &["gopeer:correctness/printf-mismatch", "vet:printf"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Call(PRINTERS, check)],
    file: file!(),
};

/// Functions that print their arguments as they are.
const PRINTERS: &[&str] = &[
    "fmt.Fprint",
    "fmt.Fprintln",
    "fmt.Print",
    "fmt.Println",
    "fmt.Sprint",
    "fmt.Sprintln",
    "log.Fatal",
    "log.Fatalln",
    "log.Panic",
    "log.Panicln",
    "log.Print",
    "log.Println",
    "log.Logger.Fatal",
    "log.Logger.Fatalln",
    "log.Logger.Panic",
    "log.Logger.Panicln",
    "log.Logger.Print",
    "log.Logger.Println",
    "testing.TB.Error",
    "testing.TB.Fatal",
    "testing.TB.Log",
    "testing.TB.Skip",
    "testing.common.Error",
    "testing.common.Fatal",
    "testing.common.Log",
    "testing.common.Skip",
    "github.com/sirupsen/logrus.Debug",
    "github.com/sirupsen/logrus.Error",
    "github.com/sirupsen/logrus.Fatal",
    "github.com/sirupsen/logrus.Info",
    "github.com/sirupsen/logrus.Panic",
    "github.com/sirupsen/logrus.Print",
    "github.com/sirupsen/logrus.Println",
    "github.com/sirupsen/logrus.Trace",
    "github.com/sirupsen/logrus.Warn",
    "github.com/sirupsen/logrus.Warning",
    "github.com/sirupsen/logrus.Entry.Debug",
    "github.com/sirupsen/logrus.Entry.Error",
    "github.com/sirupsen/logrus.Entry.Fatal",
    "github.com/sirupsen/logrus.Entry.Info",
    "github.com/sirupsen/logrus.Entry.Panic",
    "github.com/sirupsen/logrus.Entry.Print",
    "github.com/sirupsen/logrus.Entry.Trace",
    "github.com/sirupsen/logrus.Entry.Warn",
    "github.com/sirupsen/logrus.Entry.Warning",
    "github.com/sirupsen/logrus.Logger.Debug",
    "github.com/sirupsen/logrus.Logger.Error",
    "github.com/sirupsen/logrus.Logger.Fatal",
    "github.com/sirupsen/logrus.Logger.Info",
    "github.com/sirupsen/logrus.Logger.Panic",
    "github.com/sirupsen/logrus.Logger.Print",
    "github.com/sirupsen/logrus.Logger.Trace",
    "github.com/sirupsen/logrus.Logger.Warn",
    "github.com/sirupsen/logrus.Logger.Warning",
    "go.uber.org/zap.SugaredLogger.Debug",
    "go.uber.org/zap.SugaredLogger.Error",
    "go.uber.org/zap.SugaredLogger.Fatal",
    "go.uber.org/zap.SugaredLogger.Info",
    "go.uber.org/zap.SugaredLogger.Panic",
    "go.uber.org/zap.SugaredLogger.Warn",
];

fn check(cx: &mut Cx, call: Call) {
    let Some((first, args)) = printed(cx, &call) else { return };
    cx.examined();
    let Some(parsed) = verbs::parse(cx, first) else { return };
    // "50% off": a space is a flag too, but nobody means it here.
    let text = cx.tree.text();
    let meant = parsed.verbs.iter().find(|verb| {
        let after = text.get(verb.span.end as usize..).and_then(|rest| rest.chars().next());
        LETTERS.contains(verb.letter) && !verb.span.of(text).contains(' ') && !after.is_some_and(char::is_alphanumeric)
    });
    let Some(verb) = meant.filter(|_| !args.is_empty()) else { return };
    let (function, verb) = (cx.source(call.fun), verb.span.of(text));
    let name = match cx.expr(cx.unparen(call.fun)) {
        Expr::Selector { name, .. } => name,
        _ => call.fun,
    };
    let mended = if parsed.args == args.len() && !parsed.cut { mended(cx, &call, name, first) } else { None };
    let report = cx
        .report(name, format!("`{function}` does not fill in `{verb}`"))
        .note("only the functions whose names end in f take a format");
    if let Some(edits) = mended {
        report.fix("Call the function that takes a format", edits);
    }
}

fn mended(cx: &Cx, call: &Call, name: ExprId, first: ExprId) -> Option<Vec<(Span, String)>> {
    let old = call.callee.name;
    let stem = old.strip_suffix("ln").unwrap_or(old);
    if !matches!(cx.expr(first), Expr::Literal(LiteralKind::String)) {
        return None;
    }
    let mut edits = vec![(cx.span(name), format!("{stem}f"))];
    // The line break that the ln functions of fmt add; a log line ends by itself.
    if old.ends_with("ln") && call.callee.path == "fmt" {
        let end = cx.span(first).end - 1;
        edits.push((Span::new(end, end), "\\n".to_owned()));
    }
    Some(edits)
}
