//! A Prometheus metric is registered for each request, or a counter is asked to go down.
//!
//! A registry takes a metric once. `prometheus.MustRegister`, and each function of `promauto`, panics when it is called for the second time
//! with the same name, so a handler that registers answers its first request and fails from the second one on. Declare metrics as variables
//! of the package, or make them in the constructor that makes the handler.
//!
//! `Counter.Add` panics if its argument is negative (its documentation): what goes up and down is a gauge.
//!
//! Limits: only the default registry counts, and only what a handler of requests or messages registers itself, not through a function
//! that it calls. What it registers under a condition may be registered once. What is added to a counter must be a constant.
//!
//! ```go bad
//! import (
//! 	"github.com/prometheus/client_golang/prometheus"
//! 	"github.com/prometheus/client_golang/prometheus/promauto"
//! )
//!
//! func checkout(w http.ResponseWriter, r *http.Request) {
//! 	orders := promauto.NewCounter(prometheus.CounterOpts{Name: "orders_total"})
//! 	//        ^^^^^^^^^^^^^^^^^^^ each request registers the metric again, and the second one panics
//! 	orders.Inc()
//! }
//!
//! func undo(orders prometheus.Counter) {
//! 	orders.Add(-1)
//! 	//         ^^ a counter does not go down, so this panics
//! }
//! ```
//! ```go good
//! import (
//! 	"github.com/prometheus/client_golang/prometheus"
//! 	"github.com/prometheus/client_golang/prometheus/promauto"
//! )
//!
//! var orders = promauto.NewCounter(prometheus.CounterOpts{Name: "orders_total"})
//!
//! func checkout(open prometheus.Gauge) http.HandlerFunc {
//! 	latency := promauto.NewHistogram(prometheus.HistogramOpts{Name: "checkout_seconds"}) // once, with the handler
//! 	return func(w http.ResponseWriter, r *http.Request) {
//! 		orders.Inc()
//! 		open.Add(-1)
//! 		latency.Observe(1)
//! 	}
//! }
//! ```
//!
//! # Impact
//!
//! The first request succeeds, so the test that sends one passes. From the second on every request to the handler panics: the log has
//! "duplicate metrics collector registration attempted", and clients see closed connections or status 500.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: call the handler twice; the second call must succeed
//!
//! # Options
//!
//! - A variable of the package, made by `promauto`: the shortest, but tests of the package share its values
//!   - senior, cloud-native, throughput: registered before the first request, and nothing to pass around
//! - A constructor that takes a `prometheus.Registerer`: each test brings a registry of its own, and the handler becomes a struct
//!   - backend, data: a test can ask what was counted
//!
//! # References
//!
//! - [Package prometheus, MustRegister](https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#MustRegister)
//! - [Package prometheus, Counter](https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#Counter)
use gopeer_lint::Caller;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "observability/metric-registration",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Operability, 3), (Concern::Correctness, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[
        Hook::Call(REGISTERS, again),
        Hook::Call(&["github.com/prometheus/client_golang/prometheus.Counter.Add"], down),
    ],
    examines: "metrics of Prometheus",
};

const REGISTERS: &[&str] = &[
    "github.com/prometheus/client_golang/prometheus.MustRegister",
    "github.com/prometheus/client_golang/prometheus/promauto.NewCounter",
    "github.com/prometheus/client_golang/prometheus/promauto.NewCounterVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewGauge",
    "github.com/prometheus/client_golang/prometheus/promauto.NewGaugeVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewHistogram",
    "github.com/prometheus/client_golang/prometheus/promauto.NewHistogramVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewSummary",
    "github.com/prometheus/client_golang/prometheus/promauto.NewSummaryVec",
];

fn again(cx: &mut Cx, call: Call) {
    cx.examined();
    let Some((handler, caller)) = cx.handler(call.expr) else { return };
    // A literal that the handler passes to `sync.Once.Do` runs once, and so may what is done if there is none yet.
    let is_direct = cx.enclosing_func(call.expr).is_some_and(|func| func.node == handler.node);
    if !is_direct || cx.is_conditional(call.expr) {
        return;
    }
    let who = match caller {
        Caller::Client => "request",
        Caller::Queue => "message",
    };
    cx.report(call.fun, format!("each {who} registers the metric again, and the second one panics"))
        .note("register metrics once: in a variable of the package, or where the handler is made");
}

fn down(cx: &mut Cx, call: Call) {
    let Some(&by) = call.args.first() else { return };
    cx.examined();
    if cx.constant_value(by).is_some_and(|by| by.sign() < 0) {
        cx.report(by, "a counter does not go down, so this panics").note("what goes up and down is a gauge");
    }
}
