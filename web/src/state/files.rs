//! Files: opened, edited, fixed, closed.

use std::rc::Rc;

use gopeer_engine::persona::is_persona;
use gopeer_engine::protocol::{Edit, FileText, Fix};
use gopeer_engine::{MAX_FILE_BYTES, MAX_SESSION_BYTES, Refusal};

use crate::queries;

use super::{
    DEFAULT_PERSONA, Draft, Effect, File, FilesAction, Own, ReadFile, Sample, Source, State, Toast, Work, apply,
    difference, engine, known_persona, normalised,
};

/// What to do with the files that the engine finds in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intake {
    source: Source,
    /// The file that was pasted over.
    over: Option<u32>,
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
        state.toast("A shared review is read-only. Choose “Edit a copy” to change it.", None, true);
        return Vec::new();
    }
    match action {
        FilesAction::Edited { file, deltas } => edited(state, file, deltas),
        FilesAction::Replaced { text } => replaced(state, &text),
        FilesAction::Pasted { text, over_all } => pasted(state, text, over_all),
        FilesAction::Read { files } => read(state, files),
        FilesAction::SampleHere { sample, text } => sample_here(state, &sample, text),
        FilesAction::Before { versions } => {
            compare(state, versions);
            Vec::new()
        }
        FilesAction::Show { file } => {
            state.work.active = file;
            Vec::new()
        }
        FilesAction::Add => {
            let before = state.work.clone();
            add(state, &before, vec![FileText { name: "untitled.go".to_owned(), text: String::new() }]);
            Vec::new()
        }
        FilesAction::Bring { file, edit } => bring(state, file, edit),
        FilesAction::Rename { file, name } => rename(state, file, name.trim()),
        FilesAction::Close { file } => close(state, file),
        FilesAction::Clear => clear(state),
        FilesAction::Undo => undo(state),
        FilesAction::Fix { finding, fix } => fix_finding(state, &finding, fix),
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
    state.work.is_sample = false;
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
    let others: Vec<File> = state.work.files.iter().filter(|other| other.id != file.id).cloned().collect();
    if let Err(refusal) = check(&others, &[(file.name.as_str(), text.len())]) {
        state.toast(refusal.to_string(), None, true);
        return Vec::new();
    }
    let id = file.id;
    edited(state, id, vec![delta])
}

fn pasted(state: &mut State, text: String, over_all: bool) -> Vec<Effect> {
    if text.len() > MAX_FILE_BYTES {
        state.toast(Refusal::FileTooLarge("The pasted text".to_owned(), text.len()).to_string(), None, true);
        return Vec::new();
    }
    if text.contains('\0') {
        state.toast(Refusal::Binary("The pasted text".to_owned()).to_string(), None, true);
        return Vec::new();
    }
    let is_plain = !queries::is_for_the_page(&text);
    let text = normalised(&text).into_owned();
    let over = over_all.then_some(state.work.active);
    if !is_plain {
        let asked = engine::intake(state, Intake { source: Source::Paste, over }, String::new(), text.clone());
        if let Some(effect) = asked {
            return vec![effect];
        }
    }
    match over {
        Some(over) => paste_over(state, over, vec![FileText { name: String::new(), text }], String::new()),
        None => vec![Effect::Insert { text }],
    }
}

/// Puts files in the place of one, or of a sample as a whole. The first takes over its tab, and its undo history.
fn paste_over(state: &mut State, over: u32, files: Vec<FileText>, said: String) -> Vec<Effect> {
    let before = state.work.clone();
    let was_sample = before.is_sample;
    let Some(at) = before.files.iter().position(|file| file.id == over) else { return Vec::new() };
    let mut kept = if was_sample { vec![before.files[at].clone()] } else { before.files.to_vec() };
    let at = if was_sample { 0 } else { at };
    let old = kept.remove(at);
    let several = files.len() > 1;
    let sizes: Vec<(&str, usize)> = files.iter().map(|file| (file.name.as_str(), file.text.len())).collect();
    if let Err(refusal) = check(&kept, &sizes) {
        state.toast(refusal.to_string(), None, true);
        return Vec::new();
    }
    for (number, FileText { name, text }) in files.into_iter().enumerate() {
        let name = match name.as_str() {
            "" if was_sample => "main.go",
            name if name.is_empty() || !several && !was_sample && is_alike(name, &old.name) => &old.name,
            name => name,
        };
        let name = free_name(&kept, name, None);
        let file = match number {
            0 => File { id: old.id, name, text: text.into() },
            _ => new_file(state, FileText { name, text }),
        };
        kept.insert(at + number, file);
    }
    let (files, version) = (Rc::new(kept), state.version());
    state.work = if was_sample {
        Work { files, before: Rc::default(), notes: Rc::default(), active: old.id, version, is_sample: false }
    } else {
        Work { files, active: old.id, version, ..before.clone() }
    };
    state.pasted = Some(state.work.version);
    if was_sample {
        state.toast("The sample was replaced.", Some(before), false);
    } else if several {
        state.toast(said, Some(before), false);
    } else if !said.is_empty() {
        state.toast(said, None, false);
    }
    vec![Effect::Reveal { id: String::new(), from: 0, to: 0, focus: true }, state.review_from_top()]
}

