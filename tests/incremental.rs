//! After an edit only what it can have changed is done again: the counts of work say so, not a clock.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use gopeer_engine::protocol::{Delta, FileText, Review};
use gopeer_engine::{Progress, Session};

const MAIN: &str = "package main\n\nimport \"time\"\n\nfunc a() {\n\ttime.Sleep(5)\n}\n\nfunc b() {\n\ttime.Sleep(6)\n}\n\nfunc c() {}\n";
const OTHER: &str = "package main\n\nfunc d() {\n\ta()\n}\n";

/// A session over both files, reviewed once.
fn open() -> Session {
    let mut session = Session::new();
    let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
    session.open(vec![file("main.go", MAIN), file("other.go", OTHER)]);
    let review = review(&mut session);
    assert_eq!((review.stats.pieces, review.stats.parsed, review.stats.examined), (7, 7, 7));
    session
}

fn review(session: &mut Session) -> Review {
    session.review("senior").expect("senior is built in")
}

/// Puts `insert` where `at` stands in main.go.
fn type_at(session: &mut Session, at: &str, insert: &str) {
    let text = session.text("main.go").expect("it is open");
    let from = text.find(at).expect("the place is there") as u32;
    session.edit("main.go", &[Delta { from, to: from, insert: insert.into() }]).expect("the edit fits");
}

fn work(session: &mut Session) -> (u32, u32) {
    let review = review(session);
    (review.stats.parsed, review.stats.examined)
}

#[test]
fn nothing_changed_nothing_done() {
    let mut session = open();
    assert_eq!(work(&mut session), (0, 0));
    session.review("data").expect("data is built in");
    assert_eq!(work(&mut session), (0, 0), "another persona looks at the same facts");
}

#[test]
fn typing_in_a_body_touches_that_function() {
    let mut session = open();
    type_at(&mut session, "time.Sleep(5)", "_ = 1\n\t");
    assert_eq!(work(&mut session), (1, 1));
}

#[test]
fn braces_that_are_still_open_touch_their_function_alone() {
    let mut session = open();
    for typed in ["for {\n\t", "if true {\n\t", "x"] {
        type_at(&mut session, "time.Sleep(6)", typed);
        let review = review(&mut session);
        assert_eq!((review.stats.parsed, review.stats.checked, review.stats.examined), (1, 1, 1), "after {typed:?}");
    }
}

#[test]
fn typing_in_a_body_infers_that_body_alone() {
    let mut session = open();
    assert_eq!(review(&mut session).stats.checked, 0, "nothing changed, nothing inferred");
    for edit in ["x := 1\n\t_ = x\n\t", "y := \"two\"\n\t_ = y\n\t"] {
        type_at(&mut session, "time.Sleep(5)", edit);
        assert_eq!(review(&mut session).stats.checked, 1);
    }
    type_at(&mut session, "() {\n\ttime.Sleep(6)", "2");
    assert_eq!(review(&mut session).stats.checked, 7, "another signature concerns the whole package");
}

#[test]
fn what_stands_below_only_moves() {
    let mut session = open();
    let before = review(&mut session);
    type_at(&mut session, "func a", "// a waits.\n// Long.\n");
    let after = review(&mut session);
    assert_eq!(after.stats.examined, 1);
    let lines = |review: &Review| {
        let mut lines: Vec<_> = review.findings.iter().map(|finding| finding.place.range.line).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines(&before), [6, 10]);
    assert_eq!(lines(&after), [8, 12]);
}

#[test]
fn a_new_package_name_concerns_the_whole_package() {
    let mut session = open();
    type_at(&mut session, "func c", "func e() {}\n\n");
    let (parsed, examined) = work(&mut session);
    assert_eq!(parsed, 1, "trees do not depend on names");
    assert_eq!(examined, 8, "but what names mean does");
}

#[test]
fn an_import_concerns_its_file() {
    let mut session = open();
    type_at(&mut session, "\"time\"", "_ \"embed\"\nimport ");
    let (_, examined) = work(&mut session);
    assert_eq!(examined, 8, "an import may change the types of what its file declares, and others use that");
}

