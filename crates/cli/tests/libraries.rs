//! Libraries are known in the version that a module is built with, where it is on the machine.

mod common;

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

use common::folder_of;

const GO_MOD: &str = "module example.com/shop\n\ngo 1.26\n\nrequire (\n\texample.org/Rows v1.2.0\n\tgithub.com/stretchr/testify v1.9.0\n)\n";

/// Uses what version 1.2.0 has in another way than it is declared, what it deprecates, and what it lacks.
const MAIN: &str = "package main\n\nimport (\n\t\"example.org/Rows/store\"\n)\n\nfunc main() {\n\tvar s string = store.Count()\n\tstore.Old()\n\tstore.Newer()\n\t_ = s\n}\n";

const V1_2: &str = "package store\n\nfunc Count() int { return 0 }\n\n// Deprecated: Use Count.\nfunc Old() {}\n";
const V1_3: &str = "package store\n\nfunc Count() string { return \"\" }\n\nfunc Old() {}\n\nfunc Newer() {}\n";

/// The line and rule of each finding that rests on a library, and where libraries were read.
fn review(folder: &Path, cache: &str) -> (Vec<String>, Vec<String>) {
    let mut command = Command::cargo_bin("gopeer").expect("it is built");
    command.env_remove("GOFLAGS").env_remove("GOPATH").env("GOENV", "off").env("GOWORK", "");
    command.env("GOMODCACHE", folder.join(cache)).args(["review", "--format", "json"]).arg(folder.join("app"));
    let review: Value = serde_json::from_slice(&command.output().expect("it runs").stdout).expect("JSON");
    let all = |of: &str, text: &dyn Fn(&Value) -> String| {
        review[of].as_array().map(|all| all.iter().map(text).collect::<Vec<_>>()).unwrap_or_default()
    };
    let mut findings = all("findings", &|finding| {
        format!("{}:{}", finding["place"]["range"]["line"], finding["rule"].as_str().unwrap_or_default())
    });
    findings.retain(|finding| finding.contains(":correctness/"));
    findings.sort();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let source = |source: &Value| {
        [&source["module"], &source["version"], &source["from"]].map(text).join(" ").trim_end().to_owned()
    };
    (findings, all("sources", &source))
}

fn check(files: &[(&str, &str)], findings: &[&str], sources: &[&str]) {
    let mut all = vec![("app/go.mod", GO_MOD), ("app/main.go", MAIN)];
    all.retain(|(name, _)| files.iter().all(|(other, _)| other != name));
    all.extend(files);
    let folder = folder_of(&all);
    let (found, read) = review(folder.path(), "cache");
    assert_eq!(
        (found, read),
        (findings.iter().map(|s| (*s).to_owned()).collect(), sources.iter().map(|s| (*s).to_owned()).collect())
    );
}

/// Of version 1.2.0: a wrong type, a deprecation, a missing name.
const FOUND: &[&str] =
    &["10:correctness/undefined-name", "8:correctness/compile-error", "9:correctness/deprecated-api"];

#[test]
fn the_module_cache_has_the_version_that_go_mod_names() {
    let (old, new) = ("cache/example.org/!rows@v1.2.0/store/store.go", "cache/example.org/!rows@v1.3.0/store/store.go");
    check(&[(old, V1_2), (new, V1_3)], FOUND, &["example.org/Rows v1.2.0 moduleCache"]);
    check(&[(new, V1_3)], &[], &[]);
    let newer = GO_MOD.replace("v1.2.0", "v1.3.0");
    check(&[("app/go.mod", &newer), (old, V1_2), (new, V1_3)], &[], &["example.org/Rows v1.3.0 moduleCache"]);
    let before_pruning = GO_MOD.replace("go 1.26", "go 1.16");
    check(&[("app/go.mod", &before_pruning), (old, V1_2)], &[], &[]);
}

#[test]
fn a_replaced_module_is_what_stands_in() {
    let fork = ("cache/example.net/fork@v0.1.0/store/store.go", V1_2);
    let (old, new) = (("cache/example.org/!rows@v1.2.0/store/store.go", V1_3), "example.org/Rows v0.1.0 moduleCache");
    for replace in ["example.org/Rows => example.net/fork v0.1.0", "example.org/Rows v1.2.0 => example.net/fork v0.1.0"]
    {
        let text = format!("{GO_MOD}\nreplace {replace}\n");
        check(&[("app/go.mod", &text), fork, old], FOUND, &[new]);
    }
    let other = format!("{GO_MOD}\nreplace example.org/Rows v1.1.0 => example.net/fork v0.1.0\n");
    check(&[("app/go.mod", &other), fork, old], &[], &["example.org/Rows v1.2.0 moduleCache"]);
    let folder = format!("{GO_MOD}\nreplace example.org/Rows => ../rows\n");
    let own = [("app/go.mod", &*folder), ("rows/go.mod", "module example.org/Rows\n"), ("rows/store/store.go", V1_2)];
    check(&own, &["10:correctness/undefined-name", "8:correctness/compile-error"], &[]);
}

#[test]
fn vendor_goes_before_the_module_cache() {
    let vendored = ("app/vendor/example.org/Rows/store/store.go", V1_2);
    let listed = ("app/vendor/modules.txt", "# example.org/Rows v1.2.0\n## explicit\nexample.org/Rows/store\n");
    let cached = ("cache/example.org/!rows@v1.2.0/store/store.go", V1_3);
    check(&[vendored, listed, cached], FOUND, &["example.org/Rows v1.2.0 vendor"]);
}

#[test]
fn modules_of_a_workspace_must_agree() {
    let cached = ("cache/example.org/!rows@v1.2.0/store/store.go", V1_2);
    let newer = GO_MOD.replace("shop", "other").replace("v1.2.0", "v1.3.0");
    let same = GO_MOD.replace("shop", "other");
    let work = ("go.work", "go 1.26\n\nuse (\n\t./app\n\t./other\n)\n");
    check(&[work, ("other/go.mod", &newer), cached], &[], &[]);
    check(&[work, ("other/go.mod", &same), cached], FOUND, &["example.org/Rows v1.2.0 moduleCache"]);
}

#[test]
fn what_is_not_on_the_machine_the_index_knows() {
    let main = "package main\n\nimport \"github.com/stretchr/testify/assert\"\n\nvar _ = assert.Equal\n";
    let folder = folder_of(&[("app/go.mod", GO_MOD), ("app/main.go", main)]);
    let (found, read) = review(folder.path(), "cache");
    assert_eq!(found, [""; 0]);
    assert!(
        read.len() == 1 && read[0].starts_with("github.com/stretchr/testify v") && read[0].ends_with(" index"),
        "{read:?}"
    );
    let text = Command::cargo_bin("gopeer").expect("it is built").arg("review").arg(folder.path().join("app")).output();
    let text = String::from_utf8(text.expect("it runs").stdout).expect("UTF-8");
    assert!(text.contains("Library types: 1 from "), "{text}");
}
