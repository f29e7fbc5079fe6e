//! What few visits need: exports, QR codes, how far a link travels, and the versions before a change. A wasm module of its own
//! (`bin/report.rs`).

use std::collections::BTreeSet;
use std::fmt::Write;

use gopeer_engine::intake;
use gopeer_engine::persona::{BUILTIN, is_persona};
use gopeer_engine::protocol::{Answer, FileText, Note, Response, Review, RuleInfo, Version};
use gopeer_engine::report::{self, Host, Listed, Texts};
use gopeer_link::{Level, Shared, SharedFile};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::Deserialize;

use crate::state::normalised;
use crate::worker::Signal;

/// A review in one of the formats: `message` is what the worker posted, `shared` the state of a link to it, `rules` the rules'
/// documentation as JSON, and `link` the address, if there is one. An error is a sentence for the user.
pub fn render(format: &str, message: &[u8], shared: &[u8], rules: &str, link: &str) -> Result<String, String> {
    let mut review = review(message).ok_or("The review is not complete yet. Try again in a moment.")?;
    let shared = Shared::from_bytes(shared).map_err(|error| error.to_string())?;
    report::tick(&mut review, &shared.said());
    review.notes.extend(shared.notes.iter().filter(|_| format != "json").map(on_line));
    let texts: Texts = shared.files.iter().map(|file| (file.name.clone(), file.text.clone())).collect();
    let link = Some(link).filter(|link| !link.is_empty());
    let failed = |error: serde_json::Error| error.to_string();
    Ok(match format {
        "markdown" => report::markdown(&review, &texts, link),
        "github" => report::suggestions(&review, &texts, Host::GitHub),
        "gitlab" => report::suggestions(&review, &texts, Host::GitLab),
        "text" => report::text(&review, &texts, 0, false),
        "html" => report::html(&review, &texts, link),
        "json" => format!("{:#}\n", report::json(&review, Some(&shared)).map_err(failed)?),
        "sarif" => {
            let rules: Vec<RuleInfo> = serde_json::from_str(rules).map_err(failed)?;
            let mut log = report::sarif([&review], &rules);
            report::add_notes(&mut log, shared.notes.iter().map(|note| (&*note.file, note.line, &*note.text)));
            format!("{log:#}\n")
        }
        _ => return Err(format!("There is no format {format}.")),
    })
}

/// What somebody wrote on a line, as one of the notes of a review.
fn on_line(gopeer_link::Note { file, line, text, .. }: &gopeer_link::Note) -> Note {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Note { message: format!("{file}:{line}: {text}"), place: None }
}

/// One fix of one finding as GitHub (`github`) or GitLab takes it: the lines that the comment belongs on, and after a line end the comment.
/// What changes lines far apart is several comments, each under its lines; then no lines come first.
pub fn suggestion(host: &str, message: &[u8], shared: &[u8], finding: &str, fix: usize) -> Result<String, String> {
    let review = review(message).ok_or("The review is not complete yet. Try again in a moment.")?;
    let shared = Shared::from_bytes(shared).map_err(|error| error.to_string())?;
    let texts: Texts = shared.files.into_iter().map(|file| (file.name, file.text)).collect();
    let found = review.findings.iter().find(|known| known.id == finding);
    let host = if host == "github" { Host::GitHub } else { Host::GitLab };
    let comments = found.and_then(|found| Some(report::comments(found, found.fixes.get(fix)?, &texts, host)));
    match comments.as_deref().unwrap_or_default() {
        [] => Err("This fix no longer applies to the code.".to_owned()),
        [(lines, comment)] => Ok(format!("{lines}\n{comment}")),
        several => Ok(several.iter().map(|(lines, comment)| format!("\n### {lines}\n\n{comment}")).collect()),
    }
}

/// The findings of a review in its order, as JSON.
pub fn outline(message: &[u8]) -> String {
    let outlines: Vec<_> = review(message).iter().flat_map(|review| &review.findings).map(report::outline).collect();
    serde_json::to_string(&outlines).unwrap_or_default()
}

