//! A deprecated function, type or field is used.
//!
//! Deprecated code still works, but it is no longer improved, and some of it is wrong by design: `strings.Title` splits
//! words without regard to Unicode, and `x509.DecryptPEMBlock` is open to padding oracle attacks. The documentation of each
//! names its replacement.
//!
//! A name counts as deprecated only if the version in go.mod says so. Many uses of one name are one finding, unless each can be
//! fixed.
//!
//! Limits: fields are known for the standard library alone. A name that is imported with a dot is not looked at, and neither
//! is what the module under review deprecates itself. Abandoned modules are reported by `deploy/unmaintained-dependency`.
//!
//! ```go bad
//! func load(name string) ([]byte, error) {
//! 	return ioutil.ReadFile(name)
//! 	//     ^^^^^^^^^^^^^^^ `ioutil.ReadFile` is deprecated as of Go 1.16: `os.ReadFile` does the same
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
//! #^^^^^^^^^ `rand.Seed` is deprecated as of Go 1.20
//! 	return grpc.Dial(addr, grpc.WithInsecure())
//! 	//     ^^^^^^^^^ `grpc.Dial` is deprecated as of v1.63.0
//! 	//                     ^^^^^^^^^^^^^^^^^ `grpc.WithInsecure` is deprecated as of v1.43.0
//! }
//! ```
//! ```go bad
//! func temporary(err net.Error) bool {
//! 	return err.Temporary()
//! 	//     ^^^^^^^^^^^^^ `err.Temporary` is deprecated
//! }
//!
//! var dialer = net.Dialer{DualStack: true}
//! #                       ^^^^^^^^^ `DualStack` is deprecated as of Go 1.12
//! ```
//! ```go good
//! func load(name string, ioutil Files) ([]byte, error) {
//! 	return ioutil.ReadFile(name) // a parameter, not the package
//! }
//! ```
//! ```go good
//! func dialer() *net.Dialer {
//! 	return &net.Dialer{} // the type is fine; only some of its fields are deprecated
//! }
//! ```
//!
//! # Idiom
//!
//! A deprecation is a paragraph of the doc comment that begins with "Deprecated:" and usually names the successor. The Go 1 promise keeps
//! old names of the standard library working.
//!
//! # Verify
//!
//! - `go run golang.org/x/tools/cmd/deadcode@latest ./...`: whether the code that uses it is reachable at all
//! - `go fix {package}`: with Go 1.26, rewrites some of these calls
//!
//! # References
//!
//! - [Go wiki, "Deprecated"](https://go.dev/wiki/Deprecated)
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "correctness/deprecated-api",
    severity: Severity::Low,
    confidence: Confidence::High,
    concerns: &[(Concern::Modern, 3), (Concern::Correctness, 1)],
    equivalents: &["staticcheck:SA1019", "gopls:deprecated"],
    fix: FixKind::Suggested,
    scope: Scope::Service,
    hooks: &[
        Hook::Expr(&[ExprKind::Selector], check_name),
        Hook::Set(FIELDS, check_field),
        Hook::Decl(&[DeclKind::Import], check_import),
    ],
    examines: "uses of imported packages",
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

/// Deprecated names, since which version of Go or of their module, and what to know about it.
const NAMES: &[(&str, &str, &str)] = &[
    ("bytes.Title", "1.18", "`golang.org/x/text/cases` knows where words begin"),
    ("crypto/elliptic.Marshal", "1.21", "package `crypto/ecdh` encodes keys"),
    ("crypto/elliptic.Unmarshal", "1.21", "package `crypto/ecdh` decodes and checks keys"),
    ("crypto/rsa.DecryptPKCS1v15", "1.26", "this padding is open to attacks that decrypt messages; use OAEP"),
    ("crypto/rsa.EncryptPKCS1v15", "1.26", "this padding is open to attacks that decrypt messages; use OAEP"),
    ("crypto/rsa.PKCS1v15DecryptOptions", "1.26", "this padding is open to attacks that decrypt messages; use OAEP"),
    ("crypto/x509.DecryptPEMBlock", "1.16", "this encryption is open to padding oracle attacks"),
    ("go/ast.Package", "1.22", "`go/types` resolves identifiers"),
    ("go/parser.ParseDir", "1.25", "it ignores build constraints; `golang.org/x/tools/go/packages` respects them"),
    ("google.golang.org/grpc.Dial", "v1.63.0", "`grpc.NewClient` connects on first use and does not block"),
    ("google.golang.org/grpc.DialContext", "v1.63.0", "`grpc.NewClient` connects on first use and does not block"),
    ("google.golang.org/grpc.WithBlock", "v1.64.0", "`grpc.NewClient` ignores it; give each call a deadline"),
    ("google.golang.org/grpc.WithInsecure", "v1.43.0", "use package `credentials/insecure` instead"),
    ("io/ioutil.ReadDir", "1.16", "`os.ReadDir` returns entries without calling stat for each of them"),
    ("math/rand.Read", "1.20", "`crypto/rand.Read` gives bytes that nobody can predict"),
    ("math/rand.Seed", "1.20", "the generator seeds itself; `rand.New(rand.NewSource(n))` gives a repeatable sequence"),
    ("net/http.CloseNotifier", "1.11", "the context of the request is canceled when the client disconnects"),
    ("reflect.PtrTo", "1.22", "`reflect.PointerTo` does the same"),
    ("reflect.SliceHeader", "1.21", "use `unsafe.Slice` and `unsafe.SliceData`"),
    ("reflect.StringHeader", "1.21", "use `unsafe.String` and `unsafe.StringData`"),
    ("runtime.GOROOT", "1.24", "run `go env GOROOT`: the path known at build time need not exist on this machine"),
    ("strings.Title", "1.18", "`golang.org/x/text/cases` knows where words begin"),
];

