//! Who reviews: built-in reviewers, and files that say what a reviewer of one's own is like.

use std::fs;
use std::path::{Path, PathBuf};

use gopeer_engine::Session;
use gopeer_engine::config::{Fault, Read};
use gopeer_engine::persona::{self, Persona};

use crate::args::{PersonaCommand, ReviewArgs, Reviewers};
use crate::config::shown;
use crate::input::Input;
use crate::{CLEAN, FAULT, input, print, say};

/// Who reviews if nobody is named.
pub const DEFAULT: &str = "senior";

/// Those who review: whom the command line names, or else a configuration, and whom `--compare` names. The faults are lines for the user.
pub fn chosen(args: &ReviewArgs, input: &Input) -> Result<Vec<Persona>, Vec<String>> {
    let of_config = || match input.persona() {
        Some((folder, file)) if file.ends_with(".md") => Reviewers::File(folder.join(file)),
        Some((_, id)) => Reviewers::One(id.to_owned()),
        None => Reviewers::One(DEFAULT.to_owned()),
    };
    let named = args.persona.clone().unwrap_or_else(of_config);
    let known = persona::builtin();
    let mut chosen: Vec<Persona> = match &named {
        Reviewers::All if args.compare.is_some() => {
            return Err(vec!["a comparison is between two reviewers: name the first with --persona".to_owned()]);
        }
        Reviewers::All => known.clone(),
        Reviewers::One(id) => known.iter().filter(|persona| persona.id == *id).cloned().collect(),
        Reviewers::File(path) => vec![from_file(path)?],
    };
    if let Some(other) = args.compare {
        chosen.extend(known.into_iter().filter(|persona| persona.id == other.id()));
    }
    Ok(chosen)
}

/// Reads the file of a reviewer. The faults are `path:line:column: sentence`.
pub fn from_file(path: &Path) -> Result<Persona, Vec<String>> {
    let shown = shown(path);
    let text = input::read(path).map_err(|fault| vec![fault])?.text;
    let session = Session::new();
    let fault = |fault: Fault| {
        let at = fault.range(&text);
        format!("{shown}:{}:{}: {}", at.line, at.column, fault.message)
    };
    match Read::of("persona.md", &text, &session.rule_ids(), &session.persona_ids()) {
        Ok(Read::Persona(persona)) => Ok(*persona),
        Ok(Read::Config(_)) => Err(vec![format!("{shown} is not a reviewer")]),
        Err(faults) => Err(faults.into_iter().map(fault).collect()),
    }
}

/// Runs `gopeer persona`.
pub fn run(command: &PersonaCommand) -> Result<u8, String> {
    match command {
        PersonaCommand::New { from, file } => new(from.id(), file),
        PersonaCommand::Check { files } => check(files),
    }
}

/// Writes a file to start from.
fn new(from: &str, file: &Path) -> Result<u8, String> {
    let text = persona::template(from).ok_or_else(|| format!("there is no reviewer {from}"))?;
    if file.extension().is_none_or(|extension| extension != "md") {
        return Err(format!("{}: the name of a reviewer's file ends in .md", file.display()));
    }
    if file.exists() {
        return Err(format!("{} already exists", file.display()));
    }
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    let shown = file.display();
    say(&format!("gopeer: wrote {shown}; edit it, and review with --persona {shown}"));
    Ok(CLEAN)
}

/// Reads files of reviewers, and says who they are or what is wrong.
fn check(files: &[PathBuf]) -> Result<u8, String> {
    let mut code = CLEAN;
    for file in files {
        match from_file(file) {
            Ok(persona) => {
                let rules: Vec<&str> = persona.rules.iter().map(|rule| rule.id.as_str()).collect();
                let brings = if rules.is_empty() { String::new() } else { format!("; brings {}", rules.join(", ")) };
                print(&format!("{}: {} ({}){brings}\n", file.display(), persona.name, persona.id))?;
            }
            Err(faults) => {
                faults.iter().for_each(|fault| say(fault));
                code = FAULT;
            }
        }
    }
    Ok(code)
}
