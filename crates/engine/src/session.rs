//! The session: files in, edits in, reviews out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::rc::Rc;
#[cfg(feature = "embedded")]
use std::sync::Arc;

use gopeer_api::manifest::{self, Entry};
use gopeer_api::{Index, Module, implied_path};
use gopeer_lint::{CompanionKind, Dispatch};
use gopeer_syntax::ast::Expr;
use gopeer_syntax::{LineIndex, Parser, Progress, Tree};

use crate::change::{Files, Rebuilt};
use crate::config::{self, Config, Fault, Project, Read};
use crate::document::{Document, Kind};
use crate::inspect::Inspector;
#[cfg(feature = "embedded")]
use crate::library::{self, Library, Outlines};
use crate::module::{ModuleFolder, PackageKey, package_key};
use crate::protocol::{Answer, Ask, Assumption, Delta, FileText, Inspection, LibrarySource, Note, Review, Version};
use crate::questions::{self, Given, Questions};
use crate::report::Listed;
use crate::review::{Gathered, declared_name};
use crate::run::{PackageState, Run, view};
use crate::team::{self, Team};
use crate::{Persona, intake, persona, remarks, review};

/// The largest file that a request may bring, in bytes: more than any file people write, less than what stalls a tab.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// The most text that one session may hold when it comes by request, in bytes.
pub const MAX_SESSION_BYTES: usize = 4 << 20;

/// The module of the standard library in the index.
const STD: &str = "std";

/// Why a request was not carried out. Its text is for the user: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No file of this name.
    NoSuchFile(String),
    /// No persona of this id.
    NoSuchPersona(String),
    /// An edit reaches beyond the text.
    BadEdit(String),
    /// A file is over [`MAX_FILE_BYTES`].
    FileTooLarge(String, usize),
    /// All files together are over [`MAX_SESSION_BYTES`].
    SessionTooLarge(usize),
    /// A file has NUL bytes.
    Binary(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kilobytes = |bytes: &usize| bytes.div_ceil(1024);
        match self {
            Refusal::NoSuchFile(name) => write!(f, "There is no file {name} in this session."),
            Refusal::NoSuchPersona(id) => {
                write!(f, "There is no reviewer {id}: take senior, backend, cloud-native, data or throughput.")
            }
            Refusal::BadEdit(name) => write!(f, "An edit of {name} reaches beyond its text; reload the page."),
            Refusal::FileTooLarge(name, size) => write!(
                f,
                "{name} has {} KB and the page takes files up to {} KB: review it with the gopeer command, or paste the part in question.",
                kilobytes(size),
                MAX_FILE_BYTES / 1024
            ),
            Refusal::SessionTooLarge(size) => write!(
                f,
                "These files have {} KB together and the page takes {} KB: close some, or use the gopeer command.",
                kilobytes(size),
                MAX_SESSION_BYTES / 1024
            ),
            Refusal::Binary(name) => write!(f, "{name} is not text: it has NUL bytes. Open Go source files."),
        }
    }
}

impl std::error::Error for Refusal {}

/// What a review rests on besides the files.
struct Known {
    /// Whether something is still to come.
    partial: bool,
    /// What could not be loaded.
    notes: Vec<Note>,
    sources: Vec<LibrarySource>,
    assumptions: Vec<Assumption>,
}

/// Files, and all that is known about them.
pub struct Session {
    documents: Vec<Document>,
    personas: Vec<Persona>,
    dispatch: Dispatch,
    team: Team,
    parser: Parser,
    progress: Progress,
    index: Rc<Index>,
    packages: BTreeMap<PackageKey, PackageState>,
    whole: bool,
    module: Option<ModuleFolder>,
    /// The configuration of files whose own is not among them.
    project: Option<Project>,
    #[cfg(feature = "embedded")]
    importer: Option<Rc<Library>>,
    /// What finds packages as they were before a change, where they were different.
    #[cfg(feature = "embedded")]
    importer_before: Option<Rc<Library>>,
    /// Of a change under review: what files were before it.
    before: Option<Vec<Version>>,
    /// Whether the packages that the files import were different before it.
    imports_differed: bool,
    /// Modules whose files could not be read.
    lost: Vec<&'static Entry>,
    /// What the reader said of what code does not show.
    answers: Vec<(String, String)>,
    /// What answers do; none until somebody brings it.
    questions: Option<Rc<Questions>>,
}

