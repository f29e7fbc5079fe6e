//! Makes the review of a persona from what the rules said.

use gopeer_diff::Lines;
use gopeer_lint::suppress::{Suppression, Suppressions};
use gopeer_lint::{FixKind as LintFix, FuncName, Purpose, Rule, Scope, StepPlace, func_name};
use gopeer_syntax::ast::{Decl, DeclId, ExprId};
use gopeer_syntax::{Span, Tree, UNSEEN};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::change;
use crate::config::{Config, Level};
use crate::document::{Document, Kind, PieceState};
use crate::fold::{Found, fold, one_per_cause};
use crate::import_edits::ImportEdits;
use crate::known::TEAM;
use crate::module::{PackageKey, package_key};
use crate::persona::{Persona, SectionSpec, Topic, severity_factor};
use crate::place::{Places, fnv};
use crate::protocol::{
    Change, ChangedFile, Confidence, Counts, Edit, Finding, Fix, FixKind, Held, Note, Place, Related, Review, Section,
    Severity, SilencedBy, Stats, Step, Suppressed, Touched, Version,
};
use crate::questions::{Given, Judged};
use crate::run::{FileResults, Work};

/// What the rules say of documents, whose pieces have been examined, for `persona`, with what those of its team say, under the
/// answers that were `given` for each document.
pub(crate) fn gather<'q>(
    documents: &[Document],
    (files, team): (&FileResults, &FileResults),
    work: Work,
    persona: &Persona,
    given: impl Fn(&Document) -> Given<'q>,
) -> Gathered {
    let in_part = documents.iter().flat_map(Document::trees).any(|tree| unseen(tree).next().is_some());
    let mut gathering = Gathering { elsewhere: Elsewhere::new(documents), in_part, ..Gathering::default() };
    for (document, (file, team)) in documents.iter().zip(files.iter().zip(team)) {
        gathering.document(document, (file, team), persona, given(document));
    }
    Gathered { stats: stats(documents, work), ..gathering.gathered }
}

