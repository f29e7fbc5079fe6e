//! `gopeer open` and `gopeer link`.

use std::fmt::Write;
use std::path::Path;

use gopeer_engine::protocol::FileText;
use gopeer_engine::questions::Answers;
use gopeer_engine::{Session, VERSION};
use gopeer_link::{Remark, Shared, SharedFile, decode, encode, meter};

use crate::args::Reviewers;
use crate::persona::from_file;
use crate::{CLEAN, input, print, say};

/// Prints what a link contains: the reviewer, and each file.
pub fn open(link: &str) -> Result<u8, String> {
    let shared = decode(link).map_err(|error| error.to_string())?;
    let mut out = String::new();
    let _ = writeln!(out, "# reviewer {}, made by gopeer {}", shared.persona, shared.engine);
    if let Some(focus) = &shared.focus {
        let _ = writeln!(out, "# points at {} in {}:{}", focus.rule, focus.file, focus.line);
    }
    for (question, said) in shared.said() {
        let _ = writeln!(out, "# said: {question}: {said}");
    }
    for note in &shared.notes {
        let _ = writeln!(out, "# note on {}:{}: {}", note.file, note.line, note.text);
    }
    for Remark { finding, decision, text, .. } in &shared.remarks {
        let said = ["noted", "accepted", "dismissed"].get(usize::from(*decision)).unwrap_or(&"noted");
        let colon = if text.is_empty() { "" } else { ": " };
        let _ = writeln!(out, "# {said} {finding}{colon}{}", text.replace('\n', " "));
    }
    for file in &shared.files {
        let _ = writeln!(out, "-- {} --\n{}", file.name, file.text.trim_end_matches('\n'));
    }
    print(&out)?;
    Ok(CLEAN)
}

/// Makes a link for files and prints it; its length goes to standard error. A reviewer of one's own is one of the files.
pub fn make(base: &str, persona: &Reviewers, answers: Vec<(String, String)>, paths: &[String]) -> Result<u8, String> {
    let mut files = paths.iter().map(|path| input::read(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    let persona = match persona {
        Reviewers::All => return Err("a link opens with one reviewer: name one with --persona".to_owned()),
        Reviewers::One(id) => id.clone(),
        Reviewers::File(path) => match from_file(path) {
            Ok(persona) => {
                files.push(input::read(path)?);
                persona.id
            }
            Err(faults) => return Err(faults.join("\n")),
        },
    };
    let mut shared = Shared {
        digest: digest(&files, &persona, &answers)?,
        files: files.into_iter().map(|FileText { name, text }| SharedFile { name, text }).collect(),
        persona,
        engine: VERSION.to_owned(),
        ..Shared::default()
    };
    shared.say(&answers);
    let fragment = encode(&shared).map_err(|error| error.to_string())?;
    let link = format!("{}#{fragment}", base.split('#').next().unwrap_or(base));
    print(&format!("{link}\n"))?;
    say(&format!("{} characters. {}", link.len(), meter(link.len()).sentence));
    Ok(CLEAN)
}

fn digest(files: &[FileText], persona: &str, answers: &Answers) -> Result<u32, String> {
    let mut session = Session::new();
    session.open(files.to_vec());
    session.set_answers(answers.to_vec());
    session.review(persona).map(|review| review.digest).map_err(|refusal| refusal.to_string())
}
