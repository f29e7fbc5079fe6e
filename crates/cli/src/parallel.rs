//! Reviews packages on all cores.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use gopeer_engine::protocol::Review;
use gopeer_engine::{ReadPackage, Session, merge, persona};

use crate::input::{Package, Source};
use crate::module::Module;

/// What there is to say of packages.
#[derive(Default)]
pub struct Reviewed {
    /// One review per persona.
    pub reviews: Vec<Review>,
    /// The texts of the files that findings are in, by name, where somebody asked for them.
    pub texts: HashMap<String, String>,
    /// A sentence for each file that cannot be read.
    pub faults: Vec<String>,
    /// How many files were named that are of no kind that is reviewed.
    pub skipped: usize,
}

/// Reviews packages, each for itself. What they import from their module is read by each worker for itself, as far as it
/// declares something: less work than to wait for each other.
pub fn review(packages: &[Package], personas: &[&str], with_texts: bool) -> Reviewed {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Reviewed)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(packages.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = Worker::default();
                while let Some((at, package)) = take(packages, &next) {
                    let mut reviewed = worker.review(package, personas);
                    if with_texts {
                        reviewed.texts = worker.texts(&reviewed.reviews);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, reviewed));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    let mut all = Reviewed::default();
    let mut by_persona: Vec<Vec<Review>> = personas.iter().map(|_| Vec::new()).collect();
    for (_, reviewed) in done {
        by_persona.iter_mut().zip(reviewed.reviews).for_each(|(all, review)| all.push(review));
        all.texts.extend(reviewed.texts);
        all.faults.extend(reviewed.faults);
    }
    let millis = started.elapsed().as_secs_f32() * 1000.0;
    all.reviews = whole(personas, by_persona);
    all.reviews.iter_mut().for_each(|review| review.stats.millis = millis);
    all
}

fn take<'p>(packages: &'p [Package], next: &AtomicUsize) -> Option<(usize, &'p Package)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    packages.get(at).map(|package| (at, package))
}

/// A session that reviews one package after the other, and the module that it reads imports from.
#[derive(Default)]
struct Worker {
    session: Session,
    module: Option<Arc<Module>>,
}

impl Worker {
    fn review(&mut self, package: &Package, personas: &[&str]) -> Reviewed {
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for file in package.files.iter().map(Source::read) {
            match file {
                Ok(file) => files.push(file),
                Err(fault) => faults.push(fault),
            }
        }
        if files.is_empty() {
            return Reviewed { faults, ..Reviewed::default() };
        }
        let folder = package.folder.as_ref();
        self.enter(folder.map(|folder| &folder.module));
        self.session.set_whole(package.whole && faults.is_empty());
        self.session.set_module(folder.map(|folder| folder.told.clone()));
        self.session.open(files);
        let reviews = self.session.reviews(personas).unwrap_or_default();
        Reviewed { reviews, faults, ..Reviewed::default() }
    }

    /// The texts of the files that findings are in.
    fn texts(&self, reviews: &[Review]) -> HashMap<String, String> {
        let found = reviews.iter().flat_map(|review| &review.findings);
        let names: BTreeSet<&str> = found.map(|finding| finding.place.file.as_str()).collect();
        let text = |name: &str| Some((name.to_owned(), self.session.text(name)?.to_owned()));
        names.into_iter().filter_map(text).collect()
    }

    fn enter(&mut self, module: Option<&Arc<Module>>) {
        if self.module.as_ref() != module {
            self.module = module.cloned();
            let read = |module: Arc<Module>| -> ReadPackage { Box::new(move |path| module.files(path)) };
            self.session.set_importer(self.module.clone().map(read));
        }
    }
}

fn whole(ids: &[&str], reviews: Vec<Vec<Review>>) -> Vec<Review> {
    let known = persona::builtin();
    let persona = |id: &&str| known.iter().find(|persona| persona.id == **id);
    ids.iter().zip(reviews).filter_map(|(id, reviews)| Some(merge(persona(id)?, reviews))).collect()
}