/// The review of what was gathered.
pub(crate) fn review(gathered: Gathered, persona: &Persona, rules: &[&'static Rule]) -> Review {
    let Gathered { found, suppressed, hidden, mut hit, notes, unparsed, examined, stats } = gathered;
    let ranked = ranked(found);
    let counts = count(ranked.iter().map(|(_, finding)| finding));
    hit.extend(ranked.iter().map(|(rule, _)| rule.id));
    hit.extend(
        suppressed.iter().filter_map(|silenced| rules.iter().find(|rule| rule.id == silenced.rule)).map(|rule| rule.id),
    );
    let held = held(persona, rules, &examined, &hit);
    let sections = sections(persona, &ranked, &held, &hidden);
    let touched = |category: &str| {
        examined.iter().any(|(&rule, _)| rules.get(rule as usize).is_some_and(|rule| rule.category() == category))
    };
    let mut findings: Vec<Finding> = ranked.into_iter().map(|(_, finding)| finding).collect();
    persona.word(&mut findings);
    let mut review = Review {
        engine: crate::VERSION.to_owned(),
        persona: persona.card(),
        verdict: String::new(),
        counts,
        digest: digest(&findings),
        findings,
        show: persona.show,
        sections,
        suppressed,
        assumptions: Vec::new(),
        questions: topics(&persona.questions, &touched),
        checklist: topics(&persona.checklist, &touched),
        ticked: Vec::new(),
        held,
        notes,
        unparsed,
        sources: Vec::new(),
        partial: false,
        change: None,
        stats,
    };
    review.verdict = verdict(persona, &review);
    review
}

/// The review of a change: of what was gathered before it, none where nothing was different, and after it.
pub(crate) fn review_change(
    files: &change::Files,
    before: Option<Gathered>,
    mut after: Gathered,
    persona: &Persona,
    rules: &[&'static Rule],
) -> Review {
    let Stats { parsed, checked, examined, solved, .. } =
        before.as_ref().map(|before| before.stats).unwrap_or_default();
    let kinds = change::compare(files, before.map(|before| before.found), after.found, after.suppressed);
    for Found { rule, finding, .. } in &kinds.unchanged {
        *after.hidden.entry(persona.section_of(rule, finding.severity)).or_default() += 1;
        after.hit.insert(rule.id);
    }
    (after.found, after.suppressed) = (kinds.touched, kinds.suppressed);
    after.stats = after.stats.plus(&Stats { parsed, checked, examined, solved, ..Stats::default() });
    let worded = |found| {
        let mut findings: Vec<Finding> = ranked(found).into_iter().map(|(_, finding)| finding).collect();
        persona.word(&mut findings);
        findings
    };
    let (unchanged, fixed) = (worded(kinds.unchanged), worded(kinds.fixed));
    let of_file = |(version, lines): (&Version, &Lines)| ChangedFile {
        before: version.before.as_ref().map(|file| file.name.clone()),
        after: version.now.clone(),
        lines: lines.new_lines().collect(),
    };
    let mut review = review(after, persona, rules);
    review.change = Some(Box::new(Change { files: files.iter().map(of_file).collect(), unchanged, fixed }));
    review.verdict = verdict(persona, &review);
    review
}

/// Best first; those of one kind and of one cause as one.
fn ranked(found: Vec<Found>) -> Vec<(&'static Rule, Finding)> {
    let mut ranked: Vec<(&'static Rule, Finding)> =
        fold(found).into_iter().map(|found| (found.rule, found.finding)).collect();
    ranked.sort_by(|(_, a), (_, b)| order(a, b));
    one_per_cause(ranked)
}

/// One review of what several say, all of the same persona: as if their files had been reviewed together.
pub fn merge(persona: &Persona, reviews: Vec<Review>) -> Review {
    let mut whole =
        Review { engine: crate::VERSION.to_owned(), persona: persona.card(), show: persona.show, ..Review::default() };
    let mut sections: Vec<Vec<Finding>> = vec![Vec::new(); persona.sections.len()];
    let mut hidden: BTreeMap<usize, u32> = BTreeMap::new();
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut changes = Vec::new();
    for review in reviews {
        for (at, section) in review.sections.iter().enumerate() {
            *hidden.entry(at).or_default() += section.hidden;
        }
        for (section, found) in sections.iter_mut().zip(&review.sections) {
            section.extend(found.findings.iter().filter_map(|&at| review.findings.get(at as usize).cloned()));
        }
        whole.suppressed.extend(review.suppressed);
        // What has no place is said once.
        let is_new = |note: &Note| note.place.is_some() || said.insert(note.message.clone());
        whole.notes.extend(review.notes.into_iter().filter(is_new));
        whole.unparsed.extend(review.unparsed);
        whole.sources.extend(review.sources);
        whole.partial |= review.partial;
        whole.held.extend(review.held);
        extend_new(&mut whole.assumptions, review.assumptions);
        extend_new(&mut whole.questions, review.questions);
        extend_new(&mut whole.checklist, review.checklist);
        whole.stats = whole.stats.plus(&review.stats);
        changes.extend(review.change.map(|change| *change));
    }
    if !changes.is_empty() {
        whole.change = Some(Box::new(merge_changes(persona, changes)));
    }
    let mut ranked: Vec<(usize, Finding)> = sections
        .into_iter()
        .enumerate()
        .flat_map(|(at, found)| found.into_iter().map(move |finding| (at, finding)))
        .collect();
    ranked.sort_by(|(_, a), (_, b)| order(a, b));
    let ranked = one_per_cause(ranked);
    let in_sections: Vec<usize> = ranked.iter().map(|(section, _)| *section).collect();
    whole.findings = ranked.into_iter().map(|(_, finding)| finding).collect();
    persona.word(&mut whole.findings);
    whole.sources.sort();
    whole.sources.dedup();
    whole.held = merge_held(std::mem::take(&mut whole.held), &whole);
    whole.sections = empty_sections(persona, &whole.held, &hidden);
    for (index, section) in in_sections.into_iter().enumerate() {
        if let Some(section) = whole.sections.get_mut(section) {
            section.findings.push(index as u32);
        }
    }
    whole.counts = count(whole.findings.iter());
    whole.verdict = verdict(persona, &whole);
    whole.digest = digest(&whole.findings);
    whole
}

/// What several changes come to.
fn merge_changes(persona: &Persona, changes: Vec<Change>) -> Change {
    let mut whole = Change::default();
    for change in changes {
        whole.files.extend(change.files);
        whole.unchanged.extend(change.unchanged);
        whole.fixed.extend(change.fixed);
    }
    let ranked = |findings: Vec<Finding>| {
        let mut findings: Vec<((), Finding)> = findings.into_iter().map(|finding| ((), finding)).collect();
        findings.sort_by(|(_, a), (_, b)| order(a, b));
        let mut findings: Vec<Finding> = one_per_cause(findings).into_iter().map(|(_, finding)| finding).collect();
        persona.word(&mut findings);
        findings
    };
    (whole.unchanged, whole.fixed) = (ranked(whole.unchanged), ranked(whole.fixed));
    whole
}

/// Takes out of a review by this persona those of its findings that a baseline knows, and lists them as such.
pub fn retain(persona: &Persona, review: &mut Review, mut keep: impl FnMut(&Finding) -> bool) {
    take_out(persona, review, |finding| {
        (!keep(finding)).then(|| Suppressed {
            rule: finding.rule.clone(),
            place: finding.place.clone(),
            message: finding.message.clone(),
            reason: String::new(),
            by: SilencedBy::Baseline,
            finding: String::new(),
        })
    });
}

/// Takes out of a review by this persona the findings for which `silenced` gives what is listed in their place. The digest stays: the
/// same was found.
pub(crate) fn take_out(persona: &Persona, review: &mut Review, silenced: impl FnMut(&Finding) -> Option<Suppressed>) {
    let out: Vec<Option<Suppressed>> = review.findings.iter().map(silenced).collect();
    if out.iter().all(Option::is_none) {
        return;
    }
    // Where each finding goes, or that it goes.
    let mut next = 0;
    let place = |out: &Option<Suppressed>| {
        out.is_none().then(|| {
            next += 1;
            next - 1
        })
    };
    let places: Vec<Option<u32>> = out.iter().map(place).collect();
    for section in &mut review.sections {
        let before = section.findings.len();
        section.findings = section.findings.iter().filter_map(|at| *places.get(*at as usize)?).collect();
        section.hidden += (before - section.findings.len()) as u32;
    }
    let mut kept = places.iter().map(Option::is_some);
    review.findings.retain(|_| kept.next() == Some(true));
    review.suppressed.extend(out.into_iter().flatten());
    persona.word(&mut review.findings);
    review.counts = count(review.findings.iter());
    review.verdict = verdict(persona, review);
}

fn extend_new<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    more.into_iter().for_each(|text| {
        if !all.contains(&text) {
            all.push(text);
        }
    });
}

fn merge_held(all: Vec<Held>, whole: &Review) -> Vec<Held> {
    let hit: BTreeSet<&str> = whole
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .chain(whole.suppressed.iter().map(|silenced| silenced.rule.as_str()))
        .collect();
    let mut merged: Vec<Held> = Vec::new();
    for held in all.into_iter().filter(|held| !hit.contains(held.rule.as_str())) {
        match merged.iter_mut().find(|known| known.rule == held.rule) {
            Some(known) => known.places += held.places,
            None => merged.push(held),
        }
    }
    merged.sort_by(|a, b| a.rule.cmp(&b.rule));
    merged
}

/// What the review comes to. The persona's verdict is about what rules examined; what was not reviewed has one of its own.
fn verdict(persona: &Persona, review: &Review) -> String {
    let counts = &review.counts;
    match review.unparsed.as_slice() {
        [] if review.stats.reviewed == 0 => NOT_REVIEWED.to_owned(),
        [] => of_persona(persona, review),
        [broken, others @ ..] => {
            let at = broken.place.as_ref().map(|place| format!("{}:{}: ", place.file, place.range.line));
            let at = at.unwrap_or_default();
            let more = match others.len() {
                0 => String::new(),
                1 => ", and one more place".to_owned(),
                more => format!(", and {more} more places"),
            };
            // A persona that would merge the rest may not say so of code that does not parse.
            let rest = match counts.critical + counts.high + counts.medium + counts.low {
                0 => String::new(),
                _ if counts.critical + counts.high > 0 => format!(" As for the rest: {}", of_persona(persona, review)),
                1 => " There is one finding in the rest.".to_owned(),
                found => format!(" There are {found} findings in the rest."),
            };
            let broken = &broken.message;
            format!("Not all of this could be read as Go, and that part was not reviewed: {at}{broken}{more}.{rest}")
        }
    }
}

const NOT_REVIEWED: &str = "Nothing was reviewed: gopeer reads Go source, go.mod and Dockerfiles.";

/// What the persona says of the findings; of a change, what else there is.
fn of_persona(persona: &Persona, review: &Review) -> String {
    let decides = review.asked().find(|finding| finding.severity >= Severity::High);
    let verdict = match decides.filter(|_| review.counts.worst() < Some(Severity::High)) {
        Some(question) => persona.undecided(&question.say),
        None => persona.verdict(&review.counts, opening(review).map_or("", |finding| &finding.message)),
    };
    let verdict = format!("{verdict}{}", open_questions(review.asked()));
    match &review.change {
        Some(change) => format!("{verdict} {}", change.besides()),
        None => verdict,
    }
}

/// How many questions are open, which the counts of findings leave out, and how much hangs on them.
fn open_questions<'f>(asked: impl Iterator<Item = &'f Finding>) -> String {
    let by_severity = asked.fold([0_u32; 4], |mut by, finding| {
        by[finding.severity as usize] += 1;
        by
    });
    let severe: Vec<String> = [Severity::Critical, Severity::High]
        .into_iter()
        .filter(|&severity| by_severity[severity as usize] > 0)
        .map(|severity| format!("{} {}", by_severity[severity as usize], severity.name()))
        .collect();
    let severe = if severe.is_empty() { String::new() } else { format!(" ({})", severe.join(", ")) };
    match by_severity.iter().sum() {
        0 => String::new(),
        1 => format!(" One question is open{}.", severe.replace("1 ", "")),
        all => format!(" {all} questions are open{severe}."),
    }
}

/// The finding that the verdict opens with: of those that stop a merge (critical and high ones), the one that the persona cares for most,
/// however severe; without them the first of the worst severity. The list of findings has the critical ones first.
fn opening(review: &Review) -> Option<&Finding> {
    let stated = || review.findings.iter().filter(|finding| finding.confidence != Confidence::Low);
    let care = |finding: &Finding| finding.score / severity_factor(finding.severity);
    let severe = stated().filter(|finding| finding.severity >= Severity::High);
    // The first of equals, which are sorted by severity.
    let most = severe.reduce(|best, finding| if care(finding) > care(best) { finding } else { best });
    let worst = review.counts.worst();
    most.or_else(|| stated().find(|finding| Some(finding.severity) == worst))
}

/// What the rules say of documents.
#[derive(Default)]
pub(crate) struct Gathered {
    found: Vec<Found>,
    suppressed: Vec<Suppressed>,
    /// How many findings are not shown, by the index of their section.
    hidden: BTreeMap<usize, u32>,
    /// Rules of findings that are neither shown nor silenced.
    hit: BTreeSet<&'static str>,
    notes: Vec<Note>,
    unparsed: Vec<Note>,
    examined: BTreeMap<u16, u32>,
    stats: Stats,
}

#[derive(Default)]
struct Gathering<'d> {
    elsewhere: Elsewhere<'d>,
    gathered: Gathered,
    /// Whether a diff shows only a part of the files.
    in_part: bool,
    seen: BTreeMap<(&'static str, u32), u32>,
}

impl<'d> Gathering<'d> {
    fn document(
        &mut self,
        document: &'d Document,
        (file, team): (&gopeer_lint::PieceResult, &gopeer_lint::PieceResult),
        persona: &Persona,
        given: Given<'d>,
    ) {
        if document.left_out {
            return;
        }
        let mut of = OfDocument::new(document, given);
        let missing: Vec<&str> = document.pieces.iter().flat_map(|piece| unseen(&piece.tree)).collect();
        if !missing.is_empty() {
            self.gathered.notes.push(Note { message: not_seen(&document.name, &missing), place: None });
        } else if document.kind == Kind::Go && document.info.scope.is_fragment() && !document.is_blank() {
            let message = format!(
                "{} has no package clause: it is taken as a fragment, and common packages as imported.",
                document.name
            );
            self.gathered.notes.push(Note { message, place: None });
        }
        if document.kind == Kind::Other && !document.is_blank() {
            let message =
                format!("{} was not reviewed: gopeer reads Go source, go.mod and Dockerfiles.", document.name);
            self.gathered.notes.push(Note { message, place: None });
        }
        for fault in document.read.as_ref().err().into_iter().flatten() {
            let place = Some(of.places.place(Span::new(fault.start, fault.end)));
            self.gathered
                .notes
                .push(Note { message: format!("{} is not used: {}.", document.name, fault.message), place });
        }
        let is_diff = document.is_diff();
        if is_diff {
            let message = format!("{} is a diff: review it as a change, with --diff or pasted alone", document.name);
            self.gathered.unparsed.push(Note { message, place: None });
        }
        // What a diff shows of a file may end inside a string.
        for piece in document.pieces.iter().filter(|_| !is_diff && missing.is_empty()) {
            for error in piece.tree.errors() {
                let place = Some(of.places.place(error.span.offset(piece.start)));
                self.gathered.unparsed.push(Note { message: error.message.clone(), place });
            }
        }
        let of_piece = |piece: &'d PieceState| {
            let is_part = unseen(&piece.tree).next().is_some();
            Some((piece.start, piece.examined.as_ref()?.result.as_deref()?, is_part))
        };
        let of_pieces = document.pieces.iter().filter_map(of_piece).chain([(0, team, !missing.is_empty())]);
        // What is said of whole files needs whole files.
        for (start, result, is_part) in of_pieces.chain(missing.is_empty().then_some((0, file, false))) {
            for &(rule, more) in result.examined.iter().filter(|_| !is_part) {
                *self.gathered.examined.entry(rule).or_default() += more;
            }
            for span in &result.unfollowed {
                let message = "This function is too large for all of its paths to be followed, so they were not examined to the end.";
                let place = Some(of.places.place(Span::new(span.start, span.start + 4).offset(start)));
                self.gathered.notes.push(Note { message: message.to_owned(), place });
            }
            let holds = |(offset, finding): &&(u32, gopeer_lint::Finding)| {
                !is_part
                    || (change::LOCAL.contains(&finding.rule.id) || finding.rule.category() == TEAM)
                        && is_shown(&document.text, start + offset + finding.span.start)
            };
            for (offset, finding) in result.found.iter().filter(holds) {
                self.finding(&mut of, start + offset, finding, persona);
            }
        }
    }

    fn finding(&mut self, of: &mut OfDocument<'d>, start: u32, found: &gopeer_lint::Finding, persona: &Persona) {
        let (rule, span) = (found.rule, found.span.offset(start));
        let level = of.config.level(rule.id);
        let severity = level.and_then(Level::severity).unwrap_or_else(|| severity_of(found.severity));
        // What the project says of a rule holds, whatever anybody answers.
        let judged = if level.is_some() { Judged::AsItIs } else { of.given.judge(rule.id, severity) };
        let was = severity;
        let (severity, why) = match &judged {
            Judged::Moved(severity, why) => (*severity, Some(why)),
            _ => (severity, None),
        };
        if persona.mutes(rule, severity) || self.in_part && NEED_ALL_FILES.contains(&rule.id) {
            return;
        }
        let place = of.places.place(span);
        let dropped = match &judged {
            Judged::Dropped(why) => Some((why.clone(), SilencedBy::Answer)),
            _ => None,
        };
        if let Some((reason, by)) = of.silenced(found, span, level).or(dropped) {
            let section = persona.section_of(rule, severity);
            let (rule, message) = (rule.id.to_owned(), found.message.clone());
            self.gathered.suppressed.push(Suppressed { rule, place, message, reason, by, finding: String::new() });
            *self.gathered.hidden.entry(section).or_default() += 1;
            return;
        }
        let snippet = of.places.snippet_hash(span);
        let ordinal = self.seen.entry((rule.id, snippet)).or_default();
        *ordinal += 1;
        let finding = Finding {
            id: format!("{}:{snippet:08x}:{ordinal}", rule.id),
            rule: rule.id.to_owned(),
            category: rule.category().to_owned(),
            severity,
            was: why.map(|_| was),
            confidence: confidence_of(found.confidence),
            message: found.message.clone(),
            asks: found.asks.clone(),
            say: String::new(),
            related: why
                .map(|why| Related { message: why.clone(), place: None })
                .into_iter()
                .chain(related(&of.places, start, found))
                .collect(),
            steps: self.elsewhere.steps(of, start, found),
            also: Vec::new(),
            cause: found.cause.clone(),
            fixes: found.fixes.iter().map(|fix| of.fix(start, fix)).collect(),
            score: persona.score(rule, severity, found.confidence),
            snippet,
            within: of.within(span),
            touched: Touched::default(),
            remark: None,
            place,
        };
        self.gathered.found.push(Found { rule, finding, one_of: found.one_of });
    }
}

