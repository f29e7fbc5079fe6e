//! Diffs: they are reviewed as changes.

use gopeer_engine::protocol::{FileText, SilencedBy, Suppressed, Version};

use super::*;

const DIFF: &str = "diff --git a/a/wait.go b/a/wait.go
--- a/a/wait.go
+++ b/a/wait.go
@@ -1,7 +1,9 @@
 package a
 
 import \"time\"
 
 func old() {
 \ttime.Sleep(5)
+}
+func more() {
+\ttime.Sleep(6)
 }
diff --git a/a/new.go b/a/new.go
new file mode 100644
--- /dev/null
+++ b/a/new.go
@@ -0,0 +1 @@
+package a
";

fn pasted() -> Page {
    let mut page = Page::with_code("", LEAKY);
    page.act(Action::Files(FilesAction::Pasted { text: DIFF.to_owned(), over_all: false }));
    page.settle();
    page
}

fn touched(page: &Page) -> (usize, usize) {
    assert!(page.review().change.is_some());
    let is_unchanged = |silenced: &&Suppressed| silenced.by == SilencedBy::Unchanged;
    (page.review().findings.len(), page.review().suppressed.iter().filter(is_unchanged).count())
}

#[test]
fn a_pasted_diff_takes_the_place_of_all_files_and_is_reviewed_as_a_change() {
    let mut page = pasted();
    let names: Vec<&str> = page.state.work.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a/wait.go", "a/new.go"]);
    assert_eq!(touched(&page), (1, 1));
    assert!(page.took(|effect| matches!(effect, Effect::NewDraft)), "what was there is kept");
    let lines = queries::marks(&page.state).len();
    assert!(lines >= 2, "the finding and the changed lines");
    page.act(Action::Files(FilesAction::Undo));
    page.settle();
    assert_eq!((page.text(), page.review().change.as_ref()), (LEAKY, None));
}

#[test]
fn a_change_goes_on_while_its_files_are_edited_and_closed() {
    let mut page = pasted();
    let at = page.text().find("(6)").expect("it is there") as u32 + 1;
    page.type_text(at, at + 1, "7");
    page.settle();
    assert_eq!(touched(&page), (1, 1));
    let file = page.state.work.active;
    page.act(Action::Files(FilesAction::Close { file }));
    page.settle();
    let change = page.review().change.as_ref().expect("of the other file");
    assert_eq!(change.files.len(), 1);
    assert!(page.review().notes.is_empty(), "what is closed is not fixed: {:?}", page.review().notes);
}

#[test]
fn a_version_before_makes_a_change_of_the_code_until_it_is_taken_away() {
    let now = "package a\n\nimport \"time\"\n\nfunc wait() {\n\ttime.Sleep(5 * time.Second)\n}\n";
    let mut page = Page::with_code("", now);
    page.settle();
    assert_eq!(page.review().change, None);
    let before = FileText { name: "main.go".to_owned(), text: now.replace("5 * time.Second", "5") };
    let name = page.state.work.active_file().name.clone();
    let version = Version { now: Some(name.clone()), before: Some(FileText { name, ..before }), moved: false };
    let versions = postcard::to_allocvec(&vec![version]).expect("plain data");
    page.act(Action::Files(FilesAction::Before { versions: versions.clone() }));
    page.settle();
    let change = page.review().change.as_ref().expect("it is one");
    assert_eq!(change.fixed.len(), 1, "{:?}", change.fixed);
    assert!(queries::fixed(page.review()).starts_with("high\0correctness/duration-without-unit\0main.go\x006\0"));
    assert_eq!(linkable(&page.state, "").before, versions);
    page.act(Action::Files(FilesAction::Before { versions: Vec::new() }));
    page.settle();
    assert_eq!(page.review().change, None);
    page.act(Action::Files(FilesAction::Undo));
    page.settle();
    assert!(page.review().change.is_some());
}
