//! The package's TypeScript types are those of the protocol. `GOPEER_WRITE=1 cargo test -p gopeer-tests --test types` writes them.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use gopeer_engine::Session;
use gopeer_engine::protocol::{FileText, Review};
use gopeer_engine::questions::{self, Question, Questions};
use ts_rs::{Config, TS, TypeVisitor};

const HEAD: &str = "// What a review consists of. Made from crates/engine/src/protocol by tests/types.rs; do not edit.
// Positions are given twice: `start` and `end` are bytes of UTF-8, `from` and `to` are what JavaScript's strings count.
";

/// Declarations by name.
struct Declarations<'c> {
    config: &'c Config,
    all: BTreeMap<String, String>,
    seen: Vec<TypeId>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        // Only what is declared somewhere has a path: neither numbers nor lists.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            self.all.insert(T::ident(self.config), tidy(&format!("{docs}export {}", T::decl(self.config))));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

/// As a person would write it: short comments on one line, fields indented, no links of rustdoc.
fn tidy(declaration: &str) -> String {
    let text = declaration.replace("/**\n * ", "/** ").replace("[`", "`").replace("`]", "`").replace(", };", ",\n};");
    let mut tidied = String::new();
    let mut indent = "";
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        indent = if line == "};" { "" } else { indent };
        let end = if lines.next_if_eq(&" */").is_some() { " */" } else { "" };
        let _ = writeln!(tidied, "{indent}{line}{end}");
        indent = if line.ends_with('{') { "  " } else { indent };
    }
    tidied
}

/// The questions about what code does not show, each with its answers.
fn answers() -> String {
    let of = |Question { id, title, answers }: Question| {
        let ids = answers.iter().map(|answer| format!("\"{}\"", answer.id)).collect::<Vec<_>>().join(" | ");
        let labels = answers.iter().map(|answer| &*answer.label).collect::<Vec<_>>().join("; ");
        format!("  /** {title}: {labels}. */\n  {id}?: {ids},\n")
    };
    let questions: String = Questions::read(questions::TEXT).questions.into_iter().map(of).collect();
    format!("/** Answers to questions about what code does not show. */\nexport type Answers = {{\n{questions}}};\n")
}

#[test]
fn the_package_has_the_types_of_the_protocol() {
    let config = Config::default();
    let mut declarations = Declarations { config: &config, all: BTreeMap::new(), seen: Vec::new() };
    declarations.visit::<Review>();
    declarations.visit::<FileText>();
    let session = Session::new();
    let personas = session.persona_ids().iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(" | ");
    let persona = format!("/** Ids of the built-in reviewers. */\nexport type Persona = {personas};\n");
    declarations.all.insert("Persona".to_owned(), persona);
    declarations.all.insert("Answers".to_owned(), answers());
    let made = declarations.all.values().fold(HEAD.to_owned(), |made, declaration| format!("{made}\n{declaration}"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/npm/protocol.d.ts");
    if env::var_os("GOPEER_WRITE").is_some() {
        fs::write(&file, &made).expect("it can be written");
    }
    let kept = fs::read_to_string(&file).expect("web/npm/protocol.d.ts is there");
    assert_eq!(kept, made, "write it anew with GOPEER_WRITE=1");
}
