//! Names of files for programs that read a review: relative to the root of the repository, as code hosts and viewers of
//! SARIF look for them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use gopeer_engine::protocol::{Place, Review};

use crate::input::{Package, Source, slashed};

/// The names of files in folders, each with the one from the root of its repository. Files outside of any are named from
/// the folder that the command runs in, or else from the root of the file system.
pub fn from_roots(packages: &[Package]) -> HashMap<String, String> {
    let here = fs::canonicalize(".").ok();
    let file = |source: &Source| match source {
        Source::File { name, real } => Some((slashed(name), from_root(real, here.as_deref()))),
        Source::Text(_) => None,
    };
    packages.iter().flat_map(|package| &package.files).filter_map(file).collect()
}

/// Gives the files in reviews other names.
pub fn rename(reviews: &mut [Review], names: &HashMap<String, String>) {
    for place in reviews.iter_mut().flat_map(places) {
        if let Some(name) = names.get(&place.file) {
            place.file.clone_from(name);
        }
    }
}

fn from_root(real: &Path, here: Option<&Path>) -> String {
    let roots = [here.and_then(repository), repository(real), here];
    let below = roots.into_iter().flatten().find_map(|root| real.strip_prefix(root).ok());
    slashed(below.unwrap_or(real))
}

/// The root of the innermost repository around a path. In a work tree `.git` is a file.
fn repository(path: &Path) -> Option<&Path> {
    path.ancestors().find(|above| above.join(".git").exists())
}

fn places(review: &mut Review) -> Vec<&mut Place> {
    let mut all: Vec<&mut Place> = Vec::new();
    let others = review.change.iter_mut().flat_map(|change| change.unchanged.iter_mut().chain(&mut change.fixed));
    for finding in review.findings.iter_mut().chain(others) {
        all.push(&mut finding.place);
        all.extend(finding.related.iter_mut().filter_map(|related| related.place.as_mut()));
        all.extend(finding.steps.iter_mut().map(|step| &mut step.place));
        all.extend(&mut finding.also);
        all.extend(finding.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.place));
    }
    all.extend(review.suppressed.iter_mut().map(|silenced| &mut silenced.place));
    let notes = review.notes.iter_mut().chain(&mut review.unparsed);
    all.extend(notes.filter_map(|note| note.place.as_mut()));
    all
}
