//! An `RWMutex` is never locked for reading.
//!
//! A `sync.RWMutex` lets many readers in at once and costs more than a `sync.Mutex` for it. Where nobody calls `RLock`, it is a slower
//! mutex, and who reads the type expects readers that do not wait for each other. Use a `sync.Mutex`, or lock for reading where
//! nothing is changed.
//!
//! Limits: only unexported fields and variables, because other packages may lock exported ones. Where a lock of the same name is
//! locked for reading anywhere in the package, nothing is said.
//!
//! ```go bad
//! type counters struct {
//! 	mu     sync.RWMutex
//! 	//<^^ `mu` is an RWMutex, and nothing in the package locks it for reading
//! 	counts map[string]int
//! }
//!
//! func (c *counters) add(name string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	c.counts[name]++
//! }
//! ```
//! ```go good
//! type counters struct {
//! 	mu     sync.RWMutex
//! 	counts map[string]int
//! }
//!
//! func (c *counters) add(name string) {
//! 	c.mu.Lock()
//! 	defer c.mu.Unlock()
//! 	c.counts[name]++
//! }
//!
//! func (c *counters) get(name string) int {
//! 	c.mu.RLock()
//! 	defer c.mu.RUnlock()
//! 	return c.counts[name]
//! }
//! ```
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/primitive-choice",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Latency, 1), (Concern::Clarity, 1)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::StructType], check)],
    examines: "fields that are an RWMutex",
};

fn check(cx: &mut Cx, structure: ExprId) {
    let Expr::StructType { fields } = cx.expr(structure) else { return };
    for (name, ty) in cx.params(fields) {
        let Some(name) = name.filter(|_| cx.denotes(ty, &["sync.RWMutex"])) else { continue };
        cx.examined();
        let text = cx.source(name);
        let calls = |method: &str| cx.package_calls_on(method, text, "");
        let unread = ["RLock", "TryRLock", "RLocker"].iter().all(|method| calls(method) == Some(false));
        if text.starts_with(char::is_uppercase) || !unread || calls("Lock") != Some(true) {
            continue;
        }
        cx.report(name, format!("`{text}` is an RWMutex, and nothing in the package locks it for reading"))
            .one_cause("locks that nobody takes for reading")
            .note("a `sync.Mutex` says the same and costs less; or use `RLock` where nothing is changed");
    }
}
