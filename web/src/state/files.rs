//! Files: opened, typed in, mended, closed.

use std::rc::Rc;

use gopeer_engine::protocol::{Edit, FileText, Fix};
use gopeer_engine::{MAX_FILE_BYTES, MAX_SESSION_BYTES, Refusal};

use super::{Draft, Effect, File, FilesAction, ReadFile, Sample, Source, State, Work, apply, difference, engine};
use super::{known_persona, normalised};

/// What shall happen with the files that the engine finds in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intake {
    source: Source,
}

pub(super) fn reduce(state: &mut State, action: FilesAction) -> Vec<Effect> {
    let looking = matches!(
        action,
        FilesAction::Show { .. }
            | FilesAction::SampleHere { .. }
            | FilesAction::Resume { .. }
            | FilesAction::NameDraft { .. }
    );
    if state.read_only() && !looking {
        state.toast("A shared review cannot be changed: edit a copy of it.", None, true);
        return Vec::new();
    }
    match action {
        FilesAction::Edited { file, deltas } => edited(state, file, deltas),
        FilesAction::Replaced { text } => replaced(state, &text),
        FilesAction::Pasted { text } => pasted(state, text),
        FilesAction::Read { files } => read(state, files),
        FilesAction::SampleHere { sample, text } => sample_here(state, &sample, text),
        FilesAction::Show { file } => {
            state.work.active = file;
            Vec::new()
        }
        FilesAction::Add => {
            let before = state.work.clone();
            add(state, &before, vec![FileText { name: "untitled.go".to_owned(), text: String::new() }]);
            Vec::new()
        }
        FilesAction::Rename { file, name } => rename(state, file, name.trim()),
        FilesAction::Close { file } => close(state, file),
        FilesAction::Clear => clear(state),
        FilesAction::Undo => undo(state),
        FilesAction::Fix { finding, fix } => mend(state, &finding, fix),
        FilesAction::Resume { key } => resume(state, &key),
        FilesAction::NameDraft { key, name } => {
            vec![Effect::NameDraft { key, name: name.trim().to_owned() }, Effect::ListDrafts]
        }
    }
}

fn edited(state: &mut State, id: u32, deltas: Vec<gopeer_engine::protocol::Delta>) -> Vec<Effect> {
    let Some(at) = state.work.files.iter().position(|file| file.id == id) else {
        return Vec::new();
    };
    let Some(text) = apply(&state.work.files[at].text, &deltas) else {
        return Vec::new();
    };
    let before = state.work.version;
    state.work.version = state.version();
    let file = &mut Rc::make_mut(&mut state.work.files)[at];
    file.text = text.into();
    let name = file.name.clone();
    engine::edited(state, &name, deltas, before)
}

fn replaced(state: &mut State, text: &str) -> Vec<Effect> {
    let text = normalised(text);
    let file = state.work.active_file();
    let Some(delta) = difference(&file.text, &text) else {
        return Vec::new();
    };
    if let Err(refusal) = check(&state.work, &[(file.name.as_str(), text.len())]) {
        state.toast(refusal.to_string(), None, true);
        return Vec::new();
    }
    let id = file.id;
    edited(state, id, vec![delta])
}

fn pasted(state: &mut State, text: String) -> Vec<Effect> {
    if text.len() > MAX_FILE_BYTES {
        state.toast(Refusal::FileTooLarge("The pasted text".to_owned(), text.len()).to_string(), None, true);
        return Vec::new();
    }
    if text.contains('\0') {
        state.toast(Refusal::Binary("The pasted text".to_owned()).to_string(), None, true);
        return Vec::new();
    }
    let text = normalised(&text).into_owned();
    let intake = Intake { source: Source::Paste };
    match engine::intake(state, intake, String::new(), text.clone()) {
        Some(effect) => vec![effect],
        None => vec![Effect::Insert { text }],
    }
}

