//! A secret is baked into the image.
//!
//! `ENV` and `ARG` are kept in the image's configuration and history (`docker history --no-trunc` prints them), and so is
//! each `RUN` with its text. A copied `.env` file stays in its layer, even if a later instruction removes it. Whoever can
//! pull the image has them. Mount the secret while building (`RUN --mount=type=secret`), and hand it to the container when
//! it runs.
//!
//! Limits: Dockerfiles alone are read; Compose files, Kubernetes manifests, charts, workflows and `.env` files are not. A
//! secret is known by the name of its variable, by the form of the value, or as the password of a URL. What `COPY . .`
//! brings along is not looked at. In a build stage that is not shipped, arguments and copied files are reported as medium.
//!
//! ```dockerfile bad
//! FROM golang:1.26
//! ARG GITHUB_TOKEN
//! #   ^^^^^^^^^^^^ the build argument `GITHUB_TOKEN` stays in the image's history
//! RUN git config --global url."https://${GITHUB_TOKEN}@github.com/".insteadOf https://github.com/
//! COPY .env /src/.env
//! #    ^^^^ `.env` is copied into a layer
//! ENV PORT=8080 DB_PASSWORD=hunter22
//! #             ^^^^^^^^^^^ the value of `DB_PASSWORD` is written into the Dockerfile
//! ```
//! ```dockerfile bad
//! FROM golang:1.26 AS build
//! RUN git clone https://ci:f3A9x0QmZ7tLw2Kc@git.example.com/private
//! #             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the password of `ci` is written into the Dockerfile
//!
//! FROM scratch
//! COPY --from=build /app /app
//! ```
//! ```dockerfile good
//! FROM golang:1.26
//! # Mounted for this command alone.
//! RUN --mount=type=secret,id=github_token git clone https://github.com/example/private
//! ```
//! ```dockerfile good
//! FROM golang:1.26
//! # The place of a secret, none, and the value of another variable.
//! ENV DB_PASSWORD_FILE=/run/secrets/db DB_PASSWORD= API_TOKEN=$API_TOKEN
//! COPY .env.example /src/
//! ```
//!
//! # Impact
//!
//! Everyone who can pull the image, from CI runners to a laptop that was lost, can read the secret, and removing it in
//! a later layer changes nothing. It has to be treated as published: revoke it first, then change the build. Scanners
//! of public registries find such values within minutes.
//!
//! # Verify
//!
//! - `docker history --no-trunc IMAGE`: prints build arguments and the text of each `RUN`
//! - `dive IMAGE`: shows the files of each layer, those that a later one deletes as well
//! - `trivy image --scanners secret IMAGE`: looks for known forms of secrets
//!
//! # Options
//!
//! - Mount it for one build step, `RUN --mount=type=secret`: nothing is left in the image; the builder has to be
//!   BuildKit
//!   - cloud-native, senior: the build keeps working, the layer has nothing
//! - Read it when the container runs, from a mounted secret: can be changed without a build, and the process must fail
//!   clearly without it
//!   - backend, data, throughput: one image for all environments
//!
//! # References
//!
//! - [Docker, "Build secrets"](https://docs.docker.com/build/building/secrets/)
use std::collections::HashSet;

use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, instructions, shipped, stages};
use crate::security::names::holds_secret;
use crate::security::support::credential_in;

pub static RULE: Rule = Rule {
    id: "deploy/secret-in-manifest",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Security, 3), (Concern::Deploy, 3)],
    equivalents: &[
        "hadolint:DL3064",
        "semgrep:secret-in-build-arg",
        "kube-linter:env-var-secret",
        "semgrep:secrets-in-config-file",
        "zizmor:hardcoded-container-credentials",
    ],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    examines: "variables of Dockerfiles",
};

