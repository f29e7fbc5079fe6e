//! Reviewers of one's own, and the small rules that they bring: what is called is known by types, never by text.

use gopeer_engine::config::Read;
use gopeer_engine::persona::{BUILTIN, Persona, template};
use gopeer_engine::protocol::{FileText, Review, RuleInfo, SilencedBy};
use gopeer_engine::{Session, report, rule_infos};

fn read(text: &str) -> Persona {
    let session = Session::new();
    match Read::of("team.md", text, &session.rule_ids(), &session.persona_ids()) {
        Ok(Read::Persona(persona)) => *persona,
        other => panic!("{text}\n{other:?}"),
    }
}

/// A reviewer with a rule about `call`, with more lines of TOML.
fn with_rule(call: &str, more: &str) -> Persona {
    let rule = format!(
        "[[rules]]\nname = \"no\"\ncall = {call}\nmessage = \"`{{call}}` is not for us\"\nnote = \"Ask first.\"\n{more}"
    );
    read(&format!("+++\nid = \"ours\"\nname = \"Ours\"\ntagline = \"t\"\n{rule}\n+++\n"))
}

fn review(persona: &Persona, files: &[(&str, &str)]) -> Review {
    let mut session = Session::new();
    session.add_persona(persona.clone());
    session.open(files.iter().map(|(name, text)| FileText { name: (*name).into(), text: (*text).into() }).collect());
    session.review(&persona.id).expect("it was added")
}

/// The lines of a file on which the team's rule speaks.
fn lines(persona: &Persona, text: &str) -> Vec<u32> {
    let review = review(persona, &[("go.mod", "module example.com/shop\n\ngo 1.24\n"), ("a.go", text)]);
    let of_team = review.findings.iter().filter(|finding| finding.rule == "team/no");
    // Of many the first stands for all, with the places of the others.
    let places = of_team.flat_map(|finding| {
        std::iter::once(&finding.place).chain(finding.related.iter().filter_map(|related| related.place.as_ref()))
    });
    let mut lines: Vec<u32> = places.map(|place| place.range.line).collect();
    lines.sort_unstable();
    lines
}

/// The lines that end in `// here`.
fn marked(text: &str) -> Vec<u32> {
    let marked = text.lines().zip(1..).filter(|(line, _)| line.ends_with("// here"));
    marked.map(|(_, line)| line).collect()
}

