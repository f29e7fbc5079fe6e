//! Reads a persona file: TOML between two lines of `+++`, then Markdown. The build script reads the built-in ones with this file too
//! (see `build.rs`), so it knows nothing of the engine but what is known of such files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Range, RangeInclusive};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::load::{BUILTIN, Condition, Files, Persona, SectionSpec, TeamRule, Test, Topic, Verdict};
use crate::known::{Fault, Known, TEAM, is_control, is_id, is_qualified, is_team_rule, unknown};
use crate::protocol::Severity;

/// The largest file, in bytes: several times what the built-in personas have.
const MAX_BYTES: usize = 64 << 10;
/// The most rules of a team.
const MAX_RULES: usize = 50;
/// The most entries of any other list.
const MAX_ENTRIES: usize = 500;
/// The longest name or heading, in characters.
const MAX_NAME: usize = 80;
/// The longest sentence.
const MAX_TEXT: usize = 400;
/// The longest description of who it is.
const MAX_ABOUT: usize = 2_000;

/// The most functions of one rule, and conditions on its arguments.
const MAX_OF_RULE: usize = 20;
/// The line that opens and closes the front matter.
const FENCE: &str = "+++";

/// The front matter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Front {
    id: Spanned<String>,
    name: Spanned<String>,
    tagline: Spanned<String>,
    show: Option<Spanned<i64>>,
    #[serde(default)]
    categories: Ranks,
    #[serde(default)]
    concerns: Ranks,
    #[serde(default)]
    raise: Vec<Spanned<String>>,
    #[serde(default)]
    lower: Vec<Spanned<String>>,
    #[serde(default)]
    mute: Vec<Spanned<String>>,
    #[serde(default)]
    verdict: VerdictSpec,
    #[serde(default)]
    voice: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    sections: Vec<Heading>,
    #[serde(default)]
    rules: Vec<RuleSpec>,
}

