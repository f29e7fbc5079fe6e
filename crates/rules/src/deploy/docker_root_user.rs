//! The container runs as root.
//!
//! Without `USER` the process has user id 0 in the container. Whoever takes it over, or a mount that it was given, is root
//! there, and clusters that enforce `runAsNonRoot` refuse the image. Name a user by number in the last stage, which
//! Kubernetes can check without a user database, or use a `nonroot` base.
//!
//! Limits: only the Dockerfile is read; a user that Compose, a manifest or an entrypoint script sets is not seen. Images of
//! other registries may set a user of their own, so only Docker's official images and distroless count as root. An image
//! that starts nothing is not reported. Where `su-exec`, `gosu` or `s6` is installed, with which an entrypoint gives root up, it is
//! a question.
//!
//! ```dockerfile bad
//! FROM golang:1.26 AS build
//! COPY . /src
//! RUN cd /src && go build -o /app .
//!
//! FROM gcr.io/distroless/static-debian12
//! #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the last stage sets no `USER`, so the process runs as root
//! COPY --from=build /app /app
//! ENTRYPOINT ["/app"]
//! ```
//! ```diff fixed
//! +USER 65532:65532
//! ```
//! ```dockerfile bad
//! FROM alpine:3.22
//! USER app
//! RUN id
//! USER root
//! #    ^^^^ the last `USER` is root
//! CMD ["/app"]
//! ```
//! ```diff fixed
//! -USER root
//! +USER 65532:65532
//! ```
//! ```dockerfile good
//! FROM alpine:3.22 AS base
//! USER 10001
//!
//! # The last stage has the user of the stage that it is built on.
//! FROM base
//! COPY app /app
//! CMD ["/app"]
//! ```
//! ```dockerfile good
//! # The base comes with a user.
//! FROM gcr.io/distroless/static-debian12:nonroot
//! COPY app /app
//! ENTRYPOINT ["/app"]
//! ```
//!
//! # Impact
//!
//! A flaw in the process, or a writable mount, gives an attacker root inside the container, and with a kernel flaw
//! on the node. Clusters that enforce the restricted Pod Security Standard refuse the pod: "container has runAsNonRoot
//! and image will run as root". Locally nothing differs.
//!
//! # Verify
//!
//! - `docker run --rm --entrypoint id IMAGE`: must not print `uid=0`; an image without a shell may lack `id`
//! - `docker inspect --format '{{.Config.User}}' IMAGE`: empty means root
//! - `hadolint {file}`: DL3002 reports a last user that is root
//!
//! # Options
//!
//! - Set a numeric `USER`: Kubernetes can check it without the image's user database; files that the process writes
//!   need that owner
//!   - senior, cloud-native, backend: one line that every cluster understands
//! - Build on a `nonroot` base image: the user, its home and certificates are there, and the base decides the number
//!   - throughput, data: nothing to maintain
//!
//! # References
//!
//! - [Dockerfile reference, USER](https://docs.docker.com/reference/dockerfile/#user)
//! - [Kubernetes, "Pod Security Standards"](https://kubernetes.io/docs/concepts/security/pod-security-standards/)
use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, Stage, instructions, official, repository, shipped, stages};

pub static RULE: Rule = Rule {
    id: "deploy/docker-root-user",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 3), (Concern::Security, 2)],
    equivalents: &["hadolint:DL3002", "semgrep:missing-user", "semgrep:last-user-is-root"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    examines: "users of images",
};

/// The user that distroless calls nonroot; a number needs no entry in /etc/passwd.
const NONROOT: &str = "65532:65532";

fn check(cx: &mut CompanionCx) {
    let all = instructions(cx.text);
    let stages = stages(&all);
    let chain = shipped(&stages);
    let (Some(last), Some(first)) = (chain.first(), chain.last()) else { return };
    // An image that starts nothing is a tool of the build.
    let starts = |i: &Instruction| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT");
    if !chain.iter().any(|stage| stage.instructions.iter().any(starts)) {
        return;
    }
    cx.examined();
    let user = chain.iter().find_map(|stage| stage.instructions.iter().rfind(|i| i.keyword == "USER"));
    match user.and_then(|user| user.words().next()) {
        Some((user, span)) if is_root(user) => {
            cx.report(span, "the last `USER` is root")
                .note("anyone who takes over the process is root in the container")
                .fix("Run as a numbered user", [(span, NONROOT.to_owned())]);
        }
        None if runs_as_root(first.base) => {
            // What runs on the image of a compiler, and is not built there, builds or generates.
            let (severity, cause) = match repository(first.base).rsplit('/').next() {
                Some("golang") if !builds(&chain) => (Severity::Low, "images of tools that run as root"),
                _ => (Severity::Medium, "images that run as root"),
            };
            let drops = drops_root(&chain);
            let severity = if drops { Severity::Low } else { severity };
            let report = cx
                .report(last.span, "the last stage sets no `USER`, so the process runs as root")
                .severity(severity)
                .one_cause(if drops { "images whose entrypoint may leave root" } else { cause });
            let report = if drops { report.question() } else { report };
            report
                .note("anyone who takes over the process is root in the container; a number needs no entry in `/etc/passwd`")
                .fix("Run as a numbered user", [add_user(end(&all), last)]);
        }
        _ => {}
    }
}

/// Whether the image builds a program itself, which it then runs.
fn builds(chain: &[&Stage]) -> bool {
    let mut runs = chain.iter().flat_map(|stage| stage.instructions).filter(|i| i.keyword == "RUN");
    runs.any(|run| run.words().any(|(word, _)| matches!(word, "build" | "install" | "make")))
}

/// Whether the image installs what an entrypoint gives root up with.
fn drops_root(chain: &[&Stage]) -> bool {
    const TOOLS: &[&str] = &["gosu", "setpriv", "s6", "su-exec"];
    let mut runs = chain.iter().flat_map(|stage| stage.instructions).filter(|i| i.keyword == "RUN");
    runs.any(|run| run.words().any(|(word, _)| TOOLS.contains(&word)))
}

fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("root" | "0"))
}

/// Whether the image is known to leave its user at root: Docker's own images and distroless without `nonroot`.
fn runs_as_root(image: &str) -> bool {
    let distroless = repository(image).starts_with("gcr.io/distroless/");
    (official(image).is_some() || distroless) && !image.contains("nonroot") && !image.contains('$')
}

fn end(all: &[Instruction]) -> u32 {
    all.last().map_or(0, |last| last.span.end.max(last.head.end))
}

/// The line before the stage's command, or at the end of the file.
fn add_user(end: u32, stage: &Stage) -> (Span, String) {
    let command = stage.instructions.iter().find(|i| matches!(i.keyword.as_str(), "ENTRYPOINT" | "CMD"));
    match command {
        Some(command) => (Span::new(command.head.start, command.head.start), format!("USER {NONROOT}\n")),
        None => (Span::new(end, end), format!("\nUSER {NONROOT}")),
    }
}
