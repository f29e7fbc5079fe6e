//! The files of the index inside the program, for those that run outside a browser.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::Module;

static READ: Mutex<BTreeMap<&'static str, Option<&'static Module>>> = Mutex::new(BTreeMap::new());

/// The module of that stem (see [`crate::manifest::Entry`]), read once.
pub fn module(stem: &'static str) -> Option<Module> {
    shared(stem).cloned()
}

pub(crate) fn shared(stem: &'static str) -> Option<&'static Module> {
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    // What is read stays for as long as the program runs.
    *read.entry(stem).or_insert_with(|| unpack(stem).map(|module| &*Box::leak(Box::new(module))))
}

fn unpack(stem: &str) -> Option<Module> {
    let packed: &[u8] = file(stem)?;
    // A gzip header without extras has 10 bytes, and a trailer 8 (RFC 1952, 2.3).
    let deflated = packed.get(10..packed.len().checked_sub(8)?)?;
    Module::read(&miniz_oxide::inflate::decompress_to_vec(deflated).ok()?).ok()
}

fn file(stem: &str) -> Option<&'static [u8]> {
    Some(include!(concat!(env!("OUT_DIR"), "/embedded.in")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_is_whole() {
        for entry in crate::manifest::modules() {
            let module = super::module(entry.stem).unwrap_or_else(|| panic!("{} cannot be read", entry.stem));
            assert_eq!((module.path(), module.version()), (entry.path, entry.version));
        }
    }
}
