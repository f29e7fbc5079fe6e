//! Only the first page of a list is read.
//!
//! S3 gives a thousand keys at most, DynamoDB a megabyte, other services of AWS some hundred entries, and a token with which to ask for the
//! rest. Where nobody looks at it, what comes after the first page does not exist for the program: no error, and all is well until there
//! is more than one page. Use the paginator of the SDK, or ask again with the token until there is none.
//!
//! Limits: calls of the AWS SDK for Go v2. Where the input limits the page, or the output is handed on as a whole, nothing is said.
//!
//! ```go bad
//! import "github.com/aws/aws-sdk-go-v2/service/s3"
//!
//! func keys(ctx context.Context, client *s3.Client, bucket string) ([]string, error) {
//! 	out, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
//! 	//          ^^^^^^^^^^^^^^^^^^^^ only the first page of `out.Contents` is read: nothing looks at `NextContinuationToken`
//! 	if err != nil {
//! 		return nil, err
//! 	}
//! 	var keys []string
//! 	for _, object := range out.Contents {
//! 		keys = append(keys, *object.Key)
//! 	}
//! 	return keys, nil
//! }
//! ```
//! ```go good
//! import "github.com/aws/aws-sdk-go-v2/service/s3"
//!
//! func exists(ctx context.Context, client *s3.Client, bucket, prefix string) (bool, error) {
//! 	one := int32(1)
//! 	out, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, MaxKeys: &one})
//! 	if err != nil {
//! 		return false, err
//! 	}
//! 	return len(out.Contents) > 0, nil // one is enough
//! }
//! ```
//!
//! # References
//!
//! - [AWS SDK for Go v2, "Using paginators"](https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/use.html)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "nosql/first-page-only",
    severity: Severity::Medium,
    confidence: Confidence::Low,
    concerns: &[(Concern::DataLoss, 2), (Concern::Correctness, 3)],
    equivalents: &[],
    fix: FixKind::None,
    scope: Scope::Service,
    hooks: &[Hook::Func(check)],
    examines: "lists that come in pages",
};

const SERVICES: &str = "github.com/aws/aws-sdk-go-v2/service/";
/// Fields of an output that say how to get the next page.
const TOKENS: &[&str] = &["LastEvaluatedKey", "NextContinuationToken", "NextMarker", "NextPageToken", "NextToken"];
/// Settings of an input by which a caller asks for so many only, or for a page.
const LIMITS: &[&str] =
    &["ContinuationToken", "ExclusiveStartKey", "Limit", "Marker", "MaxItems", "MaxKeys", "MaxResults", "NextToken"];

fn check(cx: &mut Cx, func: Func) {
    if !cx.file.imports_any(&["github.com/aws/aws-sdk-go-v2"]) {
        return;
    }
    for &node in cx.calls_within(func.body, false).iter() {
        let Node::Expr(call) = node else { continue };
        let Some(call) = cx.call(call).filter(|call| call.callee.name != "NextPage") else { continue };
        if let Some((part, token)) = first_page(cx, func, call) {
            let calls = cx.callee_text(call.expr);
            cx.report(call.fun, format!("only the first page of `{part}` is read: nothing looks at `{token}`"))
                .asks(format!("Can `{calls}` have more than one page here? What is on the others is never read."))
                .note("use the paginator of the SDK, or ask again with the token until there is none");
        }
    }
}

/// The part of an output that is read, and the field that nobody looks at.
fn first_page<'a>(cx: &mut Cx<'a>, func: Func, call: Call<'a>) -> Option<(&'a str, &'static str)> {
    let output = cx.deref(*cx.results(call.expr)?.first()?);
    let Type::Struct(fields) = cx.store.under(output) else { return None };
    if !cx.type_path(output)?.starts_with(SERVICES) {
        return None;
    }
    let token = *TOKENS.iter().find(|token| fields.fields.iter().any(|field| cx.store.text(field.name) == **token))?;
    cx.examined();
    let out = cx.first_target(call.expr)?;
    let limited = |id| matches!(cx.expr(id), Expr::KeyValue { key, .. } if LIMITS.contains(&cx.source(key)));
    let asks = |id| matches!(cx.expr(id), Expr::Selector { name, .. } if cx.source(name) == token || cx.source(name) == "IsTruncated");
    if call.args.iter().any(|&arg| cx.find_expr(arg, false, limited).is_some())
        || cx.find_expr(func.body, true, asks).is_some()
    {
        return None;
    }
    let mut read = None;
    for used in cx.names.uses(out).take(32).filter(|&used| !cx.is_target(used)) {
        let Some(Node::Expr(part)) = cx.tree.parent(used) else { return None };
        let Expr::Selector { base, .. } = cx.expr(part) else { return None };
        let is_list = base == used && matches!(cx.under(part), Type::Slice(_));
        read = read.or_else(|| (is_list && reads_all(cx, part)).then(|| cx.source(part)));
    }
    read.map(|part| (part, token))
}

/// Whether all elements of a list are meant: a loop goes over it, or something gets it.
fn reads_all(cx: &Cx, list: ExprId) -> bool {
    match cx.tree.parent(list) {
        Some(Node::Stmt(stmt)) => matches!(cx.stmt(stmt), Stmt::Range { .. } | Stmt::Return(_)),
        Some(Node::Expr(call)) => matches!(cx.expr(call), Expr::Call { fun, .. } if !cx.is_builtin(fun, "len")),
        _ => false,
    }
}