fn check(cx: &mut CompanionCx) {
    let all = instructions(cx.text);
    let stages = stages(&all);
    let kept: HashSet<u32> =
        shipped(&stages).iter().flat_map(|stage| stage.instructions).map(|i| i.head.start).collect();
    for instruction in &all {
        let is_shipped = kept.contains(&instruction.head.start);
        match instruction.keyword.as_str() {
            "ENV" => env(cx, instruction, is_shipped),
            "ARG" => arg(cx, instruction, is_shipped),
            "COPY" | "ADD" => copy(cx, instruction, is_shipped),
            "RUN" => run(cx, instruction),
            _ => {}
        }
    }
}

fn env(cx: &mut CompanionCx, env: &Instruction, is_shipped: bool) {
    let words: Vec<_> = env.words().collect();
    // `ENV name value` is the old form of one variable; else each word is `name=value`.
    let old = match words.as_slice() {
        [(name, span), (value, _), ..] if !name.contains('=') => Some((*name, *value, *span)),
        _ => None,
    };
    for (name, value, span) in old.into_iter().chain(words.iter().filter_map(|&word| pair(word))) {
        cx.examined();
        let known = credential_in(value.trim_matches(['"', '\'']));
        if known.is_some() || is_secret(name, value) {
            let what = known.unwrap_or_else(|| format!("the value of `{name}`"));
            let note = match is_shipped {
                true => "anyone who can pull the image can read it; set it when the container starts",
                false => "anyone who can read the Dockerfile has it; mount it for the command that needs it",
            };
            cx.report(span, format!("{what} is written into the Dockerfile")).note(note);
        }
    }
}

/// `name=value`, and where the name stands.
fn pair((word, span): (&str, Span)) -> Option<(&str, &str, Span)> {
    let (name, value) = word.split_once('=')?;
    Some((name, value, Span::new(span.start, span.start + name.len() as u32)))
}

fn is_secret(name: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', ';']);
    holds_secret(name) && !value.is_empty() && !value.starts_with(['$', '<', '`'])
}

fn arg(cx: &mut CompanionCx, arg: &Instruction, is_shipped: bool) {
    for (word, span) in arg.words() {
        let name = word.split('=').next().unwrap_or(word);
        cx.examined();
        if !holds_secret(name) {
            continue;
        }
        let span = Span::new(span.start, span.start + name.len() as u32);
        let (place, severity) = match is_shipped {
            true => ("the image's history", Severity::Critical),
            false => ("the build cache and the provenance of the build", Severity::Medium),
        };
        cx.report(span, format!("the build argument `{name}` stays in {place}"))
            .severity(severity)
            .note("mount it for the one command that needs it: `RUN --mount=type=secret`");
    }
}

fn copy(cx: &mut CompanionCx, copy: &Instruction, is_shipped: bool) {
    const SECRET: &[&str] = &[
        ".env",
        ".env.local",
        ".env.production",
        ".netrc",
        ".npmrc",
        ".pgpass",
        "credentials.json",
        "id_ed25519",
        "id_rsa",
    ];
    let words: Vec<_> = copy.words().filter(|(word, _)| !word.starts_with("--")).collect();
    let Some((_, sources)) = words.split_last() else { return };
    for &(source, span) in sources {
        let file = source.rsplit('/').next().unwrap_or(source).trim_matches(['"', '[', ',', ']']);
        if SECRET.contains(&file) {
            cx.examined();
            cx.report(span, format!("`{source}` is copied into a layer"))
                .severity(if is_shipped { Severity::Critical } else { Severity::Medium })
                .note("removing it in a later instruction does not take it out of its layer");
        }
    }
}

/// Values that are set for a command, and credentials by their form anywhere in it.
fn run(cx: &mut CompanionCx, run: &Instruction) {
    for (word, span) in run.words() {
        let value = word.split_once('=').map_or(word, |(_, value)| value).trim_matches(['"', '\'', ';']);
        let what = match (credential_in(value), pair((word, span))) {
            (Some(what), _) => what,
            (None, Some((name, value, _))) if is_secret(name, value) && !name.starts_with('-') => {
                format!("the value of `{name}`")
            }
            _ => continue,
        };
        cx.examined();
        cx.report(span, format!("{what} is written into the Dockerfile"))
            .note("mount it for the one command that needs it: `RUN --mount=type=secret`");
    }
}