type Ranks = BTreeMap<Spanned<String>, Spanned<i64>>;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct VerdictSpec {
    critical: Option<Spanned<String>>,
    high: Option<Spanned<String>>,
    medium: Option<Spanned<String>>,
    low: Option<Spanned<String>>,
    none: Option<Spanned<String>>,
    asked: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heading {
    title: Spanned<String>,
    #[serde(default)]
    severities: Vec<Severity>,
    #[serde(default)]
    categories: Vec<Spanned<String>>,
    #[serde(default)]
    concerns: Vec<Spanned<String>>,
    #[serde(default)]
    rules: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSpec {
    name: Spanned<String>,
    call: Spanned<Names>,
    severity: Option<Severity>,
    #[serde(default)]
    files: Files,
    message: Spanned<String>,
    note: Option<Spanned<String>>,
    #[serde(default)]
    when: Vec<Spanned<When>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct When {
    argument: Spanned<i64>,
    constant: Option<bool>,
    equals: Option<Constant>,
    differs: Option<Constant>,
    starts_with: Option<Spanned<String>>,
    less_than: Option<Spanned<Constant>>,
    more_than: Option<Spanned<Constant>>,
    is: Option<Spanned<Names>>,
    is_not: Option<Spanned<Names>>,
    r#type: Option<Spanned<Names>>,
}

/// One name, or a list of them.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Names, D::Error> {
        deserializer.deserialize_any(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name in quotes, or a list of them")
    }

    fn visit_str<E>(self, name: &str) -> Result<Names, E> {
        Ok(Names(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        Ok(Names(names))
    }
}

/// What an argument may be compared with.
enum Constant {
    Text(String),
    Number(i64),
    Truth(bool),
}

impl<'de> Deserialize<'de> for Constant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Constant, D::Error> {
        deserializer.deserialize_any(ConstantVisitor)
    }
}

struct ConstantVisitor;

impl Visitor<'_> for ConstantVisitor {
    type Value = Constant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, an integer, true or false")
    }

    fn visit_str<E>(self, text: &str) -> Result<Constant, E> {
        Ok(Constant::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Constant, E> {
        Ok(Constant::Number(number))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Constant, E> {
        Ok(Constant::Truth(truth))
    }
}

/// Reads a persona. The faults are all that can be found, in the order of the text, and at least one.
pub fn read(source: &str, known: Known<'_>) -> Result<Persona, Vec<Fault>> {
    if source.len() > MAX_BYTES {
        let (size, most) = (source.len().div_ceil(1024), MAX_BYTES / 1024);
        return Err(vec![Fault::at(0..0, format!("the file has {size} KB, and a reviewer may have {most}"))]);
    }
    let (front, text) = parts(source).map_err(|fault| vec![fault])?;
    let toml = source.get(front.clone()).unwrap_or("");
    let spec: Front = toml::from_str(toml).map_err(|error| vec![not_toml(&error, front.start)])?;
    let categories: BTreeSet<&str> = known.rules.iter().filter_map(|id| Some(id.split_once('/')?.0)).collect();
    let categories = categories.into_iter().collect();
    let mut reader = Reader { known, categories, at: front.start, own: BTreeSet::new(), faults: Vec::new() };
    let mut persona = reader.front(spec);
    reader.text(source, text, &mut persona);
    reader.faults.sort_by_key(|fault| fault.start);
    if reader.faults.is_empty() { Ok(persona) } else { Err(reader.faults) }
}

/// Why a text that begins at byte `start` is not the TOML that was expected.
pub fn not_toml(error: &toml::de::Error, start: usize) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().trim_end_matches('.').replace('\n', ", ");
    Fault::at(start + span.start..start + span.end, message)
}

/// Where the front matter is, and where the text after it begins.
fn parts(source: &str) -> Result<(Range<usize>, usize), Fault> {
    let mut fences = lines(source, 0).filter(|(_, line)| line.trim_end() == FENCE);
    let first = source.len() - source.trim_start_matches('\u{feff}').trim_start().len();
    let opening = lines(source, first).next().filter(|(_, line)| line.trim_end() == FENCE);
    let Some((at, line)) = opening else {
        let message = format!("a reviewer begins with a line `{FENCE}`, TOML, and another line `{FENCE}`");
        return Err(Fault::at(0..0, message));
    };
    let front = at + line.len();
    match fences.find(|(at, _)| *at >= front) {
        Some((end, line)) => Ok((front..end, end + line.len())),
        None => Err(Fault::at(at..at + FENCE.len(), format!("this `{FENCE}` lacks the line `{FENCE}` that closes it"))),
    }
}

/// The lines of a text from a byte on, with where they begin.
fn lines(text: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = from;
    text.get(from..).unwrap_or("").split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    })
}

struct Reader<'k> {
    known: Known<'k>,
    /// Names of all categories of rules.
    categories: Vec<&'k str>,
    /// Where the front matter begins: spans count from there.
    at: usize,
    /// Ids of its own rules.
    own: BTreeSet<String>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.faults.push(Fault::at(self.at + span.start..self.at + span.end, message));
    }

    fn front(&mut self, spec: Front) -> Persona {
        self.own = spec.rules.iter().map(|rule| format!("{TEAM}/{}", rule.name.get_ref())).collect();
        self.id(&spec.id);
        let show = spec.show.map_or(10, |show| self.number(&show, "findings to show", 1..=100) as u32);
        let mut categories = self.ranks(spec.categories, "category", 1..=10);
        let rules = self.rules(spec.rules);
        if !rules.is_empty() {
            categories.entry(TEAM.to_owned()).or_insert(10);
        }
        Persona {
            id: spec.id.into_inner(),
            name: self.sentence(spec.name, MAX_NAME),
            tagline: self.sentence(spec.tagline, MAX_TEXT),
            show,
            categories,
            concerns: self.ranks(spec.concerns, "concern", 0..=3),
            raise: self.names(spec.raise, "rule"),
            lower: self.names(spec.lower, "rule"),
            mute: self.names(spec.mute, "rule"),
            verdict: self.verdict(spec.verdict),
            voice: self.voice(spec.voice),
            sections: self.sections(spec.sections),
            rules,
            about: String::new(),
            questions: Vec::new(),
            checklist: Vec::new(),
        }
    }

    fn id(&mut self, id: &Spanned<String>) {
        let text = id.get_ref().as_str();
        if !is_id(text) {
            self.fault(id.span(), format!("`{text}` is no id: expected up to 40 of a-z, 0-9 and -, a letter first"));
        } else if !self.known.rules.is_empty() && (BUILTIN.contains(&text) || text == "all") {
            self.fault(id.span(), format!("the id `{text}` is taken: choose another one"));
        }
    }

    /// A number within a range; the lowest one where it is outside.
    fn number(&mut self, number: &Spanned<i64>, what: &str, range: RangeInclusive<i64>) -> i64 {
        let (value, least, most) = (*number.get_ref(), *range.start(), *range.end());
        if range.contains(&value) {
            return value;
        }
        self.fault(number.span(), format!("expected a number of {what} from {least} to {most}, not {value}"));
        least
    }

    fn ranks(&mut self, ranks: Ranks, kind: &str, range: RangeInclusive<i64>) -> BTreeMap<String, u8> {
        let mut read = BTreeMap::new();
        for (name, rank) in ranks {
            self.name(&name.span(), name.get_ref(), kind);
            let (value, least, most) = (*rank.get_ref(), *range.start(), *range.end());
            if !range.contains(&value) {
                self.fault(rank.span(), format!("expected the rank of a {kind}, {least} to {most}, not {value}"));
            }
            read.insert(name.into_inner(), value as u8);
        }
        read
    }

    /// Checks that there is a rule, category or concern of this name.
    fn name(&mut self, span: &Range<usize>, name: &str, kind: &str) {
        // Nobody reads more, and what may be meant takes time.
        if self.faults.len() > MAX_ENTRIES {
            return;
        }
        let known = match kind {
            "rule" => self.known.rules,
            "concern" => self.known.concerns,
            _ => &self.categories,
        };
        let own = match kind {
            "rule" => self.own.contains(name),
            "category" => name == TEAM,
            _ => false,
        };
        if !known.is_empty() && !own && !known.contains(&name) {
            let message = unknown(kind, name, known);
            self.fault(span.clone(), message);
        }
    }

    fn names(&mut self, names: Vec<Spanned<String>>, kind: &str) -> Vec<String> {
        self.few(names.get(MAX_ENTRIES).map(Spanned::span), MAX_ENTRIES);
        names.iter().for_each(|name| self.name(&name.span(), name.get_ref(), kind));
        names.into_iter().map(Spanned::into_inner).collect()
    }

    /// Says at the first entry that is too many how many there may be.
    fn few(&mut self, beyond: Option<Range<usize>>, most: usize) {
        if let Some(span) = beyond {
            self.fault(span, format!("this list may have at most {most} entries"));
        }
    }

    /// A text of one line, which must not be empty.
    fn sentence(&mut self, text: Spanned<String>, most: usize) -> String {
        if let Some(wrong) = wrong(text.get_ref(), most) {
            self.fault(text.span(), wrong);
        }
        text.into_inner()
    }

    /// A sentence with placeholders, of which `needed` must be there.
    fn template(&mut self, text: Spanned<String>, known: &[&str], needed: Option<&str>) -> String {
        let span = text.span();
        let text = self.sentence(text, MAX_TEXT);
        let placeholders = || text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
        let list = known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
        if let Some(other) = placeholders().find(|name| !known.contains(name)) {
            self.fault(span, format!("`{{{other}}}` is no placeholder here: expected {list}"));
        } else if needed.is_some_and(|needed| !placeholders().any(|name| name == needed)) {
            self.fault(span, format!("this sentence lacks {list}, which is what was found"));
        }
        text
    }

    fn verdict(&mut self, spec: VerdictSpec) -> Verdict {
        let mut of = |text: Option<Spanned<String>>, plain: &str| match text {
            Some(text) => self.template(text, &["first", "count", "critical", "high", "medium", "low"], None),
            None => plain.to_owned(),
        };
        Verdict {
            critical: of(
                spec.critical,
                "Not ready to merge. {first}. {critical} critical, {high} high, {count} in all.",
            ),
            high: of(spec.high, "Not ready to merge. {first}. {high} high, {count} in all."),
            medium: of(spec.medium, "Nothing found that blocks the merge. The first of {count}: {first}."),
            low: of(spec.low, "Nothing found that blocks the merge. The first of {count}: {first}."),
            none: of(spec.none, "Nothing found to change."),
            asked: match spec.asked {
                Some(text) => self.template(text, &["question"], Some("question")),
                None => "This needs an answer first. {question}".to_owned(),
            },
        }
    }

    fn voice(&mut self, voice: BTreeMap<Spanned<String>, Spanned<String>>) -> BTreeMap<String, String> {
        const OTHERS: [&str; 4] = ["critical", "high", "medium", "low"];
        self.few(voice.keys().nth(MAX_ENTRIES).map(Spanned::span), MAX_ENTRIES);
        let mut read = BTreeMap::new();
        for (key, text) in voice {
            match key.get_ref().as_str() {
                id if self.own.contains(id) => {
                    self.fault(key.span(), format!("`{id}` is a rule of this file: its `message` is what is said"));
                }
                id if id.contains('/') => self.name(&key.span(), id, "rule"),
                name if OTHERS.contains(&name) || name.starts_with("question") || self.categories.contains(&name) => {}
                name => self.name(&key.span(), name, "concern"),
            }
            read.insert(key.into_inner(), self.template(text, &["message"], Some("message")));
        }
        read
    }

    fn sections(&mut self, sections: Vec<Heading>) -> Vec<SectionSpec> {
        self.few(sections.get(MAX_OF_RULE).map(|section| section.title.span()), MAX_OF_RULE);
        let section = |section: Heading| SectionSpec {
            title: self.sentence(section.title, MAX_NAME),
            severities: section.severities,
            categories: self.names(section.categories, "category"),
            concerns: self.names(section.concerns, "concern"),
            rules: self.names(section.rules, "rule"),
        };
        let mut read: Vec<SectionSpec> = sections.into_iter().map(section).collect();
        if read.is_empty() {
            read.push(SectionSpec { title: "Findings".to_owned(), ..SectionSpec::default() });
        }
        read
    }

    fn rules(&mut self, rules: Vec<RuleSpec>) -> Vec<TeamRule> {
        self.few(rules.get(MAX_RULES).map(|rule| rule.name.span()), MAX_RULES);
        let mut seen = BTreeSet::new();
        let rule = |rule: RuleSpec| {
            let name = rule.name.get_ref();
            let id = format!("{TEAM}/{name}");
            if !is_team_rule(&id) {
                self.fault(
                    rule.name.span(),
                    format!("`{name}` is no name of a rule: expected up to 40 of a-z, 0-9 and -, a letter first"),
                );
            } else if !seen.insert(id.clone()) {
                self.fault(rule.name.span(), format!("there is another rule `{name}` above"));
            }
            self.few(rule.when.get(MAX_OF_RULE).map(Spanned::span), MAX_OF_RULE);
            let message = self.template(rule.message, &["call"], None);
            TeamRule {
                id,
                calls: self.qualified(rule.call),
                severity: rule.severity.unwrap_or(Severity::Medium),
                files: rule.files,
                // A review adds the full stop.
                message: message.trim_end_matches('.').to_owned(),
                note: rule.note.map(|note| self.sentence(note, MAX_TEXT)).unwrap_or_default(),
                when: rule.when.into_iter().flat_map(|when| self.conditions(when)).collect(),
            }
        };
        rules.into_iter().map(rule).collect()
    }

    /// Names with their packages.
    fn qualified(&mut self, names: Spanned<Names>) -> Vec<String> {
        let span = names.span();
        let names = names.into_inner().0;
        if names.is_empty() || names.len() > MAX_OF_RULE {
            self.fault(span.clone(), format!("expected 1 to {MAX_OF_RULE} names"));
        }
        for name in &names {
            if !is_qualified(name) || wrong(name, MAX_TEXT).is_some() {
                let such = "expected such as `time.Sleep`, `net/http.Client.Do` or `example.com/shop/db.Open`";
                self.fault(span.clone(), format!("`{name}` is no name with its package: {such}"));
            }
        }
        names
    }

    fn conditions(&mut self, when: Spanned<When>) -> Vec<Condition> {
        let span = when.span();
        let When { argument, constant, equals, differs, starts_with, less_than, more_than, is, is_not, r#type } =
            when.into_inner();
        let before = self.faults.len();
        let place = self.number(&argument, "an argument, counted from 1,", 1..=100) as u32 - 1;
        let mut read = Vec::new();
        let mut add = |asked: Option<(Test, Vec<String>, i64)>, holds| {
            let condition = |(test, texts, number)| Condition { argument: place, test, texts, number, holds };
            read.extend(asked.map(condition));
        };
        add(constant.map(|_| (Test::Constant, Vec::new(), 0)), constant == Some(true));
        add(equals.map(asked), true);
        add(differs.map(asked), false);
        add(starts_with.map(|text| (Test::Begins, vec![self.sentence(text, MAX_TEXT)], 0)), true);
        add(less_than.and_then(|value| self.amount(value)).map(|number| (Test::Less, Vec::new(), number)), true);
        add(more_than.and_then(|value| self.amount(value)).map(|number| (Test::More, Vec::new(), number)), true);
        add(is.map(|names| (Test::Is, self.qualified(names), 0)), true);
        add(is_not.map(|names| (Test::Is, self.qualified(names), 0)), false);
        add(r#type.map(|names| (Test::Type, self.qualified(names), 0)), true);
        if read.is_empty() && self.faults.len() == before {
            let keys = "constant, equals, differs, starts-with, less-than, more-than, is, is-not or type";
            self.fault(span, format!("what must hold of this argument? Expected {keys}"));
        }
        read
    }

    /// A number; a duration is nanoseconds.
    fn amount(&mut self, value: Spanned<Constant>) -> Option<i64> {
        let amount = match value.get_ref() {
            Constant::Number(number) => Some(*number),
            Constant::Text(text) => nanoseconds(text),
            Constant::Truth(_) => None,
        };
        if amount.is_none() {
            self.fault(value.span(), "expected an integer, or a duration such as \"1m30s\" or \"250ms\"");
        }
        amount
    }

    /// The text below the front matter.
    fn text(&mut self, source: &str, from: usize, persona: &mut Persona) {
        self.at = 0;
        let mut heading = "";
        for (at, line) in lines(source, from) {
            // Nobody reads more.
            if self.faults.len() > MAX_ENTRIES {
                return;
            }
            let (start, line) = (at + line.len() - line.trim_start().len(), line.trim());
            let span = start..start + line.len();
            if let Some(title) = line.strip_prefix('#') {
                heading = title.trim_start_matches('#').trim();
                if heading != "Questions" && heading != "Checklist" {
                    self.fault(span, format!("there is no part `{heading}`: expected Questions or Checklist"));
                }
                continue;
            }
            let list = match heading {
                "" => {
                    self.about(span, line, &mut persona.about);
                    continue;
                }
                "Questions" => &mut persona.questions,
                _ => &mut persona.checklist,
            };
            match (line.strip_prefix("- "), list.last_mut()) {
                _ if line.is_empty() => {}
                (Some(item), _) => {
                    let topic = self.topic(&span, item.trim());
                    if list.len() == MAX_ENTRIES {
                        self.few(Some(span), MAX_ENTRIES);
                    }
                    list.push(topic);
                }
                (None, Some(last)) => {
                    last.text = format!("{} {line}", last.text);
                    if let Some(wrong) = wrong(&last.text, MAX_TEXT) {
                        self.fault(span, wrong);
                    }
                }
                (None, None) => {
                    self.fault(span, format!("expected an item of {heading}: a line that begins with `- `"))
                }
            }
        }
    }

    fn about(&mut self, span: Range<usize>, line: &str, about: &mut String) {
        if line.is_empty() {
            return;
        }
        let whole = if about.is_empty() { line.to_owned() } else { format!("{about} {line}") };
        match wrong(&whole, MAX_ABOUT) {
            Some(wrong) => self.fault(span, wrong),
            None => *about = whole,
        }
    }

    /// An item may begin with categories in brackets: `[kafka sql] Which …?`
    fn topic(&mut self, span: &Range<usize>, item: &str) -> Topic {
        let tagged = item.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (tags, text) = tagged.unwrap_or(("", item));
        tags.split_whitespace().for_each(|tag| self.name(span, tag, "category"));
        if let Some(wrong) = wrong(text.trim(), MAX_TEXT) {
            self.fault(span.clone(), wrong);
        }
        Topic { text: text.trim().to_owned(), categories: tags.split_whitespace().map(str::to_owned).collect() }
    }
}

/// Whether an argument is this constant.
fn asked(constant: Constant) -> (Test, Vec<String>, i64) {
    match constant {
        Constant::Text(text) => (Test::Text, vec![text], 0),
        Constant::Number(number) => (Test::Number, Vec::new(), number),
        Constant::Truth(truth) => (Test::Truth, Vec::new(), i64::from(truth)),
    }
}

/// What is wrong with a text that is to be shown in a line: terminals and pages must not take any of it for something else.
fn wrong(text: &str, most: usize) -> Option<String> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        Some("expected a text here, and it is empty".to_owned())
    } else if length > most {
        Some(format!("this text has {length} characters, and may have at most {most}"))
    } else {
        let odd = text.chars().find(|&c| is_control(c))?;
        Some(format!("this text has a line break or another control character in it (U+{:04X})", odd as u32))
    }
}

