//! The reducer, without a browser: the engine is played by a real [`Session`].

mod changes;
mod links;
mod notes;
mod own;
mod paths;
mod remarks;
mod said;

use gopeer_engine::Session;
use gopeer_engine::protocol::{Delta, Response, Review};

use super::*;
use crate::queries;

const LEAKY: &str = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\thttp.ListenAndServe(\":8080\", nil)\n}\n";

/// The page with an engine that answers when told to.
struct Page {
    state: State,
    session: Session,
    waiting: Vec<gopeer_engine::protocol::Request>,
    links: Vec<Rc<str>>,
    effects: Vec<Effect>,
}

impl Page {
    fn new(hash: &str) -> Page {
        let start = Start { base: "http://x/".to_owned(), hash: hash.to_owned(), ..Start::default() };
        Page {
            state: State::new(start),
            session: Session::new(),
            waiting: Vec::new(),
            links: Vec::new(),
            effects: Vec::new(),
        }
    }

    fn ready(hash: &str) -> Page {
        let mut page = Page::new(hash);
        page.act(Action::Page(PageAction::Started));
        page.act(Action::Page(PageAction::Editor(true)));
        page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
        page.settle();
        page
    }

    fn act(&mut self, action: Action) {
        let (state, effects) = reduce(&self.state, action);
        self.state = state;
        for effect in effects {
            match effect {
                Effect::Ask(request) => self.waiting.push(request),
                Effect::Unpack { link } => self.links.push(link),
                other => self.effects.push(other),
            }
        }
    }

    /// Lets the codec open the links that wait.
    fn unpack(&mut self) {
        for link in std::mem::take(&mut self.links) {
            let shared = gopeer_link::decode(&link).map(Box::new).map_err(|error| error.to_string());
            self.act(Action::Link(LinkAction::Unpacked { link, shared }));
        }
    }

    /// Lets the engine answer, and the pause after typing pass, until nothing is left to do.
    fn settle(&mut self) {
        self.unpack();
        while self.state.engine.is_busy() || !self.waiting.is_empty() {
            self.answer();
            self.act(Action::Engine(EngineAction::Due { version: self.state.work.version }));
        }
    }

    fn answer(&mut self) {
        self.answer_with(|_| {});
    }

    fn answer_with(&mut self, change: impl Fn(&mut Review)) {
        for gopeer_engine::protocol::Request { id, ask } in std::mem::take(&mut self.waiting) {
            let mut answer = self.session.answer(ask);
            if let gopeer_engine::protocol::Answer::Review { review, .. } = &mut answer {
                change(review);
            }
            self.act(Action::Engine(EngineAction::Answered {
                response: Box::new(Response { id, answer }),
                message: Rc::default(),
            }));
        }
    }

    fn type_text(&mut self, from: u32, to: u32, insert: &str) {
        let deltas = vec![Delta { from, to, insert: insert.to_owned() }];
        self.act(Action::Files(FilesAction::Edited { file: self.state.work.active, deltas }));
    }

    fn with_code(hash: &str, code: &str) -> Page {
        let mut page = Page::ready(hash);
        page.type_text(0, 0, code);
        page.settle();
        page
    }

    fn text(&self) -> &str {
        &self.state.work.active_file().text
    }

    fn review(&self) -> &gopeer_engine::protocol::Review {
        &self.state.drawn.as_ref().expect("a review is drawn").review
    }

    fn took(&mut self, wanted: impl Fn(&Effect) -> bool) -> bool {
        self.effects.iter().any(wanted)
    }
}

/// A link to the page as it is, and to the finding of that id.
fn link_of(page: &Page, finding: Option<String>) -> String {
    let shared = linkable(&page.state, &finding.unwrap_or_default());
    format!("{}#{}", page.state.base, gopeer_link::encode(&shared).expect("it fits"))
}

#[test]
fn typing_leads_to_a_review_of_exactly_that_text() {
    let page = Page::with_code("", LEAKY);
    assert!(!page.review().findings.is_empty());
    assert!(!queries::is_stale(&page.state));
    assert_eq!(page.session.text("main.go"), Some(LEAKY));
    assert!(queries::summary(&page.state).contains("finding"));
}

#[test]
fn an_answer_to_an_older_text_is_not_drawn() {
    let mut page = Page::ready("");
    page.type_text(0, 0, LEAKY);
    page.act(Action::Engine(EngineAction::Due { version: page.state.work.version }));
    assert!(!page.waiting.is_empty(), "a review is asked for");
    let asked = std::mem::take(&mut page.waiting);
    page.type_text(0, 0, "// later\n");
    page.waiting.splice(0..0, asked);
    page.answer();
    assert_eq!(page.state.drawn, None, "the review was of the text before");
    page.settle();
    let (review, work) = (page.review(), &page.state.drawn.as_ref().unwrap().work);
    assert_eq!(work.version, page.state.work.version);
    assert!(review.findings.iter().all(|finding| finding.place.range.line > 1));
}

#[test]
fn a_dead_engine_is_replaced_with_the_text_intact() {
    let mut page = Page::with_code("", LEAKY);
    page.effects.clear();
    page.act(Action::Engine(EngineAction::Died { report: "boom".to_owned() }));
    assert!(page.took(|effect| matches!(effect, Effect::ReplaceEngine)));
    assert_eq!(page.text(), LEAKY);
    let crash = page.state.engine.crash.clone().expect("the user is told");
    assert!(crash.report.contains("boom") && !crash.report.contains("ListenAndServe"), "{}", crash.report);
    assert!(!crash.paused);

    page.session = Session::new();
    page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
    page.answer_with(|review| review.partial = true);
    assert!(page.state.engine.crash.is_some(), "what failed may still be to come");
    page.act(Action::Engine(EngineAction::Learned));
    page.settle();
    assert!(!queries::is_stale(&page.state) && !page.review().findings.is_empty());
    assert_eq!(page.state.engine.crash, None, "it has recovered");
    assert!(page.state.toast.as_ref().is_some_and(|toast| toast.text.contains("started again")));
}

#[test]
fn a_text_that_kills_the_engine_twice_waits_for_the_next_edit() {
    let mut page = Page::with_code("", LEAKY);
    for paused in [false, true] {
        page.act(Action::Engine(EngineAction::Died { report: "boom".to_owned() }));
        assert_eq!(page.state.engine.crash.as_ref().map(|crash| crash.paused), Some(paused));
        page.waiting.clear();
        page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
    }
    let reviews = |page: &Page| {
        let asks = page.waiting.iter().filter(|r| matches!(r.ask, gopeer_engine::protocol::Ask::Review { .. }));
        asks.count()
    };
    assert_eq!(reviews(&page), 0, "no loop of restarts");
    page.session = Session::new();
    page.type_text(0, 0, "// next\n");
    page.settle();
    assert!(!queries::is_stale(&page.state));
}

#[test]
fn only_the_newest_silence_is_overdue() {
    let mut page = Page::ready("");
    page.type_text(0, 0, LEAKY);
    let watches: Vec<u32> = page.effects.iter().filter_map(watch_number).collect();
    let (newest, older) = watches.split_last().expect("the worker is watched");
    page.effects.clear();
    page.act(Action::Engine(EngineAction::Overdue { watch: older.last().copied().unwrap_or(0) }));
    assert!(!page.took(|effect| matches!(effect, Effect::ReplaceEngine)));
    page.act(Action::Engine(EngineAction::Overdue { watch: *newest }));
    assert!(page.took(|effect| matches!(effect, Effect::ReplaceEngine)));
}

#[test]
fn an_engine_at_work_may_take_its_time_and_a_silent_one_is_replaced_within_a_second() {
    let mut page = Page::ready("");
    page.type_text(0, 0, LEAKY);
    page.act(Action::Engine(EngineAction::Due { version: page.state.work.version }));
    for _ in 0..3 {
        let watch = page.effects.iter().rev().find_map(watch_number).expect("it owes a review");
        page.effects.clear();
        page.act(Action::Engine(EngineAction::Working));
        assert!(page.took(|effect| matches!(effect, Effect::Watch { millis, .. } if *millis < 1_000)));
        page.act(Action::Engine(EngineAction::Overdue { watch }));
        assert!(!page.took(|effect| matches!(effect, Effect::ReplaceEngine)), "it has given a sign since");
    }
    page.settle();
    page.effects.clear();
    page.act(Action::Engine(EngineAction::Working));
    assert!(!page.took(|effect| watch_number(effect).is_some()), "it owes nothing");
}

fn watch_number(effect: &Effect) -> Option<u32> {
    match effect {
        Effect::Watch { watch, .. } => Some(*watch),
        _ => None,
    }
}

#[test]
fn a_fix_is_one_change_and_one_undo_takes_it_back() {
    let code = "package main\n\nimport \"errors\"\n\nvar ErrGone = errors.New(\"gone\")\n\nfunc f(err error) bool {\n\treturn err == ErrGone\n}\n";
    let mut page = Page::with_code("", code);
    let fixable = page.review().findings.iter().find(|finding| !finding.fixes.is_empty()).expect("a fixable finding");
    let id = fixable.id.clone();
    assert!(!queries::hunks(&page.state.work, &fixable.fixes[0]).is_empty(), "the fix has a preview");
    page.effects.clear();
    page.act(Action::Files(FilesAction::Fix { finding: id.clone(), fix: 0 }));
    assert_ne!(page.text(), code);
    assert_eq!(page.effects.iter().filter(|effect| matches!(effect, Effect::Apply { .. })).count(), 1);
    page.settle();
    assert!(page.review().findings.iter().all(|finding| finding.id != id), "the finding is gone");
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!(page.text(), code);
}

#[test]
fn the_reviewer_changes_the_order_not_the_facts() {
    let mut page = Page::with_code("", LEAKY);
    let facts = |page: &Page| {
        let mut ids: Vec<String> = page.review().findings.iter().map(|finding| finding.id.clone()).collect();
        ids.sort();
        ids
    };
    let before = facts(&page);
    for reviewer in queries::REVIEWERS {
        page.act(Action::Panel(PanelAction::Persona(reviewer.id.to_owned())));
        page.settle();
        assert_eq!(page.review().persona.id, reviewer.id);
        assert_eq!(facts(&page), before);
    }
    page.act(Action::Panel(PanelAction::Persona("nobody".to_owned())));
    assert_eq!(page.state.persona, "throughput");
}

#[test]
fn too_much_is_refused_and_nothing_is_lost() {
    let mut page = Page::with_code("", LEAKY);
    let huge = "x".repeat(5 << 20);
    page.act(Action::Files(FilesAction::Pasted { text: huge.clone(), over_all: false }));
    let said = page.state.toast.as_ref().map(|toast| toast.text.clone()).unwrap_or_default();
    assert!(said.contains("5120 KB") && said.contains("1024 KB"), "{said}");
    assert_eq!(page.text(), LEAKY);
    let read =
        |name: &str, text: Option<&str>| ReadFile { name: name.to_owned(), bytes: 10, text: text.map(str::to_owned) };
    page.act(Action::Files(FilesAction::Read { files: vec![read("a.out", None), read("b.go", Some("package b\n"))] }));
    assert_eq!(page.text(), "package b\n", "what is text is opened");
    assert!(
        page.state.toast.as_ref().is_some_and(|toast| toast.warning && toast.text.contains("a.out is not a text file"))
    );
}

#[test]
fn pasted_markdown_and_archives_become_files() {
    let mut page = Page::ready("");
    let text = "Look:\r\n\r\n```go\r\npackage a\r\n```\r\n".to_owned();
    page.act(Action::Files(FilesAction::Pasted { text, over_all: true }));
    page.settle();
    assert_eq!(page.text(), "package a\n");
    let text = "-- x.go --\npackage x\n-- y.go --\npackage x\n".to_owned();
    page.act(Action::Files(FilesAction::Pasted { text, over_all: false }));
    page.settle();
    let names: Vec<&str> = page.state.work.files.iter().skip(1).map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["x.go", "y.go"]);
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!(page.state.work.files.len(), 1);
}