impl Default for Session {
    fn default() -> Self {
        Session::new()
    }
}

impl Session {
    /// An empty session with the built-in personas and all rules.
    pub fn new() -> Session {
        Session {
            documents: Vec::new(),
            personas: persona::builtin(),
            dispatch: Dispatch::new(gopeer_rules::all()),
            team: Team::default(),
            parser: Parser::new(),
            progress: Progress::default(),
            index: Rc::default(),
            packages: BTreeMap::new(),
            whole: false,
            module: None,
            project: None,
            #[cfg(feature = "embedded")]
            importer: None,
            #[cfg(feature = "embedded")]
            importer_before: None,
            before: None,
            imports_differed: false,
            lost: Vec::new(),
            answers: Vec::new(),
            questions: None,
        }
    }

    /// Says who is told, again and again, that a request is being carried out.
    pub fn set_progress(&mut self, progress: Progress) {
        self.parser.set_progress(progress.clone());
        self.dispatch.set_progress(progress.clone());
        self.progress = progress;
    }

    /// Says that the files of a folder are all that it has, so that a name none of them declares does not exist.
    pub fn set_whole(&mut self, whole: bool) {
        self.whole = whole;
    }

    /// Says what the module of a folder is, where its go.mod is not among the files.
    pub fn set_module(&mut self, module: Option<ModuleFolder>) {
        self.module = module;
    }

    /// Says which configuration the files are under, where it is not among them.
    pub fn set_project(&mut self, project: Option<Project>) {
        self.project = project;
    }

    /// A configuration or a persona among the files that nobody has read: its name and text. Whoever reads it says so with
    /// [`Session::configure`]; reviews until then are partial.
    pub fn unread_config(&self) -> Option<(&str, &str)> {
        let document = self.documents.iter().find(|document| document.is_unread())?;
        Some((&document.name, &document.text))
    }

    /// Says what such a file among the files says, or why it cannot be read, which reviews then say. Nothing where that is
    /// not its text any more.
    pub fn configure(&mut self, name: &str, text: &str, read: Result<Read, Vec<Fault>>) {
        if let Some(document) = self.documents.iter_mut().find(|known| known.name == name && known.text == text) {
            let (config, persona) = match read {
                Ok(Read::Config(config)) => (Ok(config), None),
                Ok(Read::Persona(persona)) => (Ok(Config::default()), Some(*persona)),
                Err(faults) => (Err(faults), None),
            };
            document.set_read(config);
            persona.into_iter().for_each(|persona| self.add_persona(persona));
        }
    }

    /// Says what the reader answered to questions about what code does not show: pairs of ids.
    pub fn set_answers(&mut self, answers: Vec<(String, String)>) {
        self.answers = answers;
    }

    /// Whether there are answers, and nobody has said what they do. Reviews until then are partial.
    pub fn wants_questions(&self) -> bool {
        self.questions.is_none() && self.has_answers()
    }

    /// Whether the reader or a configuration answers questions.
    fn has_answers(&self) -> bool {
        let among_files = self.documents.iter().filter_map(|document| document.read.as_ref().ok());
        let mut configs = self.project.iter().map(|project| &project.config).chain(among_files);
        !self.answers.is_empty() || configs.any(|config| !config.assume.is_empty())
    }

    /// Says what answers do: the text of [`questions::FILE`]; nothing where it could not be had, which reviews say from then on.
    pub fn learn_questions(&mut self, text: &str) {
        self.questions = Some(Rc::new(Questions::read(text)));
    }

    /// Says of each file which configuration it is under.
    fn settle(&mut self) {
        let mut projects = Vec::from_iter(self.project.clone());
        projects.extend(self.documents.iter().filter_map(Document::project));
        self.documents.iter_mut().for_each(|document| document.configure(&projects));
    }

    /// Says where to find packages that the files import and that are not among them. What was read stays known until this
    /// is called again.
    #[cfg(feature = "embedded")]
    pub fn set_importer(&mut self, outlines: Option<Arc<Outlines>>) {
        Rc::make_mut(&mut self.index).read_embedded();
        self.importer = outlines.map(|outlines| Library::new(outlines, Rc::clone(&self.index)));
        self.packages.clear();
    }

