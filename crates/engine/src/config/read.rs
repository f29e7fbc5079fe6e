//! Reads `.gopeer.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Config, Fault, Known, Level};
use crate::known::{is_qualified, is_team_rule, unknown};
use crate::persona::not_toml;
use crate::questions::{self, Questions};

/// Configuration of gopeer for a Go module: the file `.gopeer.toml` beside its go.mod.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "docs", derive(schemars::JsonSchema), schemars(title = "gopeer"))]
pub(super) struct File {
    /// Who reviews where the command line names nobody: a built-in reviewer, or one of your own by the path of its file from here,
    /// such as `team.md`.
    #[cfg_attr(feature = "docs", schemars(with = "Option<String>"))]
    persona: Option<Spanned<String>>,
    /// Files and folders that are not reviewed, with the patterns of .gitignore but for `!`: `gen/`, `*.pb.go`, `/cmd/old`.
    #[cfg_attr(feature = "docs", schemars(with = "Vec<String>"))]
    exclude: Vec<Spanned<String>>,
    /// Types that make a function a handler of requests when it has a parameter of the type or of a pointer to it, besides those
    /// that gopeer knows, such as `net/http.ResponseWriter`: `example.com/shop/web.Context`.
    #[cfg_attr(feature = "docs", schemars(with = "Vec<String>"))]
    handlers: Vec<Spanned<String>>,
    /// Functions and methods that end the program without running deferred calls: `example.com/shop/must.Exit`,
    /// `example.com/shop/log.Logger.Die`.
    #[cfg_attr(feature = "docs", schemars(with = "Vec<String>"))]
    exits: Vec<Spanned<String>>,
    /// Rules by id: "off", or the severity that their findings have here.
    #[cfg_attr(feature = "docs", schemars(with = "BTreeMap<String, Level>"))]
    rules: BTreeMap<Spanned<String>, Level>,
    /// What the code does not show, as `--assume` says it, which wins over this: `delivery = "at-least-once"`. It raises, lowers or
    /// leaves out the findings that depend on it.
    #[cfg_attr(feature = "docs", schemars(with = "BTreeMap<String, String>"))]
    assume: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// Reads a configuration. The faults are all that can be found, in the order of the text, and at least one.
pub fn read(text: &str, known: Known<'_>) -> Result<Config, Vec<Fault>> {
    let file: File = toml::from_str(text).map_err(|error| vec![not_toml(&error, 0)])?;
    let mut faults: Vec<Fault> =
        file.wrong(known).into_iter().map(|(span, message)| Fault::at(span, message)).collect();
    faults.sort_by_key(|fault| fault.start);
    if faults.is_empty() { Ok(file.into()) } else { Err(faults) }
}

impl File {
    /// What the format does not forbid and a configuration cannot mean.
    fn wrong(&self, known: Known<'_>) -> Vec<(std::ops::Range<usize>, String)> {
        // A reviewer of one's own is the path of a file.
        let is_known = |id: &str| known.personas.contains(&id) || id.ends_with(".md");
        let persona = self.persona.iter().filter(|id| !is_known(id.get_ref()));
        let persona = persona.map(|id| (id.span(), unknown("reviewer", id.get_ref(), known.personas)));
        let is_known = |id: &str| known.rules.contains(&id) || is_team_rule(id);
        let rules = self.rules.keys().filter(|id| !is_known(id.get_ref()));
        let rules = rules.map(|id| (id.span(), unknown("rule", id.get_ref(), known.rules)));
        let names = self.handlers.iter().chain(&self.exits).filter(|name| !is_qualified(name.get_ref()));
        let names = names.map(|name| {
            let message = format!("`{}` lacks its package: write `example.com/shop/web.Name`", name.get_ref());
            (name.span(), message)
        });
        let patterns = self.exclude.iter().filter_map(|pattern| {
            let message = match pattern.get_ref().as_str() {
                text if text.trim_matches('/').is_empty() => "an empty pattern leaves nothing out".to_owned(),
                text if text.starts_with('!') => {
                    format!("`{text}`: a pattern cannot take back what another leaves out")
                }
                text => format!("`{text}` is no pattern: {}", fast_glob::validate(text).err()?),
            };
            Some((pattern.span(), message))
        });
        persona.chain(rules).chain(names).chain(patterns).chain(self.no_answers()).collect()
    }