#[test]
fn files_are_added_renamed_and_closed_with_undo() {
    let mut page = Page::with_code("", LEAKY);
    page.act(Action::Files(FilesAction::Add));
    let added = page.state.work.active;
    page.act(Action::Files(FilesAction::Rename { file: added, name: "main.go".to_owned() }));
    assert_eq!(page.state.work.active_file().name, "main_2.go", "names stay unique");
    page.settle();
    let first = page.state.work.files[0].id;
    page.act(Action::Files(FilesAction::Close { file: first }));
    assert_eq!(page.state.work.files.len(), 1);
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!(page.state.work.files[0].text.as_ref(), LEAKY);
    page.settle();
    assert_eq!(page.session.text("main.go"), Some(LEAKY), "the engine has it again");
}

#[test]
fn the_filter_hides_and_stepping_follows_what_is_shown() {
    let mut page = Page::with_code("", LEAKY);
    let all = queries::visible_ids(&page.state);
    assert!(!all.is_empty());
    page.act(Action::Panel(PanelAction::Step(1)));
    assert_eq!(page.state.selected.as_ref(), all.first());
    page.act(Action::Panel(PanelAction::Step(-1)));
    assert_eq!(page.state.selected.as_ref(), all.last());
    page.act(Action::Panel(PanelAction::Category("no such".to_owned())));
    assert!(queries::visible_ids(&page.state).is_empty() && queries::marks(&page.state).is_empty());
    page.act(Action::Panel(PanelAction::Unfilter));
    assert_eq!(queries::visible_ids(&page.state), all);
}