    /// Says where packages were found before a change. It is asked only where [`Session::set_before`] says so.
    #[cfg(feature = "embedded")]
    pub fn set_importer_before(&mut self, outlines: Option<Arc<Outlines>>) {
        self.importer_before = outlines.map(|outlines| Library::new(outlines, Rc::clone(&self.index)));
    }

    /// Says what files were before a change, and whether the packages that they import were different: reviews are of this change
    /// from then on; of the files as they are, if none.
    pub fn set_before(&mut self, versions: Option<Vec<Version>>, imports_differed: bool) {
        self.before = versions;
        self.imports_differed = imports_differed;
    }

    /// The modules of the index that the files import and the session does not have, each once.
    pub fn wanted(&mut self) -> Vec<&'static Entry> {
        let mut wanted: Vec<&'static Entry> = Vec::new();
        let mut want = |path: &str| {
            let known = |entry: &&Entry| self.index.modules().iter().any(|module| module.path() == entry.path);
            if let Some(entry) = manifest::module_for(path).filter(|entry| !known(entry))
                && !wanted.contains(&entry)
            {
                wanted.push(entry);
            }
        };
        for document in &mut self.documents {
            document.refresh(&mut self.parser);
            document.info.scope.imports.iter().for_each(|import| want(&import.path));
            if document.info.scope.is_fragment() && !document.is_blank() {
                want(STD);
                document.trees().for_each(|tree| implied(tree).for_each(&mut want));
            }
        }
        wanted
    }

    /// Adds what is known of a module: the bytes of its file in the index, unpacked. Where they are missing or damaged its
    /// packages stay unknown, which reviews say from then on; the answer is false.
    pub fn learn(&mut self, entry: &'static Entry, bytes: &[u8]) -> bool {
        match Module::read(bytes) {
            Ok(module) if module.path() == entry.path => {
                self.share_module(module);
                true
            }
            _ => {
                self.lost.push(entry);
                false
            }
        }
    }

    /// Adds a module that has been read: reading is worth doing once for several sessions.
    pub fn share_module(&mut self, module: Module) {
        if !self.index.modules().iter().any(|known| known.path() == module.path()) {
            Rc::make_mut(&mut self.index).add(module);
        }
    }

    /// The personas that can review.
    pub fn personas(&self) -> &[Persona] {
        &self.personas
    }

    /// Ids of the personas that can review.
    pub fn persona_ids(&self) -> Vec<&str> {
        self.personas.iter().map(|persona| persona.id.as_str()).collect()
    }

    /// Ids of the rules.
    pub fn rule_ids(&self) -> Vec<&'static str> {
        self.dispatch.rules().iter().map(|rule| rule.id).collect()
    }

    /// Adds a persona, or replaces the one with its id.
    pub fn add_persona(&mut self, persona: Persona) {
        match self.personas.iter_mut().find(|known| known.id == persona.id) {
            Some(known) => *known = persona,
            None => self.personas.push(persona),
        }
    }

    /// Gives the built-in personas what they say of findings. Until then they state the facts alone.
    pub fn speak(&mut self, voices: &[u8]) {
        persona::give_voices(&mut self.personas, voices);
    }

    /// Replaces all files. Files that stay keep what is known about them.
    pub fn open(&mut self, files: Vec<FileText>) {
        let known = std::mem::take(&mut self.documents).into_iter();
        let mut known: HashMap<String, Document> = known.map(|document| (document.name.clone(), document)).collect();
        for FileText { name, text } in files {
            let document = match known.remove(&name) {
                Some(mut document) => {
                    document.set_text(text);
                    document
                }
                None => Document::new(name, text),
            };
            self.documents.push(document);
        }
    }

    /// Changes one file.
    pub fn edit(&mut self, file: &str, deltas: &[Delta]) -> Result<(), Refusal> {
        let document = self.document(file)?;
        let mut text = document.text.clone();
        for delta in deltas {
            let index = LineIndex::new(&text);
            let range = index.byte_of_utf16(delta.from).zip(index.byte_of_utf16(delta.to));
            let range = range.map(|(from, to)| from as usize..to as usize).filter(|range| range.start <= range.end);
            let Some(range) = range else { return Err(Refusal::BadEdit(file.to_owned())) };
            text.replace_range(range, &delta.insert);
        }
        document.set_text(text);
        Ok(())
    }

    /// The text of a file.
    pub fn text(&self, file: &str) -> Option<&str> {
        self.documents.iter().find(|document| document.name == file).map(|document| document.text.as_str())
    }

    /// Reviews all files for a persona.
    pub fn review(&mut self, persona: &str) -> Result<Review, Refusal> {
        let reviews = self.reviews(&[persona])?;
        reviews.into_iter().next().ok_or_else(|| Refusal::NoSuchPersona(persona.to_owned()))
    }

    /// Reviews all files once, and ranks what was found for each of the personas.
    pub fn reviews(&mut self, personas: &[&str]) -> Result<Vec<Review>, Refusal> {
        #[cfg(feature = "embedded")]
        self.read_configs();
        let known = |id: &&str| {
            let persona = self.personas.iter().find(|known| known.id == **id);
            persona.cloned().ok_or_else(|| Refusal::NoSuchPersona((*id).to_owned()))
        };
        let personas: Vec<Persona> = personas.iter().map(known).collect::<Result<_, _>>()?;
        let versions = self.before.take();
        let before = versions.as_ref().and_then(|versions| self.gathered_before(versions, &personas));
        let (after, known) = self.gathered(&personas);
        let files = versions.as_ref().map(|versions| Files::new(versions, |name| self.text(name)));
        let mut before = before.unwrap_or_default().into_iter();
        let ranked = personas.iter().zip(after).map(|(persona, after)| {
            let rules = &[self.dispatch.rules(), &self.team.rules(&persona.rules)].concat();
            let mut review = match &files {
                Some(files) => review::review_change(files, before.next(), after, persona, rules),
                None => review::review(after, persona, rules),
            };
            review.partial = known.partial;
            if known.partial || !known.notes.is_empty() {
                review.digest = 0;
            }
            review.notes.extend_from_slice(&known.notes);
            #[cfg(feature = "embedded")]
            review.notes.extend(team::missing(&persona.rules, &self.index));
            review.sources.clone_from(&known.sources);
            review.assumptions.clone_from(&known.assumptions);
            review
        });
        let reviews = ranked.collect();
        self.before = versions;
        Ok(reviews)
    }

    /// What the rules say of the files as they were before a change; none where nothing was different.
    fn gathered_before(&mut self, versions: &[Version], personas: &[Persona]) -> Option<Vec<Gathered>> {
        if versions.is_empty() && !self.imports_differed {
            return None;
        }
        let file = |document: &Document| FileText { name: document.name.clone(), text: document.text.clone() };
        let now: Vec<FileText> = self.documents.iter().map(file).collect();
        // In the same order: what is known of a package depends on that.
        let named = versions.iter().rev().filter_map(|version| Some((version.now.as_deref()?, version)));
        let by_now: HashMap<&str, &Version> = named.collect();
        let as_before = |file: &FileText| {
            let version = by_now.get(file.name.as_str());
            match version.filter(|_| !config::is_config(&file.name) && !persona::is_persona(&file.name, &file.text)) {
                Some(version) => version.before.clone(),
                None => Some(file.clone()),
            }
        };
        let mut before: Vec<FileText> = now.iter().filter_map(as_before).collect();
        let deleted = versions.iter().filter(|version| version.now.is_none());
        before.extend(deleted.filter_map(|version| version.before.clone()));
        self.open(before);
        self.swap_importers();
        let (gathered, _) = self.gathered(personas);
        self.swap_importers();
        self.open(now);
        Some(gathered)
    }

    fn swap_importers(&mut self) {
        #[cfg(feature = "embedded")]
        if self.imports_differed {
            std::mem::swap(&mut self.importer, &mut self.importer_before);
            self.packages.clear();
        }
    }

    /// Examines what is new in the files; says for each persona what the rules say, and what is known of libraries.
    fn gathered(&mut self, personas: &[Persona]) -> (Vec<Gathered>, Known) {
        #[cfg(feature = "embedded")]
        self.load();
        let (missing, coming): (Vec<&Entry>, Vec<&Entry>) =
            self.wanted().into_iter().partition(|entry| self.lost.contains(entry));
        let partial = !coming.is_empty() || self.unread_config().is_some() || self.wants_questions();
        self.settle();
        let mut run = Run {
            dispatch: &self.dispatch,
            parser: &mut self.parser,
            progress: &self.progress,
            index: &self.index,
            whole: self.whole,
            module: self.module.as_ref(),
            said: &self.answers,
            #[cfg(feature = "embedded")]
            importer: self.importer.as_ref(),
        };
        let (files, work) = run.run(&mut self.documents, &mut self.packages);
        let questions = self.questions.clone().unwrap_or_default();
        let given = |document: &Document| questions.given(&self.answers, &document.config.assume);
        let first = self.dispatch.rules().len();
        let gather = |persona: &Persona| {
            let named = self.team.rules(&persona.rules);
            let team = team::examine(&self.documents, &self.packages, (&persona.rules, &named), first);
            review::gather(&self.documents, (&files, &team), work, persona, given)
        };
        let gathered = personas.iter().map(gather).collect();
        let mut notes: Vec<Note> = missing.into_iter().map(lost).collect();
        if self.has_answers() && self.questions.is_some() && questions.questions.is_empty() {
            let message = "What the answers change could not be loaded. Reload the page to try again.".to_owned();
            notes.push(Note { message, place: None });
        }
        (gathered, Known { partial, notes, sources: self.sources(), assumptions: self.assumptions(given) })
    }

    /// What is taken for granted: what go.mod says of the version of Go, and the answers that were given for each document.
    fn assumptions<'q>(&self, given: impl Fn(&Document) -> Given<'q>) -> Vec<Assumption> {
        let modules = self.documents.iter().filter(|document| document.kind == Kind::Companion(CompanionKind::GoMod));
        let versions = modules.filter_map(|document| gopeer_rules::build(&document.text).language);
        let around = self.module.iter().filter_map(|module| module.build.language);
        let versions: BTreeSet<u32> = versions.chain(around).collect();
        let mut all: Vec<Assumption> = versions.into_iter().map(questions::from_module).collect();
        let by_module = !all.is_empty();
        for document in self.documents.iter().filter(|document| !document.left_out) {
            for said in given(document).assumptions().filter(|said| !by_module || said.question != questions::GO) {
                if !all.contains(&said) {
                    all.push(said);
                }
            }
        }
        all
    }

    /// The libraries that the files import.
    fn sources(&self) -> Vec<LibrarySource> {
        #[cfg(feature = "embedded")]
        if let Some(importer) = &self.importer {
            let imports = self.documents.iter().flat_map(|document| &document.info.scope.imports);
            let paths: BTreeSet<&str> = imports.map(|import| import.path.as_str()).collect();
            let all: BTreeSet<LibrarySource> = paths.into_iter().filter_map(|path| importer.library(path)).collect();
            return all.into_iter().collect();
        }
        Vec::new()
    }

    #[cfg(feature = "embedded")]
    fn read_configs(&mut self) {
        while let Some((name, text)) = self.unread_config().map(|(name, text)| (name.to_owned(), text.to_owned())) {
            let read = Read::of(&name, &text, &self.rule_ids(), &self.persona_ids());
            self.configure(&name, &text, read);
        }
    }

    #[cfg(feature = "embedded")]
    fn load(&mut self) {
        self.read_configs();
        if self.wants_questions() {
            self.learn_questions(questions::TEXT);
        }
        for entry in self.wanted() {
            library::add_embedded(entry, &mut self.index);
        }
        if let Some(importer) = &self.importer {
            importer.make_room();
        }
    }

    /// The colours of a file, as triples `from, length, class` in UTF-16 units.
    pub fn tokens(&mut self, file: &str) -> Result<Vec<u32>, Refusal> {
        let at = self.documents.iter().position(|document| document.name == file);
        let Some(document) = at.and_then(|at| self.documents.get_mut(at)) else {
            return Err(Refusal::NoSuchFile(file.to_owned()));
        };
        document.refresh(&mut self.parser);
        Ok(if document.kind == Kind::Go { colours(document, &self.progress) } else { Vec::new() })
    }

    /// What the name at a place (in UTF-16 units) stands for, as the last review knows it.
    pub fn inspect(&self, file: &str, at: u32) -> Result<Option<Inspection>, Refusal> {
        let document = self.documents.iter().find(|document| document.name == file);
        let document = document.ok_or_else(|| Refusal::NoSuchFile(file.to_owned()))?;
        let Some(offset) = LineIndex::new(&document.text).byte_of_utf16(at) else { return Ok(None) };
        let inspector = Inspector { documents: &self.documents, packages: &self.packages, index: &self.index };
        Ok(inspector.inspect(document, offset))
    }

    /// The control flow of a function or method, `Load` or `Store.Load`, for whoever works on the engine: as text, or as a graph
    /// for Graphviz. None if the file has no such function.
    pub fn control_flow(&mut self, file: &str, function: &str, graph: bool) -> Result<Option<String>, Refusal> {
        self.review("senior")?;
        let document = self.documents.iter().find(|document| document.name == file);
        let document = document.ok_or_else(|| Refusal::NoSuchFile(file.to_owned()))?;
        let Some(package) = self.packages.get(&package_key(document)) else { return Ok(None) };
        let package = package.view();
        let printed = document.pieces.iter().find_map(|piece| {
            let root = piece.tree.roots().iter().copied();
            let decl =
                root.into_iter().find(|&root| declared_name(&piece.tree, root, 0).as_deref() == Some(function))?;
            gopeer_lint::printed(&view(piece)?, &document.info, package, decl, graph)
        });
        Ok(printed)
    }

    /// Carries out a request of the page, within its limits.
    pub fn answer(&mut self, ask: Ask) -> Answer {
        self.carry_out(ask).unwrap_or_else(|refusal| Answer::Refused { message: refusal.to_string() })
    }

    fn carry_out(&mut self, ask: Ask) -> Result<Answer, Refusal> {
        match ask {
            Ask::Open { files, before } => {
                let mut before: Vec<Version> = postcard::from_bytes(&before).unwrap_or_default();
                // What was closed or renamed is no part of the change any more.
                let open: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
                let is_open = |name: &String| open.contains(name.as_str());
                before.retain(|version| version.now.as_ref().is_none_or(is_open));
                let texts = files.iter().chain(before.iter().filter_map(|version| version.before.as_ref()));
                check_limits(texts.map(|file| (file.name.as_str(), file.text.as_str())))?;
                self.open(files);
                self.set_before((!before.is_empty()).then_some(before), false);
                Ok(Answer::Done)
            }
            Ask::Edit { file, deltas } => {
                let before = self.document(&file)?.text.clone();
                self.edit(&file, &deltas)?;
                let texts = self.documents.iter().map(|document| (document.name.as_str(), document.text.as_str()));
                if let Err(refusal) = check_limits(texts) {
                    self.document(&file)?.set_text(before);
                    return Err(refusal);
                }
                Ok(Answer::Done)
            }
            Ask::Review { persona, remarks: said, answers, beside } => {
                self.set_answers(answers);
                let ids: Vec<&str> = [&*persona, &*beside].into_iter().filter(|id| !id.is_empty()).collect();
                let mut reviews = self.reviews(&ids)?;
                for review in &mut reviews {
                    if let Some(persona) = self.personas.iter().find(|known| known.id == review.persona.id) {
                        remarks::apply(persona, review, &said);
                    }
                    review.fold_change();
                }
                let mut reviews = reviews.into_iter();
                let review = Box::new(reviews.next().ok_or(Refusal::NoSuchPersona(persona))?);
                let beside = reviews.next().and_then(|other| postcard::to_allocvec(&Listed::of(&other)).ok());
                Ok(Answer::Review { review, beside: beside.unwrap_or_default() })
            }
            Ask::Tokens { file } => Ok(Answer::Tokens { tokens: self.tokens(&file)?, file }),
            Ask::Inspect { file, at } => Ok(Answer::Inspection { found: self.inspect(&file, at)?.map(Box::new), file }),
            Ask::Intake { name, text } => {
                check_limits([(name.as_str(), text.as_str())].into_iter())?;
                if let Some(Rebuilt { files, before, notes }) = intake::change(&name, &text) {
                    let before = postcard::to_allocvec(&before).unwrap_or_default();
                    return Ok(Answer::Intake { files, before, notes });
                }
                let (files, notes) = intake::intake(&name, &text);
                Ok(Answer::Intake { files, before: Vec::new(), notes })
            }
        }
    }

    fn document(&mut self, file: &str) -> Result<&mut Document, Refusal> {
        let found = self.documents.iter_mut().find(|document| document.name == file);
        found.ok_or_else(|| Refusal::NoSuchFile(file.to_owned()))
    }
}

