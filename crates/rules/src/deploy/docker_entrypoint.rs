//! The command is started through a shell, which does not pass signals on.
//!
//! In shell form Docker runs `/bin/sh -c` as the first process, and its documentation says what follows: the service is
//! not the one that gets SIGTERM, so it is killed without a chance to finish requests and flush what it holds. An image
//! without a shell cannot start it at all. Write the command as a JSON list.
//!
//! Wrapper scripts without `exec`, and ports and health checks, come with several files.
//!
//! ```dockerfile bad
//! FROM debian:12-slim
//! COPY app /app
//! ENTRYPOINT /app --port 8080
//! #          ^^^^^^^^^^^^^^^^ this `ENTRYPOINT` runs under `/bin/sh -c`, so SIGTERM does not reach the service
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
//! FROM golang:1.26 AS build
//! CMD go test ./...
//!
//! FROM debian:12-slim
//! COPY --from=build /app /app
//! ENTRYPOINT ["/app"]
//! CMD ["--port", "8080"]
//! ```
//! ```dockerfile good
//! FROM debian:12-slim
//! CMD exec /app --port "$PORT"
//! ```
use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, instructions, shipped, stages};

pub static RULE: Rule = Rule {
    id: "deploy/docker-entrypoint",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 3), (Concern::Availability, 2), (Concern::Cancellation, 1)],
    equivalents: &["hadolint:DL3025", "hadolint:DL3057"],
    fix: FixKind::Suggested,
    scope: Scope::Both,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    file: file!(),
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
    if command.args.trim_start().starts_with(['[', '<']) || command.args.trim_start().starts_with("exec ") {
        return;
    }
    let keyword = &command.keyword;
    let bare = base == "scratch"
        || base.starts_with("gcr.io/distroless/") && !base.contains("debug") && !base.contains("/base-debug");
    let message = if bare {
        format!("this `{keyword}` needs `/bin/sh`, which `{base}` does not have")
    } else {
        format!("this `{keyword}` runs under `/bin/sh -c`, so SIGTERM does not reach the service")
    };
    let report = cx.report(command.span, message).note("the JSON form starts the program itself, as the first process");
    if let Some(list) = exec_form(command) {
        report.fix("Write the command as a JSON list", [(command.span, list)]);
    }
}

/// The JSON form of a command that needs nothing from a shell.
fn exec_form(command: &Instruction) -> Option<String> {
    if command.args.contains(['$', '"', '\'', '`', '&', '|', ';', '<', '>', '*', '?', '~', '(', '\\', '=']) {
        return None;
    }
    let words: Vec<String> = command.words().map(|(word, _)| format!("\"{word}\"")).collect();
    Some(format!("[{}]", words.join(", ")))
}
