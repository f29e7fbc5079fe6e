//! Every link ever released opens, and opens as what it was. The files are never edited; new ones are added.

use std::path::{Path, PathBuf};

use gopeer_link::{Shared, decode, is_link};

fn released() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/links");
    let entries = std::fs::read_dir(folder).expect("tests/links is there");
    let mut links: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    links.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    links.sort();
    links
}

#[test]
fn every_released_link_opens_as_what_it_was() {
    for path in released() {
        let link = std::fs::read_to_string(&path).expect("link is readable");
        let json = std::fs::read_to_string(path.with_extension("json")).expect("the state stands beside the link");
        let expected: Shared = serde_json::from_str(&json).expect("the state is JSON of `Shared`");
        assert!(is_link(&link), "{}", path.display());
        assert_eq!(decode(&link), Ok(expected), "{}", path.display());
    }
}

#[test]
fn the_released_links_are_all_there() {
    let names: Vec<_> = released().iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    for name in ["v1-empty", "v1-review", "v1-two-files", "v1-unicode", "v2-empty", "v2-everything"] {
        assert!(names.iter().any(|found| found == name), "{name} is missing from tests/links");
    }
}
