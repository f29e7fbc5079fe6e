//! A file or directory that anybody on the machine may write, or a secret that anybody may read.
//!
//! Whoever has an account on the machine, or code in another container that shares the volume, replaces a file of mode 0666 and adds
//! files to a directory of mode 0777. A key or password of mode 0644 is read by all. A mode is octal in Go too only with `0` or `0o`
//! before it: `644` is 01204 (Go spec, "Integer literals").
//!
//! Limits: the umask takes bits away, 022 on most machines; a service should not rely on that. A new file with mode 0666 is left
//! alone, because `os.Create` makes such files too, unless the name of what is written, or of the file, says that it is secret.
//!
//! ```go bad
//! func save(dir string, data []byte) error {
//! 	if err := os.MkdirAll(dir, 0o777); err != nil {
//! 		//                        ^^^^^ mode 0777 lets anybody on the machine write it
//! 		return err
//! 	}
//! 	return os.WriteFile(filepath.Join(dir, "state"), data, 644)
//! 	//                                                     ^^^ medium: mode 644 is decimal, which is 01204
//! }
//! ```
//! ```diff fixed
//! -	if err := os.MkdirAll(dir, 0o777); err != nil {
//! +	if err := os.MkdirAll(dir, 0o755); err != nil {
//! -	return os.WriteFile(filepath.Join(dir, "state"), data, 644)
//! +	return os.WriteFile(filepath.Join(dir, "state"), data, 0o644)
//! ```
//! ```go bad
//! func keep(dir string, privateKey []byte) error {
//! 	return os.WriteFile(filepath.Join(dir, "key.pem"), privateKey, 0o644)
//! 	//                                                             ^^^^^ medium: mode 0644 lets anybody on the machine read `privateKey`
//! }
//! ```
//! ```diff fixed
//! -	return os.WriteFile(filepath.Join(dir, "key.pem"), privateKey, 0o644)
//! +	return os.WriteFile(filepath.Join(dir, "key.pem"), privateKey, 0o600)
//! ```
//! ```go bad
//! func keep(dir, tokenFile string, data []byte) error {
//! 	if err := os.WriteFile(filepath.Join(dir, "tls.key"), data, 0o666); err != nil {
//! 		//                                                         ^^^^^ medium: mode 0666 lets anybody on the machine read `tls.key`
//! 		return err
//! 	}
//! 	f, err := os.OpenFile(tokenFile, os.O_CREATE|os.O_WRONLY, 0o644)
//! 	//                                                        ^^^^^ medium: mode 0644 lets anybody on the machine read `tokenFile`
//! 	if err != nil {
//! 		return err
//! 	}
//! 	return f.Close()
//! }
//! ```
//! ```diff fixed
//! -	if err := os.WriteFile(filepath.Join(dir, "tls.key"), data, 0o666); err != nil {
//! +	if err := os.WriteFile(filepath.Join(dir, "tls.key"), data, 0o600); err != nil {
//! -	f, err := os.OpenFile(tokenFile, os.O_CREATE|os.O_WRONLY, 0o644)
//! +	f, err := os.OpenFile(tokenFile, os.O_CREATE|os.O_WRONLY, 0o600)
//! ```
//! ```go good
//! func save(dir string, page, privateKey []byte) error {
//! 	if err := os.MkdirAll(dir, 0o755); err != nil {
//! 		return err
//! 	}
//! 	if err := os.WriteFile(filepath.Join(dir, "key.pem"), privateKey, 0o600); err != nil {
//! 		return err
//! 	}
//! 	if err := os.Chmod(dir, 0o1777); err != nil { // as /tmp: only owners delete
//! 		return err
//! 	}
//! 	return os.WriteFile(filepath.Join(dir, "index.html"), page, 0o644) // for all to read
//! }
//! ```
use gopeer_lint::prelude::*;

use super::names::holds_secret;

pub static RULE: Rule = Rule {
    id: "security/file-permissions",
    severity: Severity::Low,
    confidence: Confidence::New,
    concerns: &[(Concern::Security, 2)],
    equivalents: &["gosec:G301", "gosec:G302", "gosec:G306", "staticcheck:SA9002"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Call(CREATES, check)],
    examines: "modes of files",
};

const CREATES: &[&str] =
    &["os.Chmod", "os.File.Chmod", "os.Mkdir", "os.MkdirAll", "os.OpenFile", "os.WriteFile", "io/ioutil.WriteFile"];

