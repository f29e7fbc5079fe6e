//! What `cargo dev oracle` is asked for.

use std::path::{Path, PathBuf};

use crate::corpus::MODULES;
use crate::theirs;

const USAGE: &str = "\
cargo dev oracle [PATH…]   folders of modules, packages of Go's own source otherwise
  --flow                   control flow only, not types
  --only std               Go's own packages only
  --package PATH           this package of Go's own source; may be repeated
  --modules                popular modules only
  --tests                  with test files
  --whole                  the packages of a module know each other, as when a folder is reviewed
  --list CAUSE             all samples of the causes whose name contains CAUSE
  --top N                  how many causes are shown (30)
  --broken N [--seed S]    take a token or a line out of N files instead, and see what keeps its type";

/// Popular modules, pinned so that the table says the same tomorrow: those of `cargo dev corpus`, and nine more.
const MORE_MODULES: [&str; 9] = [
    "github.com/go-chi/chi/v5@v5.5.0",
    "github.com/gorilla/mux@v1.8.1",
    "github.com/redis/go-redis/v9@v9.23.0",
    "github.com/rs/zerolog@v1.35.1",
    "github.com/sirupsen/logrus@v1.10.2",
    "github.com/spf13/cobra@v1.10.2",
    "github.com/spf13/viper@v1.21.0",
    "golang.org/x/net@v0.62.0",
    "gorm.io/gorm@v1.31.2",
];

/// What to compare, and what to show.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// Whether only control flow is compared.
    pub(crate) flow: bool,
    pub(crate) std: bool,
    pub(crate) modules: bool,
    pub(crate) packages: Vec<String>,
    pub(crate) folders: Vec<String>,
    pub(crate) tests: bool,
    pub(crate) whole: bool,
    pub(crate) list: Option<String>,
    pub(crate) top: usize,
    pub(crate) broken: usize,
    pub(crate) seed: u64,
}

/// The name of what is compared, where `go list` runs, and what it is asked for.
pub(crate) type Source = (String, PathBuf, Vec<String>);

impl Options {
    pub(crate) fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options { top: 30, ..Options::default() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().cloned().ok_or(format!("{arg} takes a value\n\n{USAGE}"));
            match arg.as_str() {
                "--only" => match value()?.as_str() {
                    "std" => options.std = true,
                    other => return Err(format!("--only takes std, not `{other}`")),
                },
                "--package" => options.packages.push(value()?),
                "--flow" => options.flow = true,
                "--modules" => options.modules = true,
                "--tests" => options.tests = true,
                "--whole" => options.whole = true,
                "--list" => options.list = Some(value()?),
                "--top" => options.top = number(&value()?)?,
                "--broken" => options.broken = number(&value()?)?,
                "--seed" => options.seed = number(&value()?)? as u64,
                flag if flag.starts_with('-') => return Err(format!("there is no option `{flag}`\n\n{USAGE}")),
                folder => options.folders.push(folder.to_owned()),
            }
        }
        if options.flow && options.broken > 0 {
            return Err("--broken damages files for the comparison of types, not for --flow".to_owned());
        }
        if options.whole && options.tests {
            return Err("--whole leaves test files out: what a package is to others is another thing then".to_owned());
        }
        if !options.std && !options.modules && options.packages.is_empty() && options.folders.is_empty() {
            (options.std, options.modules) = (true, true);
        }
        Ok(options)
    }

    pub(crate) fn sources(&self) -> Result<Vec<Source>, String> {
        let mut sources = Vec::new();
        let outside = std::env::temp_dir();
        let all = || vec!["./...".to_owned()];
        if self.std {
            sources.push(("std".to_owned(), outside.clone(), vec!["std".to_owned()]));
        }
        if !self.packages.is_empty() {
            sources.push((self.packages.join(" "), outside, self.packages.clone()));
        }
        for folder in &self.folders {
            let path = Path::new(folder).canonicalize().map_err(|error| format!("{folder}: {error}"))?;
            sources.push((folder.clone(), path, all()));
        }
        if self.modules {
            for module in MODULES.iter().chain(&MORE_MODULES) {
                sources.push(((*module).to_owned(), theirs::module(module)?, all()));
            }
        }
        Ok(sources)
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}
