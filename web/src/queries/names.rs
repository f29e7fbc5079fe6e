//! Names that the page shows.

use gopeer_engine::protocol::{Confidence, Severity};

/// A reviewer as the switcher shows it, before any review is there. A test holds this against the engine's personas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reviewer {
    /// Id of the persona.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it looks at first.
    pub tagline: &'static str,
}

/// All reviewers, in the order of their keys 1 to 5.
pub const REVIEWERS: [Reviewer; 5] = [
    Reviewer { id: "senior", name: "Senior", tagline: "Does it do what it says, and what happens when it fails?" },
    Reviewer {
        id: "backend",
        name: "Backend expert",
        tagline: "What is the contract, and which test would fail if it broke?",
    },
    Reviewer {
        id: "cloud-native",
        name: "Cloud-native",
        tagline: "How does it start and drain, and what does the platform see in between?",
    },
    Reviewer {
        id: "data",
        name: "Cassandra/Kafka",
        tagline: "Which message or row is lost, doubled or stuck when something fails halfway?",
    },
    Reviewer {
        id: "throughput",
        name: "High-throughput services",
        tagline: "What does it cost per request, and what bounds it?",
    },
];

/// The reviewer of that id, or the first.
pub fn reviewer(id: &str) -> Reviewer {
    REVIEWERS.into_iter().find(|reviewer| reviewer.id == id).unwrap_or(REVIEWERS[0])
}

/// How a severity is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeverityName {
    /// In links and classes.
    pub id: &'static str,
    /// In the page.
    pub name: &'static str,
}

/// Worst first.
pub const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// How a severity is called.
pub fn severity(severity: Severity) -> SeverityName {
    match severity {
        Severity::Critical => SeverityName { id: "critical", name: "Critical" },
        Severity::High => SeverityName { id: "high", name: "High" },
        Severity::Medium => SeverityName { id: "medium", name: "Medium" },
        Severity::Low => SeverityName { id: "low", name: "Low" },
    }
}

/// What to say about findings that are not sure; questions are called so anyway.
pub fn confidence_note(confidence: Confidence) -> Option<&'static str> {
    match confidence {
        Confidence::High | Confidence::Low => None,
        Confidence::Medium => Some("probable"),
    }
}

/// A category as a person writes it.
pub fn category_name(category: &str) -> String {
    match category {
        "sql" | "http" => return category.to_ascii_uppercase(),
        "grpc" => return "gRPC".to_owned(),
        "nosql" => return "NoSQL".to_owned(),
        "api-design" => return "API design".to_owned(),
        _ => {}
    }
    capitalised(&category.replace('-', " "))
}

/// With a capital letter first. Of the letters that our own English begins with: what Unicode knows about the rest is
/// 24 KB of tables.
pub fn capitalised(text: &str) -> String {
    let mut capitalised = text.to_owned();
    if let Some(first) = capitalised.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    capitalised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switcher_shows_the_engines_personas() {
        let session = gopeer_engine::Session::new();
        let known: Vec<(&str, &str, &str)> = REVIEWERS.iter().map(|r| (r.id, r.name, r.tagline)).collect();
        let mut engines: Vec<(&str, &str, &str)> =
            session.personas().iter().map(|p| (p.id.as_str(), p.name.as_str(), p.tagline.as_str())).collect();
        engines.sort_by_key(|(id, ..)| known.iter().position(|(known, ..)| known == id));
        assert_eq!(known, engines);
    }

    #[test]
    fn scripts_use_the_same_names() {
        let script = include_str!("../../../static/js/prose.js");
        let names = REVIEWERS.iter().map(|reviewer| (reviewer.id, reviewer.name));
        for (id, name) in names.chain(SEVERITIES.map(severity).iter().map(|known| (known.id, known.name))) {
            let named = [format!("{id}: \"{name}\""), format!("\"{id}\": \"{name}\"")];
            assert!(named.iter().any(|named| script.contains(named)), "{id}");
        }
    }

    #[test]
    fn categories_read_as_words() {
        let named: Vec<String> = ["api-design", "sql", "concurrency"].into_iter().map(category_name).collect();
        assert_eq!(named, ["API design", "SQL", "Concurrency"]);
    }
}
