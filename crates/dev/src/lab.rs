//! The commands of `cargo dev` that need the engine natively. `cargo dev <command> …` builds this binary and hands the
//! arguments on (see `LAB` in main.rs: a new command is a name there and a line here).

mod bench;
mod gallery;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use gopeer_engine::guide::guides;
use gopeer_engine::persona::{BUILTIN, VOICES, template};
use gopeer_engine::protocol::Guide;
use gopeer_oracle::{corpus, oracle, programs};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let args: Vec<String> = args.collect();
    match run(&command, &args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: &[String]) -> Result<(), String> {
    match command {
        "bench" => bench::run(args),
        "corpus" => corpus::run(args),
        "oracle" => oracle(args),
        "prove" => programs::run(args),
        "rules" => rules(args),
        other => Err(format!("gopeer-lab has no command `{other}`")),
    }
}

/// Writes what the site has of the rules into a folder: `rules.json`, the documentation that the page shows; `gallery.json`, what the
/// page of all rules needs besides; `voices.bin`, what reviewers say; for each category `guide-CATEGORY.json`, which is loaded when
/// somebody opens it; and for each reviewer `reviewer-ID.md`, which one of one's own starts from.
fn rules(args: &[String]) -> Result<(), String> {
    let [folder] = args else { return Err("`rules` takes the folder to write to".to_owned()) };
    let mut rules = gopeer_engine::rule_infos();
    gopeer_engine::add_fixed(&mut rules);
    let text = |json: serde_json::Result<String>| json.map_err(|error| error.to_string());
    let mut files = vec![
        ("rules.json".to_owned(), text(serde_json::to_string(&rules))?),
        ("gallery.json".to_owned(), gallery::gallery(&rules).to_string()),
    ];
    let mut by_category: BTreeMap<String, BTreeMap<String, Guide>> = BTreeMap::new();
    for (id, guide) in guides() {
        let category = id.split('/').next().unwrap_or_default().to_owned();
        by_category.entry(category).or_default().insert(id, guide);
    }
    for (category, guides) in by_category {
        files.push((format!("guide-{category}.json"), text(serde_json::to_string(&guides))?));
    }
    let reviewer = |id: &str| Some((format!("reviewer-{id}.md"), template(id)?));
    files.extend(BUILTIN.into_iter().filter_map(reviewer));
    for (name, text) in files {
        write(&Path::new(folder).join(name), text.as_bytes())?;
    }
    write(&Path::new(folder).join("voices.bin"), VOICES)
}

fn write(file: &Path, content: &[u8]) -> Result<(), String> {
    std::fs::write(file, content).map_err(|error| format!("{} cannot be written: {error}", file.display()))
}