fn lost(entry: &Entry) -> Note {
    let of = if entry.path == STD { "the standard library" } else { entry.path };
    let message = format!(
        "What gopeer knows of {of} could not be loaded: what rests on its types is not judged. Reload the page to try again."
    );
    Note { message, place: None }
}

fn check_limits<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<(), Refusal> {
    let mut total = 0;
    for (name, text) in files {
        let name = if name.is_empty() { "The text" } else { name };
        if text.len() > MAX_FILE_BYTES {
            return Err(Refusal::FileTooLarge(name.to_owned(), text.len()));
        }
        if text.contains('\0') {
            return Err(Refusal::Binary(name.to_owned()));
        }
        total += text.len();
    }
    if total > MAX_SESSION_BYTES { Err(Refusal::SessionTooLarge(total)) } else { Ok(()) }
}

fn colours(document: &Document, progress: &Progress) -> Vec<u32> {
    let index = LineIndex::new(&document.text);
    let mut triples = Vec::new();
    for piece in &document.pieces {
        progress.step();
        for token in gopeer_syntax::tokens(&piece.tree) {
            let span = token.span.offset(piece.start);
            let (from, to) = (index.position(span.start).utf16, index.position(span.end).utf16);
            triples.extend([from, to - from, token.class as u32]);
        }
    }
    triples
}

