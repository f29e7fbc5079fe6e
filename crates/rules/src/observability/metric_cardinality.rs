//! A label of a metric gets any number of values: the path of a request, an id in it, the text of an error.
//!
//! Each value makes a time series of its own, which stays in the memory of the process until it ends, and in Prometheus for as long as it
//! keeps data (Prometheus documentation, "Instrumentation", "Do not overuse labels"). A scanner that asks for a million paths makes a
//! million of them, and for a histogram one for each of its buckets as well. Use what there are few of: the pattern of the route, a class
//! of errors, the status code.
//!
//! Limits: what a client sends is followed to labels of the Prometheus client and of OpenTelemetry's metrics; the body of a request and
//! its method are left out. A value that is compared with an allowed one, or looked up, on the way is fine. Of other values the text
//! of an error is known to be unbounded, and labels with names like `user_id` are asked about where the metric is made.
//!
//! ```go bad
//! import "github.com/prometheus/client_golang/prometheus"
//!
//! type Server struct{ requests *prometheus.CounterVec }
//!
//! func (s *Server) count(next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		s.requests.WithLabelValues(r.Method, r.URL.Path).Inc()
//! 		//                                   ^^^^^^^^^^ the label `r.URL.Path` comes from the URL of the request, so each new value makes a time series
//! 		next.ServeHTTP(w, r)
//! 	})
//! }
//! ```
//! ```go bad
//! import "github.com/prometheus/client_golang/prometheus"
//!
//! func failed(errors *prometheus.CounterVec, err error) {
//! 	errors.With(prometheus.Labels{"cause": err.Error()}).Inc()
//! 	//                                     ^^^^^^^^^^^ medium: the label `err.Error()` is the text of an error, so each new text makes a time series
//! }
//! ```
//! ```go bad
//! import "github.com/prometheus/client_golang/prometheus"
//!
//! var requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"route", "user_id"})
//! //                                                                                                        ^^^^^^^^^ medium: the label `user_id` takes any number of values
//! ```
//! ```go good
//! import "github.com/prometheus/client_golang/prometheus"
//!
//! type Server struct{ requests *prometheus.CounterVec }
//!
//! func (s *Server) count(pattern string, next http.Handler) http.Handler {
//! 	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
//! 		s.requests.WithLabelValues(r.Method, pattern).Inc() // there are as many as there are routes
//! 		next.ServeHTTP(w, r)
//! 	})
//! }
//! ```
//! ```go good
//! import "github.com/prometheus/client_golang/prometheus"
//!
//! func (s *Server) export(w http.ResponseWriter, r *http.Request) {
//! 	format := r.FormValue("format")
//! 	if format != "csv" && format != "json" {
//! 		http.Error(w, "unknown format", http.StatusBadRequest)
//! 		return
//! 	}
//! 	s.exports.WithLabelValues(format).Inc() // one of two
//! }
//!
//! type Server struct{ exports *prometheus.CounterVec }
//! ```
//!
//! # Impact
//!
//! Memory of the process and of Prometheus grows with the number of values that were ever seen, and does not shrink before a restart:
//! the container is killed for its memory limit, and `/metrics` takes longer to scrape until the scrape times out and alerts go blind.
//! `prometheus_tsdb_head_series` and `scrape_samples_scraped` rise with it.
//!
//! # Verify
//!
//! - `curl -s localhost:8080/metrics | grep -c '^requests_total'`: asks how many series there are; send requests with new values and ask again
//!
//! # Options
//!
//! - The pattern of the route (`r.Pattern` since Go 1.23, `c.FullPath()` of gin): there are as many series as routes, but what clients
//!   put into the path does not show
//!   - senior, backend, cloud-native: the number of series is known when the service is deployed
//! - A short list of known values, and `other` for the rest: bounded whatever clients send, at the price of a list to maintain
//!   - throughput: the lookup is cheaper than a new series
//! - The value in the log or the trace instead of the metric: single requests can be found by it, but not counted over a year
//!   - data: what is asked about one customer is a question for a store of events
//!
//! # References
//!
//! - [Prometheus, "Instrumentation"](https://prometheus.io/docs/practices/instrumentation/#do-not-overuse-labels)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "observability/metric-cardinality",
    severity: Severity::High,
    confidence: Confidence::New,
    concerns: &[(Concern::Operability, 3), (Concern::Leak, 2)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check), Hook::Call(LABELS, check_texts), Hook::Call(VECTORS, check_names)],
    examines: "labels of metrics",
};

