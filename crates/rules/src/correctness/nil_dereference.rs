//! A value is dereferenced, or called, on a path where the function itself says that it is nil.
//!
//! Dereferencing nil panics, and a panic that nobody recovers from ends the process with everything else that it was doing
//! (Go spec, "Run-time panics"). Most such paths are taken rarely: the key that is missing, the option that nobody set, the check
//! for nil that logs and goes on. Leave the function in the branch where the value is nil, or give it a value there.
//!
//! Limits: a value counts as nil only where it is declared without a value, set to nil, missing in a map or of another type
//! (`v, ok := …`), returned by a function of the package as nil beside a nil error, or tested for nil. A test further down says nothing
//! about what comes before it. A pointer on which one of its own methods is called is left alone, because the method may allow for nil.
//!
//! ```go bad
//! type Tenant struct{ Plan string }
//!
//! func plan(tenants map[string]*Tenant, id string, log *slog.Logger) string {
//! 	tenant := tenants[id]
//! 	if tenant == nil {
//! 		log.Warn("unknown tenant", "id", id)
//! 	}
//! 	return tenant.Plan
//! 	//     ^^^^^^^^^^^ `tenant` is dereferenced here although the check above lets nil through
//! }
//! ```
//! ```go bad
//! type Principal struct{ Name string }
//!
//! type key struct{}
//!
//! func name(ctx context.Context, strict bool) string {
//! 	p, ok := ctx.Value(key{}).(*Principal)
//! 	if !ok && strict {
//! 		return ""
//! 	}
//! 	return p.Name
//! 	//     ^^^^^^ `p` is nil here if `ok` is false
//! }
//! ```
//! ```go good
//! type Tenant struct{ Plan string }
//!
//! func plan(tenants map[string]*Tenant, id string) (string, error) {
//! 	tenant := tenants[id]
//! 	if tenant == nil {
//! 		// The function is left.
//! 		return "", fmt.Errorf("unknown tenant %q", id)
//! 	}
//! 	return tenant.Plan, nil
//! }
//!
//! func first(tenants map[string]*Tenant, id string) string {
//! 	tenant, ok := tenants[id]
//! 	missing := !ok || tenant == nil
//! 	if missing {
//! 		// A flag is as good as the condition.
//! 		tenant = &Tenant{Plan: "free"}
//! 	}
//! 	return tenant.Plan
//! }
//! ```
//!
//! # Impact
//!
//! On this path the program panics with "invalid memory address or nil pointer dereference". In an HTTP handler
//! net/http recovers and the client gets a closed connection; in any other goroutine the process exits with all its
//! work. The stack in the log names this line, once per missing key or absent option.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: add the case in which the value is nil: the missing key, the empty result, the
//!   option that nobody set
//! - `go test -run none -fuzz {test} -fuzztime 30s {package}`: for parsers and decoders, finds the input that leaves
//!   the value nil
//!
//! # Options
//!
//! - Leave the function in the branch that found it nil: the rest can rely on the value
//!   - senior, throughput: the happy path has one precondition
//! - Give it a usable value there: callers need no case, and a default can hide that something is missing
//!   - cloud-native: a missing setting degrades instead of failing
//! - Return an error that names what is missing: the caller decides, and has to check
//!   - backend, data: the missing row is reported, not guessed
//!
//! # References
//!
//! - [Go spec, "Run-time panics"](https://go.dev/ref/spec#Run_time_panics)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/nil-dereference",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Availability, 3), (Concern::Correctness, 2)],
    equivalents: &["staticcheck:SA5011", "vet:nilness", "nilaway"],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Nil(check)],
    file: file!(),
    examines: "values that can be nil",
};

fn check(cx: &mut Cx, nil: &Nil) {
    if cx.is_nil_map(nil) || matches!(nil.origin, Origin::Failed { .. }) {
        return;
    }
    cx.examined();
    let Some(found) = cx.nil_use(nil) else { return };
    // What else decides whether it is used, or gets a value, may well know more.
    let evident = !found.guarded
        && match nil.origin {
            Origin::Tested { .. } => true,
            _ => found.assigned != Reassigned::Otherwise,
        };
    if !evident {
        return;
    }
    let name = cx.nil_name(nil);
    let done = if found.harm == Harm::Called { "called" } else { "dereferenced" };
    let message = match nil.origin {
        Origin::Absent(ok) => format!("`{name}` is nil here if `{}` is false", cx.source(ok)),
        Origin::Tested { .. } => format!("`{name}` is {done} here although the check above lets nil through"),
        Origin::Returned { call, .. } => {
            format!("`{name}` is {done} here, and `{}` may have returned nil", cx.callee_text(call))
        }
        Origin::Assigned => format!("`{name}` is {done} here on a path on which it is set to nil"),
        _ => format!("`{name}` is {done} here on a path on which it has no value yet"),
    };
    let report = cx.report(found.at, message).steps(found.steps);
    let doubtful = match nil.origin {
        Origin::Declared | Origin::Assigned => found.assigned == Reassigned::Sometimes,
        // The caller may know that there is something to return.
        Origin::Returned { .. } => true,
        _ => false,
    };
    if doubtful {
        report.question();
    }
}