/// The functions of all packages, for steps that are in another one than their finding.
#[derive(Default)]
struct Elsewhere<'d> {
    documents: &'d [Document],
    /// The pieces of functions, by package and name: the document, and which of its pieces.
    functions: OnceCell<HashMap<(PackageKey, FuncName), (usize, usize)>>,
    places: HashMap<usize, Places<'d>>,
}

impl<'d> Elsewhere<'d> {
    fn new(documents: &'d [Document]) -> Elsewhere<'d> {
        Elsewhere { documents, ..Elsewhere::default() }
    }

    fn steps(&mut self, of: &OfDocument<'d>, start: u32, found: &gopeer_lint::Finding) -> Vec<Step> {
        let step = |step: &gopeer_lint::Step| {
            let place = match &step.place {
                StepPlace::Here(span) => of.places.place(span.offset(start)),
                StepPlace::In(function, at) => self.place(of.document, function, *at)?,
            };
            let goroutine = step.goroutine.as_deref().map(str::to_owned);
            Some(Step { message: step.text.clone(), place, goroutine })
        };
        found.steps.iter().filter_map(step).collect()
    }

    /// Where an expression of a function is that is declared in the package of a document.
    fn place(&mut self, of: &Document, function: &FuncName, at: ExprId) -> Option<Place> {
        let documents = self.documents;
        let functions = self.functions.get_or_init(|| {
            let of_go = documents.iter().enumerate().filter(|(_, document)| document.kind == Kind::Go);
            let named = of_go.flat_map(|(file, document)| {
                let pieces = document.pieces.iter().enumerate();
                pieces.filter_map(move |(at, piece)| {
                    let name = piece.tree.roots().iter().find_map(|&decl| func_name(&piece.tree, decl))?;
                    Some(((package_key(document), name), (file, at)))
                })
            });
            named.collect()
        });
        let &(file, piece) = functions.get(&(package_key(of), Arc::clone(function)))?;
        let document = documents.get(file)?;
        let piece = document.pieces.get(piece).filter(|piece| piece.tree.has_expr(at))?;
        let places = self.places.entry(file).or_insert_with(|| Places::new(&document.name, &document.text));
        Some(places.place(piece.tree.span(at).offset(piece.start)))
    }
}

/// Rules whose findings may come from declarations and imports that a diff does not show.
const NEED_ALL_FILES: [&str; 2] = ["correctness/compile-error", "correctness/undefined-name"];

/// The lines that a diff does not show, as the comment in their place says: `12-48`, `61-`.
fn unseen(tree: &Tree) -> impl Iterator<Item = &str> {
    let errors = tree.errors().iter().filter(|error| error.message == UNSEEN);
    errors.map(|error| error.span.of(tree.text()).trim_start_matches(UNSEEN).trim())
}

/// Whether a diff shows the line at an offset, and it is not there to make the others parse.
fn is_shown(text: &str, at: u32) -> bool {
    let start = text.get(..at as usize).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next());
    line.is_some_and(|line| !line.contains(UNSEEN))
}

