//! The command is started through a shell, which does not pass signals on.
//!
//! In shell form Docker runs `/bin/sh -c` as the first process, and that does not forward signals (Dockerfile reference):
//! SIGTERM does not reach the service, and it is killed without a chance to finish its requests and to flush what it
//! holds. An image without a shell cannot start the command at all. Write it as a JSON list. If the command needs the
//! shell, let it begin with `exec`, which replaces the shell.
//!
//! Limits: only the Dockerfile is read. A script that the command starts, and that does not `exec` the service, is not
//! looked at, nor is a command that a Compose file or a manifest sets. Some shells replace themselves with a single command.
//!
//! ```dockerfile bad
//! FROM debian:12-slim
//! COPY app /app
//! ENTRYPOINT /app --port 8080
//! #          ^^^^^^^^^^^^^^^^ this `ENTRYPOINT` runs under `/bin/sh -c`, which may not pass SIGTERM on to the service
//! ```
//! ```diff fixed
//! -ENTRYPOINT /app --port 8080
//! +ENTRYPOINT ["/app", "--port", "8080"]
//! ```
//! ```dockerfile bad
//! FROM scratch
//! COPY app /app
//! CMD /app
//! #   ^^^^ this `CMD` needs `/bin/sh`, which `scratch` does not have
//! ```
//! ```diff fixed
//! -CMD /app
//! +CMD ["/app"]
//! ```
//! ```dockerfile good
//! # The build stage starts nothing in production.
//! FROM golang:1.26 AS build
//! CMD go test ./...
//!
//! FROM debian:12-slim
//! COPY --from=build /app /app
//! ENTRYPOINT ["/app"]
//! ```
//! ```dockerfile good
//! FROM debian:12-slim
//! # exec replaces the shell.
//! CMD exec /app --port "$PORT"
//! ```
//!
//! # Verify
//!
//! - `docker stop CONTAINER`: has to return before the ten seconds after which Docker kills it
//! - `docker top CONTAINER`: process 1 has to be the service and not `sh`
//! - `hadolint {file}`: DL3025 asks for the JSON form
//!
//! # References
//!
//! - [Dockerfile reference, ENTRYPOINT](https://docs.docker.com/reference/dockerfile/#entrypoint)
use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, instructions, shipped, stages};

pub static RULE: Rule = Rule {
    id: "deploy/docker-entrypoint",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 3), (Concern::Availability, 2), (Concern::Cancellation, 1)],
    equivalents: &["hadolint:DL3025", "hadolint:DL3057"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    examines: "entry points of images",
};

fn check(cx: &mut CompanionCx) {
    let all = instructions(cx.text);
    let stages = stages(&all);
    let chain = shipped(&stages);
    let last = |keyword: &str| chain.iter().find_map(|stage| stage.instructions.iter().rfind(|i| i.keyword == keyword));
    // With an ENTRYPOINT the CMD is a list of arguments to it, and does not start anything.
    let Some(command) = last("ENTRYPOINT").or_else(|| last("CMD")) else { return };
    let Some(base) = chain.last().map(|stage| stage.base) else { return };
    cx.examined();
    let Some(shell) = shell(command, base) else { return };
    let report = cx
        .report(command.span, format!("this `{}` {shell}", command.keyword))
        .note("the JSON form starts the program itself, as the first process");
    if let Some(list) = exec_form(command) {
        report.fix("Write the command as a JSON list", [(command.span, list)]);
    }
}

/// What is wrong with a command that is started by a shell; none if it is not, or if `exec` replaces the shell.
fn shell(command: &Instruction, base: &str) -> Option<String> {
    let args = command.args.trim_start();
    let passes = |shell: &str| format!("runs under `{shell}`, which may not pass SIGTERM on to the service");
    if args.starts_with('[') {
        let words: Vec<&str> =
            args.trim_matches(['[', ']']).splitn(3, ',').map(|word| word.trim().trim_matches('"')).collect();
        let &[shell, "-c", script] = words.as_slice() else { return None };
        let is_shell = matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"));
        return (is_shell && !script.contains("exec ")).then(|| passes(&format!("{shell} -c")));
    }
    if args.starts_with('<') || args.starts_with("exec ") {
        return None;
    }
    let distroless = base.starts_with("gcr.io/distroless/") && !base.contains("debug");
    match base == "scratch" || distroless {
        true => Some(format!("needs `/bin/sh`, which `{base}` does not have")),
        false => Some(passes("/bin/sh -c")),
    }
}

/// The JSON form of a command that needs nothing from a shell.
fn exec_form(command: &Instruction) -> Option<String> {
    if command.args.contains(['[', '$', '"', '\'', '`', '&', '|', ';', '<', '>', '*', '?', '~', '(', '\\', '=']) {
        return None;
    }
    let words: Vec<String> = command.words().map(|(word, _)| format!("\"{word}\"")).collect();
    Some(format!("[{}]", words.join(", ")))
}