const LABELS: &[&str] = &[
    "github.com/prometheus/client_golang/prometheus.CounterVec.With",
    "github.com/prometheus/client_golang/prometheus.CounterVec.WithLabelValues",
    "github.com/prometheus/client_golang/prometheus.GaugeVec.With",
    "github.com/prometheus/client_golang/prometheus.GaugeVec.WithLabelValues",
    "github.com/prometheus/client_golang/prometheus.HistogramVec.With",
    "github.com/prometheus/client_golang/prometheus.HistogramVec.WithLabelValues",
    "github.com/prometheus/client_golang/prometheus.SummaryVec.With",
    "github.com/prometheus/client_golang/prometheus.SummaryVec.WithLabelValues",
];

const NOTE: &str = "each series stays in memory until the process ends; use what there are few of: the route's pattern, or one of the known values";
const NOTE_ON_ERRORS: &str =
    "each series stays in memory until the process ends; use what there are few of, such as a class of errors";

/// What makes metrics with labels, by names in its second argument.
const VECTORS: &[&str] = &[
    "github.com/prometheus/client_golang/prometheus.NewCounterVec",
    "github.com/prometheus/client_golang/prometheus.NewHistogramVec",
    "github.com/prometheus/client_golang/prometheus.NewSummaryVec",
    "github.com/prometheus/client_golang/prometheus/promauto.Factory.NewCounterVec",
    "github.com/prometheus/client_golang/prometheus/promauto.Factory.NewHistogramVec",
    "github.com/prometheus/client_golang/prometheus/promauto.Factory.NewSummaryVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewCounterVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewHistogramVec",
    "github.com/prometheus/client_golang/prometheus/promauto.NewSummaryVec",
];

/// Labels whose values are ids of what there is any number of.
fn check_names(cx: &mut Cx, call: Call) {
    const IDS: &[&str] = &[
        "client_ip",
        "customer_id",
        "email",
        "order_id",
        "request_id",
        "session_id",
        "trace_id",
        "user_email",
        "user_id",
        "userid",
    ];
    let Some(Expr::Composite { elems, .. }) = call.args.get(1).map(|&labels| cx.expr(labels)) else { return };
    let is_id = |label: &ExprId| cx.string_value(*label).is_some_and(|name| IDS.contains(&&*name.to_ascii_lowercase()));
    let Some(label) = cx.exprs(elems).iter().copied().find(is_id) else { return };
    let name = cx.string_value(label).unwrap_or_default();
    let message = format!("the label `{name}` takes any number of values, and each of them makes a time series");
    cx.report(label, message).severity(Severity::Medium).question().note(NOTE);
}

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::LABEL) {
        // Of a map of labels, the value itself.
        let label = if cx.span(taint.at).contains(cx.span(taint.source)) { taint.source } else { taint.at };
        let (name, origin, place) = (cx.source(label), taint.origin(), taint.place());
        let message = format!("the label `{name}` comes from {origin}{place}, so each new value makes a time series");
        cx.report(label, message).steps(taint.steps).note(NOTE);
    }
}

/// The text of an error as the value of a label.
fn check_texts(cx: &mut Cx, call: Call) {
    // What a function makes of it, or what is looked up by it, may be one of few.
    let decides = |node: Node| match node {
        Node::Expr(id) => match cx.expr(id) {
            Expr::Call { .. } => cx.callee(id).is_none_or(|callee| callee.path != "fmt"),
            Expr::Index { .. } => true,
            _ => false,
        },
        _ => false,
    };
    let is_whole = |id| !cx.tree.ancestors(id).take_while(|&node| node != Node::Expr(call.expr)).any(decides);
    let is_text =
        |id| matches!(cx.method_call(id), Some((error, "Error", [])) if cx.ty(error) == TypeId::ERROR) && is_whole(id);
    let texts: Vec<ExprId> = call.args.iter().filter_map(|&arg| cx.find_expr(arg, false, is_text)).collect();
    for text in texts {
        let message =
            format!("the label `{}` is the text of an error, so each new text makes a time series", cx.source(text));
        // Most errors have one of a few texts.
        cx.report(text, message).severity(Severity::Medium).note(NOTE_ON_ERRORS);
    }
}
