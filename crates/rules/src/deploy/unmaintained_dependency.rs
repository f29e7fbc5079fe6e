//! A dependency that nobody maintains any more is used.
//!
//! Security holes that are found in it stay open, and newcomers meet two ways of doing one thing. Each entry says where the
//! code went, by the notice in the old repository. All imports of one such module, and its line in go.mod, are one finding.
//!
//! Limits: known are the modules listed in this rule, not all that are archived. What still works as it is and fills whole
//! code bases (pkg/errors, golang/protobuf, the first AWS SDK) is reported in go.mod only. Indirect requirements are
//! somebody else's choice and are not reported.
//!
//! ```go bad
//! package auth
//!
//! import "github.com/dgrijalva/jwt-go"
//! //     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `github.com/dgrijalva/jwt-go` is unmaintained; its successor is `github.com/golang-jwt/jwt/v5`
//! ```
//! ```go bad
//! package queue
//!
//! import "context"
//! import "github.com/Shopify/sarama"
//! //     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ `github.com/Shopify/sarama` moved; its successor is `github.com/IBM/sarama`
//! ```
//! ```diff fixed
//! -import "github.com/Shopify/sarama"
//! +import "github.com/IBM/sarama"
//! ```
//! ```gomod bad
//! module example.com/shop
//!
//! require github.com/satori/go.uuid v1.2.0
//! //      ^^^^^^^^^^^^^^^^^^^^^^^^^ `github.com/satori/go.uuid` is unmaintained; its successor is `github.com/google/uuid`
//!
//! require github.com/golang/mock v1.6.0 // indirect
//! ```
//! ```go good
//! package auth
//!
//! import "github.com/golang-jwt/jwt/v5" // the successor
//! ```
//! ```go good
//! package store
//!
//! import "github.com/pkg/errors" // archived, but it works and fills whole code bases
//! ```
//!
//! # Verify
//!
//! - `govulncheck ./...`: whether a known vulnerability of it is reached from this code
//! - `go mod why -m MODULE`: what needs it
//!
//! # References
//!
//! - [Go, "Vulnerability Management"](https://go.dev/doc/security/vuln/)
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

use self::Mend::{Code, Everywhere, Path};
use super::gomod::directives;

pub static RULE: Rule = Rule {
    id: "deploy/unmaintained-dependency",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Deploy, 2), (Concern::Security, 1), (Concern::Modern, 1)],
    equivalents: &["gomodguard", "depguard"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Decl(&[DeclKind::Import], import), Hook::Companion(&[CompanionKind::GoMod], gomod)],
    examines: "imported and required modules",
};

/// A module that is given up.
struct Old {
    path: &'static str,
    what: &'static str,
    successor: &'static str,
    mend: Mend,
}

/// How much work the change is.
#[derive(PartialEq)]
enum Mend {
    /// The successor has the same package name and API: changing the path is all.
    Path,
    /// The code changes too.
    Code,
    /// The code changes everywhere, and nothing is broken today.
    Everywhere,
}

const fn old(path: &'static str, what: &'static str, successor: &'static str, mend: Mend) -> Old {
    Old { path, what, successor, mend }
}