/// Whether two names are of one kind of file, so that the user's stands where the other was guessed.
fn is_alike(a: &str, b: &str) -> bool {
    let kind = |name: &str| match name.rsplit('/').next().unwrap_or_default() {
        test if test.ends_with("_test.go") => "_test.go".to_owned(),
        other => other.rsplit_once('.').map_or(other, |(_, ending)| ending).to_owned(),
    };
    kind(a) == kind(b)
}

fn read(state: &mut State, files: Vec<ReadFile>) -> Vec<Effect> {
    let (mut effects, mut plain, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    let mut reviewer = None;
    for ReadFile { name, bytes, text } in files {
        match text {
            _ if is_packed(&name) => {
                refused.push(format!("{name} is a packed archive. Unpack it, then open the folder or its files."));
            }
            _ if bytes > MAX_FILE_BYTES => refused.push(Refusal::FileTooLarge(name, bytes).to_string()),
            None => {
                refused.push(format!("{name} is not a text file. Open Go source files, or choose a folder under Open."))
            }
            Some(text) if is_persona(&name, &text) => {
                reviewer = Some(FileText { name, text: normalised(&text).into_owned() });
            }
            Some(text) if is_archive(&name) => {
                let text = normalised(&text).into_owned();
                let intake = Intake { source: Source::Disk, over: None };
                effects.extend(engine::intake(state, intake, name, text));
            }
            Some(text) => plain.push(FileText { name, text: normalised(&text).into_owned() }),
        }
    }
    let before = state.work.clone();
    let opened = !plain.is_empty() && add(state, &before, plain.clone());
    let said = opened.then(|| said_of(&before, plain.len()));
    if opened || !refused.is_empty() {
        let said: Vec<String> = said.into_iter().chain(refused.iter().cloned()).collect();
        state.toast(said.join(" "), opened.then_some(before), !refused.is_empty());
    }
    effects.extend(reviewer.into_iter().flat_map(|file| bring(state, file, false)));
    effects
}

/// Has a reviewer of one's own review, in place of the one that was there.
fn bring(state: &mut State, file: FileText, edit: bool) -> Vec<Effect> {
    let before = state.work.clone();
    let (there, mut all): (Vec<File>, Vec<File>) = before.files.iter().cloned().partition(File::is_persona);
    if let Err(refusal) = check(&all, &[(file.name.as_str(), file.text.len())]) {
        state.toast(refusal.to_string(), None, true);
        return Vec::new();
    }
    let name = free_name(&all, &file.name, None);
    let is_known = there.iter().any(|there| there.name == name && *there.text == *file.text);
    let mut file = new_file(state, FileText { name, ..file });
    file.id = there.first().map_or(file.id, |there| there.id);
    state.work.active = if edit || all.iter().all(|other| other.id != before.active) { file.id } else { before.active };
    all.push(file);
    state.work = Work { files: Rc::new(all), version: state.version(), is_sample: false, ..state.work.clone() };
    match &state.own {
        // The same file once more is not read again.
        Some(own) if is_known => state.persona.clone_from(&own.card.id),
        _ if is_known => {}
        // It is known by its id when it has been read.
        _ => (state.own, state.persona) = (None, String::new()),
    }
    Vec::new()
}

/// What is said of files that were opened.
fn said_of(before: &Work, count: usize) -> String {
    let instead = if before.is_sample { " in place of the sample" } else { "" };
    format!("Opened {}{instead}.", counted(count, "file"))
}

fn is_archive(name: &str) -> bool {
    [".md", ".markdown", ".txtar", ".txt", ".diff", ".patch"].iter().any(|end| name.ends_with(end))
}

/// Whether a file holds others in a form that nothing here unpacks.
fn is_packed(name: &str) -> bool {
    const ENDINGS: [&str; 10] = [".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".jar"];
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().any(|end| name.ends_with(end))
}

fn sample_here(state: &mut State, sample: &Sample, text: String) -> Vec<Effect> {
    state.dialog = None;
    state.opened = None;
    state.broken_link = None;
    let text = normalised(&text).into_owned();
    let mut effects = vec![Effect::NewDraft];
    begin(state, vec![FileText { name: sample.file.clone(), text: text.clone() }]);
    state.work.is_sample = true;
    state.persona = known_persona(Some(&sample.persona)).unwrap_or(DEFAULT_PERSONA).to_owned();
    if is_archive(&sample.file) {
        let intake = Intake { source: Source::Sample, over: None };
        effects.extend(engine::intake(state, intake, sample.file.clone(), text));
    }
    effects
}

/// The engine has taken a text apart.
pub(super) fn taken_apart(state: &mut State, intake: Intake, files: Vec<FileText>, notes: &[String]) -> Vec<Effect> {
    let before = state.work.clone();
    let said = notes.join(" ");
    match (intake.source, intake.over) {
        (Source::Sample, _) => {
            let persona = state.persona.clone();
            begin(state, files);
            state.work.is_sample = true;
            state.persona = persona;
        }
        (Source::Paste, Some(over)) => return paste_over(state, over, files, said),
        (Source::Paste, None) if files.len() == 1 => {
            if !said.is_empty() {
                state.toast(said, None, false);
            }
            return files.into_iter().map(|file| Effect::Insert { text: file.text }).collect();
        }
        (Source::Paste | Source::Disk, _) => {
            let count = files.len();
            if add(state, &before, files) {
                let said = if said.is_empty() { said_of(&before, count) } else { said };
                state.toast(said, Some(before), false);
            }
        }
    }
    Vec::new()
}

/// The engine has read a diff: its files take the place of all others, and are reviewed as a change.
pub(super) fn change_here(state: &mut State, files: Vec<FileText>, before: Vec<u8>, notes: &[String]) -> Vec<Effect> {
    let said = [format!("Opened a change of {}.", counted(files.len(), "file"))];
    let said: Vec<&str> = said.iter().chain(notes).map(String::as_str).collect();
    state.toast(said.join(" "), Some(state.work.clone()), false);
    begin(state, files);
    state.work.before = Rc::new(before);
    state.pasted = Some(state.work.version);
    vec![Effect::NewDraft, Effect::Reveal { id: String::new(), from: 0, to: 0, focus: true }, state.review_from_top()]
}

/// The files are reviewed as a change of other versions, or as they are where there are none.
fn compare(state: &mut State, versions: Vec<u8>) {
    if *state.work.before == versions {
        return;
    }
    let before = state.work.clone();
    let ends = versions.is_empty();
    state.work.before = Rc::new(versions);
    state.work.version = state.version();
    state.work.is_sample = false;
    if ends {
        state.toast("The review is of the code as it is again.", Some(before), false);
    }
}

/// Replaces all files.
pub(super) fn begin(state: &mut State, files: Vec<FileText>) {
    let files: Vec<File> = files.into_iter().map(|file| new_file(state, file)).collect();
    let active = files.first().map_or(0, |file| file.id);
    if files.is_empty() {
        return;
    }
    leave_project(state);
    // The same file once more is not read again.
    let text = |name: &str| files.iter().find(|file| file.name == name).map(|file| &file.text);
    let is_known = |own: &Own| state.work.named(&own.file).is_some_and(|file| text(&own.file) == Some(&file.text));
    state.own = state.own.take().filter(is_known);
    let (files, before, notes) = (Rc::new(files), Rc::default(), Rc::default());
    state.work = Work { files, before, notes, active, version: state.version(), is_sample: false };
    state.drawn = None;
    state.selected = None;
    state.remarks = Rc::default();
    state.said = Rc::default();
}

/// The reviewer that the project named reviews no longer, unless the visitor chose it.
pub(super) fn leave_project(state: &mut State) {
    if state.project.take().is_some() && !state.chosen {
        state.persona = DEFAULT_PERSONA.to_owned();
    }
}

/// Takes up a draft as it was kept.
pub(super) fn restore(state: &mut State, draft: &Draft) {
    let files = draft.files.iter().map(|(name, text)| FileText { name: name.clone(), text: text.clone() }).collect();
    begin(state, files);
    let versions = draft.before.iter().copied().chain(draft.versions.chars().map(|byte| byte as u8));
    state.work.before = Rc::new(versions.collect());
    state.work.notes = Rc::new(draft.notes.clone());
    state.work.is_sample = draft.is_sample;
    state.remarks = Rc::new(draft.remarks.clone());
    if let Some(file) = state.work.files.get(draft.active as usize) {
        state.work.active = file.id;
    }
    state.ask_reviewer(&draft.persona);
    let ticked = draft.ticks.iter().map(|entry| (entry.clone(), "[x]".to_owned()));
    state.said = Rc::new(ticked.chain(draft.said.iter().cloned()).collect());
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

/// Adds files beside the others, or in place of an empty page or a sample; says why where it does not.
fn add(state: &mut State, before: &Work, files: Vec<FileText>) -> bool {
    let sizes: Vec<(&str, usize)> = files.iter().map(|file| (file.name.as_str(), file.text.len())).collect();
    let is_empty = before.is_blank() && before.files.len() == 1;
    let replaces = (is_empty || before.is_sample) && !files.iter().all(|file| file.text.is_empty());
    let mut all = if replaces { Vec::new() } else { before.files.to_vec() };
    if let Err(refusal) = check(&all, &sizes) {
        state.toast(refusal.to_string(), None, true);
        return false;
    }
    let first = all.len();
    for mut file in files {
        file.name = free_name(&all, &file.name, None);
        all.push(new_file(state, file));
    }
    let active = all[first.min(all.len() - 1)].id;
    let (files, version) = (Rc::new(all), state.version());
    state.work = Work { files, active, version, is_sample: false, ..before.clone() };
    if replaces {
        state.work.before = Rc::default();
        state.work.notes = Rc::default();
        state.drawn = None;
    }
    true
}

fn check(kept: &[File], added: &[(&str, usize)]) -> Result<(), Refusal> {
    if let Some((name, size)) = added.iter().find(|(_, size)| *size > MAX_FILE_BYTES) {
        return Err(Refusal::FileTooLarge((*name).to_owned(), *size));
    }
    let there: usize = kept.iter().map(|file| file.text.len()).sum();
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
    state.work.is_sample = false;
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
    // Another file may have its name from now on.
    let notes = Rc::new(before.notes.iter().filter(|note| note.file != closed.name).cloned().collect());
    let (files, version) = (Rc::new(files), state.version());
    state.work = Work { files, notes, active, version, is_sample: false, ..before.clone() };
    if !closed.text.trim().is_empty() {
        state.toast(format!("Closed {}.", closed.name), Some(before), false);
    }
    Vec::new()
}

fn clear(state: &mut State) -> Vec<Effect> {
    let before = state.work.clone();
    if !before.is_blank() {
        let kept = if before.is_sample { "Started over." } else { "Started over. The earlier draft is under Open." };
        state.toast(kept, Some(before), false);
    }
    begin(state, vec![FileText { name: "main.go".to_owned(), text: String::new() }]);
    vec![Effect::NewDraft]
}

fn undo(state: &mut State) -> Vec<Effect> {
    let Some(Toast { undo: Some(work), remarks, said, own, .. }) = state.toast.take() else { return Vec::new() };
    let both = |name: &str, one: &Work, other: &Work| {
        one.named(name).is_some_and(|file| other.files.iter().any(|known| known.id == file.id))
    };
    // What was said since then of files that are still there stays, and comes back with those that come back.
    let back = work.notes.iter().filter(|note| !both(&note.file, &work, &state.work));
    let kept = state.work.notes.iter().filter(|note| both(&note.file, &state.work, &work));
    let notes = Rc::new(kept.chain(back).cloned().collect());
    let is_other = !work.files.iter().any(|file| both(&file.name, &work, &state.work));
    if is_other || state.remarks.is_empty() {
        state.remarks = remarks;
    }
    if is_other || state.said.is_empty() {
        state.said = said;
    }
    if let Some(own) = own.filter(|_| state.own.is_none()) {
        state.persona = own;
    }
    state.work = Work { version: state.version(), notes, ..work };
    Vec::new()
}

fn fix_finding(state: &mut State, finding: &str, fix: usize) -> Vec<Effect> {
    let Some(drawn) = state.drawn.clone().filter(|drawn| drawn.work.version == state.work.version) else {
        state.toast("The code has changed. The fix will be offered again after the next review.", None, true);
        return Vec::new();
    };
    let found = drawn.review.findings.iter().find(|candidate| candidate.id == finding);
    let Some(fix) = found.and_then(|finding| finding.fixes.get(fix)) else {
        return Vec::new();
    };
    let before = state.work.clone();
    let Some(files) = fixed(&before, fix) else {
        state.toast("This fix no longer applies to the code.", None, true);
        return Vec::new();
    };
    state.work.files = Rc::new(files);
    state.work.version = state.version();
    state.work.is_sample = false;
    state.toast(format!("Applied: {}.", fix.title.trim_end_matches('.')), Some(before), false);
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
        // Those at one place keep their order.
        let edit = edits.remove(at);
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
