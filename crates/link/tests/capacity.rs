//! How much real Go fits into a link that chat apps keep whole.

use std::path::{Path, PathBuf};
use std::process::Command;

use gopeer_link::{CHAT, Shared, SharedFile, encode};

const ADDRESS: &str = "https://somebody.github.io/gopeer/#";
const FILES: usize = 200;
/// Files below this many bytes could fit whole and would say nothing.
const LONG: usize = 9_000;
const BAR: usize = 3_500;

#[test]
fn the_median_go_text_in_a_chat_link_is_long_enough() {
    let Some(goroot) = goroot() else {
        eprintln!("skipped: no Go on this machine, so no real Go files to measure");
        return;
    };
    let mut fits: Vec<_> = sample(&goroot.join("src")).iter().map(|text| characters_that_fit(text)).collect();
    assert_eq!(fits.len(), FILES, "{} has too few long files", goroot.display());
    fits.sort_unstable();
    let [low, median, high] = [FILES / 10, FILES / 2, FILES * 9 / 10].map(|rank| fits[rank]);
    println!("Go characters in a link of {CHAT}: median {median}, 10 % below {low}, 10 % above {high} ({FILES} files)");
    assert!(median >= BAR, "median {median} is below {BAR}");
}

fn goroot() -> Option<PathBuf> {
    let output = Command::new("go").args(["env", "GOROOT"]).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.join("src").is_dir().then_some(path)
}

/// Long files of the standard library, taken evenly from the sorted list of all.
fn sample(src: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    collect(src, &mut paths);
    paths.sort();
    let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
    let long: Vec<_> = texts.filter(|text| text.len() >= LONG && !text.contains("DO NOT EDIT")).collect();
    let step = long.len() / FILES;
    long.into_iter().step_by(step.max(1)).take(FILES).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if name != "testdata" && name != "vendor" {
                collect(&path, paths);
            }
        } else if name.ends_with(".go") && !name.ends_with("_test.go") {
            paths.push(path);
        }
    }
}

/// Characters of the longest beginning of a text whose whole address has at most [`CHAT`] characters.
fn characters_that_fit(text: &str) -> usize {
    let starts: Vec<_> = text.char_indices().map(|(start, _)| start).take(20_000).collect();
    starts.partition_point(|&end| address(&text[..end]).len() <= CHAT).saturating_sub(1)
}

fn address(text: &str) -> String {
    let shared = Shared {
        files: vec![SharedFile { name: "main.go".into(), text: text.into() }],
        persona: "senior".into(),
        engine: "0.1.0".into(),
        digest: 0x1234_5678,
        ..Shared::default()
    };
    format!("{ADDRESS}{}", encode(&shared).expect("the text is short"))
}
