//! Reviews packages on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use gopeer_engine::protocol::Review;
use gopeer_engine::{ReadPackage, Session, merge, persona};

use crate::input::Package;
use crate::module::Module;

/// One review per persona over all packages, each for itself. What packages import from their module is read by each worker
/// for itself, as far as it declares something: less work than to wait for each other.
pub fn review(packages: &[Package], personas: &[&str]) -> Vec<Review> {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Review>)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(packages.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut worker = Worker::default();
                while let Some((at, package)) = take(packages, &next) {
                    let reviews = worker.review(package, personas);
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, reviews));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    let mut by_persona: Vec<Vec<Review>> = personas.iter().map(|_| Vec::new()).collect();
    for (_, reviews) in done {
        by_persona.iter_mut().zip(reviews).for_each(|(all, review)| all.push(review));
    }
    let millis = started.elapsed().as_secs_f32() * 1000.0;
    let mut whole = whole(personas, by_persona);
    whole.iter_mut().for_each(|review| review.stats.millis = millis);
    whole
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
    fn review(&mut self, package: &Package, personas: &[&str]) -> Vec<Review> {
        let folder = package.folder.as_ref();
        self.enter(folder.map(|folder| &folder.module));
        self.session.set_whole(package.whole);
        self.session.set_module(folder.map(|folder| folder.told.clone()));
        self.session.open(package.files.clone());
        personas.iter().filter_map(|persona| self.session.review(persona).ok()).collect()
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
