//! A secret is baked into the image.
//!
//! `ENV` and `ARG` are kept in the image's configuration and history (`docker history --no-trunc` prints them), and a
//! copied `.env` file in a layer, even if a later one removes it: whoever can pull the image has them. Mount it while
//! building (`RUN --mount=type=secret`), and hand it to the container when it runs.
//!
//! Secrets in Kubernetes manifests, charts and workflows come with those files.
//!
//! ```dockerfile bad
//! FROM golang:1.26 AS build
//! ARG GITHUB_TOKEN
//! #   ^^^^^^^^^^^^ the build argument `GITHUB_TOKEN` stays in the image's history
//! RUN git config --global url."https://${GITHUB_TOKEN}@github.com/".insteadOf https://github.com/
//! COPY .env /src/.env
//! #    ^^^^ `.env` is copied into a layer
//!
//! FROM debian:12-slim
//! ENV PORT=8080 DB_PASSWORD=hunter22
//! #             ^^^^^^^^^^^ the value of `DB_PASSWORD` is part of the image
//! ```
//! ```dockerfile good
//! FROM golang:1.26 AS build
//! ARG VERSION TOKENIZER=bpe
//! ENV DB_PASSWORD_FILE=/run/secrets/db DB_PASSWORD= API_TOKEN=$API_TOKEN
//! RUN --mount=type=secret,id=github_token git clone https://github.com/example/private
//! COPY .env.example /src/
//! ```
use gopeer_lint::prelude::*;

use super::dockerfile::{Instruction, instructions};
use crate::security::support::is_secret_name;

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
    scope: Scope::Both,
    hooks: &[Hook::Companion(&[CompanionKind::Dockerfile], check)],
    file: file!(),
};

fn check(cx: &mut CompanionCx) {
    for instruction in instructions(cx.text) {
        match instruction.keyword.as_str() {
            "ENV" => env(cx, &instruction),
            "ARG" => arg(cx, &instruction),
            "COPY" | "ADD" => copy(cx, &instruction),
            _ => {}
        }
    }
}

fn env(cx: &mut CompanionCx, env: &Instruction) {
    let words: Vec<_> = env.words().collect();
    // `ENV name value` is the old form of one variable; else each word is `name=value`.
    let old = match words.as_slice() {
        [(name, span), (value, _), ..] if !name.contains('=') => Some((*name, *value, *span)),
        _ => None,
    };
    let pairs = words.iter().filter_map(|(word, span)| {
        let (name, value) = word.split_once('=')?;
        Some((name, value, Span::new(span.start, span.start + name.len() as u32)))
    });
    for (name, value, span) in old.into_iter().chain(pairs) {
        cx.examined();
        let value = value.trim_matches(['"', '\'']);
        if names_secret(name) && !value.is_empty() && !value.starts_with('$') {
            cx.report(span, format!("the value of `{name}` is part of the image"))
                .note("whoever can pull the image can read it; set it when the container starts");
        }
    }
}

fn arg(cx: &mut CompanionCx, arg: &Instruction) {
    for (word, span) in arg.words() {
        let name = word.split('=').next().unwrap_or(word);
        cx.examined();
        if names_secret(name) {
            cx.report(
                Span::new(span.start, span.start + name.len() as u32),
                format!("the build argument `{name}` stays in the image's history"),
            )
            .note("mount it for the one command that needs it: RUN --mount=type=secret");
        }
    }
}

fn copy(cx: &mut CompanionCx, copy: &Instruction) {
    let words: Vec<_> = copy.words().filter(|(word, _)| !word.starts_with("--")).collect();
    let Some((_, sources)) = words.split_last() else { return };
    for &(source, span) in sources {
        let file = source.rsplit('/').next().unwrap_or(source);
        if matches!(file, ".env" | ".env.local" | ".env.production" | ".netrc" | "id_rsa" | "id_ed25519") {
            cx.examined();
            cx.report(span, format!("`{source}` is copied into a layer"))
                .note("removing it in a later instruction does not take it out of the image");
        }
    }
}

/// Whether a variable by this name holds a secret itself, not the place of one.
fn names_secret(name: &str) -> bool {
    let about = ["file", "path", "name", "url", "uri", "id", "header", "ttl", "expiry", "duration", "length", "public"];
    is_secret_name(name) && !words(name).iter().any(|word| about.contains(&word.as_str()))
}
