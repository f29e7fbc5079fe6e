//! A MongoDB cursor is not closed on every path, or nobody asks it why it ended.
//!
//! An open cursor keeps its batch and its session on the server, for ten minutes without use, and a change stream its connection.
//! A cursor is done once `Next` has answered `false` or `All` has read it; every path that leaves before must close it. `defer
//! cursor.Close(ctx)` after the check of the error covers all of them.
//!
//! `Next` answers `false` also where the connection breaks or the context ends: without a look at `cursor.Err()` after the loop
//! a short result looks complete.
//!
//! Limits: a cursor that is returned, stored, used in a closure, or passed to a function that may keep or close it is left alone:
//! somebody else may close it. Tests and `main` are left out.
//!
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.mongodb.org/mongo-driver/v2/bson"
//! 	"go.mongodb.org/mongo-driver/v2/mongo"
//! )
//!
//! func first(ctx context.Context, users *mongo.Collection, fits func(User) bool) (*User, error) {
//! 	cursor, err := users.Find(ctx, bson.D{})
//! //<^^^^^^ medium: `cursor` is not closed on every path out of `first`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	for cursor.Next(ctx) {
//! 		var user User
//! 		if err := cursor.Decode(&user); err != nil {
//! 			return nil, err
//! 		}
//! 		if fits(user) {
//! 			cursor.Close(ctx)
//! 			return &user, nil
//! 		}
//! 	}
//! 	return nil, cursor.Err()
//! }
//!
//! type User struct{ Name string }
//! ```
//! ```diff fixed
//! +	defer cursor.Close(ctx)
//! ```
//! ```go bad
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.mongodb.org/mongo-driver/v2/bson"
//! 	"go.mongodb.org/mongo-driver/v2/mongo"
//! )
//!
//! func names(ctx context.Context, users *mongo.Collection) ([]string, error) {
//! 	cursor, err := users.Find(ctx, bson.D{})
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	defer cursor.Close(ctx)
//! 	var all []string
//! 	for cursor.Next(ctx) {
//! 		// ^^^^^^^^^^^ `cursor.Err` is not checked after the loop: documents may be missing
//! 		all = append(all, cursor.Current.String())
//! 	}
//! 	return all, nil
//! }
//! ```
//! ```go good
//! package main
//!
//! import (
//! 	"context"
//!
//! 	"go.mongodb.org/mongo-driver/v2/bson"
//! 	"go.mongodb.org/mongo-driver/v2/mongo"
//! )
//!
//! func all(ctx context.Context, users *mongo.Collection) ([]User, error) {
//! 	cursor, err := users.Find(ctx, bson.D{})
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	var found []User
//! 	// All closes it.
//! 	err = cursor.All(ctx, &found)
//! 	return found, err
//! }
//!
//! func count(ctx context.Context, users *mongo.Collection) (n int, err error) {
//! 	cursor, err := users.Find(ctx, bson.D{})
//! 	if err != nil {
//! 		return 0, err
//! 	}
//! 	// The loop has no other way out.
//! 	for cursor.Next(ctx) {
//! 		n++
//! 	}
//! 	return n, cursor.Err()
//! }
//!
//! type User struct{ Name string }
//! ```
//!
//! # Impact
//!
//! Cursors stay open on the server, each with a batch in memory, until they time out; or a broken connection passes for
//! the end of the result and callers work with part of it. `serverStatus().metrics.cursor.open.total` rises with the
//! failing path. A test with a small batch size and an early return shows the first, a canceled context the second.
//!
//! # Verify
//!
//! - `mongosh --eval 'db.serverStatus().metrics.cursor.open'`: before and after a hundred calls of the early path
//! - `go test -run {test} {package}`: cancel the context after the first document and expect an error
//!
//! # Options
//!
//! - Defer `Close` and check `Err` after the loop: streams any size, in three lines
//!   - senior, data, throughput: memory stays flat
//! - Read with `All`: closes and reports the error by itself, and holds the whole result
//!   - backend, cloud-native: for results with a limit
//!
//! # References
//!
//! - [Package mongo, Cursor](https://pkg.go.dev/go.mongodb.org/mongo-driver/v2/mongo#Cursor)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "nosql/mongo-cursor",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Leak, 3)],
    equivalents: &[],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[Hook::Acquire("cursor", check), Hook::Call(NEXT, unchecked)],
    examines: "cursors of MongoDB",
};

const NEXT: &[&str] =
    &["go.mongodb.org/mongo-driver/mongo.Cursor.Next", "go.mongodb.org/mongo-driver/v2/mongo.Cursor.Next"];

fn check(cx: &mut Cx, cursor: &Resource) {
    cx.examined();
    if let Some(leak) = cx.leak(cursor) {
        let severity = if leak.fails && !leak.never { Severity::Medium } else { Severity::High };
        let note = "where more than one batch was found, the server keeps it until it has been idle for ten minutes";
        leak.report(cx, cursor).severity(severity).note(note);
    }
}

/// Why it ended must be asked for after the loop.
fn unchecked(cx: &mut Cx, next: Call) {
    let (Some(cursor), Some(_)) = (next.receiver, cx.loop_while(next.expr)) else { return };
    cx.examined();
    let Some(unasked) = cx.unasked(next, "gives no more documents") else { return };
    let message = format!("`{}.Err` is not checked after the loop: documents may be missing", cx.source(cursor));
    cx.report(next.fun, message).steps(unasked.steps);
}