/// What could not be reviewed of a file of which a diff shows only a part.
fn not_seen(file: &str, missing: &[&str]) -> String {
    let range = |range: &&str| {
        let (first, last) = range.split_once('-')?;
        Some(match last {
            "" => format!("from line {first} on"),
            _ if first == last => format!("line {first}"),
            _ => format!("lines {first} to {last}"),
        })
    };
    let ranges: Vec<String> = missing.iter().filter_map(range).collect();
    let ranges = ranges.join(", ");
    format!("The diff does not show all of {file}: {ranges}. Nothing is said here that depends on those lines.")
}

fn related(places: &Places, start: u32, found: &gopeer_lint::Finding) -> Vec<Related> {
    let place = |span: &Option<Span>| span.map(|span| places.place(span.offset(start)));
    found.notes.iter().map(|(span, message)| Related { message: message.clone(), place: place(span) }).collect()
}

/// A document, and what is looked up in it for its findings.
struct OfDocument<'d> {
    document: &'d Document,
    config: &'d Config,
    given: Given<'d>,
    purpose: Purpose,
    pieces: &'d [PieceState],
    places: Places<'d>,
    /// By where its pieces start.
    suppressions: Vec<(u32, Suppressions)>,
    imports: ImportEdits<'d>,
}

impl<'d> OfDocument<'d> {
    fn new(document: &'d Document, given: Given<'d>) -> OfDocument<'d> {
        let of_piece = |piece: &PieceState| (piece.start, Suppressions::of(&piece.tree));
        OfDocument {
            document,
            config: &document.config,
            given,
            purpose: document.info.purpose(),
            pieces: &document.pieces,
            places: Places::new(&document.name, &document.text),
            suppressions: document.pieces.iter().map(of_piece).collect(),
            imports: ImportEdits::of(document),
        }
    }

    /// The top-level declaration that a span is in: `Load`, `Store.Load`.
    fn within(&self, span: Span) -> String {
        let piece = self.pieces.partition_point(|piece| piece.start <= span.start).checked_sub(1);
        let Some(piece) = piece.and_then(|at| self.pieces.get(at)) else { return String::new() };
        let start = span.start - piece.start;
        let root = around(&piece.tree, piece.tree.roots(), start);
        root.and_then(|root| declared_name(&piece.tree, root, start)).unwrap_or_default()
    }

    /// Why a finding at a span of the file is not shown, and by what.
    fn silenced(&self, found: &gopeer_lint::Finding, span: Span, level: Option<Level>) -> Option<(String, SilencedBy)> {
        if let Some(reason) = self.silencer(found, span).map(|silencer| &silencer.reason).or(found.excuse.as_ref()) {
            Some((reason.trim().to_owned(), SilencedBy::Comment))
        } else if level == Some(Level::Off) {
            Some((String::new(), SilencedBy::Config))
        } else if found.rule.scope == Scope::Service && !self.purpose.is_service() {
            Some((self.purpose.described().to_owned(), SilencedBy::Purpose))
        } else {
            None
        }
    }

    fn silencer(&self, found: &gopeer_lint::Finding, span: Span) -> Option<&Suppression> {
        let piece = self.suppressions.partition_point(|(start, _)| *start <= span.start).checked_sub(1)?;
        let (start, suppressions) = self.suppressions.get(piece)?;
        suppressions.silencer(found.rule, found.severity, Span::new(span.start - start, span.end - start))
    }

    fn fix(&mut self, start: u32, fix: &gopeer_lint::Fix) -> Fix {
        let own: Vec<_> = fix.edits.iter().map(|edit| (edit.span.offset(start), edit.insert.clone())).collect();
        let imports = self.imports.follow(&fix.imports, &own);
        let edit = |(span, insert)| Edit { place: self.places.place(span), insert };
        let edits = own.into_iter().chain(imports).map(edit).collect();
        let kind = if fix.kind == LintFix::Safe { FixKind::Safe } else { FixKind::Suggested };
        Fix { title: fix.title.clone(), kind, edits }
    }
}