/// The packages that a fragment may mean by the names in front of its selectors.
fn implied(tree: &Tree) -> impl Iterator<Item = &'static str> {
    let base = |(_, expr)| match expr {
        Expr::Selector { base, .. } if tree.expr(base) == Expr::Ident => implied_path(tree.source(base)),
        _ => None,
    };
    tree.all_exprs().filter_map(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_whole_files_is_kept_for_those_that_stay() {
        let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
        let mut session = Session::new();
        session.open(vec![file("a.go", "package a\n\nfunc f() {}\n"), file("b.go", "package a\n\nfunc g() {}\n")]);
        let mut results = |typed: Option<(u32, &str)>| -> Vec<_> {
            if let Some((at, insert)) = typed {
                session.edit("a.go", &[Delta { from: at, to: at, insert: insert.into() }]).expect("it fits");
            }
            session.review("senior").expect("senior is built in");
            let documents = session.documents.iter();
            documents.map(|document| document.as_file.clone().expect("it was reviewed").1).collect()
        };
        let before = results(None);
        let body = results(Some((21, " ")));
        assert!(!Rc::ptr_eq(&before[0], &body[0]) && Rc::ptr_eq(&before[1], &body[1]), "a body is its file's business");
        let header = results(Some((18, "x int")));
        assert!(!Rc::ptr_eq(&body[1], &header[1]), "a signature is everybody's");
    }

    #[test]
    fn a_reviewer_is_not_read_again_for_the_files_before_a_change() {
        let file = |name: &str, text: &str| FileText { name: name.into(), text: text.into() };
        let reviewer =
            |show: u32| format!("+++\nid = \"ours\"\nname = \"Ours\"\ntagline = \"t\"\nshow = {show}\n+++\n");
        let mut session = Session::new();
        session.open(vec![file("team.md", &reviewer(2)), file("a.go", "package a\n")]);
        for before in [Some(file("team.md", &reviewer(1))), None] {
            session.set_before(Some(vec![Version { now: Some("team.md".into()), before, moved: false }]), false);
            let read = Read::of("team.md", &reviewer(2), &session.rule_ids(), &session.persona_ids());
            session.configure("team.md", &reviewer(2), read);
            let review = session.review("ours").expect("it was read");
            assert_eq!((review.show, session.unread_config()), (2, None));
        }
    }
}