#[test]
fn an_open_brace_keeps_the_others() {
    let mut session = open();
    type_at(&mut session, "time.Sleep(5)", "if true {\n\t");
    let review = review(&mut session);
    assert_eq!(review.stats.parsed, 1);
    assert!(review.findings.iter().any(|finding| finding.place.range.line == 11), "b is still examined");
    assert_eq!(review.unparsed.len(), 1);
    assert!(review.verdict.starts_with("Not all of this could be read as Go"), "{}", review.verdict);
    assert!(!review.verdict.contains("merge"), "{}", review.verdict);
}

#[test]
fn packages_of_a_module_know_each_other() {
    let mut session = Session::new();
    let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
    let store = "package store\n\ntype Row struct{ ID int }\n\nfunc Load() (*Row, error) { return nil, nil }\n";
    let main = "package main\n\nimport \"example.com/shop/store\"\n\nfunc main() {\n\trow, err := store.Load()\n\t_, _ = row, err\n}\n";
    session.open(vec![file("go.mod", "module example.com/shop\n"), file("main.go", main), file("store/row.go", store)]);
    review(&mut session);
    let at = main.find("row,").expect("it is there") as u32;
    let code = |session: &Session| session.inspect("main.go", at).expect("main.go is open").map(|found| found.code);
    assert_eq!(code(&session).as_deref(), Some("var row *store.Row"));
    let at_load = session.inspect("main.go", main.find("Load").expect("it is there") as u32).expect("main.go is open");
    let load = at_load.expect("Load is known");
    assert_eq!(load.code, "func Load() (*Row, error)", "as it is written");
    let target = load.definition.map(|target| (target.file, target.from as usize));
    assert_eq!(target, Some(("store/row.go".to_owned(), store.find("Load").expect("it is there"))));
    let from = store.find("*Row").expect("it is there") as u32;
    session.edit("store/row.go", &[Delta { from, to: from + 1, insert: String::new() }]).expect("the edit fits");
    review(&mut session);
    assert_eq!(code(&session).as_deref(), Some("var row store.Row"));
}

#[test]
fn members_are_known_where_they_are_declared_and_where_they_are_used() {
    let text = "package shop\n\ntype cart struct{ size int }\n\nfunc (c *cart) add(n int) { c.size += n }\n\nfunc fill(c *cart) { c.add(c.size) }\n\nfunc of(n int) *cart { return &cart{size: n} }\n\ntype counts map[string]int\n\nfunc one(key string) counts { return counts{key: 1} }\n";
    let mut session = Session::new();
    session.open(vec![FileText { name: "cart.go".into(), text: text.into() }]);
    review(&mut session);
    let inspect =
        |at: usize| session.inspect("cart.go", at as u32).expect("cart.go is open").expect("a name stands there");
    let places =
        |name: &str| text.match_indices(name).map(|(at, _)| (at as u32, (at + name.len()) as u32)).collect::<Vec<_>>();
    for (name, code) in [("size", "field cart.size int"), ("add", "func (c *cart) add(n int)")] {
        let places = places(name);
        assert!(places.len() > 1);
        for &(from, _) in &places {
            let found = inspect(from as usize);
            assert_eq!((found.code.as_str(), found.note, &found.uses), (code, None, &places), "at {from}");
            assert_eq!(found.definition.map(|target| target.from), Some(places[0].0));
        }
    }
    let places = places("key");
    assert!(places.len() == 2 && places.iter().all(|&(from, _)| inspect(from as usize).uses == places));
}

#[test]
fn what_variables_are_made_with_concerns_the_whole_package() {
    let mut session = Session::new();
    let text = "package main\n\nvar limit = compute()\n\nfunc compute() int {\n\treturn 1\n}\n\nfunc main() {}\n";
    session.open(vec![FileText { name: "main.go".into(), text: text.into() }]);
    let cycles = |review: &Review| {
        let of = |said: &str| said.contains("initialization cycle");
        review.findings.iter().filter(|finding| of(&finding.message)).count()
    };
    assert_eq!(cycles(&review(&mut session)), 0);
    type_at(&mut session, "1\n", "2 * ");
    assert_eq!(review(&mut session).stats.checked, 1, "it refers to what it did");
    type_at(&mut session, "2 * 1", "limit + ");
    let found = review(&mut session);
    assert_eq!((found.stats.checked, cycles(&found)), (4, 1));
}