    /// What is no question, or no answer to one.
    fn no_answers(&self) -> Vec<(std::ops::Range<usize>, String)> {
        let questions = Questions::read(questions::HEADINGS);
        let wrong = self.assume.iter().filter_map(|(asked, said)| match questions.question(asked.get_ref()) {
            Ok(question) => Some((said.span(), question.answer(said.get_ref()).err()?)),
            Err(none) => Some((asked.span(), none)),
        });
        wrong.collect()
    }
}

impl From<File> for Config {
    fn from(File { persona, exclude, handlers, exits, rules, assume }: File) -> Config {
        let texts = |list: Vec<Spanned<String>>| list.into_iter().map(Spanned::into_inner).collect();
        Config {
            persona: persona.map(Spanned::into_inner),
            exclude: texts(exclude),
            handlers: texts(handlers),
            exits: texts(exits),
            rules: rules.into_iter().map(|(id, level)| (id.into_inner(), level)).collect(),
            assume: assume.into_iter().map(|(asked, said)| (asked.into_inner(), said.into_inner())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> =
        Known { rules: &["kafka/weak-acks", "sql/late-rows"], personas: &["senior", "backend", "data"], concerns: &[] };

    /// The faults as `line:column message`.
    fn faults(text: &str) -> Vec<String> {
        let faults = read(text, KNOWN).expect_err(text).into_iter();
        let place = |fault: &Fault| (fault.range(text).line, fault.range(text).column);
        faults.map(|fault| format!("{}:{} {}", place(&fault).0, place(&fault).1, fault.message)).collect()
    }

    #[test]
    fn all_that_there_is() {
        let text = r#"
            persona = "data"
            exclude = ["gen/", "*.pb.go"]
            handlers = ["example.com/shop/web.Context"]
            exits = ["example.com/shop/log.Logger.Die", "must.Exit"]
            [rules]
            "kafka/weak-acks" = "off"
            "sql/late-rows" = "low"
            [assume]
            load = "high"
            go = "1.22"
        "#;
        let config = read(text, KNOWN).expect("it is a configuration");
        assert_eq!(config.persona.as_deref(), Some("data"));
        assert_eq!(config.exclude, ["gen/", "*.pb.go"]);
        assert_eq!((config.handlers.len(), config.exits.len()), (1, 2));
        assert_eq!(config.assume, [("go", "1.22"), ("load", "high")].map(|(asked, said)| (asked.into(), said.into())));
        let levels = ["kafka/weak-acks", "sql/late-rows", "x/y"].map(|rule| config.level(rule));
        assert_eq!(levels, [Some(Level::Off), Some(Level::Low), None]);
        assert_eq!(read("", KNOWN), Ok(Config::default()));
    }

    #[test]
    fn each_fault_has_its_line() {
        let said = faults(
            "# é\npersona = \"date\"\nexclude = [\n  \"\",\n  \"!a\",\n]\nexits = [\"Exit\"]\n\n[rules]\n\"kafka/weak-ack\" = \"off\"\n\"x/y\" = \"low\"\n[assume]\nspeed = \"high\"\nload = \"much\"\n",
        );
        let places: Vec<&str> = said.iter().filter_map(|fault| fault.split(' ').next()).collect();
        assert_eq!(places, ["2:11", "4:3", "5:3", "7:10", "10:1", "11:1", "13:1", "14:8"], "{said:#?}");
        assert!(said[0].ends_with("there is no reviewer `date` (did you mean data?)"), "{said:#?}");
        assert!(said[4].ends_with("there is no rule `kafka/weak-ack` (did you mean kafka/weak-acks?)"), "{said:#?}");
        assert!(said[5].ends_with("there is no rule `x/y`"), "{said:#?}");
        assert!(said[6].contains("there is no question `speed`, only load, "), "{said:#?}");
        assert!(
            said[7].contains("`load` has no answer `much`, only once (runs once, for one user), high ("),
            "{said:#?}"
        );
    }

    #[test]
    fn what_the_format_forbids_has_its_line_too() {
        for (text, place, said) in [
            ("persona = \"data\"\nexcludes = []\n", "2:1", "unknown field `excludes`"),
            ("\n[rules]\n\"kafka/weak-acks\" = \"none\"\n", "3:21", "unknown variant `none`"),
            ("exclude = \"gen\"\n", "1:11", "invalid type: string"),
            ("[assume]\ngo = 1.22\n", "2:6", "invalid type: floating point"),
            ("persona = 1\n", "1:11", "invalid type: integer"),
            ("persona = \"data\"\npersona = \"senior\"\n", "2:1", "duplicate key"),
            ("[rules\n", "1:7", "unclosed table"),
            ("exclude = [\n", "1:12", "unclosed array"),
        ] {
            let faults = faults(text);
            assert!(faults[0].starts_with(place) && faults[0].contains(said), "{text}: {faults:?}");
        }
    }

    #[test]
    fn depth_ends_nothing() {
        for text in ["exclude = ".to_owned() + &"[".repeat(100_000), "exclude = ".to_owned() + &"{a=".repeat(100_000)] {
            assert_eq!(faults(&text).len(), 1);
        }
    }
}
