//! Sessions that hold files of a module: what a go.mod tells, and what it does not.

use gopeer_engine::Session;
use gopeer_engine::protocol::{FileText, Inspection, Review};

const MOD: &str = "module example.com/shop\n";
const MAIN: &str =
    "package main\n\nimport \"example.com/shop/store\"\n\nfunc main() {\n\trow := store.Load()\n\t_ = row\n}\n";
const STORE: &str = "package store\n\ntype Row struct{ ID int }\n\nfunc Load() *Row { return nil }\n";

fn open(files: &[(&str, &str)]) -> Session {
    let mut session = Session::new();
    session.open(files.iter().map(|(name, text)| FileText { name: (*name).into(), text: (*text).into() }).collect());
    session
}

fn review(session: &mut Session) -> Review {
    session.review("senior").expect("senior is built in")
}

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
fn links_lead_to_packages_of_the_index_alone() {
    let main = MAIN.replace("import \"", "import \"strings\"\n\nimport \"").replace("_ = row", "_ = strings.Fields");
    let mut session = open(&[("go.mod", MOD), ("main.go", &main), ("store/row.go", STORE)]);
    assert_eq!(inspect(&mut session, "Fields").link.as_deref(), Some("https://pkg.go.dev/strings#Fields"));
    assert_eq!(inspect(&mut session, "strings.").link.as_deref(), Some("https://pkg.go.dev/strings"));
    for own in ["Load", "store."] {
        assert_eq!(inspect(&mut session, own).link, None, "{own}");
    }
}
