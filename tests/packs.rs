//! The packs of exercises that the page offers: their schema, their concerns, and that guessing does not pay.

use std::fs;
use std::path::{Path, PathBuf};

use gopeer_lint::Concern;
use gopeer_pack::{CONCERNS, Exercise, Mark, from_json, score};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts of all packs.
fn packs() -> Vec<String> {
    let folder = root().join("static/exercises");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let packs: Vec<String> = entries.map(|entry| read(&entry.expect("it can be read").path())).collect();
    assert_eq!(packs.len(), 5, "one for each reviewer");
    packs
}

fn exercises() -> Vec<Exercise> {
    packs().iter().flat_map(|text| from_json(text).expect("it is a pack").exercises).collect()
}

#[test]
fn the_schema_fits() {
    let schema = serde_json::from_str(&read(&root().join("docs/pack.schema.json"))).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for text in packs() {
        let mut pack: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&pack).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        pack["exercises"][0]["faults"][0]["concerns"] = "race".into();
        assert!(!validator.is_valid(&pack), "a list of concerns is wanted");
    }
}

#[test]
fn concerns_are_those_of_rules() {
    let ids: Vec<&str> = CONCERNS.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, Concern::ALL.iter().map(|concern| concern.id()).collect::<Vec<_>>());
}

/// Marks on all lines of an exercise.
fn everything(exercise: &Exercise, concern: &str) -> Vec<Mark> {
    let lines =
        exercise.files.iter().flat_map(|file| (1..).zip(file.text.lines()).map(|(line, _)| (file.name.clone(), line)));
    lines.map(|(file, line)| Mark { file, line, concern: concern.to_owned(), text: String::new() }).collect()
}

#[test]
fn marking_everything_gives_nothing() {
    for exercise in exercises() {
        for (concern, _) in CONCERNS {
            assert_eq!(score(&exercise, &everything(&exercise, concern)).percent, 0, "{}: {concern}", exercise.id);
        }
    }
}

#[test]
fn the_marked_faults_are_all_there_is_to_find() {
    for exercise in exercises() {
        let best = |fault: &gopeer_pack::Fault| Mark {
            file: fault.places[0].file.clone(),
            line: fault.places[0].line,
            concern: fault.concerns[0].clone(),
            text: String::new(),
        };
        let marks: Vec<Mark> = exercise.faults.iter().map(best).collect();
        let score = score(&exercise, &marks);
        assert_eq!((score.percent, score.false_alarms.len()), (100, 0), "{}", exercise.id);
        for (marks, all) in [(&marks[1..], "without the first"), (&marks[..0], "without any")] {
            assert!(gopeer_pack::score(&exercise, marks).percent < 100, "{}: {all}", exercise.id);
        }
    }
}
