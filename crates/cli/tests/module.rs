//! Packages of a folder with a go.mod know each other, as far as each is certain of the other.

mod common;

use common::{errors, errors_from, folder_of, gopeer, path, stdout};

const MOD: (&str, &str) = ("go.mod", "module example.com/shop\n\ngo 1.26\n");
const STORE: (&str, &str) =
    ("store/row.go", "package store\n\ntype Row struct{ ID int }\n\nfunc Load() (*Row, error) { return undefined }\n");

/// A command that takes the given statements to those packages.
fn main_of(imports: &str, body: &str) -> String {
    format!("package main\n\nimport ({imports})\n\nfunc main() {{\n{body}\n}}\n")
}

/// What is found in the folder of the command alone: lines of main.go count from its first statement.
fn found(files: &[(&str, &str)], imports: &str, body: &str) -> Vec<String> {
    let main = main_of(imports, body);
    let mut all = vec![MOD, ("main.go", &main)];
    all.extend(files);
    let folder = folder_of(&all);
    let alone = errors(&path(&folder, ""));
    let among_all = errors(&path(&folder, "..."));
    assert!(alone.iter().all(|error| among_all.contains(error)), "{alone:?} and {among_all:?}");
    alone
}

#[test]
fn what_a_package_declares_is_known_where_it_is_imported() {
    let import = "\"example.com/shop/store\"";
    let misused = "row, _ := store.Load()\nvar id string = row.ID\n_ = id";
    assert_eq!(found(&[STORE], import, misused), ["main.go:7"], "and nothing is said of a package not asked for");
    assert_eq!(found(&[STORE], import, "store.Open()"), ["main.go:6"]);
    assert_eq!(found(&[STORE], import, "row, _ := store.Load()\n_ = row.ID + 1"), [""; 0]);
}

#[test]
fn what_rests_on_a_third_package_is_known_too() {
    let shop = ("shop.go", "package shop\n\nimport \"example.com/shop/store\"\n\nvar Rows []*store.Row\n");
    let store = ("store/row.go", "package store\n\nimport \"time\"\n\ntype Row struct{ At time.Time }\n");
    let body = "var s string = shop.Rows[0].At.Unix()\n_ = s";
    assert_eq!(found(&[("cmd/shop.go", shop.1), store], "shop \"example.com/shop/cmd\"", body), ["main.go:6"]);
}

#[test]
fn a_package_goes_by_its_own_name() {
    for folder in ["go-store", "rows", "v2"] {
        let file = format!("{folder}/row.go");
        let import = format!("\"example.com/shop/{folder}\"");
        let body = "row, _ := store.Load()\nvar id string = row.ID\n_ = id";
        assert_eq!(found(&[(&file, STORE.1)], &import, body), ["main.go:7"], "{folder}");
    }
}

#[test]
fn files_for_other_systems_and_tests_declare_what_is_not_built() {
    let files = [
        ("sys/sys_linux.go", "package sys\n\ntype Handle int\n"),
        ("sys/sys_windows.go", "package sys\n\ntype Handle uintptr\n\nfunc Only() {}\n"),
        ("sys/_old.go", "package sys\n\ntype Handle string\n\nfunc Only() {}\n"),
        ("sys/gen.go", "//go:build ignore\n\npackage main\n\ntype Handle string\n"),
        ("sys/sys_test.go", "package sys\n\nimport _ \"example.com/shop/store\"\n\nfunc Helper() {}\n"),
        STORE,
    ];
    let import = "\"example.com/shop/sys\"";
    assert_eq!(found(&files, import, "var h sys.Handle = \"x\"\nsys.Only()\n_ = h"), ["main.go:6"]);
    assert_eq!(found(&files, import, "sys.Helper()"), ["main.go:6"]);
    let windows = "package main\n\nimport \"example.com/shop/sys\"\n\nvar h sys.Handle = \"x\"\n";
    assert_eq!(found(&[files[0], files[1], ("main_windows.go", windows)], import, "_ = sys.Handle(1)"), [""; 0]);
}

