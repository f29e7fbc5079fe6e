//! Sessions that hold files of a module: what a go.mod tells, and what it does not.

mod files;

use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, FileText, Inspection, Review};

use files::{open, review};

const MOD: &str = "module example.com/shop\n";
const MAIN: &str =
    "package main\n\nimport \"example.com/shop/store\"\n\nfunc main() {\n\trow := store.Load()\n\t_ = row\n}\n";
const STORE: &str = "package store\n\ntype Row struct{ ID int }\n\nfunc Load() *Row { return nil }\n";

/// What is known of the first `name` in main.go.
fn inspect(session: &mut Session, name: &str) -> Inspection {
    review(session);
    let at = session.text("main.go").and_then(|text| text.find(name)).expect("it is there");
    session.inspect("main.go", at as u32).expect("main.go is open").expect("a name stands there")
}

#[test]
fn a_go_mod_does_not_say_that_a_package_is_whole() {
    let store = STORE.replace("*Row { return nil }", "*Row { return fetch() }");
    let main = MAIN.replace("store.Load()", "store.Open(options)");
    let mut session = open(&[("go.mod", MOD), ("main.go", &main), ("store/row.go", &store)]);
    let named = |review: &Review| {
        let rules = review.findings.iter().filter(|finding| finding.rule.starts_with("correctness/"));
        rules.map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(named(&review(&mut session)), [""; 0], "fetch, Open and options may stand in files that are not here");
    session.set_whole(true);
    assert_eq!(named(&review(&mut session)).len(), 3, "the same files mean more once they are all");
}

#[test]
fn only_a_go_mod_names_a_module() {
    let mut session = open(&[("cargo.mod", "module example.com/other\n"), ("main.go", MAIN), ("store/row.go", STORE)]);
    assert_eq!(inspect(&mut session, "row").code, "row");
    let mut session = open(&[("go.mod", MOD), ("main.go", MAIN), ("store/row.go", STORE)]);
    assert_eq!(inspect(&mut session, "row").code, "var row *store.Row");
}

#[test]
fn types_of_packages_far_below_are_known() {
    const DEEP: usize = 40;
    let main = "package main\n\nimport \"example.com/shop/p0\"\n\nfunc main() {\n\trow := p0.Load()\n\tid := row.ID\n\t_ = \
                id\n}\n";
    let store = |text: &str| {
        format!("package p{DEEP}\n\ntype Row struct{{ ID {text} }}\n\nfunc Load() *Row {{ return nil }}\n")
    };
    // Each hands on what the one below it has; none but the last knows the package of the type.
    let link = |at: usize| {
        let below = at + 1;
        let text = format!("package p{at}\n\nimport \"example.com/shop/p{below}\"\n\nvar Load = p{below}.Load\n");
        (format!("p{at}/p.go"), text)
    };
    let mut files = vec![("go.mod".to_owned(), MOD.to_owned()), ("main.go".to_owned(), main.to_owned())];
    files.extend((0..DEEP).map(link));
    files.push((format!("p{DEEP}/p.go"), store("int")));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut session = open(&files);
    assert_eq!(inspect(&mut session, "id").code, "var id int");
    let deep = format!("p{DEEP}/p.go");
    let at = store("").find(" }").expect("the field's type stands before a brace") as u32;
    let delta = Delta { from: at, to: at + 3, insert: "string".to_owned() };
    session.edit(&deep, &[delta]).expect("the file is open");
    assert_eq!(inspect(&mut session, "id").code, "var id string");
}

#[test]
fn links_lead_to_packages_of_the_index_alone() {
    let main = MAIN.replace("import \"", "import \"strings\"\n\nimport \"").replace("_ = row", "_ = strings.Fields");
    let mut session = open(&[("go.mod", MOD), ("main.go", &main), ("store/row.go", STORE)]);
    assert_eq!(inspect(&mut session, "Fields").link.as_deref(), Some("https://pkg.go.dev/strings#Fields"));
    assert_eq!(inspect(&mut session, "strings.").link.as_deref(), Some("https://pkg.go.dev/strings"));
    for own in ["Load", "store."] {
        assert_eq!(inspect(&mut session, own).link, None, "{own}");
    }
}

/// The findings of a rule in main.go, by their messages.
fn found(rule: &str, files: &[(&str, &str)]) -> Vec<String> {
    let review = review(&mut open(files));
    let of_main = review.findings.into_iter().filter(|finding| finding.rule == rule && finding.place.file == "main.go");
    of_main.map(|finding| finding.message).collect()
}

#[test]
fn rules_know_the_helpers_of_a_package_and_of_its_module() {
    let handle = "type DB struct{ db *sql.DB }\n\nfunc (d *DB) Exec(query string, args ...any) error {\n\t_, err := \
                  d.db.Exec(query, args...)\n\treturn err\n}\n";
    let main = |imports: &str, db: &str| {
        format!(
            "package main\n\nimport (\n\t\"database/sql\"\n{imports})\n\nvar ErrNone = sql.ErrNoRows\n\nfunc drop(db *{db}, name \
             string) error {{\n\treturn db.Exec(\"DELETE FROM users WHERE name = ? AND id = ?\", name)\n}}\n"
        )
    };
    let own = main("", "DB") + handle;
    let other = main("\t\"example.com/shop/store\"\n", "store.DB");
    let store = format!("package store\n\nimport \"database/sql\"\n\n{handle}");
    let bound = |files: &[(&str, &str)]| found("sql/bind-count-mismatch", files).len();
    assert_eq!(bound(&[("main.go", &own)]), 1);
    assert_eq!(bound(&[("go.mod", MOD), ("main.go", &own)]), 1, "a package with a path is still the own one");
    assert_eq!(bound(&[("go.mod", MOD), ("main.go", &other), ("store/store.go", &store)]), 1);
}

#[test]
fn only_a_library_takes_a_field_for_a_secret() {
    let main = "package main\n\nimport \"example.com/shop/form\"\n\nvar page = form.Field{Password: \"Kennwort\"}\n";
    let form = "package form\n\ntype Field struct{ Password string }\n";
    let redis = "package main\n\nimport \"github.com/redis/go-redis/v9\"\n\nvar options = redis.Options{Password: \"Kennwort\"}\n";
    let secrets = |files: &[(&str, &str)]| found("security/hardcoded-credentials", files).len();
    assert_eq!(secrets(&[("go.mod", MOD), ("main.go", main), ("form/form.go", form)]), 0);
    assert_eq!(secrets(&[("go.mod", MOD), ("main.go", redis)]), 1);
}

#[test]
fn a_writer_of_ones_own_is_known_under_its_path() {
    let out = "type Out struct{ text []byte }\n\nfunc (o *Out) Write(p []byte) (int, error) {\n\to.text = append(o.text, \
               p...)\n\treturn len(p), nil\n}\n";
    let fill = |of: &str| format!("func fill(o *{of}Out) {{\n\to.Write([]byte(\"a\"))\n}}\n");
    let own = format!("package main\n\n{out}\n{}", fill(""));
    let other = format!("package main\n\nimport \"example.com/shop/store\"\n\n{}", fill("store."));
    let store = format!("package store\n\n{out}");
    let dropped = |files: &[(&str, &str)]| found("errors/unchecked", files);
    assert_eq!(dropped(&[("go.mod", MOD), ("main.go", &own)]), [""; 0]);
    assert_eq!(dropped(&[("go.mod", MOD), ("main.go", &other), ("store/store.go", &store)]), [""; 0]);
    let failing =
        (other.replace("o.Write([]byte(\"a\"))", "o.Save()"), store + "\nfunc (*Out) Save() error { return nil }\n");
    assert_eq!(dropped(&[("go.mod", MOD), ("main.go", &failing.0), ("store/store.go", &failing.1)]).len(), 1);
}

#[test]
fn the_parameters_of_libraries_have_their_names() {
    let main = "package main\n\nimport (\n\t\"fmt\"\n\t\"net/http\"\n\t\"os\"\n\t\"slices\"\n\t\"strings\"\n)\n\nfunc serve(c \
                *http.Client, h http.Handler) {\n\th.ServeHTTP(nil, nil)\n\t_, _ = c.Do(nil)\n\t_ = strings.Index(\"\", \
                \"\")\n\t_, _ = fmt.Fprintf(os.Stdout, \"\")\n\t_ = slices.Contains([]int{}, 1)\n}\n";
    let mut session = open(&[("main.go", main)]);
    for (name, code) in [
        ("Index", "func strings.Index(s, substr string) int"),
        ("Fprintf", "func fmt.Fprintf(w io.Writer, format string, a ...any) (n int, err error)"),
        ("Do", "func (*http.Client) Do(req *http.Request) (*http.Response, error)"),
        ("ServeHTTP", "func (http.Handler) ServeHTTP(http.ResponseWriter, *http.Request)"),
        ("Contains", "func slices.Contains(s []int, v int) bool"),
    ] {
        assert_eq!(inspect(&mut session, name).code, code);
    }
}

/// What another Go, or another version of a library, may have.
const NEWER: &str = "package shop

import (
	\"crypto/x509\"
	\"net/http\"

	\"github.com/google/uuid\"
)

var algorithm = x509.MLDSA44

func get(c *http.Client) error {
	one, two := uuid.New()
	return c.Fetch(one, two)
}

type base struct{ name string }

type row struct{ base }

var promoted = row{name: \"a\"}
";

#[test]
fn code_for_a_newer_go_may_use_what_the_index_does_not_know() {
    let messages = |go: &str| {
        let mut session = open(&[("go.mod", &format!("{MOD}\ngo {go}\n")), ("shop.go", NEWER)]);
        let findings = review(&mut session).findings;
        let claims = findings.iter().filter(|finding| finding.category == "correctness");
        claims.map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let all = [
        "c.Fetch undefined (type *http.Client has no field or method Fetch)",
        "unknown field name in struct literal of type row",
        "undefined: x509.MLDSA44",
    ];
    assert_eq!(messages("1.26.3"), all);
    assert_eq!(messages("1.99"), [""; 0]);
}

#[test]
fn what_another_build_declares_does_not_hide_an_import() {
    let other = "//go:build sonic\n\npackage store\n\nvar strings = 1\n";
    let text = "package store\n\nimport \"strings\"\n\nfunc up(s string) string { return strings.ToUpper(s) }\n";
    assert_eq!(found("correctness/compile-error", &[("main.go", text), ("b.go", other)]), [""; 0]);
    let text = "package store\n\nimport (\n\t\"example.com/unknown/time\"\n\t\"time\"\n)\n\n\
                var at = prototime.From(time.Now())\n";
    assert_eq!(found("correctness/compile-error", &[("main.go", text)]), [""; 0]);
    let other = "//go:build sonic\n\npackage store\n\nvar blobs = 1\n";
    let text = "package store\n\nimport \"example.com/unknown/blobs\"\n\ntype store struct{ at *blobs.Store }\n";
    assert_eq!(found("correctness/compile-error", &[("main.go", text), ("b.go", other)]), [""; 0]);
}

#[test]
fn an_import_goes_by_its_path_where_its_package_is_not_known_any_more() {
    let files = |clause: &str| {
        let store = STORE.replace("package store\n", clause);
        let main = MAIN.replace("shop/store", "shop/rows");
        [("go.mod", MOD), ("main.go", &main), ("rows/row.go", &store)]
            .map(|(name, text)| FileText { name: name.into(), text: text.into() })
    };
    let known = |session: &mut Session| {
        review(session);
        let at = session.text("main.go").and_then(|text| text.find("store.")).expect("it is there");
        session.inspect("main.go", at as u32).expect("main.go is open").map(|found| found.code)
    };
    let mut session = Session::new();
    session.open(files("package store\n").into());
    assert_eq!(known(&mut session).as_deref(), Some("import \"example.com/shop/rows\""));
    for clause in ["package rows\n", "", "package store\n\npackage rows\n"] {
        session.open(files(clause).into());
        let mut fresh = Session::new();
        fresh.open(files(clause).into());
        assert_eq!(known(&mut session), known(&mut fresh), "{clause:?}");
    }
    session.open(files("package store\n").into_iter().take(2).collect());
    assert_eq!(known(&mut session), None, "nobody says that rows is called store");
}

#[test]
fn types_that_hold_each_other_many_times_over_are_asked_for_libraries_once() {
    let parameters = |next: usize| vec![format!("t{next}"); 40].join(", ");
    let types: String = (0..9).map(|i| format!("type t{i} = func({})\n", parameters(i + 1))).collect();
    let text = format!("package store\n\n{types}\ntype t9 = int\n\nvar _ t0 = 3\n");
    let found = found("correctness/compile-error", &[("main.go", &text)]);
    let [error] = &found[..] else { panic!("{found:?}") };
    assert!(error.starts_with("cannot use 3 (untyped int constant) as func("), "{error}");
}

/// Each of a few types holds the next three hundred times: whoever looks at each field of each looks for ever.
#[test]
fn types_that_hold_others_many_times_over_are_looked_at_once() {
    let mut text = "package shop\n\nimport (\n\t\"encoding/json\"\n\t\"fmt\"\n)\n".to_owned();
    for level in 0..6 {
        let fields: String = (0..300).map(|field| format!("\tF{field} T{}\n", level + 1)).collect();
        text += &format!("\ntype T{level} struct {{\n{fields}}}\n");
    }
    text += "\ntype T6 int\n\nfunc show(x T0, y *T0) []byte {\n\tfmt.Printf(\"%d %d %s\\n\", x, y, 1)\n\tz := x\n\ttext, _ := json.Marshal(z)\n\treturn text\n}\n";
    let findings = review(&mut open(&[("main.go", &text)])).findings;
    assert!(findings.iter().any(|finding| finding.rule == "correctness/wrong-verb"), "and still looked at");
}

#[test]
fn what_is_deprecated_depends_on_the_versions_in_go_mod() {
    let main = "package main\n\nimport (\n\t\"io/ioutil\"\n\n\t\"google.golang.org/grpc\"\n\t\"k8s.io/apimachinery/pkg/util/wait\"\n)\n\n\
                func main() {\n\tioutil.ReadFile(\"a\")\n\tgrpc.Dial(\"a\")\n\twait.Poll(1, 1, nil)\n}\n";
    let uses = |go: &str, grpc: &str, wait: &str| {
        let go_mod = format!(
            "module example.com/shop\n\ngo 1.{go}\n\nrequire (\n\tgoogle.golang.org/grpc {grpc}\n\tk8s.io/apimachinery {wait}\n)\n"
        );
        found("correctness/deprecated-api", &[("go.mod", &go_mod), ("main.go", main)]).len()
    };
    assert_eq!(uses("15", "v1.62.1", "v0.20.0"), 0, "all three were fine then");
    assert_eq!(uses("15", "v1.63.0", "v0.20.0"), 1);
    assert_eq!(uses("16", "v1.100.0", "v0.20.0"), 2);
    assert_eq!(uses("22", "v1.63.0-dev", "v0.999.0"), 3);
    assert_eq!(found("correctness/deprecated-api", &[("main.go", main)]).len(), 3, "without a go.mod");
}