/// Deprecated fields.
const FIELDS: &[&str] = &[
    "crypto/tls.Config.NameToCertificate",
    "crypto/tls.Config.PreferServerCipherSuites",
    "net.Dialer.Cancel",
    "net.Dialer.DualStack",
    "net/http.Request.Cancel",
    "net/http.Transport.Dial",
    "net/http.Transport.DialTLS",
    "net/http/httputil.ReverseProxy.Director",
];

/// Since which Go, and what to know about it.
const ABOUT_FIELDS: &[(&str, &str, &str)] = &[
    ("Cancel", "1.7", "set the context instead: `http.NewRequestWithContext`, `DialContext`"),
    ("Dial", "1.7", "use `DialContext`, which stops when the request is canceled"),
    ("DialTLS", "1.14", "use `DialTLSContext`, which stops when the request is canceled"),
    ("Director", "1.26", "use `Rewrite`: a client can make the proxy drop headers that `Director` adds"),
    ("DualStack", "1.12", "falling back to the other address family is the default"),
    ("NameToCertificate", "1.14", "leave it nil: the certificate is chosen by what the client supports"),
    ("PreferServerCipherSuites", "1.18", "it is ignored"),
];

/// Deprecated packages of modules that are maintained, and what to use.
const PACKAGES: &[(&str, &str)] = &[
    ("golang.org/x/crypto/openpgp", "`github.com/ProtonMail/go-crypto/openpgp` continues it"),
    ("golang.org/x/crypto/ssh/terminal", "it moved to `golang.org/x/term`"),
    ("golang.org/x/net/context", "`context` of the standard library has the same types"),
];

fn check_name(cx: &mut Cx, selector: ExprId) {
    let Some(name) = cx.object(selector).filter(|_| !cx.file.generated) else { return };
    let ioutil = IOUTIL.iter().find(|(old, ..)| name.is_of_package("io/ioutil") && *old == name.name);
    if let Some(&(_, path, successor)) = ioutil {
        let (what, span, package) =
            (format!("`{path}.{successor}` does the same"), cx.span(selector), cx.name_for(path));
        let Some(report) = report(cx, selector, (name.path, "1.16"), &format!(": {what}")) else { return };
        if let Some(package) = package {
            report.fix(format!("Call {path}.{successor}"), [(span, format!("{package}.{successor}"))]).needing(path);
        }
    } else if let Some((_, since, advice)) = NAMES.iter().find(|(full, ..)| name.is(&[full])) {
        if let Some(report) = report(cx, selector, (name.path, since), "") {
            report.note(*advice).one_cause(full_name(&name));
        }
    } else {
        check_known(cx, selector, &name);
    }
}

/// What the index, or the source of the library, says is deprecated: a function, a method, a type.
fn check_known(cx: &mut Cx, selector: ExprId, name: &Object) {
    let Some(known) = cx.known(name).filter(|_| name.recv.is_none() || !cx.is_own(name)) else { return };
    let Some(advice) = known.deprecated else { return };
    // The index knows another version than the one that is built, perhaps.
    let version = known.version.filter(|version| version.starts_with('v')).unwrap_or_default();
    let is_open = cx.file.build.requires.is_empty() && !version.is_empty();
    if !is_built_with(cx, name.path, &version) {
        return;
    }
    cx.examined();
    let text = cx.source(selector);
    let suffix = if is_open { format!(" in {version} of its module") } else { String::new() };
    let report = cx.report(selector, format!("`{text}` is deprecated{suffix}")).one_cause(full_name(name));
    if !advice.is_empty() {
        report.note(format!("its documentation says: {}", advice.trim_end_matches('.')));
    }
}

fn check_field(cx: &mut Cx, set: Assigned) {
    let about = ABOUT_FIELDS.iter().find(|(field, ..)| *field == cx.source(set.name));
    let Some((_, since, advice)) = about.filter(|_| !cx.file.generated) else { return };
    if let Some(report) = report(cx, set.name, ("", since), "") {
        report.note(*advice);
    }
}

fn check_import(cx: &mut Cx, import: DeclId) {
    let Decl::Import { path, .. } = cx.decl(import) else { return };
    let name = cx.source(path).trim_matches(['"', '`']);
    if let Some((_, advice)) = PACKAGES.iter().find(|(old, _)| *old == name && !cx.file.generated) {
        cx.examined();
        cx.report(path, format!("package `{name}` is deprecated")).note(*advice).one_cause(name);
    }
}

fn full_name(object: &Object) -> String {
    [Some(object.path), object.recv, Some(object.name)].into_iter().flatten().collect::<Vec<_>>().join(".")
}

/// Reports a use of what is deprecated as of a version of Go, or of the module of `package`.
fn report<'r>(cx: &'r mut Cx, at: ExprId, (package, since): (&str, &str), more: &str) -> Option<Report<'r>> {
    if !is_built_with(cx, package, since) {
        return None;
    }
    cx.examined();
    let (text, go) = (cx.source(at), if since.starts_with('v') { "" } else { "Go " });
    Some(cx.report(at, format!("`{text}` is deprecated as of {go}{since}{more}")))
}

/// Whether the code may be built with this version of Go, or of the module of a package, or with a later one: unless go.mod
/// names an earlier one.
fn is_built_with(cx: &Cx, package: &str, version: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        let plain = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
        plain.split('.').map(|number| number.parse().unwrap_or(0)).collect()
    };
    let build = &cx.file.build;
    if version.starts_with('v') {
        let required = build.version_of(package).map(numbers);
        // What go.mod replaces, or does not mention, is not known.
        return required.map_or(build.requires.is_empty(), |required| required >= numbers(version));
    }
    build.go_minor.is_none_or(|minor| vec![1, minor] >= numbers(version))
}