#[test]
fn an_external_test_sees_the_package_with_its_tests() {
    let user = ("use/use.go", "package use\n\nimport \"example.com/shop/store\"\n\nfunc Of(row *store.Row) {}\n");
    let export = ("store/export_test.go", "package store\n\nvar Cache = map[string]*Row{}\n");
    let test = "package store_test\n\nimport (\n\t\"example.com/shop/store\"\n\t\"example.com/shop/use\"\n)\n\nfunc check() {\n\tuse.Of(store.Cache[\"a\"])\n\tuse.Of(store.Cache)\n}\n";
    let folder = folder_of(&[MOD, STORE, user, export, ("store/row_test.go", test)]);
    assert_eq!(errors(&path(&folder, "store")), ["row.go:5", "row_test.go:10"]);
    assert_eq!(errors(&path(&folder, "store/row_test.go")), [""; 0], "export_test.go is not there to say");
}

#[test]
fn a_nested_module_is_another() {
    let nested = [("lib/go.mod", "module example.com/other\n"), ("lib/lib.go", "package lib\n")];
    assert_eq!(found(&nested, "\"example.com/shop/lib\"", "lib.Absent()"), [""; 0]);
    let vendored = ("vendor/example.org/lib/lib.go", "package lib\n\nfunc F() int { return 0 }\n");
    assert_eq!(found(&[vendored], "\"example.org/lib\"", "var s string = lib.F()\n_ = s"), ["main.go:6"]);
}

#[test]
fn modules_that_are_built_together_know_each_other() {
    let main = main_of("\"example.com/lib/rows\"", "var s string = rows.F()\n_ = s");
    let found = |more: &[(&str, &str)]| {
        let files = [
            ("lib/go.mod", "module example.com/lib\n"),
            ("lib/rows/rows.go", "package rows\n\nimport \"example.com/lib/row\"\n\nfunc F() row.ID { return 0 }\n"),
            ("lib/row/row.go", "package row\n\ntype ID int\n"),
            ("app/main.go", &main),
            ("app/go.mod", "module example.com/app\n"),
        ];
        errors(&path(&folder_of(&[&files[..], more].concat()), "app"))
    };
    assert_eq!(found(&[]), [""; 0]);
    for work in ["use ./app\nuse \"./lib\" // ours\n", "go 1.26\n\nuse (\n\tapp\n\t./lib\n)\n"] {
        assert_eq!(found(&[("go.work", work)]), ["main.go:6"], "{work}");
    }
    assert_eq!(found(&[("go.work", "use ./lib\n")]), [""; 0], "a workspace without this module is not its own");
    for replace in ["replace example.com/lib => ../lib\n", "replace (\n\texample.com/lib v1.0.0 => ../lib\n)\n"] {
        let text = format!("module example.com/app\n\n{replace}");
        assert_eq!(found(&[("app/go.mod", &text)]), ["main.go:6"], "{replace}");
    }
    assert_eq!(
        found(&[("app/go.mod", "module example.com/app\n\nreplace example.com/lib => x.org/lib v1.2.0\n")]),
        [""; 0]
    );
}

#[test]
fn a_vendored_library_is_a_library() {
    let redis =
        ("vendor/github.com/redis/go-redis/v9/redis.go", "package redis\n\ntype Options struct{ Password string }\n");
    let own = ("redis/redis.go", redis.1);
    for (import, secret) in [("github.com/redis/go-redis/v9", true), ("example.com/shop/redis", false)] {
        let main = main_of(&format!("{import:?}"), "_ = redis.Options{Password: \"Kennwort\"}");
        let folder = folder_of(&[MOD, redis, own, ("main.go", &main)]);
        let review = stdout(&gopeer(&["review", &path(&folder, "main.go")]));
        assert_eq!(review.contains("security/hardcoded-credentials"), secret, "{review}");
    }
}

