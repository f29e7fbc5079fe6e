//! Turns the manifest of the index, `static/api/index.tsv`, into tables: which module serves which import paths, and, with
//! the feature `embedded`, the modules' files.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    // Asked for when it runs: a build script that was compiled in another checkout reads the files of this one.
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let folder = Path::new(&root).join("../../static/api");
    let manifest = folder.join("index.tsv");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = std::fs::read_to_string(&manifest).expect("static/api/index.tsv is committed");
    let (mut entries, mut names, mut files) = (String::new(), String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [path, version, stem, sha256, _, packed, prefixes, named] = columns[..] else {
            panic!("a line of index.tsv has too few columns: {line}");
        };
        let hash = sha256.get(..12).unwrap_or(sha256);
        let prefixes: Vec<&str> = prefixes.split([' ', ',']).filter(|prefix| !prefix.is_empty()).collect();
        writeln!(
            entries,
            "Entry {{ path: {path:?}, version: {version:?}, stem: {stem:?}, hash: {hash:?}, #[cfg(feature = \"embedded\")] sha256: {sha256:?}, #[cfg(feature = \"embedded\")] packed: {packed}, prefixes: &{prefixes:?} }},"
        )
        .expect("a string takes all");
        for (path, name) in named.split(' ').filter_map(|pair| pair.split_once('=')) {
            writeln!(names, "({path:?}, {name:?}),").expect("a string takes all");
        }
        let file = folder.join(format!("{stem}.bin.gz"));
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(files, "{stem:?} => include_bytes!({file:?}),").expect("a string takes all");
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let out = Path::new(&out);
    std::fs::write(out.join("manifest.in"), format!("&[{entries}]")).expect("the folder is cargo's");
    std::fs::write(out.join("names.in"), format!("&[{names}]")).expect("the folder is cargo's");
    std::fs::write(out.join("embedded.in"), format!("match stem {{ {files} _ => return None }}"))
        .expect("the folder is cargo's");
}