/// What the reviewer and the one beside it make of the same findings, as JSON, where the first `most` of each list count; as many as each
/// shows unasked if that is 0.
pub fn compare_reviewers(message: &[u8], most: usize) -> String {
    let Ok(Signal::Answer(Response { answer: Answer::Review { review, beside }, .. })) = postcard::from_bytes(message)
    else {
        return "{}".to_owned();
    };
    let other: Listed = postcard::from_bytes(&beside).unwrap_or_default();
    serde_json::to_string(&report::compare(&Listed::of(&review), &other, most)).unwrap_or_default()
}

fn review(message: &[u8]) -> Option<Review> {
    match postcard::from_bytes(message) {
        Ok(Signal::Answer(Response { answer: Answer::Review { review, .. }, .. })) => Some(*review),
        _ => None,
    }
}

/// The state of a link, from a review that was saved as JSON.
pub fn reopen(json: &str) -> Result<Vec<u8>, String> {
    #[derive(Deserialize)]
    struct Saved {
        shared: Shared,
    }
    let saved: Saved = serde_json::from_str(json).map_err(
        |_| "It is not a review with its code: save one here, or with `gopeer review --format json --with-code`.",
    )?;
    saved.shared.to_bytes().map_err(|error| error.to_string())
}

/// The lines in which rules found what may be a secret, or nothing.
pub fn secrets(message: &[u8]) -> String {
    const RULES: [&str; 3] =
        ["security/hardcoded-credentials", "security/hardcoded-secret-argument", "security/hardcoded-secret-fallback"];
    let review = review(message).unwrap_or_default();
    let found =
        review.findings.iter().filter(|finding| RULES.contains(&finding.rule.as_str())).map(|finding| &finding.place);
    let silenced = review
        .suppressed
        .iter()
        .filter(|silenced| RULES.contains(&silenced.rule.as_str()))
        .map(|silenced| &silenced.place);
    let lines: BTreeSet<(&str, u32)> =
        found.chain(silenced).map(|place| (place.file.as_str(), place.range.line)).collect();
    lines.into_iter().map(|(file, line)| format!("{file}:{line}")).collect::<Vec<_>>().join(", ")
}

/// The state of a link without the other files, without what people wrote, or without a reviewer of one's own, which otherwise stays.
pub fn pare(shared: &[u8], only_open: bool, without_notes: bool, without_own: bool) -> Result<Vec<u8>, String> {
    let pared = Shared::from_bytes(shared).and_then(|shared| {
        let is_own = |file: &SharedFile| is_persona(&file.name, &file.text);
        let own: Vec<SharedFile> = shared.files.iter().filter(|file| is_own(file)).cloned().collect();
        let open = shared.open_file().map(|file| file.name.clone());
        let mut shared = if only_open { shared.only_open_file() } else { shared };
        if only_open || without_own {
            shared.files.retain(|file| !is_own(file));
        }
        if without_own && !own.is_empty() {
            (shared.persona, shared.digest) = (BUILTIN[0].to_owned(), 0);
        } else if only_open {
            shared.files.extend(own);
        }
        let at = shared.files.iter().position(|file| Some(&file.name) == open.as_ref());
        shared.active = at.unwrap_or(0) as u32;
        let shared = if without_notes { shared.without_notes() } else { shared };
        shared.to_bytes()
    });
    pared.map_err(|error| error.to_string())
}

/// What stands for lines that a diff does not show (`change::rebuild`).
const UNSEEN: &str = "//gopeer:unseen";

/// What the files of a link's state were before the change, as JSON. Where a diff does not show all of a file, the lines that say so are
/// as they are now: their numbers are no part of the change.
pub fn versions(shared: &[u8]) -> Result<String, String> {
    let shared = Shared::from_bytes(shared).map_err(|error| error.to_string())?;
    let mut versions: Vec<Version> = postcard::from_bytes(&shared.before).unwrap_or_default();
    for version in &mut versions {
        let now = shared.files.iter().find(|file| Some(&file.name) == version.now.as_ref());
        if let (Some(before), Some(now)) = (&mut version.before, now) {
            before.text = marked_as(&before.text, &now.text);
        }
    }
    serde_json::to_string(&versions).map_err(|error| error.to_string())
}

