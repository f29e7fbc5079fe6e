//! A deprecated function or package is used.
//!
//! Deprecated code still works, but gets no more mends, and some of it is wrong by design: `strings.Title` tells words
//! apart by a rule that is not Unicode's, `grpc.WithInsecure` hides what it switches off, an abandoned JWT library keeps
//! its holes. Each names its successor in its documentation.
//!
//! What the standard library and popular modules deprecate is known with its methods; fields are not.
//!
//! ```go bad
//! func load(name string) ([]byte, error) {
//! 	return ioutil.ReadFile(name)
//! 	//     ^^^^^^^^^^^^^^^ `ioutil.ReadFile` is deprecated: `os.ReadFile` is the same
//! }
//! ```
//! ```diff fixed
//! -	return ioutil.ReadFile(name)
//! +	return os.ReadFile(name)
//! ```
//! ```go bad
//! import "math/rand"
//!
//! func connect(addr string) (*grpc.ClientConn, error) {
//! 	rand.Seed(time.Now().UnixNano())
//! #^^^^^^^^^ `rand.Seed` is deprecated since Go 1.20
//! 	return grpc.Dial(addr, grpc.WithInsecure())
//! 	//     ^^^^^^^^^ `grpc.Dial` is deprecated
//! 	//                     ^^^^^^^^^^^^^^^^^ `grpc.WithInsecure` is deprecated
//! }
//! ```
//! ```go bad
//! package dial
//!
//! import "net"
//!
//! func dialer() *net.Dialer {
//! 	return &net.Dialer{}
//! }
//!
//! func temporary(err net.Error) bool {
//! 	return err.Temporary()
//! 	//     ^^^^^^^^^^^^^ `err.Temporary` is deprecated
//! }
//! ```
//! ```go good
//! func load(addr, name string, ioutil Files) (*grpc.ClientConn, error) {
//! 	if _, err := os.ReadFile(name); err != nil {
//! 		return nil, err
//! 	}
//! 	ioutil.ReadFile(name) // not the package
//! 	return grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
//! }
//! ```
use gopeer_lint::is_of_module;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/deprecated-api",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Modern, 3), (Concern::Correctness, 1)],
    equivalents: &["staticcheck:SA1019", "gopls:deprecated"],
    fix: FixKind::Suggested,
    scope: Scope::Production,
    hooks: &[Hook::Expr(&[ExprKind::Selector], check_name), Hook::Decl(&[DeclKind::Import], check_import)],
    file: file!(),
};

/// Functions of `io/ioutil` that only call another one since Go 1.16, and its package. `ReadDir` is not among them: its
/// results differ.
const IOUTIL: &[(&str, &str, &str)] = &[
    ("Discard", "io", "Discard"),
    ("NopCloser", "io", "NopCloser"),
    ("ReadAll", "io", "ReadAll"),
    ("ReadFile", "os", "ReadFile"),
    ("TempDir", "os", "MkdirTemp"),
    ("TempFile", "os", "CreateTemp"),
    ("WriteFile", "os", "WriteFile"),
];

/// Deprecated names, since when, and what to use.
const NAMES: &[(&str, &str, &str)] = &[
    ("io/ioutil.ReadDir", "since Go 1.16", "`os.ReadDir` gives entries without a stat for each"),
    (
        "math/rand.Seed",
        "since Go 1.20",
        "the generator seeds itself; `rand.New(rand.NewSource(n))` gives a fixed sequence",
    ),
    ("math/rand.Read", "since Go 1.20", "`crypto/rand.Read` gives bytes that nobody can guess"),
    ("strings.Title", "since Go 1.18", "`golang.org/x/text/cases` knows the rules for words"),
    ("bytes.Title", "since Go 1.18", "`golang.org/x/text/cases` knows the rules for words"),
    ("path/filepath.HasPrefix", "", "it ignores path boundaries; `filepath.Rel` or `filepath.IsLocal` respect them"),
    ("crypto/elliptic.Marshal", "since Go 1.21", "package `crypto/ecdh` encodes keys"),
    ("crypto/elliptic.Unmarshal", "since Go 1.21", "package `crypto/ecdh` decodes and checks keys"),
    ("crypto/x509.IsEncryptedPEMBlock", "since Go 1.16", "this encryption is insecure by design"),
    ("crypto/x509.DecryptPEMBlock", "since Go 1.16", "this encryption is insecure by design"),
    ("reflect.PtrTo", "since Go 1.22", "`reflect.PointerTo` is the same"),
    ("reflect.SliceHeader", "since Go 1.21", "`unsafe.Slice` and `unsafe.SliceData` are checked"),
    ("reflect.StringHeader", "since Go 1.21", "`unsafe.String` and `unsafe.StringData` are checked"),
    ("net/http.CloseNotifier", "since Go 1.11", "the request's context ends when the client goes"),
    ("google.golang.org/grpc.Dial", "", "`grpc.NewClient` connects when first used and does not block"),
    ("google.golang.org/grpc.DialContext", "", "`grpc.NewClient` connects when first used and does not block"),
    ("google.golang.org/grpc.WithInsecure", "", "`grpc.WithTransportCredentials(insecure.NewCredentials())` says it"),
    ("google.golang.org/grpc.WithBlock", "", "`grpc.NewClient` ignores it; waiting belongs to each call"),
    ("google.golang.org/grpc.FailOnNonTempDialError", "", "`grpc.NewClient` ignores it"),
];

