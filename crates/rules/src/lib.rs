//! The catalog: one folder a category, one file a rule.
//!
//! A category's `mod.rs` lists its rules once, with [`category!`]; `cargo dev new-rule category/name` adds a line.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

/// Declares the rule modules of a category and the table of its rules; with the feature `docs`, that of their sources.
macro_rules! category {
    ($($rule:ident,)*) => {
        $(mod $rule;)*
        /// The rules of this category.
        pub(crate) static RULES: &[&gopeer_lint::Rule] = &[$(&$rule::RULE,)*];
        /// Their sources, in the same order.
        #[cfg(feature = "docs")]
        pub(crate) static SOURCES: &[&str] = &[$(include_str!(concat!(stringify!($rule), ".rs")),)*];
    };
}

mod address;
mod cause;
mod operators;

/// Declares the categories.
macro_rules! catalogue {
    ($($category:ident,)*) => {
        $(mod $category;)*
        static RULES: &[&[&gopeer_lint::Rule]] = &[$($category::RULES,)*];
        #[cfg(feature = "docs")]
        static SOURCES: &[&[&str]] = &[$($category::SOURCES,)*];
    };
}

catalogue! {
    api_design,
    cassandra,
    concurrency,
    context,
    correctness,
    deploy,
    docs,
    errors,
    grpc,
    http,
    idiom,
    kafka,
    messaging,
    nosql,
    observability,
    performance,
    resilience,
    resources,
    security,
    sql,
    testing,
}

pub use deploy::{build, go_minor, module_path};
use gopeer_lint::Rule;

/// All rules, by category.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().flat_map(|rules| rules.iter().copied())
}

/// All rules with the source of their files, whose header comment is their documentation ([`gopeer_lint::doc`]).
#[cfg(feature = "docs")]
pub fn sources() -> impl Iterator<Item = (&'static Rule, &'static str)> {
    all().zip(SOURCES.iter().flat_map(|category| category.iter().copied()))
}