#[test]
fn what_did_not_parse_and_does_now_concerns_the_whole_package() {
    let mut session = Session::new();
    session.set_whole(true);
    let text = "package main\n\nfunc main() {\n\tmissing()\n}\n\nfunc a() int {\n\treturn 1 +\n}\n\nfunc b() {}\n";
    session.open(vec![FileText { name: "main.go".into(), text: text.into() }]);
    let missing = |session: &mut Session| {
        review(session).findings.iter().filter(|finding| finding.message.contains("undefined: missing")).count()
    };
    assert_eq!(missing(&mut session), 0, "it may stand in what did not parse");
    type_at(&mut session, "1 +", "2 * ");
    assert_eq!(missing(&mut session), 0);
    type_at(&mut session, "\n}\n\nfunc b", " 3");
    assert_eq!(missing(&mut session), 1);
}

#[test]
fn a_name_may_be_asked_for_at_any_time() {
    let mut session = Session::new();
    let ask_everywhere = |session: &Session| {
        (0..=MAIN.len() as u32).filter(|&at| session.inspect("main.go", at).unwrap().is_some()).count()
    };
    session.open(vec![FileText { name: "main.go".into(), text: MAIN.into() }]);
    assert_eq!(ask_everywhere(&session), 0);
    review(&mut session);
    assert!(ask_everywhere(&session) > 10);
}

#[test]
fn long_work_gives_a_sign_at_every_step() {
    let signs = |text: String| {
        let count = Arc::new(AtomicU32::new(0));
        let mut session = Session::new();
        let counted = Arc::clone(&count);
        session.set_progress(Progress::new(move || {
            counted.fetch_add(1, Relaxed);
        }));
        session.open(vec![FileText { name: "main.go".into(), text }]);
        review(&mut session);
        count.load(Relaxed)
    };
    let function = |name: usize, body: &str| format!("func f{name}() {{\n{body}}}\n\n");
    let assignments = |count: usize| "\t_ = 1\n".repeat(count);
    let nothing = signs("package main\n".to_owned());
    let small = signs(format!("package main\n\n{}", function(0, &assignments(100)))) - nothing;
    let many: String = (0..100).map(|name| function(name, "\t_ = 1\n")).collect();
    assert!(signs(format!("package main\n\n{many}")) - nothing > 300, "each piece is parsed, checked and examined");
    assert!(small > 300, "each statement is, of one function too");
    let large = signs(format!("package main\n\n{}", function(0, &assignments(1000)))) - nothing;
    assert!(large > 9 * small, "{large} for ten times the work of {small}");
}

#[test]
fn all_personas_look_at_one_examination() {
    const ALL: [&str; 5] = ["senior", "backend", "cloud-native", "data", "throughput"];
    let mut together = open();
    type_at(&mut together, "time.Sleep(5)", "_ = 1\n\t");
    let reviews = together.reviews(&ALL).expect("they are built in");
    assert!(reviews.iter().all(|review| (review.stats.parsed, review.stats.examined) == (1, 1)));
    for (id, mut review) in ALL.into_iter().zip(reviews) {
        let mut alone = together.review(id).expect("it is built in");
        (review.stats, alone.stats) = Default::default();
        assert_eq!(review, alone, "{id}");
    }
    assert!(together.reviews(&["senior", "nobody"]).is_err());
}

const HELPER: &str = "package p\n\nimport \"os\"\n\nfunc size(name string) int64 {\n\tf, err := os.Open(name)\n\tif err != nil {\n\t\treturn 0\n\t}\n\tinfo, _ := f.Stat()\n\tdone(f)\n\treturn info.Size()\n}\n\nfunc done(f *os.File) {\n\tshut(f)\n}\n\nfunc shut(f *os.File) {\n\tf.Close()\n}\n";

