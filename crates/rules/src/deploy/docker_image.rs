//! The image is larger than necessary, or its base may change from build to build.
//!
//! An image built on `golang` ships a compiler and a shell to production: half a gigabyte to pull at each scale-up, and
//! more software that has to be patched. A base without a tag, or with `latest`, changes without notice. `ADD` also fetches
//! addresses and unpacks archives where `COPY` only copies, and package lists that are left in a layer stay in the image;
//! these two are reported as low.
//!
//! Limits: only the Dockerfile is read, and a base that is a variable is not followed. Whether a smaller base would do, what
//! `.dockerignore` leaves out, and the order of layers are not looked at. distroless has no tags for
//! versions, so none is asked for.
//!
//! ```dockerfile bad
//! FROM golang:1.26
//! #    ^^^^^^^^^^^ the image ships the Go toolchain: its last stage is built on `golang:1.26`
//! COPY . /src
//! RUN cd /src && go build -o /app .
//! CMD ["/app"]
//! ```
//! ```dockerfile bad
//! FROM golang AS build
//! #    ^^^^^^ `golang` has no tag, so the next build may use another version
//! RUN go install example.com/app@v1.2.3
//!
//! FROM alpine:latest
//! #    ^^^^^^^^^^^^^ `alpine:latest` changes with each release, so the next build may use another version
//! COPY --from=build /go/bin/app /app
//! CMD ["/app"]
//! ```
//! ```dockerfile bad
//! FROM alpine:3.22
//! RUN apk add ca-certificates
//! #   ^^^^^^^ low: `apk add` leaves its package index in the image
//! ADD app /app
//! #   ^^^^^^^^ low: `ADD` does no more than `COPY` here
//! CMD ["/app"]
//! ```
//! ```diff fixed
//! -RUN apk add ca-certificates
//! -ADD app /app
//! +RUN apk add --no-cache ca-certificates
//! +COPY app /app
//! ```
//! ```dockerfile good
//! FROM golang:1.26@sha256:0123 AS build
//! # A build stage may be large: it is not shipped.
//! RUN apt-get update && apt-get install -y git
//!
//! FROM scratch
//! COPY --from=build /app /app
//! USER 10001
//! ENTRYPOINT ["/app"]
//! ```
//! ```dockerfile good
//! FROM debian:12-slim
//! # Fetches and unpacks, which COPY does not.
//! ADD https://example.com/schema.tar.gz /schema/
//! CMD ["/app"]
//! ```
//!
//! # Verify
//!
//! - `docker images IMAGE`: size before and after
//! - `trivy image IMAGE`: how many packages have to be patched
//! - `hadolint --no-color {file}`: unpinned bases, `ADD` and leftover package lists
//!
//! # References
//!
//! - [Docker, "Building best practices"](https://docs.docker.com/build/building/best-practices/)
use std::collections::HashSet;

use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, Stage, instructions, official, repository, shipped, stages};

pub static RULE: Rule = Rule {
    id: "deploy/docker-image",
    severity: Severity::Medium,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 3), (Concern::Security, 1)],
    equivalents: &[
        "hadolint:DL3006",
        "hadolint:DL3007",
        "hadolint:DL3018",
        "hadolint:DL3019",
        "hadolint:DL3020",
        "semgrep:missing-image-version",
    ],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    examines: "instructions of Dockerfiles",
};

fn check(cx: &mut CompanionCx) {
    let all = instructions(cx.text);
    let stages = stages(&all);
    let mut names = HashSet::new();
    for stage in &stages {
        let is_stage = names.contains(&stage.base.to_ascii_lowercase());
        names.extend(stage.name.map(str::to_ascii_lowercase));
        if !is_stage && stage.base != "scratch" && !stage.base.contains('$') {
            cx.examined();
            tag(cx, stage);
        }
    }
    let chain = shipped(&stages);
    if let Some(first) = chain.last() {
        toolchain(cx, first, &chain);
    }
    all.iter().filter(|i| i.keyword == "ADD").for_each(|i| add(cx, i));
    let runs = chain.iter().flat_map(|stage| stage.instructions).filter(|i| i.keyword == "RUN");
    runs.for_each(|run| packages(cx, run));
}

fn tag(cx: &mut CompanionCx, stage: &Stage) {
    let (image, repository) = (stage.base, repository(stage.base));
    if repository.starts_with("gcr.io/distroless/") {
        return;
    }
    let why = if image == repository {
        "has no tag"
    } else if image.ends_with(":latest") {
        "changes with each release"
    } else {
        return;
    };
    cx.report(stage.span, format!("`{image}` {why}, so the next build may use another version"))
        .note("name the version, best with its digest");
}

fn toolchain(cx: &mut CompanionCx, first: &Stage, chain: &[&Stage]) {
    let runs =
        chain.iter().any(|stage| stage.instructions.iter().any(|i| matches!(i.keyword.as_str(), "CMD" | "ENTRYPOINT")));
    if runs && official(first.base) == Some("golang") && first.base != "golang" {
        let message = format!("the image ships the Go toolchain: its last stage is built on `{}`", first.base);
        cx.report(first.span, message)
            .note("build in one stage, and copy the binary into a last stage on distroless or scratch");
    }
}

fn add(cx: &mut CompanionCx, add: &Instruction) {
    cx.examined();
    let special = |word: &str| {
        word.starts_with("--")
            || word.contains("://")
            || word.starts_with("git@")
            || word.contains('$')
            || word.contains(".tar")
            || word.contains(".tgz")
            || word.contains('*')
            || word.contains("<<")
    };
    if add.words().any(|(word, _)| special(word)) {
        return;
    }
    cx.report(add.span, "`ADD` does no more than `COPY` here")
        .severity(Severity::Low)
        .note("`ADD` also fetches addresses and unpacks archives")
        .fix("Use `COPY`", [(add.head, "COPY".to_owned())]);
}

/// Package managers of the shipped stages that leave their lists behind.
fn packages(cx: &mut CompanionCx, run: &Instruction) {
    let words: Vec<_> = run.words().collect();
    let has = |part: &str| run.args.contains(part);
    if has("--mount=type=cache") {
        return;
    }
    for pair in words.windows(2) {
        let [(tool, from), (verb, to)] = pair else { continue };
        let at = from.to(*to);
        match (*tool, *verb) {
            ("apk", "add") if !has("--no-cache") && !has("/var/cache/apk") => {
                cx.report(at, "`apk add` leaves its package index in the image")
                    .severity(Severity::Low)
                    .fix("Add `--no-cache`", [(Span::new(to.end, to.end), " --no-cache".to_owned())]);
            }
            ("apt-get" | "apt", "install") if !has("/var/lib/apt/lists") && !has("apt-get clean") => {
                cx.report(at, format!("`{tool} install` leaves its package lists in the image"))
                    .severity(Severity::Low)
                    .note("remove `/var/lib/apt/lists/*` in the same `RUN`: a later one cannot make the layer smaller");
            }
            _ => {}
        }
    }
}