/// The declaration that an offset is in, or the one after it. They stand in order: a group may have thousands.
fn around(tree: &Tree, decls: &[DeclId], offset: u32) -> Option<DeclId> {
    decls.get(decls.partition_point(|&decl| tree.span(decl).end <= offset)).copied()
}

/// The name of what is declared at an offset: of a method with its type, of a group that of the line.
pub(crate) fn declared_name(tree: &Tree, decl: DeclId, offset: u32) -> Option<String> {
    let name = |ident: ExprId| Some(tree.source(ident).to_owned());
    match tree.decl(decl) {
        Decl::Func { recv, name: ident, .. } => match tree.fields(recv).first() {
            Some(field) => Some(format!("{}.{}", receiver(tree, tree.field(*field).ty), tree.source(ident))),
            None => name(ident),
        },
        Decl::Type { name: ident, .. } => name(ident),
        Decl::Value { names, .. } => name(*tree.exprs(names).first()?),
        Decl::Group { specs, .. } => {
            let spec = around(tree, tree.decls(specs), offset)?;
            // A group holds no group.
            (!matches!(tree.decl(spec), Decl::Group { .. })).then(|| declared_name(tree, spec, offset))?
        }
        _ => None,
    }
}

/// The name of a receiver's type: without `*`, type parameters and parentheses.
fn receiver(tree: &Tree, ty: ExprId) -> &str {
    let text = tree.source(ty).trim_start_matches(['*', '(', ' ']);
    text.split(['[', ')', ' ']).next().unwrap_or(text)
}