/// Deprecated or abandoned packages, by the start of their path, and what to use.
const PACKAGES: &[(&str, &str)] = &[
    ("github.com/golang/protobuf", "`google.golang.org/protobuf`"),
    ("github.com/dgrijalva/jwt-go", "`github.com/golang-jwt/jwt/v5`, which continues it and mends its holes"),
    ("github.com/aws/aws-sdk-go", "`github.com/aws/aws-sdk-go-v2`"),
    ("github.com/opentracing/opentracing-go", "`go.opentelemetry.io/otel`"),
    ("github.com/golang/mock", "`go.uber.org/mock`, which continues it"),
    ("github.com/Shopify/sarama", "`github.com/IBM/sarama`, where it moved"),
    ("github.com/go-redis/redis", "`github.com/redis/go-redis/v9`, where it moved"),
    ("golang.org/x/crypto/ssh/terminal", "`golang.org/x/term`, where it moved"),
];

fn check_name(cx: &mut Cx, selector: ExprId) {
    if cx.file.generated {
        return;
    }
    let Some(name) = cx.object(selector).filter(|_| cx.is_qualified(selector)) else {
        return check_indexed(cx, selector);
    };
    let text = cx.source(selector);
    if name.path == "io/ioutil"
        && let Some(&(_, path, successor)) = IOUTIL.iter().find(|(old, _, _)| *old == name.name)
    {
        cx.examined();
        let span = cx.span(selector);
        let package = cx.name_for(path);
        let report = cx.report(selector, format!("`{text}` is deprecated: `{path}.{successor}` is the same"));
        if let Some(package) = package {
            report.fix(format!("Call {path}.{successor}"), [(span, format!("{package}.{successor}"))]).needing(path);
        }
    } else if let Some((_, since, advice)) = NAMES.iter().find(|(full, _, _)| name.is(&[full])) {
        cx.examined();
        let since = if since.is_empty() { String::new() } else { format!(" {since}") };
        cx.report(selector, format!("`{text}` is deprecated{since}")).note(*advice);
    } else {
        check_indexed(cx, selector);
    }
}

/// What the index says is deprecated: a function, a method, a type.
fn check_indexed(cx: &mut Cx, selector: ExprId) {
    let object = cx.object(selector).filter(|object| object.recv.is_none() || !cx.is_own(object));
    let Some(advice) = object.and_then(|object| cx.known(&object)?.deprecated) else { return };
    cx.examined();
    let text = cx.source(selector);
    let report = cx.report(selector, format!("`{text}` is deprecated"));
    if !advice.is_empty() {
        report.note(advice.trim_end_matches('.').to_owned());
    }
}

fn check_import(cx: &mut Cx, import: DeclId) {
    let Decl::Import { path, .. } = cx.decl(import) else { return };
    let name = cx.source(path).trim_matches(['"', '`']);
    if cx.file.generated {
        return;
    }
    if let Some((_, successor)) = PACKAGES.iter().find(|(old, _)| is_of_module(name, &[old])) {
        cx.examined();
        cx.report(path, format!("`{name}` is no longer developed")).note(format!("the successor is {successor}"));
    }
}