fn check(cx: &mut Cx, call: Call) {
    let Some(&mode) = call.args.last() else { return };
    let Some(bits) = cx.int_value(mode).filter(|_| creates(cx, call)) else { return };
    cx.examined();
    let (text, span) = (cx.source(mode), cx.span(mode));
    // Decimal digits that are those of a mode.
    let decimal = text.len() == 3 && text.bytes().all(|digit| (b'0'..b'8').contains(&digit)) && !text.starts_with('0');
    if decimal {
        cx.report(mode, format!("mode {text} is decimal, which is 0{bits:o}"))
            .severity(Severity::Medium)
            .fix("Make it octal", [(span, format!("0o{text}"))]);
        return;
    }
    let is_literal = matches!(cx.expr(mode), Expr::Literal(_));
    let data = call.args.get(1).filter(|_| call.callee.name == "WriteFile").and_then(|&data| secret_in(cx, data));
    let secret = data.map(str::to_owned).or_else(|| secret_file(cx, call));
    if let Some(name) = secret.filter(|_| bits & 0o044 != 0) {
        cx.report(
            mode,
            format!(
                "mode 0{bits:03o} lets {} read `{name}`",
                if bits & 0o004 != 0 { "anybody on the machine" } else { "the group of the file" }
            ),
        )
        .severity(Severity::Medium)
        .fix("Let the owner read it only", is_literal.then(|| (span, "0o600".to_owned())));
        return;
    }
    // With the sticky bit, others cannot replace what is there. Files that the umask protects are created so by `os.Create` too.
    let by_umask = !matches!(call.callee.name, "Chmod" | "Mkdir" | "MkdirAll") && bits & 0o111 == 0;
    if bits & 0o002 == 0 || bits & 0o1000 != 0 || by_umask || !is_literal {
        return;
    }
    cx.report(mode, format!("mode 0{bits:03o} lets anybody on the machine write it"))
        .one_of("modes in this file let anybody write")
        .fix("Let the owner write it only", [(span, format!("0o{:o}", bits & !0o022))]);
}

/// Whether a call gives a file its mode: opening one does so only where it may create it.
fn creates(cx: &Cx, call: Call) -> bool {
    let creates = |flag| cx.denotes(flag, &["os.O_CREATE"]);
    call.callee.name != "OpenFile"
        || call.args.get(1).is_some_and(|&flags| cx.find_expr(flags, false, creates).is_some())
}

/// The name of a file that holds a secret: what its path ends with, or what the path is called.
fn secret_file(cx: &Cx, call: Call) -> Option<String> {
    if call.callee.recv.is_some() || call.callee.name.starts_with("Mkdir") {
        return None;
    }
    let mut path = cx.unparen(*call.args.first()?);
    if cx.calls(path, &["path/filepath.Join", "path.Join"]) {
        path = *cx.call(path)?.args.last()?;
    } else if let Expr::Binary { op: BinaryOp::Add, rhs, .. } = cx.expr(path) {
        path = rhs;
    }
    if let Some(text) = cx.string_value(path) {
        let file = text.rsplit('/').next().unwrap_or_default();
        return is_secret_file(file).then(|| file.to_owned());
    }
    let name = match cx.expr(path) {
        Expr::Ident => cx.source(path),
        Expr::Selector { name, .. } => cx.source(name),
        _ => return None,
    };
    let (of, place): (Vec<String>, Vec<String>) =
        words(name).into_iter().partition(|word| !matches!(word.as_str(), "file" | "filename" | "path"));
    let key = of.last().is_some_and(|last| last == "key") && !of.iter().any(|word| word.starts_with("pub"));
    (!place.is_empty() && (key || holds_secret(&of.join("_")))).then(|| name.to_owned())
}

/// Whether a file of this name holds a secret: `id_ed25519`, `tls.key`, `client-secret.json`.
fn is_secret_file(file: &str) -> bool {
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    let key = ending == "key" || matches!(file, "key.pem" | "id_rsa" | "id_ecdsa" | "id_ed25519" | "credentials");
    key || ending != "pub" && !stem.contains('.') && holds_secret(stem)
}

/// The name of a secret that is written.
fn secret_in<'a>(cx: &Cx<'a>, data: ExprId) -> Option<&'a str> {
    let data = match cx.expr(cx.unparen(data)) {
        Expr::Call { fun, args, .. } if cx.is_type_expr(fun) => cx.only(args)?,
        _ => cx.unparen(data),
    };
    let name = match cx.expr(data) {
        Expr::Ident => cx.source(data),
        Expr::Selector { name, .. } => cx.source(name),
        _ => return None,
    };
    holds_secret(name).then_some(name)
}