#[test]
fn calls_are_known_by_types() {
    let go = r#"package shop

import (
	"net/http"
	clock "time"
)

type time struct{}

func (time) Sleep(int) {}

type client struct{ *http.Client }

type doer interface{ Do(*http.Request) (*http.Response, error) }

func f(c client, d doer, r *http.Request) {
	var time time
	time.Sleep(3)
	clock.Sleep(3) // here
	wait := clock.Sleep
	wait(3)
	c.Do(r)        // here
	c.Client.Do(r) // here
	d.Do(r)
	http.DefaultClient.Do(r) // here
	// time.Sleep(1)
	_ = "time.Sleep(1)"
}
"#;
    assert_eq!(lines(&with_rule(r#"["time.Sleep", "net/http.Client.Do"]"#, ""), go), marked(go));
    let own = "package shop\n\ntype DB struct{}\n\nfunc Open() *DB { return nil }\n\nfunc (*DB) Drop() {}\n\nfunc g() {\n\tdb := Open() // here\n\tdb.Drop() // here\n}\n";
    assert_eq!(lines(&with_rule(r#"["example.com/shop.Open", "example.com/shop.DB.Drop"]"#, ""), own), marked(own));
}

#[test]
fn conditions_are_about_types_and_constants() {
    let function = |line: &str| {
        format!(
            "package shop\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"net/http\"\n\t\"os\"\n\t\"strings\"\n\t\"time\"\n)\n\nconst second = time.Second\n\nfunc f(ctx context.Context, n int, name string, c *http.Client, x unknown.Type) {{\n\t{line}\n}}\n"
        )
    };
    let sleep = r#""time.Sleep""#;
    for (call, when, line, found) in [
        (sleep, r#"more-than = "500ms""#, "time.Sleep(second)", true),
        (sleep, r#"more-than = "1s""#, "time.Sleep(second)", false),
        (sleep, r#"more-than = "1s""#, "time.Sleep(time.Duration(n))", false),
        (sleep, r#"less-than = "1m""#, "time.Sleep(30 * time.Second)", true),
        (sleep, r#"equals = 0"#, "time.Sleep(0)", true),
        (sleep, r#"differs = 0"#, "time.Sleep(0)", false),
        (sleep, r#"differs = 0"#, "time.Sleep(1)", true),
        (sleep, r#"differs = 0"#, "time.Sleep(time.Duration(n))", false),
        (sleep, r#"constant = true"#, "time.Sleep(second)", true),
        (sleep, r#"constant = false"#, "time.Sleep(second)", false),
        (sleep, r#"constant = false"#, "time.Sleep(time.Duration(n))", true),
        (sleep, r#"constant = false"#, "time.Sleep(x)", false),
        (r#""os.Getenv""#, r#"starts-with = "SHOP_""#, r#"os.Getenv("SHOP_" + "DB")"#, true),
        (r#""os.Getenv""#, r#"starts-with = "SHOP_""#, r#"os.Getenv("HOME")"#, false),
        (r#""os.Getenv""#, r#"equals = "HOME""#, r#"os.Getenv("HOME")"#, true),
        (r#""os.Getenv""#, r#"equals = "HOME""#, "os.Getenv(name)", false),
        (r#""context.WithCancel""#, r#"is = "context.Background""#, "context.WithCancel(context.Background())", true),
        (r#""context.WithCancel""#, r#"is = "context.Background""#, "context.WithCancel(ctx)", false),
        (r#""context.WithCancel""#, r#"is-not = "context.TODO""#, "context.WithCancel(context.Background())", true),
        (r#""context.WithCancel""#, r#"is-not = "context.TODO""#, "context.WithCancel(ctx)", false),
        (r#""fmt.Fprintln""#, r#"is = ["os.Stdout", "os.Stderr"]"#, "fmt.Fprintln(os.Stderr, n)", true),
        (r#""fmt.Fprintln""#, r#"type = "strings.Builder""#, "var b strings.Builder; fmt.Fprintln(&b, n)", true),
        (r#""fmt.Fprintln""#, r#"type = "strings.Builder""#, "fmt.Fprintln(os.Stderr, n)", false),
        (r#""fmt.Println""#, r#"equals = true"#, "fmt.Println(true)", true),
        (r#""fmt.Println""#, r#"equals = true"#, "fmt.Println(false)", false),
    ] {
        let persona = with_rule(call, &format!("when = [{{ argument = 1, {when} }}]"));
        assert_eq!(!lines(&persona, &function(line)).is_empty(), found, "{when}: {line}");
    }
    let both =
        with_rule(sleep, "when = [{ argument = 1, more-than = 1, less-than = 3 }, { argument = 2, constant = true }]");
    assert!(lines(&both, &function("time.Sleep(2)")).is_empty(), "there is no second argument");
}

#[test]
fn what_did_not_parse_and_other_files_are_left_alone() {
    let broken = "package shop\n\nimport \"time\"\n\nfunc f() {\n\ttime.Sleep(3 3)\n}\n";
    assert!(lines(&with_rule(r#""time.Sleep""#, ""), broken).is_empty());
    let go = "package shop\n\nimport \"time\"\n\nfunc f() { time.Sleep(3) }\n";
    let found = |files: &str| {
        let persona = with_rule(r#""time.Sleep""#, files);
        let review = review(&persona, &[("a.go", go), ("a_test.go", &go.replace("f()", "g()"))]);
        let of_team = review.findings.into_iter().filter(|finding| finding.rule == "team/no");
        let mut names: Vec<String> = of_team.map(|finding| finding.place.file).collect();
        names.sort();
        names
    };
    assert_eq!(found(""), ["a.go"]);
    assert_eq!(found("files = \"tests\""), ["a_test.go"]);
    assert_eq!(found("files = \"all\""), ["a.go", "a_test.go"]);
}

const SLEEPS: &str = "package shop\n\nimport \"time\"\n\nfunc f() {\n\ttime.Sleep(1)\n\ttime.Sleep(2) //nolint:team/no // a test of this\n\ttime.Sleep(3) //nolint:no\n\ttime.Sleep(4) //nolint:other\n}\n";

#[test]
fn findings_are_silenced_and_configured_like_others() {
    let persona = with_rule(r#""time.Sleep""#, "severity = \"high\"");
    assert_eq!(lines(&persona, SLEEPS), [6, 9]);
    let with = |config: &str| {
        let files = [("go.mod", "module example.com/shop\n\ngo 1.24\n"), (".gopeer.toml", config), ("a.go", SLEEPS)];
        review(&persona, &files)
    };
    let off = with("[rules]\n\"team/no\" = \"off\"\n");
    assert!(off.findings.iter().all(|finding| finding.rule != "team/no") && off.notes.is_empty(), "{:?}", off.notes);
    let by = |by: SilencedBy| {
        off.suppressed.iter().filter(|silenced| silenced.by == by && silenced.rule == "team/no").count()
    };
    assert_eq!((by(SilencedBy::Comment), by(SilencedBy::Config)), (2, 2));
    let low = with("[rules]\n\"team/no\" = \"low\"\n");
    let severities: Vec<&str> = low
        .findings
        .iter()
        .filter(|finding| finding.rule == "team/no")
        .map(|finding| finding.severity.name())
        .collect();
    assert_eq!(severities, ["low", "low"]);
    let found = review(&persona, &[("a.go", "package a\n")]);
    assert!(found.held.iter().all(|held| held.rule != "team/no"), "there was nothing to check");
    let clean = with_rule(r#""time.Sleep""#, "when = [{ argument = 1, equals = 7 }]");
    let held = review(&clean, &[("a.go", SLEEPS)]).held;
    assert!(held.iter().any(|held| held.rule == "team/no" && held.places == 4), "{held:?}");
}

#[test]
fn of_many_in_a_file_the_first_stands_for_all() {
    let many = format!("package shop\n\nimport \"time\"\n\nfunc f() {{\n{}}}\n", "\ttime.Sleep(1)\n".repeat(9));
    let review = review(&with_rule(r#""time.Sleep""#, ""), &[("a.go", &many)]);
    let first: Vec<_> = review.findings.iter().filter(|finding| finding.rule == "team/no").collect();
    assert_eq!(first.len(), 1);
    assert!(first[0].related.iter().any(|related| related.message == "8 more calls in this file do the same"));
}

#[test]
fn only_who_brings_a_rule_speaks_of_it() {
    let persona = with_rule(r#""time.Sleep""#, "");
    let mut session = Session::new();
    session.add_persona(persona.clone());
    session.open(vec![FileText { name: "a.go".into(), text: SLEEPS.into() }]);
    let reviews = session.reviews(&["senior", "ours", "data"]).expect("all are known");
    let by = |review: &Review| review.findings.iter().filter(|finding| finding.rule == "team/no").count();
    assert_eq!(reviews.iter().map(by).collect::<Vec<_>>(), [0, 2, 0]);
}

#[test]
fn findings_are_in_all_exports() {
    let persona = with_rule(r#""time.Sleep""#, "");
    let review = review(&persona, &[("a.go", SLEEPS)]);
    let texts = [("a.go".to_owned(), SLEEPS.to_owned())].into_iter().collect();
    let mut rules = rule_infos();
    rules.extend(persona.rules.iter().map(RuleInfo::from));
    let sarif = report::sarif([&review], &rules);
    let of_team = |result: &&serde_json::Value| result["ruleId"] == "team/no";
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    assert_eq!(results.iter().filter(of_team).count(), 4, "two are suppressed");
    let at = results.iter().find(of_team).and_then(|result| result["ruleIndex"].as_u64()).expect("it is described");
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][at as usize]["id"], "team/no");
    for (kind, text) in [
        ("text", report::text(&review, &texts, 0, false)),
        ("Markdown", report::markdown(&review, &texts, None)),
        ("HTML", report::html(&review, &texts, None)),
        ("JSON", report::json(&review, None::<&()>).expect("plain data").to_string()),
    ] {
        assert!(
            text.contains("team/no") && text.contains("is not for us") && text.contains("Ask first."),
            "{kind}: {text}"
        );
    }
}

#[test]
fn what_the_index_does_not_have_is_said() {
    let notes = |call: &str| -> Vec<String> {
        review(&with_rule(call, ""), &[("a.go", SLEEPS)]).notes.into_iter().map(|note| note.message).collect()
    };
    assert_eq!(
        notes(r#""time.Slep""#),
        ["team/no may find nothing with time.Slep: the index of packages has no such name."]
    );
    assert_eq!(
        notes(r#"["time.Time.Ad", "time.Tim.Add", "bufio.ReadWriter.Flush"]"#).len(),
        3,
        "promoted ones go by another type"
    );
    let fine =
        r#"["time.Sleep", "time.Time.Add", "net/http.ResponseWriter.Header", "example.com/x/y.Z", "shop/db.Open"]"#;
    assert!(notes(fine).is_empty(), "{:?}", notes(fine));
}

/// What a reviewer says is text, also where it looks like markup.
#[test]
fn texts_of_reviewers_are_text() {
    let persona = read(
        "+++\nid = \"ours\"\nname = \"<img src=x onerror=alert(1)>\"\ntagline = \"<b>\"\n[[rules]]\nname = \"no\"\ncall = \"time.Sleep\"\nmessage = \"<script>alert(1)</script>\"\n+++\n",
    );
    let review = review(&persona, &[("a.go", SLEEPS)]);
    let texts = [("a.go".to_owned(), SLEEPS.to_owned())].into_iter().collect();
    let html = report::html(&review, &texts, None);
    assert!(!html.contains("<img src=x") && !html.contains("<script>alert"), "{html}");
}

#[test]
fn a_call_over_several_lines_goes_by_its_name() {
    let persona = with_rule(r#""net/http.Client.Do""#, "");
    let said = |call: &str| {
        let go = format!(
            "package shop\n\nimport \"net/http\"\n\nfunc client(string) *http.Client {{ return nil }}\n\nfunc f(r *http.Request) {{\n\t{call}(r)\n}}\n"
        );
        let found = review(&persona, &[("a.go", &go)]).findings.into_iter().find(|finding| finding.rule == "team/no");
        found.expect("it is found").message
    };
    assert_eq!(said("client(\"a\").Do"), "`client(\"a\").Do` is not for us");
    assert_eq!(said("client(`a\nb`).Do"), "`Do` is not for us");
}

#[test]
fn a_file_among_the_files_reviews() {
    let mut session = Session::new();
    let team = template("data").expect("there is a template");
    let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
    session.open(vec![file("team.md", ""), file("a.go", SLEEPS)]);
    session.review("our-data").expect_err("nobody has written it");
    session.open(vec![file("team.md", &team), file("a.go", SLEEPS)]);
    let review = session.review("our-data").expect("the file says who it is");
    assert_eq!((review.persona.name.as_str(), review.notes.len()), ("Our Cassandra/Kafka", 0), "{:?}", review.notes);
    session.open(vec![file("team.md", &team.replace("show =", "shows =")), file("a.go", SLEEPS)]);
    let review = session.review("our-data").expect("it is as it was last");
    let note = review.notes.first().expect("it is said what is wrong");
    let place = note.place.as_ref().expect("with its place");
    assert!(note.message.starts_with("team.md is not used: unknown field `shows`"), "{note:?}");
    assert!(team.lines().nth(place.range.line as usize - 1).is_some_and(|line| line.starts_with("show =")), "{note:?}");
}

#[test]
fn the_built_in_ones_and_their_templates_are_without_fault() {
    for (id, known) in BUILTIN.iter().zip(gopeer_engine::persona::builtin()) {
        let text = template(id).expect("there is a template");
        let started = read(&text);
        assert_eq!(started.id, format!("our-{id}"));
        let same = Persona { id: known.id.clone(), name: known.name.clone(), ..started };
        assert_eq!(same, known, "{id}: it reviews like the one that it was started from");
        let with_rule =
            text.lines().map(|line| line.strip_prefix("# ").filter(|line| !line.is_empty()).unwrap_or(line));
        let begins = text.lines().position(|line| line == "# [[rules]]").expect("there is a rule to try");
        let tried: Vec<&str> = text
            .lines()
            .zip(with_rule)
            .enumerate()
            .map(|(at, (line, open))| if at >= begins { open } else { line })
            .collect();
        assert_eq!(read(&tried.join("\n")).rules.len(), 1, "{id}");
    }
}