/// A duration as Go writes it: `1m30s`, `250ms`.
fn nanoseconds(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (mut rest, mut sum) = (text, 0_i64);
    while !rest.is_empty() {
        let (digits, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, more) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(digits.parse::<i64>().ok()?.checked_mul(*length)?)?;
        rest = more;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Known<'_> =
        Known { rules: &["kafka/weak-acks", "sql/late-rows"], personas: &["senior"], concerns: &["leak", "latency"] };

    /// A persona with these lines of front matter besides the least, and this text.
    fn file(front: &str, text: &str) -> String {
        format!("+++\nid = \"ours\"\nname = \"Ours\"\ntagline = \"t\"\n{front}\n+++\n{text}")
    }

    fn persona(front: &str, text: &str) -> Persona {
        read(&file(front, text), KNOWN).unwrap_or_else(|faults| panic!("{front}{text}: {faults:#?}"))
    }

    /// The faults as `line: message`.
    fn faults(source: &str) -> Vec<String> {
        let line = |at: u32| source.bytes().take(at as usize).filter(|&byte| byte == b'\n').count() + 1;
        let faults = read(source, KNOWN).expect_err(source);
        assert!(
            faults.iter().all(|fault| source.get(fault.start as usize..fault.end as usize).is_some()),
            "{faults:?}"
        );
        faults.iter().map(|fault| format!("{}: {}", line(fault.start), fault.message)).collect()
    }

    #[test]
    fn front_matter_and_text() {
        let text = "Who.\r\nAnd why.\r\n\r\n## Questions\r\n- [kafka sql] Which\r\n  of them?\r\n- Always?\r\n## Checklist\n- All.";
        for source in [file("[concerns]\nleak = 2", text), format!("\u{feff}{}", file("", text).replace('\n', "\r\n"))]
        {
            let persona = read(&source, KNOWN).expect(&source);
            assert_eq!(persona.about, "Who. And why.");
            let first = Topic { text: "Which of them?".into(), categories: vec!["kafka".into(), "sql".into()] };
            assert_eq!(persona.questions[0], first);
            assert!(persona.questions[1].categories.is_empty() && persona.checklist.len() == 1);
        }
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let persona = persona("", "");
        assert_eq!((persona.show, persona.sections.len()), (10, 1));
        assert!(persona.verdict.critical.contains("{first}") && !persona.verdict.none.is_empty());
        assert!(persona.categories.is_empty(), "it brings no rules");
    }

    #[test]
    fn rules_of_a_team() {
        let persona = persona(
            "[[rules]]\nname = \"a\"\ncall = [\"time.Sleep\", \"example.com/x/db.DB.Open\"]\nmessage = \"{call} waits.\"\n\
             when = [{ argument = 1, more-than = \"1m0.5s\" }]"
                .replace("0.5s", "500ms")
                .as_str(),
            "",
        );
        let rule = &persona.rules[0];
        assert_eq!(
            (rule.id.as_str(), rule.message.as_str(), rule.severity),
            ("team/a", "{call} waits", Severity::Medium)
        );
        let wanted =
            Condition { argument: 0, test: Test::More, texts: Vec::new(), number: 60_500_000_000, holds: true };
        assert_eq!((rule.calls.len(), rule.when.as_slice()), (2, &[wanted][..]));
        assert_eq!(persona.categories.get("team"), Some(&10), "they matter most, unless it says otherwise");
    }

    #[test]
    fn each_fault_has_its_line_and_says_what_was_expected() {
        let rule = |more: &str| format!("[[rules]]\nname = \"a\"\ncall = \"time.Sleep\"\nmessage = \"m\"\n{more}");
        for (front, line, said) in [
            ("[concerns]\nleek = 2", 6, "there is no concern `leek` (did you mean leak?)"),
            ("[concerns]\nleak = 4", 6, "the rank of a concern, 0 to 3, not 4"),
            ("[categories]\nsql = 0", 6, "the rank of a category, 1 to 10, not 0"),
            ("[categories]\nsqll = 1", 6, "there is no category `sqll` (did you mean sql?)"),
            ("show = 0", 5, "findings to show from 1 to 100"),
            ("raise = [\n\"sql/late-row\"]", 6, "there is no rule `sql/late-row` (did you mean sql/late-rows?)"),
            ("[voice]\n\"sql/x\" = \"{message}.\"", 6, "there is no rule `sql/x`"),
            ("raise = [\"\\u001b[2J\"]", 5, "there is no rule `\u{fffd}[2J`"),
            ("[voice]\nlatency = \"slow\"", 6, "lacks {message}"),
            ("[voice]\nlatency = \"{mesage}\"", 6, "`{mesage}` is no placeholder here: expected {message}"),
            ("[verdict]\nhigh = \"{all}\"", 6, "expected {first}, {count}"),
            ("[verdict]\nworst = \"x\"", 6, "unknown field `worst`, expected one of `critical`"),
            ("shows = 3", 5, "unknown field `shows`, expected one of `id`"),
            ("[[sections]]\ntitle = \"\"", 6, "expected a text here"),
            ("[[sections]]\ntitle = \"x\\u001b[31m\"", 6, "control character in it (U+001B)"),
            ("[[sections]]\ntitle = \"x\u{202e}y\"", 6, "(U+202E)"),
            ("[[sections]]\nseverities = [\"worst\"]", 6, "expected one of `low`"),
            ("[[sections]]\nrules = []", 5, "missing field `title`"),
            (&rule("severity = \"bad\""), 9, "unknown variant `bad`"),
            (&rule("where = []"), 9, "unknown field `where`"),
            (&rule("files = \"some\""), 9, "expected one of `production`"),
            (
                &rule("when = [{ argument = 0, constant = true }]"),
                9,
                "an argument, counted from 1, from 1 to 100, not 0",
            ),
            (&rule("when = [{ argument = 1 }]"), 9, "what must hold of this argument? Expected constant"),
            (&rule("when = [{ argument = 1, equals = 1.5 }]"), 9, "expected a text, an integer, true or false"),
            (&rule("when = [{ argument = 1, less-than = \"soon\" }]"), 9, "a duration such as"),
            (&rule("when = [{ argument = 1, is = \"Background\" }]"), 9, "`Background` is no name with its package"),
            (&rule("when = [{ argument = 1, is = 1 }]"), 9, "expected a name in quotes, or a list of them"),
            (&rule("").replace("time.Sleep", "Sleep"), 7, "expected such as `time.Sleep`"),
            (&rule("").replace("\"time.Sleep\"", "[]"), 7, "expected 1 to 20 names"),
            (&rule("").replace("\"a\"", "\"A b\""), 6, "is no name of a rule"),
            (&(rule("") + &rule("")), 10, "there is another rule `a` above"),
            (&rule("[voice]\n\"team/a\" = \"{message}.\""), 10, "its `message` is what is said"),
        ] {
            let faults = faults(&file(front, ""));
            assert!(faults[0].starts_with(&format!("{line}: ")) && faults[0].contains(said), "{front}: {faults:#?}");
        }
        for (text, line, said) in [
            ("## Question\n- Which?", 7, "expected Questions or Checklist"),
            ("\n## Questions\nWhich?", 9, "a line that begins with `- `"),
            ("## Checklist\n- [sqll] All.", 8, "there is no category `sqll`"),
            ("\u{1b}[2J", 7, "control character"),
        ] {
            let faults = faults(&file("", text));
            assert!(faults[0].starts_with(&format!("{line}: ")) && faults[0].contains(said), "{text}: {faults:#?}");
        }
        assert_eq!(faults(&file("[concerns]\nleek = 1\nleak = 9", "## Q")).len(), 3, "all of them");
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        for id in ["senior", "all", "Ours", "", "a b", "1"] {
            assert_eq!(faults(&file("", "").replace("ours", id)).len(), 1, "{id}");
        }
    }

    #[test]
    fn hostile_files_give_one_message() {
        let long = "x".repeat(MAX_ABOUT + 1);
        let rules: String = (0..=MAX_RULES)
            .map(|at| format!("[[rules]]\nname = \"r{at}\"\ncall = \"a.B\"\nmessage = \"m\"\n"))
            .collect();
        let voices: String = (0..=MAX_ENTRIES).map(|at| format!("\"sql/{at}\" = \"{{message}}\"\n")).collect();
        for source in [
            String::new(),
            "hello".to_owned(),
            "+++".to_owned(),
            "+++\nid = 3".to_owned(),
            "+++\n+++".to_owned(),
            "+++\n\u{0}\n+++".to_owned(),
            file("", &long),
            file(&rules, ""),
            file(&format!("raise = {}", "[".repeat(20_000)), ""),
            file(&format!("voice = {}", "{a=".repeat(20_000)), ""),
            file("", &"x\n".repeat(MAX_BYTES)),
        ] {
            assert_eq!(faults(&source).len(), 1, "{}", source.chars().take(80).collect::<String>());
        }
        assert!(faults(&file(&format!("[voice]\n{voices}"), "")).iter().any(|fault| fault.contains("500 entries")));
        let names = format!("raise = [{}]", "\"x\",".repeat(10_000));
        for source in [file("", &"# no\n".repeat(10_000)), file(&names, "")] {
            assert!(faults(&source).len() <= MAX_ENTRIES + 2);
        }
    }
}
