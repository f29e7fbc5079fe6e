//! Many findings as one.

use gopeer_lint::Rule;
use std::collections::BTreeMap;

use crate::protocol::{Finding, Related};

/// A finding on its way into the review.
pub(crate) struct Found {
    pub rule: &'static Rule,
    pub finding: Finding,
    pub one_of: Option<&'static str>,
}

/// Of many findings of one kind and severity in a file the first stands for all: it gets their number and their places.
pub(crate) fn fold(mut found: Vec<Found>) -> Vec<Found> {
    /// So many are shown one by one.
    const FEW: usize = 3;
    found.sort_by_key(|found| found.finding.place.range.start);
    let kind_of = |found: &Found| {
        let (rule, finding) = (found.rule.id, &found.finding);
        Some((rule, found.one_of?, finding.severity, finding.place.file.clone()))
    };
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for kind in found.iter().filter_map(kind_of) {
        *kinds.entry(kind).or_default() += 1;
    }
    kinds.retain(|_, number| *number > FEW);
    let mut kept: Vec<Found> = Vec::new();
    let mut first: BTreeMap<_, usize> = BTreeMap::new();
    for mut found in found {
        let Some((kind, number)) = kind_of(&found).and_then(|kind| kinds.get(&kind).map(|&number| (kind, number)))
        else {
            kept.push(found);
            continue;
        };
        match first.get(&kind).and_then(|&at| kept.get_mut(at)) {
            Some(first) => {
                let place = Some(found.finding.place);
                first.finding.related.push(Related { message: found.finding.message, place });
            }
            None => {
                let message = format!("{} more {}", number - 1, kind.1);
                first.insert(kind, kept.len());
                found.finding.related.push(Related { message, place: None });
                kept.push(found);
            }
        }
    }
    kept
}

/// Of the findings of one rule with one cause the first stands for all: it gets their places.
pub(crate) fn one_per_cause<T>(found: Vec<(T, Finding)>) -> Vec<(T, Finding)> {
    let mut first: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut kept: Vec<(T, Finding)> = Vec::new();
    for (of, finding) in found {
        let known = match &finding.cause {
            Some(cause) => *first.entry((finding.rule.clone(), cause.clone())).or_insert(kept.len()),
            None => kept.len(),
        };
        match kept.get_mut(known) {
            Some((_, first)) => first.also.extend([finding.place].into_iter().chain(finding.also)),
            None => kept.push((of, finding)),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Confidence, Place, Range, Severity, Touched};

    fn finding(file: &str, cause: Option<&str>) -> Finding {
        Finding {
            id: String::new(),
            rule: "test/rule".to_owned(),
            category: "test".to_owned(),
            severity: Severity::Low,
            was: None,
            confidence: Confidence::High,
            place: Place { file: file.to_owned(), range: Range::default() },
            message: String::new(),
            asks: None,
            say: String::new(),
            related: Vec::new(),
            steps: Vec::new(),
            also: Vec::new(),
            cause: cause.map(str::to_owned),
            fixes: Vec::new(),
            score: 0.0,
            snippet: 0,
            within: String::new(),
            touched: Touched::default(),
            remark: None,
        }
    }

    /// The files of the findings, each with those that it stands for.
    fn files(found: &[((), Finding)]) -> Vec<(&str, Vec<&str>)> {
        found.iter().map(|(_, one)| (&*one.place.file, one.also.iter().map(|place| &*place.file).collect())).collect()
    }

    #[test]
    fn the_first_of_a_cause_stands_for_all_and_merged_reviews_keep_all_places() {
        let all = [("a", Some("x")), ("b", Some("x")), ("c", None), ("d", Some("y")), ("e", None)];
        let once = one_per_cause(all.map(|(file, cause)| ((), finding(file, cause))).to_vec());
        assert_eq!(files(&once), [("a", vec!["b"]), ("c", vec![]), ("d", vec![]), ("e", vec![])]);
        let merged = one_per_cause([((), finding("f", Some("x")))].into_iter().chain(once).collect());
        assert_eq!(files(&merged)[0], ("f", vec!["a", "b"]));
        assert_eq!(merged.len(), 4);
    }
}
