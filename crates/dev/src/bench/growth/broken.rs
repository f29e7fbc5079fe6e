//! Text that is not Go, as it is while somebody types, or by accident.

use super::Shape;
use super::shapes::{file, rep, shapes};

/// All broken shapes.
pub(super) fn all() -> Vec<Shape> {
    shapes! {
        "broken: functions", 300, |n| broken(rep(n, |i| format!("func f{i}( {{\n\treturn )\n}}\n\n")));
        "broken: func and junk", 800, |n| broken(rep(n, |_| "func 1 $ ) (\n".to_owned()));
        "broken: func func func", 4_000, |n| broken("func ".repeat(n));
        "broken: open braces", 5_000, |n| broken(format!("func f() {}", "{\n".repeat(n)));
        "broken: closing braces", 5_000, |n| broken("}\n".repeat(n));
        "broken: open parentheses", 5_000, |n| broken(format!("var a = {}", "(".repeat(n)));
        "broken: closing ones", 5_000, |n| broken(format!("var a = {}", ")".repeat(n)));
        "broken: open strings", 700, |n| broken(rep(n, |i| format!("var a{i} = \"open\n")));
        "broken: open strings inside", 1_000, |n| broken(format!("func f() {{\n{}}}\n", rep(n, |i| format!("\ta = \"open {i}\n"))));
        "broken: one raw string", 20_000, |n| broken(format!("var a = `\n{}", "open\n".repeat(n)));
        "broken: one comment", 20_000, |n| broken(format!("/* \n{}", "open\n".repeat(n)));
        "broken: statements", 350, |n| broken(format!("func f() {{\n{}}}\n", rep(n, |i| format!("\ta{i} := := {i}\n"))));
        "broken: missing operands", 250, |n| broken(format!("func f(a int) {{\n{}}}\n", rep(n, |_| "\ta = a +\n".to_owned())));
        "broken: missing values", 500, |n| broken(format!("const (\n{})\n", rep(n, |i| format!("\tc{i} =\n"))));
        "broken: statements at the top", 2_000, |n| broken(rep(n, |i| format!("a{i} = b )\n")));
        "broken: fields", 500, |n| broken(format!("type T struct {{\n{}}}\n", rep(n, |i| format!("\ta{i} int int\n"))));
        "broken: literal", 1_500, |n| broken(format!("var a = []int{{\n{}}}\n", rep(n, |i| format!("\t{i}\n"))));
        "broken: imports", 1_000, |n| broken(format!("import (\n{})\n", rep(n, |i| format!("\ta.b{i}\n"))));
        "broken: words", 700, |n| file("a.go", "lorem ipsum dolor sit amet ".repeat(n));
        "broken: lines of words", 250, |n| file("a.go", "lorem ipsum dolor sit amet\n".repeat(n));
        "broken: symbols", 5_000, |n| file("a.go", "<>@#$%&*".repeat(n));
        "broken: operators", 5_000, |n| file("a.go", "+ - * / ".repeat(n));
        "broken: channel types", 5_000, |n| file("a.go", ",chan ".repeat(n));
        "broken: cases alone", 5_000, |n| file("a.go", "case x: ".repeat(n));
        "broken: not Unicode's Go", 250, |n| broken(rep(n, |_| "var ä = “x”…\n".to_owned()));
        "broken: elses", 400, |n| broken(format!("func f(a int) {{\n{}}}\n", "\tif a > 1 {\n\t}\n\telse {\n\t}\n".repeat(n)));
        "broken: cases", 250, |n| broken(format!("func f(a int) {{\n\tswitch a {{\n{}\t}}\n}}\n", "\tcase 1\n\t\ta++\n".repeat(n)));
        "broken: another language", 100, |n| file("a.go", rep(n, |i| format!("class A{i} extends B {{\n  constructor(x) {{ this.x = x; }}\n}}\n")));
    }
}

fn broken(text: String) -> Vec<gopeer_engine::protocol::FileText> {
    file("a.go", format!("package p\n\n{text}"))
}
