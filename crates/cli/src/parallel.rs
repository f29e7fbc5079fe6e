//! Reviews packages on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gopeer_engine::protocol::Review;
use gopeer_engine::{Session, merge, persona};

use crate::input::Package;

/// One review per persona over all packages. Each package is a session of its own, dropped when it is done.
pub fn review(packages: &[Package], personas: &[&str]) -> Vec<Review> {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Vec<Review>)>> = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(packages.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut session = Session::new();
                while let Some((at, package)) = take(packages, &next) {
                    let reviews = one(&mut session, package, personas);
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

fn one(session: &mut Session, package: &Package, personas: &[&str]) -> Vec<Review> {
    session.set_whole(package.whole);
    session.set_import_path(package.import_path.clone());
    session.open(package.files.clone());
    personas.iter().filter_map(|persona| session.review(persona).ok()).collect()
}

fn whole(ids: &[&str], reviews: Vec<Vec<Review>>) -> Vec<Review> {
    let known = persona::builtin();
    let persona = |id: &&str| known.iter().find(|persona| persona.id == **id);
    ids.iter().zip(reviews).filter_map(|(id, reviews)| Some(merge(persona(id)?, reviews))).collect()
}
