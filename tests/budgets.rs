//! How much the page may weigh, gzipped, as `cargo dev build` left it in `dist/`.
//!
//! Without a built site these tests say so and pass; `cargo dev test` builds it first and sets GOPEER_REQUIRE_SITE.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};

const KB: usize = 1000;

#[test]
fn the_engine_is_at_most_350_kb() {
    within("engine wasm", 350 * KB, |name| name.starts_with("worker_bg-") && name.ends_with(".wasm"));
}

#[test]
fn the_editor_is_at_most_140_kb() {
    within("editor bundle", 140 * KB, |name| name.starts_with("editor-") && name.ends_with(".js"));
}

#[test]
fn the_first_load_is_at_most_600_kb() {
    within("first load", 600 * KB, |name| !on_demand(name));
}

/// Fetched when the reader asks for them: sample files and rule pages.
fn on_demand(name: &str) -> bool {
    name.ends_with(".go") || name.ends_with(".txtar") || name.starts_with("rules-")
}

fn within(what: &str, limit: usize, chosen: impl Fn(&str) -> bool) {
    let Some(files) = site() else { return };
    let sizes: Vec<(String, usize)> = files.iter().map(|file| (name(file), gzipped(file))).collect();
    let counted: Vec<&(String, usize)> = sizes.iter().filter(|(name, _)| chosen(name)).collect();
    let total: usize = counted.iter().map(|(_, size)| size).sum();
    let list: String = counted.iter().map(|(name, size)| format!("\n{size:>8}  {name}")).collect();
    println!("{what}: {total} of {limit} bytes{list}");
    assert!(!counted.is_empty(), "the site has no {what}: was the file renamed?");
    assert!(total <= limit, "{what}: {total} bytes gzipped, {limit} allowed{list}");
}

/// All files of the site, or nothing where none is built and none is required.
fn site() -> Option<Vec<PathBuf>> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?.join("dist");
    let mut files = Vec::new();
    let mut folders = vec![dist.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let list = if entry.path().is_dir() { &mut folders } else { &mut files };
            list.push(entry.path());
        }
    }
    if !dist.join("index.html").exists() {
        assert!(std::env::var_os("GOPEER_REQUIRE_SITE").is_none(), "dist/ holds no site: run `cargo dev build`");
        eprintln!("skipped: dist/ holds no site (`cargo dev build` writes it)");
        return None;
    }
    Some(files)
}

fn name(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn gzipped(file: &Path) -> usize {
    let bytes = fs::read(file).expect("the site can be read");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).and_then(|()| encoder.finish()).expect("memory can be written").len()
}