fn read(state: &mut State, files: Vec<ReadFile>) -> Vec<Effect> {
    let (mut effects, mut plain, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for ReadFile { name, bytes, text } in files {
        match text {
            _ if bytes > MAX_FILE_BYTES => refused.push(Refusal::FileTooLarge(name, bytes).to_string()),
            None => refused.push(format!("{name} is not text: open Go source files.")),
            Some(text) if is_archive(&name) => {
                let text = normalised(&text).into_owned();
                effects.extend(engine::intake(state, Intake { source: Source::Disk }, name, text));
            }
            Some(text) => plain.push(FileText { name, text: normalised(&text).into_owned() }),
        }
    }
    let before = state.work.clone();
    let count = plain.len();
    if count > 0 && add(state, &before, plain) {
        state.toast(format!("Opened {}.", counted(count, "file")), Some(before), false);
    }
    if !refused.is_empty() {
        state.toast(refused.join(" "), None, true);
    }
    effects
}

fn is_archive(name: &str) -> bool {
    [".md", ".markdown", ".txtar", ".txt"].iter().any(|end| name.ends_with(end))
}

fn sample_here(state: &mut State, sample: &Sample, text: String) -> Vec<Effect> {
    state.dialog = None;
    state.opened = None;
    state.broken_link = None;
    state.persona = known_persona(Some(&sample.persona)).unwrap_or("senior").to_owned();
    let text = normalised(&text).into_owned();
    let mut effects = vec![Effect::NewDraft];
    begin(state, vec![FileText { name: sample.file.clone(), text: text.clone() }]);
    if is_archive(&sample.file) {
        effects.extend(engine::intake(state, Intake { source: Source::Sample }, sample.file.clone(), text));
    }
    effects
}

/// The engine has taken a text apart.
pub(super) fn taken_apart(state: &mut State, intake: Intake, files: Vec<FileText>, notes: &[String]) -> Vec<Effect> {
    let before = state.work.clone();
    let said = notes.join(" ");
    match intake.source {
        Source::Sample => begin(state, files),
        Source::Paste if files.len() == 1 && !before.is_blank() => {
            if !said.is_empty() {
                state.toast(said, None, false);
            }
            return files.into_iter().map(|file| Effect::Insert { text: file.text }).collect();
        }
        Source::Paste | Source::Disk => {
            let count = files.len();
            if add(state, &before, files) {
                let said = if said.is_empty() { format!("Opened {}.", counted(count, "file")) } else { said };
                state.toast(said, Some(before), false);
            }
        }
    }
    Vec::new()
}

/// Replaces all files.
pub(super) fn begin(state: &mut State, files: Vec<FileText>) {
    let files: Vec<File> = files.into_iter().map(|file| new_file(state, file)).collect();
    let active = files.first().map_or(0, |file| file.id);
    if files.is_empty() {
        return;
    }
    state.work = Work { files: Rc::new(files), active, version: state.version() };
    state.drawn = None;
    state.selected = None;
}

/// Takes up a draft as it was kept.
pub(super) fn restore(state: &mut State, draft: &Draft) {
    let files = draft.files.iter().map(|(name, text)| FileText { name: name.clone(), text: text.clone() }).collect();
    begin(state, files);
    if let Some(file) = state.work.files.get(draft.active as usize) {
        state.work.active = file.id;
    }
    if let Some(persona) = known_persona(Some(&draft.persona)) {
        state.persona = persona.to_owned();
    }
    state.ticks = Rc::new(draft.ticks.clone());
}

fn resume(state: &mut State, key: &str) -> Vec<Effect> {
    let Some(earlier) = state.earlier.iter().find(|earlier| earlier.key == key).cloned() else {
        return Vec::new();
    };
    state.opened = None;
    state.dialog = None;
    restore(state, &earlier.draft);
    vec![Effect::NewDraft]
}

fn new_file(state: &mut State, FileText { name, text }: FileText) -> File {
    state.next_file += 1;
    File { id: state.next_file - 1, name, text: text.into() }
}

/// Adds files beside the others, or in place of an empty page; says why where it does not.
fn add(state: &mut State, before: &Work, files: Vec<FileText>) -> bool {
    let sizes: Vec<(&str, usize)> = files.iter().map(|file| (file.name.as_str(), file.text.len())).collect();
    if let Err(refusal) = check(before, &sizes) {
        state.toast(refusal.to_string(), None, true);
        return false;
    }
    let mut all = if before.is_blank() && before.files.len() == 1 && !files.iter().all(|file| file.text.is_empty()) {
        Vec::new()
    } else {
        before.files.to_vec()
    };
    let first = all.len();
    for mut file in files {
        file.name = free_name(&all, &file.name, None);
        all.push(new_file(state, file));
    }
    let active = all[first.min(all.len() - 1)].id;
    state.work = Work { files: Rc::new(all), active, version: state.version() };
    true
}

fn check(work: &Work, added: &[(&str, usize)]) -> Result<(), Refusal> {
    if let Some((name, size)) = added.iter().find(|(_, size)| *size > MAX_FILE_BYTES) {
        return Err(Refusal::FileTooLarge((*name).to_owned(), *size));
    }
    let there: usize = work.files.iter().map(|file| file.text.len()).sum();
    let total = there + added.iter().map(|(_, size)| size).sum::<usize>();
    if total > MAX_SESSION_BYTES { Err(Refusal::SessionTooLarge(total)) } else { Ok(()) }
}

fn free_name(files: &[File], wanted: &str, except: Option<u32>) -> String {
    let taken = |name: &str| files.iter().any(|file| Some(file.id) != except && file.name == name);
    let (stem, end) = match wanted.rfind('.') {
        Some(dot) => wanted.split_at(dot),
        None => (wanted, ""),
    };
    let numbered = (2..).map(|number| format!("{stem}_{number}{end}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

fn rename(state: &mut State, id: u32, name: &str) -> Vec<Effect> {
    let Some(at) = state.work.files.iter().position(|file| file.id == id) else {
        return Vec::new();
    };
    if name.is_empty() || state.work.files[at].name == name {
        return Vec::new();
    }
    let name = free_name(&state.work.files, name, Some(id));
    state.work.version = state.version();
    Rc::make_mut(&mut state.work.files)[at].name = name;
    Vec::new()
}

fn close(state: &mut State, id: u32) -> Vec<Effect> {
    let before = state.work.clone();
    let Some(at) = before.files.iter().position(|file| file.id == id) else {
        return Vec::new();
    };
    let mut files = before.files.to_vec();
    let closed = files.remove(at);
    if files.is_empty() {
        files.push(new_file(state, FileText { name: "main.go".to_owned(), text: String::new() }));
    }
    let active = if before.active == id { files[at.min(files.len() - 1)].id } else { before.active };
    state.work = Work { files: Rc::new(files), active, version: state.version() };
    if !closed.text.trim().is_empty() {
        state.toast(format!("Closed {}.", closed.name), Some(before), false);
    }
    Vec::new()
}

fn clear(state: &mut State) -> Vec<Effect> {
    let before = state.work.clone();
    begin(state, vec![FileText { name: "main.go".to_owned(), text: String::new() }]);
    if !before.is_blank() {
        state.toast("Began anew; the earlier draft is under Open.", Some(before), false);
    }
    vec![Effect::NewDraft]
}

fn undo(state: &mut State) -> Vec<Effect> {
    if let Some(work) = state.toast.take().and_then(|toast| toast.undo) {
        state.work = Work { version: state.version(), ..work };
    }
    Vec::new()
}

fn mend(state: &mut State, finding: &str, fix: usize) -> Vec<Effect> {
    let Some(drawn) = state.drawn.clone().filter(|drawn| drawn.work.version == state.work.version) else {
        state.toast("The text has changed: the fix is offered again in a moment.", None, true);
        return Vec::new();
    };
    let found = drawn.review.findings.iter().find(|candidate| candidate.id == finding);
    let Some(fix) = found.and_then(|finding| finding.fixes.get(fix)) else {
        return Vec::new();
    };
    let before = state.work.clone();
    let Some(files) = fixed(&before, fix) else {
        state.toast("This fix does not fit the text any more.", None, true);
        return Vec::new();
    };
    state.work.files = Rc::new(files);
    state.work.version = state.version();
    state.toast(format!("{}: done.", fix.title.trim_end_matches('.')), Some(before), false);
    Vec::new()
}

/// The files after a fix; none where it does not fit.
pub(crate) fn fixed(work: &Work, fix: &Fix) -> Option<Vec<File>> {
    let mut files = work.files.to_vec();
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    // From the end, so that the places of the others stay true.
    let last =
        |edits: &[&Edit]| (0..edits.len()).max_by_key(|&at| (edits[at].place.range.start, edits[at].place.range.end));
    while let Some(at) = last(&edits) {
        let edit = edits.swap_remove(at);
        let file = files.iter_mut().find(|file| file.name == edit.place.file)?;
        let (start, end) = (edit.place.range.start as usize, edit.place.range.end as usize);
        let (head, tail) = (file.text.get(..start)?, file.text.get(end..)?);
        if start > end {
            return None;
        }
        file.text = format!("{head}{}{tail}", edit.insert).into();
    }
    Some(files)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