#[test]
fn of_what_is_broken_nothing_is_claimed() {
    let broken = ("store/row.go", "package store\n\nfunc Load() {\n\tif {\n\ntype Row struct{}\n");
    assert_eq!(found(&[broken], "\"example.com/shop/store\"", "store.Open(store.Row{})"), [""; 0]);
    let circle = [
        ("a/a.go", "package a\n\nimport \"example.com/shop/b\"\n\ntype A struct{ B b.B }\n"),
        ("b/b.go", "package b\n\nimport \"example.com/shop/a\"\n\ntype B struct{ A *a.A }\n"),
    ];
    let body = "var s, t string = a.A{}.B.A.B, \"\"\nt = a.A{}.B\n_, _ = s, t";
    assert_eq!(found(&circle, "\"example.com/shop/a\"", body), ["main.go:6", "main.go:7"], "each when it is asked for");
    let constants = [
        ("a/a.go", "package a\n\nimport \"example.com/shop/b\"\n\nconst A = b.B\n"),
        ("b/b.go", "package b\n\nimport \"example.com/shop/a\"\n\nconst B = a.A\n"),
    ];
    assert_eq!(found(&constants, "\"example.com/shop/a\"", "var s string = a.A\n_ = s"), [""; 0]);
    let calls = ("store/row.go", "package store\n\nfunc Load() { Open() }\n");
    for broken in [
        "<<<<<<< HEAD\npackage store\n>>>>>>> main\n\nfunc Open() {}\n",
        "package\n\nfunc Open() {}\n",
        "func Open() {}\n",
    ] {
        let files = [calls, ("store/open.go", broken)];
        assert_eq!(found(&files, "\"example.com/shop/store\"", "store.Open()"), [""; 0], "{broken:?}");
        assert_eq!(errors(&path(&folder_of(&files), "store")), [""; 0], "{broken:?}");
    }
    let several = [STORE, ("store/other.go", "package other\n\nfunc Open() {}\n")];
    assert_eq!(found(&several, "\"example.com/shop/store\"", "store.Open()"), [""; 0]);
}

#[test]
fn packages_go_without_the_name_of_go_itself_and_not_without_any() {
    let main = main_of("\"store\"", "row, _ := store.Load()\nvar id string = row.ID\n_ = id");
    for (module, found) in [("module std\n", &["main.go:7"][..]), ("go 1.26\n", &[])] {
        let folder = folder_of(&[("go.mod", module), ("main.go", &main), STORE]);
        assert_eq!(errors(&path(&folder, "main.go")), found, "{module}");
    }
}

#[test]
fn a_folder_is_the_same_however_it_is_named() {
    let test = "package store_test\n\nimport \"example.com/shop/store\"\n\nvar id string = store.Row{}.ID\n";
    let folder = folder_of(&[MOD, STORE, ("store/row_test.go", test)]);
    let store = folder.path().join("store");
    for paths in [
        &["."][..],
        &["./"],
        &["..."],
        &["./..."],
        &["../store/."],
        &["row.go", "./row_test.go"],
        &[".", "./...", "row.go"],
    ] {
        assert_eq!(errors_from(&store, paths), ["row.go:5", "row_test.go:5"], "{paths:?}");
    }
}

#[test]
fn an_import_means_the_package_that_is_built() {
    let test = "package store_test\n\nimport \"example.com/shop/store\"\n\nvar id string = store.Row{}.ID\n";
    let tool = "//go:build ignore\n\npackage gen\n\ntype Row string\n";
    let folder = folder_of(&[MOD, STORE, ("store/gen.go", tool), ("store/row_test.go", test)]);
    assert_eq!(errors(&path(&folder, "store")), ["row.go:5", "row_test.go:5"]);
}

#[test]
fn packages_may_ask_each_other_in_a_long_chain() {
    let package = |at: usize| {
        let next = at + 1;
        let own: String = (0..38).map(|of| format!("const c{of} = c{}\n", of + 1)).collect();
        let import = format!("package p{at}\n\nimport \"example.com/shop/p{next}\"\n\n");
        format!("{import}const C = c0\n{own}const c38 = p{next}.C\n\ntype T struct{{ Next p{next}.T }}\n")
    };
    let mut files: Vec<(String, String)> = (0..500).map(|at| (format!("p{at}/p.go"), package(at))).collect();
    files.push(("p500/p.go".to_owned(), "package p500\n\nconst C = 1\n\ntype T int\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let import = "\"example.com/shop/p0\"\n\"example.com/shop/p490\"";
    let body = "var s string = p490.C\nvar t string = p0.T{}.Next.Next.Next\n_, _ = s, t, p0.C";
    assert_eq!(found(&files, import, body), ["main.go:7", "main.go:8"]);
}
