//! What `Cx::setting` says of configured values. Each example asks for one setting of the value named in it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use gopeer_api::Index;
use gopeer_lint::prelude::*;
use gopeer_lint::{Dispatch, FileInfo, PackageView, PieceView};
use gopeer_sema::{Checked, FileScope, Names, PackageScope, Source, SourceFile};
use gopeer_syntax::{Parser, Progress, Tree};

thread_local! {
    static FOUND: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

macro_rules! rule {
    ($hooks:expr) => {
        Rule {
            id: "test/config",
            severity: Severity::Low,
            confidence: Confidence::High,
            concerns: &[],
            equivalents: &[],
            fix: FixKind::None,
            scope: Scope::Both,
            hooks: $hooks,
            examines: "nodes",
        }
    };
}

static CONFIGS: Rule = rule!(&[
    Hook::Config(&["net/http.Server"], |cx, config| ask(cx, config, "ReadTimeout")),
    Hook::Config(&["net/http.Transport"], |cx, config| ask(cx, config, "TLSClientConfig.MinVersion")),
    Hook::Config(&["github.com/IBM/sarama.Config"], |cx, config| ask(cx, config, "Producer.RequiredAcks")),
    Hook::Config(&["github.com/twmb/franz-go/pkg/kgo.Client"], |cx, config| ask(cx, config, "RequiredAcks")),
]);

static SETS: Rule = rule!(&[Hook::Set(
    &[
        "net/http.Server.ReadTimeout",
        "github.com/IBM/sarama.Config.Producer.RequiredAcks",
        "github.com/twmb/franz-go/pkg/kgo.RequiredAcks",
        "github.com/confluentinc/confluent-kafka-go/v2/kafka.ConfigMap.request.required.acks",
    ],
    |cx, set| FOUND.with_borrow_mut(|found| found.push(cx.source(set.value).to_owned())),
)]);

static EDITS: Rule = rule!(&[
    Hook::Config(&["net/http.Server"], |cx, config| edit(cx, config, "ReadTimeout")),
    Hook::Config(&["github.com/IBM/sarama.Config"], |cx, config| edit(cx, config, "Producer.RequiredAcks")),
]);

fn edit(cx: &mut Cx, config: Config, path: &str) {
    let edit = match cx.sets(config, &[path]) {
        true => "set".to_owned(),
        false => cx.with_setting(config, path, "1").map_or(String::new(), |(_, text)| text),
    };
    FOUND.with_borrow_mut(|found| found.push(edit));
}

static FIELDS: Rule = rule!(&[Hook::Set(&["crypto/tls.Config.MinVersion"], |cx, set| {
    let config = cx.config_of(set).expect("a field belongs to a value");
    ask(cx, config, "MaxVersion");
})]);

fn ask(cx: &mut Cx, config: Config, path: &str) {
    let setting = match cx.setting(config, path) {
        Setting::Set(value) => format!("set {}", cx.source(value)),
        Setting::Unset(Some(default)) => format!("unset, {default}"),
        Setting::Unset(None) => "unset".to_owned(),
        Setting::Unknown => "unknown".to_owned(),
    };
    FOUND.with_borrow_mut(|found| found.push(setting));
}

/// What a rule finds in the body of a function.
fn run(rule: &'static Rule, body: &str) -> Vec<String> {
    let imports = [
        "net/http",
        "crypto/tls",
        "time",
        "github.com/IBM/sarama",
        "github.com/twmb/franz-go/pkg/kgo",
        "github.com/confluentinc/confluent-kafka-go/v2/kafka",
    ];
    let imports: String = imports.iter().map(|path| format!("import {path:?}\n")).collect();
    let parts = [
        &*imports,
        "func configure(*http.Server) {}\nfunc serve(*http.Server) {}\n",
        &format!("func f(fast bool) {{\n{body}\n}}\n"),
    ];
    let texts = parts.iter().flat_map(|part| part.lines().filter(|line| line.starts_with("import")));
    let mut parser = Parser::new();
    let trees: Vec<Tree> = texts.chain(parts.into_iter().skip(1)).map(|text| parser.parse(text)).collect();
    let (scope, package) = (FileScope::of(trees.iter()), PackageScope::of(trees.iter()));
    let names: Vec<Names> = trees.iter().map(|tree| Names::resolve(tree, &scope, &package)).collect();
    let pieces = trees.iter().zip(&names).map(Into::into).collect();
    let source = Source {
        files: vec![SourceFile { scope: &scope, excluded: false, pieces }],
        whole: false,
        progress: Progress::default(),
    };
    let mut index = Index::default();
    index.read_embedded();
    let mut checked = Checked::new("example.com/p", "p", &source, Rc::new(index));
    let facts = checked.facts.remove(0).pop().expect("the function has facts");
    let (tree, names) = (trees.into_iter().next_back(), names.into_iter().next_back());
    let (tree, names) = (tree.expect("there is a function"), names.expect("there is a function"));
    let piece = PieceView { start: 0, tree: Arc::new(tree), names: Arc::new(names), facts };
    let package = PackageView { scope: &package, store: &checked.store, functions: None };
    Dispatch::new([rule]).run_piece(&piece, &FileInfo { scope, ..FileInfo::default() }, package);
    FOUND.take()
}

fn setting(body: &str) -> String {
    let found = run(&CONFIGS, body);
    assert_eq!(found.len(), 1, "{found:?} in {body}");
    found.concat()
}

#[test]
fn literals_and_what_follows_them() {
    assert_eq!(setting("s := &http.Server{ReadTimeout: time.Second}; _ = s"), "set time.Second");
    assert_eq!(setting("_ = []http.Server{{Addr: \":80\"}}"), "unset");
    assert_eq!(setting("s := http.Server{}; s.ReadTimeout = 5; _ = s"), "set 5");
    assert_eq!(setting("s := &http.Server{}; s.Addr = \":80\"; s.ListenAndServe()"), "unset");
    assert_eq!(setting("{ s := &http.Server{ReadTimeout: 1}; { s.ReadTimeout = 2 } }"), "set 2");
}

#[test]
fn what_may_change_it_makes_it_unknown() {
    assert_eq!(setting("s := &http.Server{}; if fast { s.ReadTimeout = 5 }"), "unknown");
    assert_eq!(setting("s := &http.Server{}; go func() { s.ReadTimeout = 5 }()"), "unknown");
    assert_eq!(setting("s := &http.Server{}; configure(s)"), "unknown");
    assert_eq!(setting("s := &http.Server{}; go serve(s)"), "unset");
    assert_eq!(setting("s := http.Server{}; configure(&s)"), "unknown");
    assert_eq!(setting("configure(&http.Server{})"), "unknown");
    assert_eq!(setting("apply := func(*http.Server) {}; s := &http.Server{}; apply(s)"), "unknown");
    assert_eq!(setting("s := &http.Server{}; s, err := other(); _, _ = s, err"), "unknown");
    assert_eq!(setting("s := &http.Server{}; s.ReadTimeout++"), "unknown");
}

#[test]
fn fields_that_keep_a_value() {
    assert_eq!(setting("var t struct{ s *http.Server }; t.s = &http.Server{}; t.s.ReadTimeout = 7"), "set 7");
    assert_eq!(setting("var t struct{ s, u *http.Server }; t.s = &http.Server{}; t.u.ReadTimeout = 7"), "unset");
}

#[test]
fn settings_inside_settings() {
    let made = "t := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: 1}}";
    assert_eq!(setting(made), "set 1");
    assert_eq!(setting(&format!("{made}; t.TLSClientConfig.MinVersion = 2")), "set 2");
    assert_eq!(setting("t := &http.Transport{}; t.TLSClientConfig = &tls.Config{MinVersion: 3}"), "set 3");
    assert_eq!(setting("t := &http.Transport{TLSClientConfig: given()}; _ = t"), "unknown");
}

#[test]
fn values_inside_values() {
    let made = "type app struct{ server http.Server }; a := &app{server: http.Server{}}";
    assert_eq!(setting(&format!("{made}; a.server.ReadTimeout = 4")), "set 4");
    assert_eq!(setting(&format!("{made}; a.server.Addr = \"\"")), "unset");
    assert_eq!(setting(&format!("{made}; if fast {{ a.server.ReadTimeout = 4 }}")), "unknown");
}

#[test]
fn constructors_and_their_defaults() {
    assert_eq!(setting("c := sarama.NewConfig(); _ = c"), "unset, WaitForLocal");
    assert_eq!(
        setting("c := sarama.NewConfig(); c.Producer.RequiredAcks = sarama.NoResponse"),
        "set sarama.NoResponse"
    );
    assert_eq!(setting("c := sarama.NewConfig(); sarama.NewClient(nil, c)"), "unset, WaitForLocal");
}

#[test]
fn options() {
    assert_eq!(setting("kgo.NewClient(kgo.ClientID(\"a\"))"), "unset, AllISRAcks()");
    assert_eq!(setting("c, err := kgo.NewClient(kgo.RequiredAcks(kgo.NoAck())); _, _ = c, err"), "set kgo.NoAck()");
    assert_eq!(setting("var opts []kgo.Opt; kgo.NewClient(opts...)"), "unknown");
    assert_eq!(setting("use := func(*kgo.Client) {}; c, _ := kgo.NewClient(); use(c)"), "unset, AllISRAcks()");
}

#[test]
fn values_whose_settings_are_set() {
    let other = |body: &str| run(&FIELDS, body).concat();
    assert_eq!(other("_ = tls.Config{MinVersion: 1, MaxVersion: 2}"), "set 2");
    assert_eq!(other("c := &tls.Config{}; c.MinVersion = 1"), "unset");
    assert_eq!(other("var c *tls.Config; c.MinVersion = 1"), "unknown");
    assert_eq!(other("var t http.Transport; t.TLSClientConfig.MinVersion = 1"), "unknown");
    assert_eq!(
        other("var t http.Transport; x := &t; x.TLSClientConfig.MinVersion = 1; x.TLSClientConfig.MaxVersion = 2"),
        "set 2"
    );
}

#[test]
fn places_where_settings_are_set() {
    let set = |body: &str| run(&SETS, body);
    assert_eq!(set("_ = http.Server{Addr: \"x\", ReadTimeout: 1}"), ["1"]);
    assert_eq!(set("var s *http.Server; s.ReadTimeout = 2; s.ReadHeaderTimeout = 3; s.ReadTimeout += 4"), ["2"]);
    assert_eq!(set("c := sarama.NewConfig(); c.Producer.RequiredAcks = 0"), ["0"]);
    assert_eq!(set("kgo.RequiredAcks(kgo.NoAck())"), ["kgo.NoAck()"]);
    assert_eq!(set("_ = kafka.ConfigMap{\"request.required.acks\": 1, \"acks\": 2}"), ["1"]);
    assert_eq!(set("type Server struct{ ReadTimeout int }; _ = Server{ReadTimeout: 1}"), Vec::<String>::new());
}

#[test]
fn what_this_piece_sets_and_what_sets_the_rest() {
    let edit = |body: &str| run(&EDITS, body).concat();
    assert_eq!(edit("_ = http.Server{}"), "ReadTimeout: 1");
    assert_eq!(edit("_ = http.Server{Addr: \":80\"}"), ", ReadTimeout: 1");
    assert_eq!(edit("s := &http.Server{}; configure(s)"), "ReadTimeout: 1");
    assert_eq!(edit("s := &http.Server{}; if fast { s.ReadTimeout = 5 }"), "set");
    assert_eq!(edit("\tc := sarama.NewConfig()"), "\n\tc.Producer.RequiredAcks = 1");
    assert_eq!(edit("sarama.NewClient(nil, sarama.NewConfig())"), "");
    assert_eq!(edit("c := sarama.NewConfig(); c.Producer.RequiredAcks = 1"), "set");
}