/// The rules that found something, with the line.
fn leaks(review: &Review) -> Vec<(&str, u32)> {
    let leaks = review.findings.iter().filter(|finding| finding.rule == "resources/closer-not-closed");
    leaks.map(|finding| (finding.rule.as_str(), finding.place.range.line)).collect()
}

#[test]
fn callers_follow_what_a_function_does() {
    let mut session = Session::new();
    session.open(vec![FileText { name: "main.go".into(), text: HELPER.into() }]);
    let first = review(&mut session);
    assert_eq!(leaks(&first), [], "two functions further down it is closed");
    assert!(first.stats.solved > 1);
    // An edit that changes nothing of what `shut` does: it is examined, and who asked about it is not.
    type_at(&mut session, "f.Close()", "_ = 1\n\t");
    let same = review(&mut session);
    assert_eq!((same.stats.parsed, same.stats.examined), (1, 1));
    assert!(same.stats.solved < first.stats.solved, "{:?}", same.stats);
    // Now it does not close any more, and the caller of its caller is another one.
    type_at(&mut session, "f.Close()", "// ");
    let leaking = review(&mut session);
    assert_eq!(leaks(&leaking), [("resources/closer-not-closed", 6)]);
    assert_eq!((leaking.stats.parsed, leaking.stats.examined), (1, 2), "`done` itself asks nothing");
    // A session that reads it for the first time says the same.
    let mut fresh = Session::new();
    fresh.open(vec![FileText { name: "main.go".into(), text: session.text("main.go").expect("it is open").into() }]);
    assert_eq!(leaks(&review(&mut fresh)), leaks(&leaking));
}

/// Types that start a goroutine each: what a rule asks about one is not asked of all functions of the package again.
#[test]
fn twice_as_many_types_take_twice_as_many_questions() {
    let solved = |types: usize| {
        let one = |n| {
            format!(
                "type S{n} struct {{\n\tmu sync.Mutex\n\tbuf []int\n\tdone chan struct{{}}\n}}\n\nfunc New{n}() *S{n} {{\n\ts := &S{n}{{done: make(chan struct{{}})}}\n\tgo s.loop()\n\treturn s\n}}\n\nfunc (s *S{n}) loop() {{\n\tfor range s.done {{\n\t\ts.flush()\n\t}}\n}}\n\nfunc (s *S{n}) flush() {{\n\ts.mu.Lock()\n\ts.buf = nil\n\ts.mu.Unlock()\n}}\n\nfunc (s *S{n}) Close() {{ close(s.done) }}\n\nfunc (s *S{n}) Len() int {{ return len(s.buf) }}\n\n"
            )
        };
        let types: String = (0..types).map(one).collect();
        let mut session = Session::new();
        session
            .open(vec![FileText { name: "main.go".into(), text: format!("package p\n\nimport \"sync\"\n\n{types}") }]);
        review(&mut session).stats.solved
    };
    let (few, many) = (solved(20), solved(40));
    assert!(few > 100, "{few}");
    assert!(many < few * 21 / 10, "{few} questions of 20 types, {many} of 40");
}

#[test]
fn functions_that_never_return_end_what_is_claimed() {
    let text = "package p\n\nimport (\n\t\"log\"\n\t\"os\"\n)\n\nfunc head(name string) {\n\tf, err := os.Open(name)\n\tif err != nil {\n\t\treturn\n\t}\n\tif name == \"\" {\n\t\tgiveUp(name)\n\t}\n\tf.Close()\n}\n\nfunc giveUp(name string) {\n\tlog.Fatalf(\"no %s\", name)\n}\n";
    let mut session = Session::new();
    session.open(vec![FileText { name: "main.go".into(), text: text.into() }]);
    assert_eq!(leaks(&review(&mut session)), []);
    type_at(&mut session, "log.Fatalf", "if name == \"x\" {\n\t\treturn\n\t}\n\t");
    type_at(&mut session, "giveUp(name)\n", "return\n\t\t");
    assert_eq!(leaks(&review(&mut session)).len(), 1, "an early return is one");
}

