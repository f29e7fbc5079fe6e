//! A file, a connection or a listener is not closed on every path.
//!
//! Each one that is left open keeps a descriptor, and what is behind it: a lock, a port, a connection that the other side counts. A
//! service that takes that path again and again ends with "too many open files", mostly far from the function that leaks. Defer
//! the call of `Close` as soon as the error has been checked.
//!
//! Limits: what is returned, stored, sent, used in a closure, or passed to a function of the package or to one that takes something
//! with a `Close` method is left alone: somebody else may close it. Tests and `main` are left out.
//!
//! ```go bad
//! func header(name string) ([]byte, error) {
//! 	f, err := os.Open(name)
//! //<^ `f` is not closed on every path out of `header`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	buf := make([]byte, 16)
//! 	if _, err := io.ReadFull(f, buf); err != nil {
//! 		return nil, err
//! 	}
//! 	return buf, f.Close()
//! }
//! ```
//! ```diff fixed
//! +	defer f.Close()
//! ```
//! ```go good
//! type Journal struct{ file *os.File }
//!
//! func open(name string, keep bool) (*Journal, error) {
//! 	f, err := os.Create(name)
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	if !keep {
//! 		return nil, f.Close()
//! 	}
//! 	// The journal owns it now.
//! 	return &Journal{file: f}, nil
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "resources/closer-not-closed",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("closer", check), Hook::Acquire("connection", check)],
    file: file!(),
    examines: "files, connections and listeners",
};

fn check(cx: &mut Cx, closer: &Resource) {
    cx.examined();
    if let Some(leak) = cx.leak(closer) {
        leak.report(cx, closer);
    }
}
