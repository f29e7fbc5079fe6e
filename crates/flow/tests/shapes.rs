//! The blocks and edges of each statement, as text: `shapes.txt` has bodies, and what they become below a line of dashes.

mod common;

use common::text;

#[test]
fn each_statement_has_its_shape() {
    let all = include_str!("shapes.txt");
    let mut faults = Vec::new();
    let mut checked = 0;
    for shape in all.split("=== ").skip(1) {
        let (name, rest) = shape.split_once('\n').expect("a name");
        let (body, expected) = rest.split_once("---\n").expect("a body and its text");
        let got = text(body);
        checked += 1;
        if got.trim_end() != expected.trim_end() {
            faults.push(format!("=== {name}\n{body}---\n{got}\n"));
        }
    }
    assert!(checked > 10 && faults.is_empty(), "{}", faults.concat());
}
