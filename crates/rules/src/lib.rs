//! The catalogue: one folder a category, one file a rule.
//!
//! A category's `mod.rs` lists its rules once, with [`category!`]; `cargo dev new-rule category/name` adds a line.

#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods, clippy::disallowed_types))]

/// Declares the rule modules of a category: those that syntax and names decide, and those that ask for types. Gives the two
/// tables of its rules and, with the feature `docs`, those of their sources.
macro_rules! category {
    (syntax { $($plain:ident,)* } types { $($typed:ident,)* }) => {
        $(mod $plain;)*
        $(mod $typed;)*
        /// The rules of this category that do without types.
        pub(crate) static SYNTAX: &[&gopeer_lint::Rule] = &[$(&$plain::RULE,)*];
        /// The rules of this category that ask for types.
        pub(crate) static TYPES: &[&gopeer_lint::Rule] = &[$(&$typed::RULE,)*];
        /// Their sources, in the same order.
        #[cfg(feature = "docs")]
        pub(crate) static SOURCES: &[&str] = &[
            $(include_str!(concat!(stringify!($plain), ".rs")),)*
            $(include_str!(concat!(stringify!($typed), ".rs")),)*
        ];
    };
}

mod many;

/// Declares the categories.
macro_rules! catalogue {
    ($($category:ident,)*) => {
        $(mod $category;)*
        // Two tables, because the page fetches what only the second one needs in a file of its own.
        static SYNTAX: &[&[&gopeer_lint::Rule]] = &[$($category::SYNTAX,)*];
        static ALL: &[&[&gopeer_lint::Rule]] = &[$($category::SYNTAX, $category::TYPES,)*];
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
    nosql,
    observability,
    performance,
    resilience,
    resources,
    security,
    sql,
    testing,
}

pub use deploy::{go_minor, module_path};
use gopeer_lint::Rule;

/// All rules, by category.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().flat_map(|rules| rules.iter().copied())
}

/// The rules that syntax and names decide, by category.
pub fn syntax() -> impl Iterator<Item = &'static Rule> {
    SYNTAX.iter().flat_map(|rules| rules.iter().copied())
}

/// All rules with the source of their files, whose header comment is their documentation ([`gopeer_lint::doc`]).
#[cfg(feature = "docs")]
pub fn sources() -> impl Iterator<Item = (&'static Rule, &'static str)> {
    all().zip(SOURCES.iter().flat_map(|category| category.iter().copied()))
}
