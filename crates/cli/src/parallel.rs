//! Reviews packages on all cores.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use gopeer_engine::protocol::Review;
use gopeer_engine::questions::Answers;
use gopeer_engine::report::Texts;
use gopeer_engine::{Outlines, Persona, Session, Sources, merge};
use rayon::ThreadPoolBuilder;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::input::{Package, Source};
use crate::module::Module;

/// What there is to say of packages.
#[derive(Default)]
pub struct Reviewed {
    /// One review per persona.
    pub reviews: Vec<Review>,
    /// The texts that were asked for, by the names of their files.
    pub texts: Texts,
    /// A sentence for each file that cannot be read.
    pub faults: Vec<String>,
    /// How many files were named that are of no kind that is reviewed.
    pub skipped: usize,
}

/// Of which files the texts are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum WithTexts {
    /// Of none.
    None,
    /// Of those that reports show something of.
    Shown,
    /// Of all.
    All,
}

/// How much stack a worker may need: declarations of packages ask for each other in turn.
const STACK: usize = 128 << 20;

/// Reviews packages, each for itself. What they import is read when one of them asks for it, and then known to all workers.
pub fn review(packages: &[Package], personas: &[Persona], answers: &Answers, with_texts: WithTexts) -> Reviewed {
    let started = Instant::now();
    let outlines: Vec<Imports> = outlines(packages).into_iter().zip(outlines_before(packages)).collect();
    let work = packages.par_iter().zip(&outlines).with_max_len(1);
    let review = |(package, imports): (&Package, &Imports)| {
        WORKER.with_borrow_mut(|worker| {
            worker.session.set_answers(answers.to_vec());
            worker.review(package, imports, personas, with_texts)
        })
    };
    let threads = ThreadPoolBuilder::new().stack_size(STACK).build().expect("the system gives threads");
    let done: Vec<Reviewed> = threads.install(|| work.map(review).collect());
    let mut all = Reviewed::default();
    let mut by_persona: Vec<Vec<Review>> = personas.iter().map(|_| Vec::new()).collect();
    for reviewed in done {
        by_persona.iter_mut().zip(reviewed.reviews).for_each(|(all, review)| all.push(review));
        all.texts.extend(reviewed.texts);
        all.faults.extend(reviewed.faults);
    }
    let millis = started.elapsed().as_secs_f32() * 1000.0;
    all.reviews = personas.iter().zip(by_persona).map(|(persona, reviews)| merge(persona, reviews)).collect();
    all.reviews.iter_mut().for_each(|review| review.stats.millis = millis);
    all
}

/// What a package may import, and what it might before the change under review, where that was different.
type Imports = (Option<Arc<Outlines>>, Option<Arc<Outlines>>);

/// For each package what it may import: the same for those of one module.
pub fn outlines(packages: &[Package]) -> Vec<Option<Arc<Outlines>>> {
    let module = |package: &Package| -> Option<Arc<dyn Sources>> {
        let folder = package.folder.as_ref()?;
        Some(Arc::<Module>::clone(&folder.module))
    };
    shared(packages.iter().map(module))
}

/// For each package what it might import before the change, where that was different.
fn outlines_before(packages: &[Package]) -> Vec<Option<Arc<Outlines>>> {
    shared(packages.iter().map(|package| package.change.as_ref()?.imports.clone()))
}

/// The outlines of sources: the same for the same ones.
fn shared(all: impl Iterator<Item = Option<Arc<dyn Sources>>>) -> Vec<Option<Arc<Outlines>>> {
    let mut known: Vec<(Arc<dyn Sources>, Arc<Outlines>)> = Vec::new();
    let mut of = |sources: Arc<dyn Sources>| {
        if let Some((_, outlines)) = known.iter().find(|(known, _)| Arc::ptr_eq(known, &sources)) {
            return Arc::clone(outlines);
        }
        let outlines = Outlines::new(Arc::clone(&sources));
        known.push((sources, Arc::clone(&outlines)));
        outlines
    };
    all.map(|sources| sources.map(&mut of)).collect()
}

thread_local! {
    /// A thread keeps what it knows from one package to the next.
    static WORKER: RefCell<Worker> = RefCell::default();
}

/// A session that reviews one package after the other, and what it finds imports in.
#[derive(Default)]
pub struct Worker {
    session: Session,
    outlines: Option<Arc<Outlines>>,
    outlines_before: Option<Arc<Outlines>>,
}

impl Worker {
    fn review(
        &mut self,
        package: &Package,
        (outlines, before): &Imports,
        personas: &[Persona],
        with_texts: WithTexts,
    ) -> Reviewed {
        let ids: Vec<&str> = personas.iter().map(|persona| persona.id.as_str()).collect();
        for persona in personas {
            self.session.add_persona(persona.clone());
        }
        let faults = self.open(package, outlines.as_ref());
        if before.is_some() && self.outlines_before.as_ref().map(Arc::as_ptr) != before.as_ref().map(Arc::as_ptr) {
            self.outlines_before = before.clone();
            self.session.set_importer_before(before.clone());
        }
        let versions = package.change.as_ref().map(|change| change.versions.clone());
        self.session.set_before(versions, before.is_some());
        let reviews = self.session.reviews(&ids).unwrap_or_default();
        let texts = match with_texts {
            WithTexts::None => Texts::new(),
            WithTexts::Shown => self.texts(shown(&reviews)),
            WithTexts::All => self.texts(package.files.iter().map(Source::name).collect()),
        };
        Reviewed { reviews, texts, faults, ..Reviewed::default() }
    }

    /// The session, with the files of the package that was opened last.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Opens the files of a package, and gives a sentence for each that cannot be read.
    pub fn open(&mut self, package: &Package, outlines: Option<&Arc<Outlines>>) -> Vec<String> {
        self.enter(outlines);
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for file in package.files.iter().map(Source::read) {
            match file {
                Ok(file) => files.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        self.session.set_whole(package.whole && faults.is_empty());
        self.session.set_module(package.folder.as_ref().map(|folder| folder.location.clone()));
        self.session.set_project(package.folder.as_ref().and_then(|folder| folder.project.clone()));
        self.session.open(files);
        faults
    }

    /// The texts of these files.
    fn texts(&self, names: BTreeSet<String>) -> Texts {
        let text = |name: String| {
            let text = self.session.text(&name)?.to_owned();
            Some((name, text))
        };
        names.into_iter().filter_map(text).collect()
    }

    fn enter(&mut self, outlines: Option<&Arc<Outlines>>) {
        if self.outlines.as_ref().map(Arc::as_ptr) != outlines.map(Arc::as_ptr) {
            self.outlines = outlines.cloned();
            self.session.set_importer(self.outlines.clone());
        }
    }
}

/// The files that reports show something of.
fn shown(reviews: &[Review]) -> BTreeSet<String> {
    let places = reviews.iter().flat_map(|review| &review.findings).flat_map(|finding| {
        let edits = finding.fixes.iter().flat_map(|fix| &fix.edits).map(|edit| &edit.place);
        std::iter::once(&finding.place).chain(finding.steps.iter().map(|step| &step.place)).chain(edits)
    });
    places.map(|place| place.file.clone()).collect()
}
