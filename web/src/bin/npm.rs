//! The module of the npm package: reviews for programs in JavaScript. `web/npm` has what is around it.

use std::collections::BTreeMap;

use gopeer_engine::Session;
use gopeer_engine::config::Read;
use gopeer_engine::manifest::Entry;
use gopeer_engine::protocol::{Answer, Ask, FileText, Remark, Version};
use gopeer_engine::questions::{self, Questions};
use gopeer_engine::report::sentence;
use gopeer_web::state::DEFAULT_PERSONA;
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::prelude::*;

/// Reviews files, and keeps what it knows of them for the next time.
#[wasm_bindgen]
pub struct Reviewer {
    session: Session,
    wanted: Vec<&'static Entry>,
    /// The persona that each configuration among the files names, or that one of them is, by the name of the file.
    personas: BTreeMap<String, Option<String>>,
}

#[wasm_bindgen]
impl Reviewer {
    /// One that knows no libraries yet.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::new_without_default, reason = "only JavaScript makes one")]
    pub fn new() -> Reviewer {
        let mut session = Session::new();
        session.learn_questions(questions::TEXT);
        Reviewer { session, wanted: Vec::new(), personas: BTreeMap::new() }
    }

    /// Takes what reviewers say: the file `voices.bin`.
    pub fn speak(&mut self, voices: &[u8]) {
        self.session.speak(voices);
    }

    /// Takes the files, as a list of `FileText`, and what those that a change touches were before it, if a change is to be reviewed.
    /// Gives the names of the files of the index that are needed and not there.
    pub fn open(&mut self, files: JsValue, before: JsValue) -> Result<Vec<String>, JsError> {
        let files: Vec<FileText> = from_value(files)?;
        let before: Option<Vec<FileText>> = from_value(before)?;
        let before = before.map(|before| versions(&files, before)).unwrap_or_default();
        let before = postcard::to_allocvec(&before)?;
        // Those that are as they were are not read again.
        self.personas.retain(|name, _| files.iter().any(|file| file.name == *name));
        self.ask(Ask::Open { files, before })?;
        while let Some((name, text)) = self.unread_config() {
            let (rules, personas) = (self.session.rule_ids(), self.session.persona_ids());
            let read = Read::of(&name, &text, &rules, &personas);
            let persona = match &read {
                // A path: one of the files, which says itself who it is.
                Ok(Read::Config(config)) => config.persona.clone().filter(|persona| !persona.ends_with(".md")),
                Ok(Read::Persona(persona)) => Some(persona.id.clone()),
                Err(_) => None,
            };
            self.session.configure(&name, &text, read);
            self.personas.insert(name, persona);
        }
        self.wanted = self.session.wanted();
        Ok(self.wanted.iter().map(|entry| file(entry)).collect())
    }

    /// Takes a file of the index that [`Reviewer::open`] has named, unpacked. False if it is damaged: its packages stay unknown.
    pub fn learn(&mut self, name: &str, bytes: &[u8]) -> bool {
        let entry = self.wanted.iter().copied().find(|entry| file(entry) == name);
        entry.is_some_and(|entry| self.session.learn(entry, bytes))
    }

    /// The review of the files by a persona; without one, by the one that a `.gopeer.toml` among the files names, or the senior engineer.
    /// `remarks` is a list of `Remark`, and `answers` an object with ids of answers by ids of questions.
    pub fn review(&mut self, persona: &str, remarks: JsValue, answers: JsValue) -> Result<JsValue, JsError> {
        let remarks: Vec<Remark> = from_value(remarks)?;
        let answers = checked(from_value(answers)?).map_err(|fault| JsError::new(&sentence(&fault)))?;
        let chosen = Some(persona.to_owned()).filter(|persona| !persona.is_empty());
        let persona = chosen.or_else(|| self.personas.values().flatten().next().cloned());
        let persona = persona.unwrap_or_else(|| DEFAULT_PERSONA.to_owned());
        match self.ask(Ask::Review { persona, remarks, answers, beside: String::new() })? {
            Answer::Review { review, .. } => Ok(review.serialize(&Serializer::json_compatible())?),
            _ => Err(JsError::new("The engine has given no review.")),
        }
    }

    fn unread_config(&self) -> Option<(String, String)> {
        self.session.unread_config().map(|(name, text)| (name.to_owned(), text.to_owned()))
    }

    fn ask(&mut self, ask: Ask) -> Result<Answer, JsError> {
        match self.session.answer(ask) {
            Answer::Refused { message } => Err(JsError::new(&message)),
            answer => Ok(answer),
        }
    }
}

/// The name of a module's file in the package.
fn file(entry: &Entry) -> String {
    [entry.stem, ".bin"].concat()
}

/// Answers to questions, or what is wrong with the first that is none.
fn checked(answers: BTreeMap<String, String>) -> Result<Vec<(String, String)>, String> {
    let questions = Questions::read(questions::HEADINGS);
    for (question, answer) in &answers {
        questions.question(question)?.answer(answer)?;
    }
    Ok(answers.into_iter().collect())
}

/// What the files were before a change; those that it leaves alone are not among them.
fn versions(now: &[FileText], before: Vec<FileText>) -> Vec<Version> {
    let mut before: BTreeMap<String, FileText> = before.into_iter().map(|file| (file.name.clone(), file)).collect();
    let changed = now.iter().filter_map(|file| {
        let before = before.remove(&file.name);
        (before.as_ref() != Some(file)).then(|| Version { now: Some(file.name.clone()), before, moved: false })
    });
    let mut versions: Vec<Version> = changed.collect();
    versions.extend(before.into_values().map(|file| Version { now: None, before: Some(file), moved: false }));
    versions
}

fn main() {}