/// What another path stores or returns is closed by who gets it: a deferred release would close it under their hands.
#[test]
fn a_release_is_deferred_only_where_nobody_else_gets_it() {
    let fixes = |kept: &str| {
        let text = format!(
            "package p\n\nimport \"os\"\n\nvar file *os.File\n\nfunc open(name string) error {{\n\tf, err := os.Create(name)\n\tif err != nil {{\n\t\treturn err\n\t}}\n\tif _, err := f.Stat(); err != nil {{\n\t\treturn err\n\t}}\n\t{kept}\n\treturn nil\n}}\n"
        );
        let mut session = Session::new();
        session.open(vec![FileText { name: "main.go".into(), text }]);
        let review = review(&mut session);
        let leak = review.findings.iter().find(|finding| finding.rule == "resources/closer-not-closed");
        leak.expect("it is left open where Stat fails").fixes.len()
    };
    assert_eq!((fixes("file = f"), fixes("f.Close()")), (0, 1));
}

#[test]
fn a_file_that_is_not_built_has_functions_of_its_own() {
    const SHARED: &str = "package p\n\nimport \"sync\"\n\ntype S struct {\n\tmu sync.Mutex\n\tm  map[string]int\n}\n\nfunc (s *S) Add(key string) {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\ts.m[key]++\n\tif s.m[key] > 9 {\n\t\ts.m[key] = 0\n\t}\n}\n\nfunc (s *S) Drop(key string) {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\tdelete(s.m, key)\n}\n";
    const LINUX: &str =
        "package p\n\nfunc (s *S) Len() int {\n\tn := 1\n\tn += 2\n\tn += 3\n\treturn n + len(s.m)\n}\n";
    const WINDOWS: &str = "package p\n\nfunc (s *S) Len() int { return len(s.m) }\n";
    let mut session = Session::new();
    let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
    session.open(vec![file("s.go", SHARED), file("s_linux.go", LINUX), file("s_windows.go", WINDOWS)]);
    let review = session.review("senior").expect("senior is built in");
    let found = review.findings.iter().filter(|finding| finding.rule == "concurrency/unguarded-field");
    let files: Vec<&str> = found.map(|finding| finding.place.file.as_str()).collect();
    assert_eq!(files, ["s_linux.go"]);
}

#[test]
fn a_step_in_another_function_moves_with_it() {
    const STORE: &str = "package main\n\nimport \"sync\"\n\ntype store struct {\n\tmu sync.Mutex\n\tn  int\n}\n";
    const USERS: &str = "package main\n\nfunc (s *store) add() {\n\ts.mu.Lock()\n\ts.n++\n\ts.mu.Unlock()\n}\n\n\
        func (s *store) drop() {\n\ts.mu.Lock()\n\ts.n--\n\ts.mu.Unlock()\n}\n\n\
        func (s *store) take() int {\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\ts.n--\n\treturn s.n\n}\n";
    const READER: &str = "package main\n\nfunc (s *store) Size() int { return s.n }\n";
    let mut session = Session::new();
    let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
    session.open(vec![file("main.go", USERS), file("reader.go", READER), file("store.go", STORE)]);
    let steps = |session: &mut Session| -> Vec<u32> {
        let review = review(session);
        let found = review.findings.iter().find(|finding| finding.rule == "concurrency/unguarded-field");
        let steps = found.expect("the field is read without its lock").steps.iter();
        steps.filter(|step| step.place.file == "main.go").map(|step| step.place.range.line).collect()
    };
    let before = steps(&mut session);
    assert!(!before.is_empty(), "the evidence is in the other functions");
    type_at(&mut session, "func (s *store) add", "// add counts one more.\n// It may be called at any time.\n");
    let work = review(&mut session).stats;
    assert_eq!(steps(&mut session), before.iter().map(|line| line + 2).collect::<Vec<_>>());
    assert_eq!(work.examined, 1, "the function with the finding is not examined again");
}
