//! Functions that print their arguments as a format says.

use gopeer_lint::prelude::*;

use super::verbs::{self, Format};

/// Functions that take a format and what it prints, as their last parameters.
pub(super) const FORMATTERS: &[&str] = &[
    "fmt.Appendf",
    "fmt.Errorf",
    "fmt.Fprintf",
    "fmt.Printf",
    "fmt.Sprintf",
    "log.Fatalf",
    "log.Panicf",
    "log.Printf",
    "log.Logger.Fatalf",
    "log.Logger.Panicf",
    "log.Logger.Printf",
    "testing.TB.Errorf",
    "testing.TB.Fatalf",
    "testing.TB.Logf",
    "testing.TB.Skipf",
    "testing.common.Errorf",
    "testing.common.Fatalf",
    "testing.common.Logf",
    "testing.common.Skipf",
    "github.com/sirupsen/logrus.Debugf",
    "github.com/sirupsen/logrus.Errorf",
    "github.com/sirupsen/logrus.Fatalf",
    "github.com/sirupsen/logrus.Infof",
    "github.com/sirupsen/logrus.Panicf",
    "github.com/sirupsen/logrus.Printf",
    "github.com/sirupsen/logrus.Tracef",
    "github.com/sirupsen/logrus.Warnf",
    "github.com/sirupsen/logrus.Warningf",
    "github.com/sirupsen/logrus.Entry.Debugf",
    "github.com/sirupsen/logrus.Entry.Errorf",
    "github.com/sirupsen/logrus.Entry.Fatalf",
    "github.com/sirupsen/logrus.Entry.Infof",
    "github.com/sirupsen/logrus.Entry.Panicf",
    "github.com/sirupsen/logrus.Entry.Printf",
    "github.com/sirupsen/logrus.Entry.Tracef",
    "github.com/sirupsen/logrus.Entry.Warnf",
    "github.com/sirupsen/logrus.Entry.Warningf",
    "github.com/sirupsen/logrus.Logger.Debugf",
    "github.com/sirupsen/logrus.Logger.Errorf",
    "github.com/sirupsen/logrus.Logger.Fatalf",
    "github.com/sirupsen/logrus.Logger.Infof",
    "github.com/sirupsen/logrus.Logger.Panicf",
    "github.com/sirupsen/logrus.Logger.Printf",
    "github.com/sirupsen/logrus.Logger.Tracef",
    "github.com/sirupsen/logrus.Logger.Warnf",
    "github.com/sirupsen/logrus.Logger.Warningf",
    "go.uber.org/zap.SugaredLogger.DPanicf",
    "go.uber.org/zap.SugaredLogger.Debugf",
    "go.uber.org/zap.SugaredLogger.Errorf",
    "go.uber.org/zap.SugaredLogger.Fatalf",
    "go.uber.org/zap.SugaredLogger.Infof",
    "go.uber.org/zap.SugaredLogger.Panicf",
    "go.uber.org/zap.SugaredLogger.Warnf",
];

/// The verbs that `fmt` knows; other letters may belong to a `Formatter`.
pub(super) const LETTERS: &str = "vTtbcdoOqxXUeEfFgGspw";

/// The first argument that is printed, which may be a format, and those after it. None where the arguments are spread from
/// a slice, so that their number is not known.
pub(super) fn printed<'a>(cx: &Cx<'a>, call: &Call<'a>) -> Option<(ExprId, &'a [ExprId])> {
    if matches!(cx.expr(call.expr), Expr::Call { spread: true, .. }) {
        return None;
    }
    let has_target = matches!(call.callee.name, "Appendf" | "Fprint" | "Fprintf" | "Fprintln");
    let (first, rest) = call.args.get(usize::from(has_target)..)?.split_first()?;
    Some((*first, rest))
}

/// The format of a call of one of the [`FORMATTERS`], if it is written out and has only verbs of `fmt`, and its arguments.
pub(super) fn format<'a>(cx: &Cx<'a>, call: &Call<'a>) -> Option<(Format, &'a [ExprId])> {
    let (format, args) = printed(cx, call)?;
    let parsed = verbs::parse(cx, format)?;
    parsed.verbs.iter().all(|verb| LETTERS.contains(verb.letter)).then_some((parsed, args))
}