/// A text whose marks of lines that are not shown have the numbers of those in another.
fn marked_as(text: &str, other: &str) -> String {
    let mark = |line: &str| line.find(UNSEEN).map(|at| line[at..].trim_end().to_owned());
    let mut marks = other.lines().filter_map(mark);
    let marked = |line: &str| match line.find(UNSEEN).and_then(|at| Some(line[..at].to_owned() + &marks.next()? + "\n"))
    {
        Some(line) => line,
        None => line.to_owned(),
    };
    text.split_inclusive('\n').map(marked).collect()
}

/// Makes files the versions before the ones in a link's state, in the engine's words. One file alone is the version of the open file,
/// unless another has its name; the versions of others stay. It has none if it is blank. Of several each belongs to the file of its
/// name; the change deletes those that no file of the state has, and adds what is only there. Without files, those of the state are the
/// versions: the change begins.
pub fn compare(shared: &[u8], files: &str) -> Result<Vec<u8>, String> {
    let shared = Shared::from_bytes(shared).map_err(|error| error.to_string())?;
    let given: Vec<SharedFile> = match files {
        "" => shared.files.clone(),
        files => serde_json::from_str(files).map_err(|error| error.to_string())?,
    };
    let file = |file: SharedFile| FileText { text: normalised(&file.text).into_owned(), name: file.name };
    let given: Vec<FileText> = given.into_iter().map(file).collect();
    let versions = match &given[..] {
        [one] => with_one(&shared, one),
        _ => with_all(&shared, given),
    };
    // Of no versions there are no bytes: nothing is compared.
    let bytes = (!versions.is_empty()).then(|| postcard::to_allocvec(&versions));
    bytes.transpose().map(Option::unwrap_or_default).map_err(|error| error.to_string())
}

fn with_one(shared: &Shared, one: &FileText) -> Vec<Version> {
    let mut versions: Vec<Version> = postcard::from_bytes(&shared.before).unwrap_or_default();
    let Some(now) = named(shared, &one.name).or(shared.open_file().map(|file| file.name.as_str())) else {
        return versions;
    };
    let known = versions.iter().position(|version| version.now.as_deref() == Some(now));
    let name = known.and_then(|at| versions[at].before.as_ref()).map_or(now, |file| &file.name).to_owned();
    let before = Some(FileText { name, text: one.text.clone() });
    let version = Version { now: Some(now.to_owned()), before, moved: false };
    match known {
        Some(at) if one.text.trim().is_empty() => drop(versions.remove(at)),
        Some(at) => versions[at] = version,
        None if one.text.trim().is_empty() => {}
        None => versions.push(version),
    }
    versions
}

fn with_all(shared: &Shared, given: Vec<FileText>) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    for file in given {
        let now = named(shared, &file.name).map(str::to_owned).filter(|now| {
            // The first of two with one name.
            versions.iter().all(|version| version.now.as_ref() != Some(now))
        });
        let name = now.clone().unwrap_or(file.name);
        versions.push(Version { now, before: Some(FileText { name, ..file }), moved: false });
    }
    if versions.is_empty() {
        return versions;
    }
    let known: BTreeSet<String> = versions.iter().filter_map(|version| version.now.clone()).collect();
    let new = shared.files.iter().filter(|file| !known.contains(&file.name));
    versions.extend(new.map(|file| Version { now: Some(file.name.clone()), before: None, moved: false }));
    versions
}

/// The file of the state that a name means: its own, or the only one that is called so in whatever folder.
fn named<'s>(shared: &'s Shared, name: &str) -> Option<&'s str> {
    let base = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let mut alike = shared.files.iter().filter(|file| base(&file.name) == base(name)).map(|file| file.name.as_str());
    let same = shared.files.iter().find(|file| file.name == name).map(|file| file.name.as_str());
    same.or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

/// The code of a link's state as one file, after a line with the file's name.
pub fn archive(shared: &[u8]) -> Result<String, String> {
    let shared = Shared::from_bytes(shared).map_err(|error| error.to_string())?;
    let name = match &shared.files[..] {
        [one] => one.name.rsplit('/').next().unwrap_or_default(),
        _ => "review.txtar",
    };
    let files: Vec<FileText> =
        shared.files.iter().map(|file| FileText { name: file.name.clone(), text: file.text.clone() }).collect();
    Ok(format!("{name}\n{}", intake::archive(&files)))
}

