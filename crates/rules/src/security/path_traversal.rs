//! Input from outside names a file.
//!
//! With `../` in it, it leads out of the folder that it is meant for: a stranger reads the configuration and its passwords, or
//! overwrites a program. Open it inside the folder with `os.OpenInRoot` or `os.Root` (Go 1.24), which refuse such names and links
//! that lead out, or refuse it unless `filepath.IsLocal` accepts it. Where it names nothing but a file, take `filepath.Base` of it.
//! `filepath.Clean` and `filepath.Join` remove no leading `..`; they do if a `/` comes first: `path.Clean("/" + name)`. A check with
//! `strings.HasPrefix` needs the joined path and a separator at the end of the folder, or `/srv/data-old` passes for `/srv/data`.
//! Entries of archives need the same check before they are written (documentation of `archive/zip.FileHeader`).
//!
//! Input is followed through variables, fields, closures and the functions of the package, as for `security/command-injection`.
//!
//! Limits: symbolic links that are there already are not considered; only `os.Root` handles those.
//!
//! ```go bad
//! func download(w http.ResponseWriter, r *http.Request) {
//! 	path := filepath.Join("/srv/files", r.URL.Query().Get("file"))
//! 	data, err := os.ReadFile(path)
//! 	//                       ^^^^ `path` contains a query parameter of the request and is used as a path
//! 	if err != nil {
//! 		http.NotFound(w, r)
//! 		return
//! 	}
//! 	w.Header().Set("Content-Type", "application/octet-stream")
//! 	w.Write(data)
//! }
//! ```
//! ```go bad
//! import "archive/zip"
//!
//! func extract(reader *zip.Reader, dir string) error {
//! 	for _, entry := range reader.File {
//! 		if err := os.MkdirAll(filepath.Join(dir, entry.Name), 0o755); err != nil {
//! 			//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ contains the name of an entry of an archive and is used as a path
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//! ```go good
//! func download(w http.ResponseWriter, r *http.Request) {
//! 	root, err := os.OpenRoot("/srv/files")
//! 	if err != nil {
//! 		http.Error(w, "no files", http.StatusInternalServerError)
//! 		return
//! 	}
//! 	defer root.Close()
//! 	file, err := root.Open(r.URL.Query().Get("file")) // never leaves the folder
//! 	if err != nil {
//! 		http.NotFound(w, r)
//! 		return
//! 	}
//! 	defer file.Close()
//! 	io.Copy(w, file)
//! }
//! ```
//! ```go good
//! import "archive/zip"
//!
//! func extract(reader *zip.Reader, dir string) error {
//! 	for _, entry := range reader.File {
//! 		if !filepath.IsLocal(entry.Name) {
//! 			return fmt.Errorf("%q leads out of the folder", entry.Name)
//! 		}
//! 		if err := os.MkdirAll(filepath.Join(dir, entry.Name), 0o755); err != nil {
//! 			return err
//! 		}
//! 	}
//! 	return nil
//! }
//! ```
//!
//! # Impact
//!
//! A stranger can read `/etc/passwd`, the service's own configuration and its mounted tokens, or overwrite a file that
//! is executed later. Where the name is part of the address, access logs show `..%2f` with status 200; names from a
//! body or an archive do not show at all. A test asks for `../secret` beside the folder.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: with `../outside.txt`, an absolute path, and a symbolic link that leads out
//! - `curl -s --path-as-is 'http://localhost:8080/PATH/..%2f..%2f..%2fetc/passwd'`: where the name is part of the
//!   address, must not show the file
//!
//! # Options
//!
//! - Open it through `os.Root`: refuses `..` and links that lead out, from Go 1.24 on
//!   - senior, backend, cloud-native, throughput: the operating system resolves the name, so no spelling gets around
//!     the check
//! - Look the file up by an id in a table: names never come from outside, and there has to be a table
//!   - data: what can be read is a row with an owner
//! - Check with `filepath.IsLocal`: for older versions of Go, and links can still lead out
//!
//! # References
//!
//! - [Go blog, "Traversal-resistant file APIs"](https://go.dev/blog/osroot)
//! - [Package os, Root](https://pkg.go.dev/os#Root)
use gopeer_lint::prelude::*;

use super::tainted::named;

pub static RULE: Rule = Rule {
    id: "security/path-traversal",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3)],
    equivalents: &[
        "gosec:G304",
        "gosec:G305",
        "gosec:G703",
        "semgrep:filepath-clean-misuse",
        "semgrep:path-traversal-inside-zip-extraction",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Piece(check)],
    examines: "paths of files",
};

const ROUTED: &str = "`http.ServeMux` removes `..` from the path before it calls a handler; other routers may not";

/// What the text of a function says that looks at where a path leads.
const CHECKS: &[&str] = &["HasPrefix", "IsLocal", "Rel(", "\"..\""];

fn check(cx: &mut Cx) {
    for taint in cx.taints(Kinds::PATH) {
        // It refuses `..` in the path of the request itself.
        if &*taint.class == "url" && taint.sink.ends_with("ServeFile") {
            continue;
        }
        let (name, place, origin) = (named(cx, &taint), taint.place(), taint.origin());
        let cause = crate::cause::in_function(cx, taint.at);
        // `mime/multipart` gives the last element of the name only.
        if &*taint.class == "file" {
            cx.report(
                taint.at,
                format!(
                    "{name} contains {origin} and is used as a path{place}, and can be the name of an existing file"
                ),
            )
            .severity(Severity::Medium)
            .question()
            .steps(taint.steps)
            .one_cause(cause)
            .note("give the file a name of your own, such as a UUID, and keep the client's name beside it");
            continue;
        }
        let text = cx.enclosing_decl(taint.at).map_or("", |decl| cx.source(decl));
        let checked = CHECKS.iter().any(|check| text.contains(check));
        let report = cx
            .report(taint.at, format!("{name} contains {origin} and is used as a path{place}"))
            .steps(taint.steps)
            .one_cause(cause);
        let report = report.question_unless(&*taint.class == "archive" && !checked);
        let report = match &*taint.class {
            "url" => report.severity(Severity::Medium).note(ROUTED),
            _ => report,
        };
        report
            .note("`..` in it leads out of the folder: use the methods of `os.Root`, or refuse it unless `filepath.IsLocal` accepts it");
    }
}