/// Two findings in two functions, and one more of another rule.
const THREE: &str = "package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nfunc b() {\n\ttime.Sleep(5)\n}\n\nfunc a() {\n\ttime.Sleep(7)\n}\n\n\
    func main() {\n\tb()\n\ta()\n\thttp.ListenAndServe(\":8080\", nil)\n}\n";

#[test]
fn findings_are_filtered_by_rule_words_and_confidence_and_grouped() {
    let mut page = Page::with_code("", THREE);
    let view = |page: &mut Page, name: &str, value: &str| {
        page.act(Action::Panel(PanelAction::View { name: name.to_owned(), value: value.to_owned() }));
    };
    let shown = |page: &Page| {
        let rules = queries::visible_ids(&page.state);
        rules.iter().map(|id| id.split(':').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    const SLEEP: &str = "correctness/duration-without-unit";
    let all = shown(&page).len();
    view(&mut page, "rule", SLEEP);
    assert_eq!(shown(&page), [SLEEP, SLEEP]);
    view(&mut page, "text", "  SLEEP nanoseconds 7");
    assert_eq!(shown(&page), [SLEEP]);
    view(&mut page, "text", "no such words");
    assert!(shown(&page).is_empty() && queries::marks(&page.state).is_empty());
    page.act(Action::Panel(PanelAction::Unfilter));
    assert_eq!(shown(&page).len(), all);
    for confidence in ["high", "medium", "low"] {
        view(&mut page, "confidence", confidence);
        let expected = page
            .review()
            .findings
            .iter()
            .filter(|found| format!("{:?}", found.confidence).eq_ignore_ascii_case(confidence));
        assert_eq!(shown(&page).len(), expected.count(), "{confidence}");
    }
    page.act(Action::Panel(PanelAction::Unfilter));
    let titles = |page: &Page| {
        queries::groups(&page.state, page.review()).into_iter().map(|group| group.title).collect::<Vec<_>>()
    };
    view(&mut page, "group", "file");
    assert_eq!(titles(&page), ["main.go"]);
    view(&mut page, "group", "line");
    let lines = titles(&page);
    assert!(lines.contains(&"main.go:9".to_owned()) && lines.contains(&"main.go:13".to_owned()), "{lines:?}");
    let numbers: Vec<u32> = lines.iter().filter_map(|line| line.split(':').nth(1)?.parse().ok()).collect();
    assert!(numbers.is_sorted(), "{lines:?}");
    view(&mut page, "group", "rule");
    let mut rules = titles(&page);
    assert_eq!(rules.len(), {
        rules.sort();
        rules.dedup();
        rules.len()
    });
    assert!(rules.contains(&SLEEP.to_owned()));
    page.act(Action::Panel(PanelAction::Unfilter));
    assert_eq!(page.state.filter.group, "rule", "how they are grouped hides nothing");
}

const NAMES: &str = "package main\n\nfunc twice(n int) int { return n + n }\n\nvar four = twice(2)\n";

/// Asks what the name at `at` is, as the editor does.
fn inspect(page: &mut Page, at: usize, ticket: u32) {
    page.effects.clear();
    let file = page.state.work.active;
    page.act(Action::Engine(EngineAction::Inspect { file, at: at as u32, ticket }));
}

/// What the editor heard since it asked.
fn heard(page: &Page) -> Vec<(u32, Option<&gopeer_engine::protocol::Inspection>)> {
    let heard = page.effects.iter().filter_map(|effect| match effect {
        Effect::Inspected { ticket, found } => Some((*ticket, found.as_deref())),
        _ => None,
    });
    heard.collect()
}

#[test]
fn the_editor_hears_what_a_name_is() {
    let mut page = Page::with_code("", NAMES);
    let declared = NAMES.find("twice").unwrap() as u32;
    inspect(&mut page, NAMES.rfind("twice").unwrap() + 2, 7);
    assert_eq!(heard(&page), [], "not before the engine has answered");
    page.answer();
    let [(7, Some(found))] = heard(&page)[..] else { panic!("{:?}", heard(&page)) };
    assert_eq!(found.code, "func twice(n int) int");
    let target = found.definition.as_ref().map(|target| (target.file.as_str(), target.from));
    assert_eq!((target, found.uses.len()), (Some(("main.go", declared)), 2));

    inspect(&mut page, NAMES.find("main").unwrap() - 1, 8);
    page.answer();
    assert_eq!(heard(&page), [(8, None)], "no name stands there");
    assert!(page.waiting.is_empty() && !queries::is_stale(&page.state), "nothing else comes of it");
}

#[test]
fn an_answer_about_an_older_text_is_not_told() {
    let mut page = Page::with_code("", NAMES);
    inspect(&mut page, NAMES.rfind("twice").unwrap(), 1);
    let asked = std::mem::take(&mut page.waiting);
    assert_eq!(asked.len(), 1);
    page.type_text(0, 0, "// later\n");
    page.waiting.splice(0..0, asked);
    page.answer();
    assert_eq!(heard(&page), [(1, None)], "the editor waits no longer");
}

#[test]
fn a_phone_begins_at_the_samples_or_at_the_work_there_is() {
    let begun = |text: &str| {
        let files = vec![("main.go".to_owned(), text.to_owned())];
        let draft = Draft { files, ..Draft::default() };
        State::new(Start { draft: Some(draft), ..Start::default() }).pane
    };
    assert_eq!(State::new(Start::default()).pane, Pane::Findings);
    assert_eq!((begun(" \n"), begun(NAMES)), (Pane::Findings, Pane::Code));
}

#[test]
fn what_was_learned_brings_a_review_and_no_text_keeps_the_page_restarting() {
    let mut page = Page::with_code("", NAMES);
    let reviews = |page: &Page| {
        page.waiting.iter().filter(|request| matches!(request.ask, gopeer_engine::protocol::Ask::Review { .. })).count()
    };
    page.waiting.clear();
    page.act(Action::Engine(EngineAction::Learned));
    assert_eq!(reviews(&page), 1, "more is known");
    for _ in 0..2 {
        page.act(Action::Engine(EngineAction::Died { report: "boom".to_owned() }));
        page.session = Session::new();
        page.waiting.clear();
        page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
    }
    page.act(Action::Engine(EngineAction::Learned));
    assert_eq!(reviews(&page), 0, "what failed twice waits for the next edit");
    page.type_text(0, 0, "// changed\n");
    page.settle();
    assert!(!queries::is_stale(&page.state), "the edit brings its review");
}

#[test]
fn without_a_review_of_the_text_no_name_is_known() {
    let mut page = Page::with_code("", NAMES);
    page.type_text(0, 0, "// later\n");
    page.waiting.clear();
    inspect(&mut page, NAMES.rfind("twice").unwrap(), 2);
    assert_eq!((heard(&page), page.waiting.len()), (vec![(2, None)], 0), "the worker is not asked");
}

#[test]
fn an_engine_that_dies_over_a_name_is_replaced_and_asked_anew() {
    let mut page = Page::with_code("", NAMES);
    inspect(&mut page, NAMES.rfind("twice").unwrap(), 3);
    page.waiting.clear();
    page.act(Action::Engine(EngineAction::Died { report: "boom".to_owned() }));
    assert!(page.state.engine.crash.as_ref().is_some_and(|crash| crash.report.contains("Asked for: name")));
    page.session = Session::new();
    page.act(Action::Engine(EngineAction::Ready { version: "0".to_owned() }));
    page.settle();
    inspect(&mut page, NAMES.rfind("twice").unwrap(), 4);
    page.answer();
    assert!(matches!(heard(&page)[..], [(4, Some(_))]), "{:?}", heard(&page));
}

#[test]
fn the_example_of_a_rule_has_an_address() {
    let page = Page::with_code("#rule/sql/injection", LEAKY);
    assert_eq!(page.state.dialog, Some(Dialog::Rule("sql/injection".to_owned())));
    assert_eq!(page.text(), LEAKY, "the page is under it");
}

fn paste_over(page: &mut Page, text: &str) {
    page.act(Action::Files(FilesAction::Pasted { text: text.to_owned(), over_all: true }));
    page.settle();
}

fn names(page: &Page) -> Vec<&str> {
    page.state.work.files.iter().map(|file| file.name.as_str()).collect()
}

#[test]
fn what_is_pasted_over_everything_takes_its_place() {
    let mut page = Page::with_code("", "package old\n");
    paste_over(&mut page, LEAKY);
    assert_eq!((names(&page), page.text()), (vec!["main.go"], LEAKY));
    paste_over(&mut page, "Two:\n\n```go\npackage a\n```\n\n```go\npackage b\n```\n");
    assert_eq!((names(&page), page.text()), (vec!["main.go", "main2.go"], "package a\n"));
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!((names(&page), page.text()), (vec!["main.go"], LEAKY));
    page.act(Action::Files(FilesAction::Rename { file: page.state.work.active, name: "serve.go".to_owned() }));
    paste_over(&mut page, "```go\npackage a\n```\n");
    assert_eq!((names(&page), page.text()), (vec!["serve.go"], "package a\n"), "the user's name stays");
    paste_over(&mut page, "-- x.go --\npackage x\n-- y.go --\npackage x\n");
    assert_eq!(names(&page), ["x.go", "y.go"]);
}

#[test]
fn after_a_paste_the_editor_shows_the_top_and_then_the_first_finding() {
    let mut page = Page::ready("");
    paste_over(&mut page, LEAKY);
    assert!(page.took(|effect| matches!(effect, Effect::Reveal { from: 0, focus: true, .. })));
    let first = page.review().findings[0].place.range.from;
    assert!(page.took(|effect| matches!(effect, Effect::Glance { at } if *at == first)));
    page.effects.clear();
    page.type_text(0, 0, "// more\n");
    page.settle();
    assert!(!page.took(|effect| matches!(effect, Effect::Glance { .. })), "once");
}

fn open_sample(page: &mut Page) {
    let sample = Sample {
        file: "orders.go".to_owned(),
        title: String::new(),
        persona: "data".to_owned(),
        about: String::new(),
        url: String::new(),
    };
    page.act(Action::Files(FilesAction::SampleHere { sample, text: LEAKY.to_owned() }));
    page.settle();
}

fn drop_file(page: &mut Page, name: &str, text: Option<&str>) {
    let files = vec![ReadFile { name: name.to_owned(), bytes: 10, text: text.map(str::to_owned) }];
    page.act(Action::Files(FilesAction::Read { files }));
    page.settle();
}

#[test]
fn a_sample_gives_way_to_the_users_files_and_undo_brings_it_back() {
    let mut page = Page::ready("");
    open_sample(&mut page);
    assert!(page.state.work.is_sample);
    drop_file(&mut page, "mine.go", Some("package mine\n"));
    assert_eq!(names(&page), ["mine.go"]);
    assert!(!page.state.work.is_sample);
    page.act(Action::Files(FilesAction::Undo));
    assert_eq!((names(&page), page.state.work.is_sample), (vec!["orders.go"], true));
    paste_over(&mut page, "package pasted\n");
    assert_eq!(names(&page), ["main.go"], "the sample's name goes as well");
    open_sample(&mut page);
    page.type_text(0, 0, "// mine now\n");
    drop_file(&mut page, "other.go", Some("package other\n"));
    assert_eq!(names(&page), ["orders.go", "other.go"], "what was changed is the user's");
}

#[test]
fn what_is_not_text_is_refused_with_a_sentence() {
    let mut page = Page::with_code("", LEAKY);
    for (name, text, said) in [
        ("shop.zip", None, "shop.zip is a packed archive"),
        ("notes.tar", Some("package a\n"), "notes.tar is a packed archive"),
        ("logo.png", None, "logo.png is not a text file"),
    ] {
        drop_file(&mut page, name, text);
        let toast = page.state.toast.as_ref().expect("something is said");
        assert!(toast.warning && toast.text.starts_with(said), "{}", toast.text);
        assert_eq!(names(&page), ["main.go"]);
    }
}

#[test]
fn the_projects_reviewer_reviews_unless_the_visitor_chose_one() {
    let project = |persona: &str| format!("-- a.go --\npackage a\n-- .gopeer.toml --\npersona = \"{persona}\"\n");
    let configured = |persona: Option<&str>| {
        let persona = persona.map(str::to_owned);
        Action::Engine(EngineAction::Configured { file: ".gopeer.toml".to_owned(), persona })
    };
    let mut page = Page::ready("");
    paste_over(&mut page, &project("data"));
    page.act(configured(Some("data")));
    page.settle();
    assert_eq!((page.state.persona.as_str(), page.review().persona.id.as_str()), ("data", "data"));
    page.act(configured(None));
    assert_eq!(page.state.persona, "senior", "it names none any more");
    page.act(configured(Some("throughput")));
    assert_eq!(page.state.persona, "throughput");
    let config = page.state.work.files[1].id;
    page.act(Action::Files(FilesAction::Close { file: config }));
    assert_eq!(page.state.persona, "senior", "the file is gone");
    page.act(Action::Files(FilesAction::Undo));
    page.act(Action::Panel(PanelAction::Persona("backend".to_owned())));
    page.act(configured(Some("data")));
    assert_eq!(page.state.persona, "backend", "the choice stands");
}

#[test]
fn stepping_and_filtering_are_put_into_words() {
    let mut page = Page::with_code("", LEAKY);
    page.act(Action::Panel(PanelAction::Step(1)));
    let count = page.review().findings.len();
    let selected = page.state.selected.as_ref();
    let first = page.review().findings.iter().find(|finding| Some(&finding.id) == selected).expect("one is selected");
    let start = format!("Finding 1 of {count}. ");
    assert!(page.state.announced.starts_with(&start) && page.state.announced.ends_with(&first.say.replace('`', "")));
    page.act(Action::Panel(PanelAction::Category("no such".to_owned())));
    assert!(queries::summary(&page.state).starts_with("No finding matches the filter."));
}

#[test]
fn single_keys_can_be_switched_off() {
    let mut page = Page::ready("");
    let press = |page: &mut Page, key: &str| page.act(Action::Page(PageAction::Key(key.to_owned())));
    press(&mut page, "2");
    assert_eq!(page.state.persona, "backend");
    page.act(Action::Page(PageAction::SingleKeys(false)));
    press(&mut page, "3");
    press(&mut page, "?");
    assert_eq!((page.state.persona.as_str(), &page.state.dialog), ("backend", &None));
    assert!(page.took(|effect| matches!(effect, Effect::KeepSingleKeys(false))));
}

/// A path of three steps in the first file, and another file of the same layout.
const PATH: &str = "-- load.go --\npackage store\n\nimport (\n\t\"context\"\n\t\"time\"\n)\n\n\
    func load(ctx context.Context, slow bool) error {\n\tctx, cancel := context.WithTimeout(ctx, time.Second)\n\tif slow {\n\t\t\
    return ctx.Err()\n\t}\n\tcancel()\n\treturn nil\n}\n-- wait.go --\npackage store\n\nfunc wait(slow bool) bool {\n\treturn slow\n}\n";

#[test]
fn edits_of_a_fix_at_one_place_keep_their_order() {
    let work = Page::with_code("", "a\nz\n").state.work;
    let edit = |at: u32, insert: &str| gopeer_engine::protocol::Edit {
        place: gopeer_engine::protocol::Place {
            file: "main.go".to_owned(),
            range: gopeer_engine::protocol::Range { start: at, end: at, ..Default::default() },
        },
        insert: insert.to_owned(),
    };
    let edits = vec![edit(2, "b\n"), edit(2, "c\n"), edit(4, "1\n"), edit(4, "2\n"), edit(4, "3\n"), edit(0, "0\n")];
    let fix =
        gopeer_engine::protocol::Fix { title: String::new(), kind: gopeer_engine::protocol::FixKind::Safe, edits };
    let files = fixed(&work, &fix).expect("it fits");
    assert_eq!(files[0].text.as_ref(), "0\na\nb\nc\nz\n1\n2\n3\n");
}
