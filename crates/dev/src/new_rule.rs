//! `cargo dev new-rule`: a rule's file and its line in the category's list.

use std::fs;
use std::path::Path;

use crate::machine::root;

/// What a rule starts as: it compiles, and its examples fail until it is written.
const TEMPLATE: &str = include_str!("new_rule.template");

/// Starts the rule that `words` name, as `category/name`.
pub fn run(words: &[String]) -> Result<(), String> {
    let [id] = words else { return Err("`cargo dev new-rule` takes one id, such as context/lost-cancel".to_owned()) };
    let (category, name) = parse(id).ok_or_else(|| {
        format!(
            "`{id}` is not a rule id: a category and a name in lower case with hyphens, such as context/lost-cancel"
        )
    })?;
    let module = name.replace('-', "_");
    let folder = root().join("crates/rules/src").join(category.replace('-', "_"));
    let list = folder.join("mod.rs");
    let text = fs::read_to_string(&list).map_err(|_| {
        format!("there is no category `{category}`: add it to `catalogue!` in crates/rules/src/lib.rs with its mod.rs")
    })?;
    let listed = insert(&text, &module)?;
    create(&folder.join(format!("{module}.rs")), &TEMPLATE.replace("{id}", id))?;
    fs::write(&list, listed).map_err(|error| format!("{} cannot be written: {error}", list.display()))?;
    println!(
        "the rule is in crates/rules/src/{}/{module}.rs; CONTRIBUTING.md says what to do next",
        category.replace('-', "_")
    );
    Ok(())
}

fn parse(id: &str) -> Option<(&str, &str)> {
    let (category, name) = id.split_once('/')?;
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && !word.ends_with('-')
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    (is_word(category) && is_word(name)).then_some((category, name))
}

/// The category's `mod.rs` with `module` in its list, in order.
fn insert(text: &str, module: &str) -> Result<String, String> {
    let malformed = || "the category's mod.rs has no list `category! { … }`".to_owned();
    let (before, rest) = text.split_once("category! {").ok_or_else(malformed)?;
    let (list, after) = rest.split_once('}').ok_or_else(malformed)?;
    let mut modules: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if modules.contains(&module) {
        return Err(format!("the rule `{module}` exists already"));
    }
    modules.push(module);
    modules.sort_unstable();
    let lines: String = modules.iter().map(|name| format!("    {name},\n")).collect();
    Ok(format!("{before}category! {{\n{lines}}}{after}"))
}

fn create(file: &Path, text: &str) -> Result<(), String> {
    if file.exists() {
        return Err(format!("{} exists already", file.display()));
    }
    fs::write(file, text).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_a_category_and_a_name() {
        assert_eq!(parse("context/lost-cancel"), Some(("context", "lost-cancel")));
        for id in ["context", "context/", "/x", "context/Lost", "context/lost_cancel", "context/x-", "a/b/c", "../x/y"]
        {
            assert_eq!(parse(id), None, "{id}");
        }
    }

    #[test]
    fn the_list_stays_in_order() {
        let text = "//! Doc.\ncategory! {\n    b,\n    d,\n}\n";
        assert_eq!(insert(text, "c").unwrap(), "//! Doc.\ncategory! {\n    b,\n    c,\n    d,\n}\n");
        assert_eq!(insert("category! {}", "c").unwrap(), "category! {\n    c,\n}");
        assert!(insert(text, "d").is_err());
        assert!(insert("", "d").is_err());
    }
}