/// How far a link of that length travels: a word for it, and a sentence after a line end.
pub fn meter(length: usize, files: usize) -> String {
    let reading = gopeer_link::meter(length);
    let level = match reading.level {
        Level::Qr | Level::Chat => "good",
        Level::Web => "fair",
        Level::TooLong => "poor",
    };
    // What is not there cannot be left out.
    let sentence = match (files, reading.level) {
        (1, Level::Web) => "Opens in every browser, but chat apps may cut it. Save the code as a file for those.",
        (1, Level::TooLong) => "Too long to travel safely. Save the code as a file and send that.",
        _ => reading.sentence,
    };
    format!("{level}\n{sentence}")
}

/// A QR code with its quiet zone: how many modules it is wide, and after a line end the path of the dark ones, for SVG. Of a text of more
/// than [`gopeer_link::QR`] characters there is none: cameras read it badly.
pub fn qr(text: &str) -> Result<String, String> {
    /// ISO/IEC 18004, section 5.3.8.
    const QUIET: i32 = 4;
    const TOO_LONG: &str = "This link is too long for a QR code.";
    if text.len() > gopeer_link::QR {
        return Err(TOO_LONG.to_owned());
    }
    let code = QrCode::encode_text(text, QrCodeEcc::Low).map_err(|_| TOO_LONG)?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let dark = (x..code.size()).take_while(|&at| code.get_module(at, y)).count() as i32;
            if dark > 0 {
                let _ = write!(path, "M{},{}h{dark}v1h-{dark}z", x + QUIET, y + QUIET);
            }
            x += dark + 1;
        }
    }
    Ok(format!("{}\n{path}", code.size() + 2 * QUIET))
}

#[cfg(test)]
mod tests {
    use gopeer_engine::protocol::Ask;

    use super::*;

    /// The text of a QR code that is drawn as a path, as a camera would see it: each module four pixels wide.
    fn seen(drawn: &str) -> String {
        const PIXELS: usize = 4;
        let (size, path) = drawn.split_once('\n').expect("a size and a path");
        let size: usize = size.parse().expect("a number");
        let mut dark = vec![false; size * size];
        for run in path.split('M').skip(1) {
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
            let [x, y, width, ..] = numbers[..] else { panic!("{run}") };
            dark[y * size + x..][..width].fill(true);
        }
        let at = |x: usize, y: usize| if dark[y / PIXELS * size + x / PIXELS] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(size * PIXELS, size * PIXELS, at);
        let grids = image.detect_grids();
        grids.first().expect("a code is found").decode().expect("it is whole").1
    }

    #[test]
    fn a_qr_code_is_read_as_what_it_was_made_of() {
        let address = |length: usize| {
            let mut address = "https://example.org/gopeer/#v2.".to_owned();
            address.extend("AbCd-_09".chars().cycle().take(length - address.len()));
            address
        };
        for length in [40, 300, gopeer_link::QR] {
            assert_eq!(seen(&qr(&address(length)).expect("it fits")), address(length));
        }
        assert!(qr(&address(gopeer_link::QR + 1)).is_err());
    }

    #[test]
    fn the_meter_advises_only_what_is_possible() {
        for length in [gopeer_link::CHAT + 1, gopeer_link::WEB + 1] {
            assert!(!meter(length, 1).contains("open file") && meter(length, 2).contains("open file"));
        }
        assert!(meter(10, 1).starts_with("good\n"));
    }

    #[test]
    fn a_link_may_leave_files_and_notes_out() {
        let file = |name: &str| gopeer_link::SharedFile { name: name.to_owned(), text: "package a\n".to_owned() };
        let note = gopeer_link::Remark { text: "why?".to_owned(), ..Default::default() };
        let shared =
            Shared { files: vec![file("a.go"), file("b/c.go")], active: 1, remarks: vec![note], ..Shared::default() };
        let bytes = shared.to_bytes().expect("it is small");
        let pared = |only, without| {
            Shared::from_bytes(&pare(&bytes, only, without, false).expect("it is one")).expect("a state")
        };
        assert_eq!(pared(false, false), shared);
        assert_eq!((pared(true, false).files.len(), pared(true, false).remarks.len()), (1, 1));
        assert_eq!((pared(false, true).files.len(), pared(false, true).remarks.len()), (2, 0));
        assert!(archive(&bytes).expect("files").starts_with("review.txtar\n-- a.go --\n"));
        assert_eq!(
            archive(&pare(&bytes, true, false, false).expect("it is one")).expect("a file"),
            "c.go\npackage a\n"
        );
    }