/// Critical findings first, then by score, then by severity, then as they stand in the files.
fn order(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    let critical = |finding: &Finding| finding.severity == Severity::Critical;
    critical(b)
        .cmp(&critical(a))
        .then(b.score.total_cmp(&a.score))
        .then(b.severity.cmp(&a.severity))
        .then_with(|| (&a.place.file, a.place.range.start).cmp(&(&b.place.file, b.place.range.start)))
}

/// Counts by severity; findings of low confidence are questions and do not count.
fn count<'f>(findings: impl Iterator<Item = &'f Finding>) -> Counts {
    let mut counts = Counts::default();
    for finding in findings.filter(|finding| finding.confidence != Confidence::Low) {
        match finding.severity {
            Severity::Critical => counts.critical += 1,
            Severity::High => counts.high += 1,
            Severity::Medium => counts.medium += 1,
            Severity::Low => counts.low += 1,
        }
    }
    counts
}

fn sections(
    persona: &Persona,
    ranked: &[(&'static Rule, Finding)],
    held: &[Held],
    hidden: &BTreeMap<usize, u32>,
) -> Vec<Section> {
    let mut sections = empty_sections(persona, held, hidden);
    for (index, (rule, finding)) in ranked.iter().enumerate() {
        if let Some(section) = sections.get_mut(persona.section_of(rule, finding.severity)) {
            section.findings.push(index as u32);
        }
    }
    sections
}

/// The sections before they get their findings, with what was examined in them and what is not shown.
fn empty_sections(persona: &Persona, held: &[Held], hidden: &BTreeMap<usize, u32>) -> Vec<Section> {
    let section = |(at, spec): (usize, &SectionSpec)| {
        let held = || held.iter().filter(|held| held.section as usize == at);
        let (rules, places) = (held().count() as u32, held().map(|held| held.places).sum());
        let hidden = hidden.get(&at).copied().unwrap_or_default();
        Section { title: spec.title.clone(), findings: Vec::new(), rules, places, hidden }
    };
    persona.sections.iter().enumerate().map(section).collect()
}

fn held(
    persona: &Persona,
    rules: &[&'static Rule],
    examined: &BTreeMap<u16, u32>,
    hit: &BTreeSet<&'static str>,
) -> Vec<Held> {
    let held = |(&index, &places): (&u16, &u32)| {
        let rule = rules.get(index as usize).filter(|rule| !hit.contains(rule.id))?;
        let section = persona.section_of(rule, severity(rule)) as u32;
        Some(Held { rule: rule.id.to_owned(), examines: rule.examines.to_owned(), places, section })
    };
    examined.iter().filter_map(held).collect()
}

/// Those that fit the code first, then those that always matter; the rest is left out.
fn topics(all: &[Topic], touched: &impl Fn(&str) -> bool) -> Vec<String> {
    let fits = |topic: &&Topic| topic.categories.iter().any(|category| touched(category));
    let always = |topic: &&Topic| topic.categories.is_empty();
    all.iter().filter(fits).chain(all.iter().filter(always)).map(|topic| topic.text.clone()).collect()
}

/// FNV-1a over the sorted rule ids and snippets.
fn digest(findings: &[Finding]) -> u32 {
    let mut keys: Vec<(&str, u32)> = findings.iter().map(|finding| (finding.rule.as_str(), finding.snippet)).collect();
    keys.sort_by(Ord::cmp);
    fnv(keys.iter().flat_map(|(rule, snippet)| rule.bytes().chain(snippet.to_le_bytes())))
}

fn stats(documents: &[Document], work: Work) -> Stats {
    let lines = |text: &str| text.lines().count();
    Stats {
        files: documents.len() as u32,
        excluded: documents.iter().filter(|document| document.left_out).count() as u32,
        reviewed: documents.iter().filter(|document| document.is_reviewed()).count() as u32,
        lines: documents.iter().map(|document| lines(&document.text)).sum::<usize>() as u32,
        bytes: documents.iter().map(|document| document.text.len()).sum::<usize>() as u32,
        pieces: documents.iter().map(|document| document.pieces.len()).sum::<usize>() as u32,
        parsed: work.parsed,
        checked: work.checked,
        examined: work.examined,
        solved: work.solved,
        millis: 0.0,
    }
}

pub(crate) fn severity(rule: &Rule) -> Severity {
    severity_of(rule.severity)
}

fn severity_of(severity: gopeer_lint::Severity) -> Severity {
    match severity {
        gopeer_lint::Severity::Low => Severity::Low,
        gopeer_lint::Severity::Medium => Severity::Medium,
        gopeer_lint::Severity::High => Severity::High,
        gopeer_lint::Severity::Critical => Severity::Critical,
    }
}

pub(crate) fn confidence_of(confidence: gopeer_lint::Confidence) -> Confidence {
    match confidence {
        gopeer_lint::Confidence::New | gopeer_lint::Confidence::Low => Confidence::Low,
        gopeer_lint::Confidence::Medium => Confidence::Medium,
        gopeer_lint::Confidence::High => Confidence::High,
    }
}