/// By the notices in the READMEs of the repositories.
const OLD: &[Old] = &[
    old("github.com/Shopify/sarama", "moved", "github.com/IBM/sarama", Path),
    old("github.com/Sirupsen/logrus", "moved", "github.com/sirupsen/logrus", Path),
    old("github.com/Azure/go-autorest", "is archived", "github.com/Azure/azure-sdk-for-go/sdk", Code),
    old("github.com/aws/aws-sdk-go", "is past its end of support", "github.com/aws/aws-sdk-go-v2", Everywhere),
    old("github.com/boltdb/bolt", "is unmaintained", "go.etcd.io/bbolt", Code),
    old("github.com/bsm/sarama-cluster", "is archived", "github.com/IBM/sarama", Code),
    old("github.com/dgrijalva/jwt-go", "is unmaintained", "github.com/golang-jwt/jwt/v5", Code),
    old("github.com/form3tech-oss/jwt-go", "is archived", "github.com/golang-jwt/jwt/v5", Code),
    old("github.com/garyburd/redigo", "moved", "github.com/gomodule/redigo", Path),
    old("github.com/globalsign/mgo", "is unmaintained", "go.mongodb.org/mongo-driver/v2", Code),
    old("github.com/go-redis/redis", "moved", "github.com/redis/go-redis/v9", Code),
    old(
        "github.com/gocql/gocql",
        "moved to the Apache Cassandra project",
        "github.com/apache/cassandra-gocql-driver/v2",
        Code,
    ),
    old("github.com/golang/mock", "is unmaintained", "go.uber.org/mock", Path),
    old("github.com/golang/protobuf", "is superseded", "google.golang.org/protobuf", Everywhere),
    old("github.com/jinzhu/gorm", "is superseded", "gorm.io/gorm", Code),
    old("github.com/mitchellh/mapstructure", "is unmaintained", "github.com/go-viper/mapstructure/v2", Path),
    old("github.com/nats-io/stan.go", "is deprecated", "github.com/nats-io/nats.go", Code),
    old("github.com/opentracing/opentracing-go", "is archived", "go.opentelemetry.io/otel", Everywhere),
    old("github.com/pkg/errors", "is archived", "errors` with `%w", Everywhere),
    old("github.com/satori/go.uuid", "is unmaintained", "github.com/google/uuid", Code),
    old("github.com/square/go-jose", "moved", "github.com/go-jose/go-jose/v4", Code),
    old("github.com/streadway/amqp", "is unmaintained", "github.com/rabbitmq/amqp091-go", Code),
    old("github.com/uber/jaeger-client-go", "is archived", "go.opentelemetry.io/otel", Code),
    old("go.opencensus.io", "is archived", "go.opentelemetry.io/otel", Code),
    old("gopkg.in/square/go-jose.v2", "moved", "github.com/go-jose/go-jose/v4", Code),
    old("gopkg.in/mgo.v2", "is unmaintained", "go.mongodb.org/mongo-driver/v2", Code),
];

fn find(path: &str) -> Option<&'static Old> {
    OLD.iter().find(|old| is_of_module(path, &[old.path]))
}

/// All places that use the module are one finding.
fn report<'r>(report: Report<'r>, old: &Old) -> Report<'r> {
    let note = match old.what {
        "is superseded" => "new work goes into the successor alone",
        _ => "security holes found in it are not fixed",
    };
    report.note(note).one_cause(old.path)
}

fn message(old: &Old) -> String {
    format!("`{}` {}; its successor is `{}`", old.path, old.what, old.successor)
}

fn import(cx: &mut Cx, decl: DeclId) {
    let Decl::Import { path, .. } = cx.decl(decl) else { return };
    let text = cx.source(path).trim_matches(['"', '`']);
    if !text.contains('.') || cx.file.generated {
        return;
    }
    cx.examined();
    let Some(old) = find(text).filter(|old| old.mend != Everywhere) else { return };
    let reason = cx.explanation(decl, &["fork", "migrat", "replac", "successor"]);
    let edit = (cx.span(path), format!("\"{}\"", text.replacen(old.path, old.successor, 1)));
    let report = report(cx.report(path, message(old)), old).excused(reason);
    if old.mend == Path {
        report.fix("Import the successor", [edit]);
    }
}

fn gomod(cx: &mut CompanionCx) {
    for directive in directives(cx.text) {
        let ("require", Some(&(path, span))) = (directive.keyword, directive.words.first()) else { continue };
        // An indirect requirement is somebody else's choice.
        if !directive.comment.is_empty() {
            continue;
        }
        cx.examined();
        if let Some(old) = find(path) {
            report(cx.report(span, message(old)), old);
        }
    }
}