    #[test]
    fn a_link_to_the_open_file_keeps_the_reviewer_unless_that_is_left_out() {
        let file = |name: &str, text: &str| SharedFile { name: name.to_owned(), text: text.to_owned() };
        let files = vec![file("team.md", "+++\n"), file("a.go", "package a\n"), file("b.go", "package a\n")];
        let shared = Shared { files, active: 2, persona: "shop".to_owned(), ..Shared::default() };
        let bytes = shared.to_bytes().expect("it is small");
        for (only, without, persona, names) in [
            (true, false, "shop", &["b.go", "team.md"][..]),
            (true, true, "senior", &["b.go"]),
            (false, true, "senior", &["a.go", "b.go"]),
        ] {
            let pared = Shared::from_bytes(&pare(&bytes, only, false, without).expect("it is one")).expect("a state");
            assert_eq!(pared.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), names);
            assert_eq!((pared.persona.as_str(), pared.open_file().map(|file| &*file.name)), (persona, Some("b.go")));
        }
    }

    #[test]
    fn a_fix_is_copied_as_a_comment_and_notes_on_lines_are_in_exports() {
        let text = "package a\n\nimport \"context\"\n\nfunc load(ctx context.Context, slow bool) error {\n\t\
            ctx, cancel := context.WithCancel(ctx)\n\tif slow {\n\t\treturn ctx.Err()\n\t}\n\tcancel()\n\treturn nil\n}\n";
        let file = FileText { name: "a.go".to_owned(), text: text.to_owned() };
        let mut session = gopeer_engine::Session::new();
        session.answer(Ask::Open { files: vec![file], before: Vec::new() });
        let answer = session.answer(Ask::Review {
            persona: "senior".to_owned(),
            remarks: Vec::new(),
            answers: Vec::new(),
            beside: String::new(),
        });
        let Answer::Review { review, .. } = &answer else { panic!("{answer:?}") };
        let found = review.findings.iter().find(|found| !found.fixes.is_empty()).expect("a fix");
        let message =
            postcard::to_allocvec(&Signal::Answer(Response { id: 1, answer: answer.clone() })).expect("plain data");
        let shared =
            Shared { files: vec![SharedFile { name: "a.go".to_owned(), text: text.to_owned() }], ..Shared::default() };
        let shared = shared.to_bytes().expect("it is small");
        let made = |host| suggestion(host, &message, &shared, &found.id, 0).expect("it fits");
        let (github, gitlab) = (made("github"), made("gitlab"));
        assert!(github.starts_with("`a.go`, line") && github.contains("\n```suggestion\n"), "{github}");
        assert!(github.contains("\tdefer cancel()\n") && !github.contains("###"), "{github}");
        assert!(gitlab.contains("\n```suggestion:-0+"), "{gitlab}");
        assert!(suggestion("github", &message, &shared, &found.id, 9).is_err());
        let note =
            gopeer_link::Note { file: "a.go".to_owned(), line: 5, text: "Who\ncalls <it>?".to_owned(), snippet: 0 };
        let noted = Shared { notes: vec![note], ..Shared::from_bytes(&shared).expect("a state") };
        let noted = noted.to_bytes().expect("it is small");
        let export = |format| render(format, &message, &noted, "[]", "").expect("a review");
        assert!(export("markdown").contains("- a.go:5: Who calls \\<it>?\n"), "{}", export("markdown"));
        assert!(
            export("html").contains("a.go:5: Who calls &lt;it&gt;?")
                && export("text").contains("a.go:5: Who calls <it>?")
        );
        assert!(export("json").contains("Who\\ncalls <it>?"));
        assert!(export("sarif").contains(r#""text": "Who\ncalls <it>?""#), "{}", export("sarif"));
        assert!(suggestion("github", &[1], &shared, &found.id, 0).is_err());
    }

    fn state(files: &[&str], before: Vec<u8>) -> Vec<u8> {
        let file = |name: &&str| gopeer_link::SharedFile { name: (*name).to_owned(), text: "package a\n".to_owned() };
        let shared = Shared { files: files.iter().map(file).collect(), before, ..Shared::default() };
        shared.to_bytes().expect("it is small")
    }

    /// The name of a file now, and its name and its length before.
    type Pair = (Option<String>, Option<(String, usize)>);

    /// What the files are compared with.
    fn compared(files: &[&str], before: Vec<u8>, given: &[(&str, &str)]) -> Vec<Pair> {
        let given: Vec<FileText> =
            given.iter().map(|(name, text)| FileText { name: (*name).to_owned(), text: (*text).to_owned() }).collect();
        let given = serde_json::to_string(&given).expect("plain data");
        let bytes = compare(&state(files, before), &given).expect("it is a state");
        let versions: Vec<Version> =
            serde_json::from_str(&versions(&state(files, bytes)).expect("it is a state")).expect("versions");
        let of = |version: Version| (version.now, version.before.map(|file| (file.name, file.text.len())));
        versions.into_iter().map(of).collect()
    }

    fn pair(now: &str, before: &str, length: usize) -> Pair {
        (Some(now.to_owned()), Some((before.to_owned(), length)))
    }

    #[test]
    fn one_version_belongs_to_the_open_file_or_to_the_one_of_its_name() {
        assert_eq!(compared(&["a.go", "b.go"], Vec::new(), &[("old.go", "x\r\n")]), [pair("a.go", "a.go", 2)]);
        assert_eq!(compared(&["a.go", "b.go"], Vec::new(), &[("v1/b.go", "x")]), [pair("b.go", "b.go", 1)]);
        assert_eq!(compared(&["a.go"], Vec::new(), &[("a.go", " \n")]), []);
    }

    #[test]
    fn another_version_takes_the_place_of_the_first_and_a_blank_one_ends_it() {
        let given = r#"[{"name":"a.go","text":"xyz"}]"#;
        let first = compare(&state(&["a.go", "b.go"], Vec::new()), given).expect("a state");
        assert_eq!(compared(&["a.go", "b.go"], first.clone(), &[("a.go", "x")]), [pair("a.go", "a.go", 1)]);
        assert_eq!(
            compared(&["a.go", "b.go"], first.clone(), &[("b.go", "x")]),
            [pair("a.go", "a.go", 3), pair("b.go", "b.go", 1)]
        );
        assert_eq!(compared(&["a.go", "b.go"], first, &[("a.go", "")]), []);
    }

    #[test]
    fn several_versions_are_all_there_was() {
        let before = compared(&["p/a.go", "p/new.go"], Vec::new(), &[("a.go", "x"), ("gone.go", "y")]);
        let (new, gone) = ((Some("p/new.go".to_owned()), None), (None, Some(("gone.go".to_owned(), 1))));
        assert_eq!(before, [pair("p/a.go", "p/a.go", 1), gone, new]);
        assert_eq!(compared(&["a.go"], Vec::new(), &[]), []);
        let begun = compare(&state(&["a.go", "b.go"], Vec::new()), "").expect("a state");
        assert_eq!(
            compared(&["a.go", "b.go"], begun, &[("b.go", "x")]),
            [pair("a.go", "a.go", 10), pair("b.go", "b.go", 1)]
        );
    }

    #[test]
    fn what_a_diff_does_not_show_is_no_change() {
        let (before, now) =
            ("a\n}//gopeer:unseen 7-\nb//gopeer:unseen\n", "a\n}//gopeer:unseen 18-\nb//gopeer:unseen\n");
        assert_eq!(marked_as(before, now), now);
        assert_eq!(marked_as("a\n", now), "a\n");
    }

    #[test]
    fn what_is_no_review_is_refused() {
        for text in ["", "{}", "[1]", "{\"shared\":{}}", "{\"shared\":{\"files\":7}}"] {
            assert!(reopen(text).is_err(), "{text}");
        }
        assert!(render("markdown", &[1, 2, 3], &[], "[]", "").is_err());
        assert_eq!(secrets(&[9]), "");
    }
}
