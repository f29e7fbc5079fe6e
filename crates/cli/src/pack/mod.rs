//! `gopeer pack`: makes packs of exercises, and checks that what they claim is true.

mod check;

use std::fs;
use std::path::{Path, PathBuf};

use gopeer_engine::persona::BUILTIN;
use gopeer_link::{Level, meter};
use gopeer_pack::{Pack, Problem, Source, read, read_pack};

use crate::args::PackCommand;
use crate::{CLEAN, DEFAULT, FOUND, counted, input, print, say};

/// What describes a pack.
const HEADER: &str = "pack.md";

/// A source and where it is.
struct Exercise {
    path: PathBuf,
    source: Source,
}

/// The sources of a pack; without those that could not be read, which are among the problems.
struct Sources {
    pack: Option<Pack>,
    exercises: Vec<Exercise>,
    problems: Vec<(PathBuf, Problem)>,
}

impl Sources {
    fn persona(&self) -> &str {
        self.pack.as_ref().map_or(DEFAULT, |pack| &pack.persona)
    }
}

/// Runs the command.
pub fn run(command: &PackCommand) -> Result<u8, String> {
    match command {
        PackCommand::New { folder } => new(folder),
        PackCommand::Check { paths } => check(paths),
        PackCommand::Build { folder, output } => build(folder, output.as_deref()),
        PackCommand::Link { base, folder } => link(base, folder),
    }
}

/// Writes a pack with one exercise to start from.
fn new(folder: &Path) -> Result<u8, String> {
    let files = [
        (folder.join(HEADER), include_str!("pack.md")),
        (folder.join("1-visits.txtar"), include_str!("example.txtar")),
    ];
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(format!("{} already exists", there.display()));
    }
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (path, text) in files {
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        say(&format!("gopeer: wrote {}", path.display()));
    }
    Ok(CLEAN)
}

/// Checks sources and what they claim. Prints what is wrong, each at its line.
fn check(paths: &[PathBuf]) -> Result<u8, String> {
    let (mut wrong, mut counts) = (Vec::new(), check::Counts::default());
    for path in paths {
        let mut sources = sources(path)?;
        let persona = Some(sources.persona().to_owned()).filter(|id| BUILTIN.contains(&id.as_str()));
        let persona = persona.unwrap_or_else(|| DEFAULT.to_owned());
        for exercise in &sources.exercises {
            let problems = check::exercise(&exercise.source, &persona, &mut counts)?;
            sources.problems.extend(problems.into_iter().map(|problem| (exercise.path.clone(), problem)));
        }
        wrong.append(&mut sources.problems);
    }
    report(&wrong)?;
    say(&format!("gopeer: {counts}"));
    Ok(if wrong.is_empty() { CLEAN } else { FOUND })
}

/// Writes the JSON that the page loads.
fn build(folder: &Path, output: Option<&Path>) -> Result<u8, String> {
    let Some(pack) = whole(folder)? else { return Ok(FOUND) };
    let json = serde_json::to_string_pretty(&pack).map_err(|error| error.to_string())? + "\n";
    match output {
        None => print(&json)?,
        Some(file) => {
            fs::write(file, &json).map_err(|error| format!("{}: {error}", file.display()))?;
            let exercises = counted(pack.exercises.len(), "exercise");
            say(&format!(
                "gopeer: wrote {exercises} to {}. To try them, drop the file on the page, or run `gopeer pack link {}`",
                file.display(),
                folder.display()
            ));
        }
    }
    Ok(CLEAN)
}

/// Prints a link that contains the pack; its length goes to standard error.
fn link(base: &str, folder: &Path) -> Result<u8, String> {
    let Some(pack) = whole(folder)? else { return Ok(FOUND) };
    let json = serde_json::to_vec(&pack).map_err(|error| error.to_string())?;
    let packed = gopeer_link::pack(&json).map_err(|error| error.to_string())?;
    let page = base.split(['#', '?']).next().unwrap_or(base).trim_end_matches("workshop.html").trim_end_matches('/');
    let link = format!("{page}/workshop.html#pack.{packed}");
    print(&format!("{link}\n"))?;
    let reading = meter(link.len());
    let advice = match reading.level {
        Level::Qr | Level::Chat => reading.sentence,
        Level::Web | Level::TooLong => {
            "Browsers open it, but mail and chats may cut it off: send the file that `gopeer pack build` writes."
        }
    };
    say(&format!("{} characters. {advice}", link.len()));
    Ok(CLEAN)
}

/// A pack with its exercises. Prints what is wrong with the sources, and gives nothing then.
fn whole(folder: &Path) -> Result<Option<Pack>, String> {
    let sources = sources(folder)?;
    report(&sources.problems)?;
    if !sources.problems.is_empty() {
        return Ok(None);
    }
    let mut pack = sources.pack.ok_or_else(|| format!("{} is not a folder with a {HEADER}", folder.display()))?;
    if sources.exercises.is_empty() {
        return Err(format!("{} has no exercises: files that end in .txtar", folder.display()));
    }
    pack.exercises = sources.exercises.into_iter().map(|exercise| exercise.source.exercise).collect();
    Ok(Some(pack))
}

fn report(problems: &[(PathBuf, Problem)]) -> Result<(), String> {
    let line =
        |(path, problem): &(PathBuf, Problem)| format!("{}:{}: {}\n", path.display(), problem.line, problem.message);
    print(&problems.iter().map(line).collect::<String>())
}

/// Reads a folder of exercises, or one exercise together with the description of its pack if there is one.
fn sources(path: &Path) -> Result<Sources, String> {
    let is_folder = path.is_dir();
    let folder = if is_folder { path } else { path.parent().unwrap_or(Path::new("")) };
    let mut sources = Sources { pack: None, exercises: Vec::new(), problems: Vec::new() };
    let header = folder.join(HEADER);
    if is_folder || header.exists() {
        let text = input::text_of(&header)?;
        match read_pack(&stem(folder), &text) {
            Ok(pack) => {
                sources.problems.extend(stranger(&pack.persona, &text).map(|problem| (header, problem)));
                sources.pack = Some(pack);
            }
            Err(problems) => sources.problems.extend(problems.into_iter().map(|problem| (header.clone(), problem))),
        }
    }
    for path in if is_folder { exercises(folder)? } else { vec![path.to_owned()] } {
        match read(id(&stem(&path)), &input::text_of(&path)?) {
            Ok(source) => {
                let id = &source.exercise.id;
                if sources.exercises.iter().any(|known| known.source.exercise.id == *id) {
                    let message = format!("another exercise of this pack is called `{id}`; rename one of the files");
                    sources.problems.push((path.clone(), Problem { line: 1, message }));
                }
                sources.exercises.push(Exercise { path, source });
            }
            Err(problems) => sources.problems.extend(problems.into_iter().map(|problem| (path.clone(), problem))),
        }
    }
    Ok(sources)
}

/// What is wrong with a pack whose reviewer nobody knows.
fn stranger(persona: &str, text: &str) -> Option<Problem> {
    let says_it = |line: &str| line.trim_start().starts_with("persona:");
    let line = text.lines().position(says_it).map_or(1, |at| at as u32 + 1);
    let message = format!("there is no reviewer `{persona}`: expected {}", BUILTIN.join(", "));
    (!BUILTIN.contains(&persona)).then_some(Problem { line, message })
}

fn exercises(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = input::entries(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txtar"));
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The name of a source without the number that says where in the pack it comes.
fn id(stem: &str) -> &str {
    let rest = stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-');
    if rest.is_empty() { stem } else { rest }
}
