//! Where code stands: what its file is for, and who calls the function around it.

use gopeer_sema::CallFacts;
use gopeer_sema::types::{Type, TypeId};
use gopeer_syntax::ast::{Decl, DeclId, Expr, ExprId, FieldList, Node};

use crate::{Cx, FileInfo, Func, Object};

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Code that others import.
    Library,
    /// A program, or code of its command line.
    Command,
    /// Shows how something is used: examples, demos, tutorials.
    Example,
    /// Measures or loads something.
    Benchmark,
    /// Builds, generates or checks: scripts of the project itself.
    Tool,
    /// Tests.
    Test,
    /// Fakes, mocks, and helpers of tests.
    TestHelper,
    /// Written by a program.
    Generated,
}

impl Purpose {
    /// Whether code for this purpose runs in production, as a service, a command, or part of one.
    pub fn is_service(self) -> bool {
        matches!(self, Purpose::Library | Purpose::Command)
    }

    /// What a file of this purpose is: `an example`.
    pub fn described(self) -> &'static str {
        match self {
            Purpose::Library => "a library",
            Purpose::Command => "a command",
            Purpose::Example => "an example",
            Purpose::Benchmark => "a benchmark",
            Purpose::Tool => "a tool of the project",
            Purpose::Test => "a test",
            Purpose::TestHelper => "a helper of tests",
            Purpose::Generated => "generated code",
        }
    }
}

/// Folders and packages by their purpose. Words of their names are compared, so that `internal/test_utils` helps tests.
const FOLDERS: &[(Purpose, &[&str])] = &[
    (
        Purpose::TestHelper,
        &[
            "conformance",
            "crossdock",
            "e2e",
            "fake",
            "fakes",
            "fixture",
            "fixtures",
            "fuzz",
            "fuzzer",
            "fuzzing",
            "interop",
            "mock",
            "mocks",
            "test",
            "testdata",
            "testing",
            "testkit",
            "testonly",
            "tests",
            "testsuite",
            "testutil",
            "testutils",
        ],
    ),
    (
        Purpose::Example,
        &[
            "cookbook",
            "demo",
            "demos",
            "example",
            "examples",
            "playground",
            "quickstart",
            "sample",
            "samples",
            "tutorial",
            "tutorials",
        ],
    ),
    (Purpose::Benchmark, &["bench", "benchmark", "benchmarks", "loadgen", "loadtest", "stress"]),
    (Purpose::Tool, &["build", "ci", "codegen", "gen", "generator", "hack", "script", "scripts", "tool", "tools"]),
    (Purpose::Command, &["cli", "cmd", "command", "commands"]),
];

impl FileInfo {
    /// What the file is for: by its marker, its name, its folders and its package.
    pub fn purpose(&self) -> Purpose {
        if self.generated {
            return Purpose::Generated;
        }
        if self.name.ends_with("_test.go") {
            return Purpose::Test;
        }
        match self.folder_purpose() {
            None | Some(Purpose::Command) if self.script => return Purpose::Tool,
            Some(purpose) => return purpose,
            None => {}
        }
        const TESTS: &[&str] =
            &["testing", "github.com/ory/dockertest/v3", "github.com/testcontainers/testcontainers-go"];
        match TESTS.iter().any(|path| self.scope.imports(path)) {
            true => Purpose::TestHelper,
            false if self.is_main() => Purpose::Command,
            false => Purpose::Library,
        }
    }

    /// Whether it is code of a command, by its folder. A program at the root of a module is mostly a service.
    pub fn is_of_command(&self) -> bool {
        self.purpose() == Purpose::Command && self.name.contains('/')
    }

    fn folder_purpose(&self) -> Option<Purpose> {
        let (folders, file) = self.name.rsplit_once('/').unwrap_or(("", &self.name));
        let package = self.scope.package.as_deref().unwrap_or_default();
        let names = || folders.split('/').chain([package]);
        // By the custom of `net/http/httptest`; few other words end so.
        let helps_tests = |name: &str| {
            name.ends_with("test") && !matches!(name, "latest" | "contest" | "fastest") || name.ends_with("mock")
        };
        let is_fake = file.split(['_', '.']).any(|part| matches!(part, "fake" | "fakes" | "mock" | "mocks"));
        let stem = file.strip_suffix(".go").unwrap_or(file);
        let is_helper =
            stem == "test" || ["testing", "testsuite", "testutil", "testutils"].iter().any(|end| stem.ends_with(end));
        // `internal/integration` may join two products.
        let tests_integration = folders.split('/').next() == Some("integration");
        if is_fake || is_helper || tests_integration || names().any(helps_tests) {
            return Some(Purpose::TestHelper);
        }
        if stem.ends_with("_bench") || stem.ends_with("_benchmark") {
            return Some(Purpose::Benchmark);
        }
        let is_one = |name: &str, words: &[&str]| name.split(['_', '-', '.']).any(|part| words.contains(&part));
        // A program beside the documentation shows something.
        if self.is_main() && folders.split('/').any(|folder| matches!(folder, "doc" | "docs")) {
            return Some(Purpose::Example);
        }
        // What `go generate` runs.
        if self.is_main() && folders.ends_with("generate") {
            return Some(Purpose::Tool);
        }
        // What builds the service is in `build`, but a Dockerfile there is the service's own; and a package named `tools` may serve some.
        let has = |&&(purpose, words): &&(Purpose, &[&str])| match purpose {
            Purpose::Tool => file.ends_with(".go") && folders.split('/').any(|name| is_one(name, words)),
            _ => names().any(|name| is_one(name, words)),
        };
        FOLDERS.iter().find(has).map(|&(purpose, _)| purpose)
    }
}

/// What the text of a program says that runs for as long as others have something for it, in whatever library.
const SERVES: &[&str] = &[
    "ListenAndServe",
    ".Serve(",
    "ServeTLS(",
    "ServeHTTP",
    "Accept(",
    "Consume",
    "Subscribe",
    ".Start(ctx",
    "signal.Notify",
    "SetupSignalHandler",
    "NewTicker",
    "FetchMessage",
    "ReadMessage",
    "ReceiveMessage",
    "PollFetches",
    "PollRecords",
];

impl Cx<'_> {
    /// Whether the code is of a command that does its work and ends, as far as its folder and its package show: whatever leaks ends
    /// with it.
    pub(crate) fn ends_soon(&self) -> bool {
        self.file.is_of_command()
            && self.package_finds(first_handler) == Some(false)
            && self.package_mentions(SERVES) == Some(false)
    }
}

/// The first function of a declaration, itself or a literal, that answers requests or handles messages.
fn first_handler(cx: &Cx<'_>, decl: DeclId, _: usize) -> Option<ExprId> {
    let is_func = |cx: &Cx, node: Node| cx.as_func(node).is_some();
    let funcs = cx.within(decl, true, is_func);
    funcs.iter().filter_map(|&node| cx.as_func(node)).find(|&func| cx.caller(func).is_some()).map(|func| func.ty)
}

/// Who calls a function from outside of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client: the function answers a request over HTTP or RPC.
    Client,
    /// A queue: the function handles a message.
    Queue,
}

/// Handlers and consumers.
impl<'a> Cx<'a> {
    /// The innermost function around a node that answers a request or handles a message, and for whom.
    pub fn handler(&self, node: impl Into<Node>) -> Option<(Func, Caller)> {
        let is_handler = |cx: &Cx, node: Node| cx.as_func(node).is_some_and(|func| cx.caller(func).is_some());
        let func = self.as_func(self.around(node, is_handler)?)?;
        Some((func, self.caller(func)?))
    }

    /// What makes a leak on a path out of the function around a node grow: requests, messages, or the iterations of a loop. None where nothing
    /// shows how often the function runs.
    pub fn grows_with(&self, node: impl Into<Node>) -> Option<String> {
        let node = node.into();
        Some(match self.handler(node) {
            Some((func, caller)) => {
                let each = if caller == Caller::Client { "request" } else { "message" };
                format!("the leak grows with every {each} that takes this path through {}", self.func_in_words_of(func))
            }
            None => {
                let decl = self.enclosing_decl(node).filter(|&decl| self.is_called_in_loop(decl) == Some(true))?;
                let name = self.func_name(decl)?;
                format!("`{name}` is called in a loop, and the leak grows with every call that takes this path")
            }
        })
    }

    /// Whether a function around a node answers requests.
    pub fn answers_requests(&self, node: impl Into<Node>) -> bool {
        matches!(self.handler(node), Some((_, Caller::Client)))
    }

    /// Who calls a function: what it is given tells, by the facts of the library, or its shape, for gRPC.
    pub fn caller(&self, func: Func) -> Option<Caller> {
        let Expr::FuncType { params, results, .. } = self.expr(func.ty) else { return None };
        let params = self.types_of(params);
        let fact = |fact| params.iter().any(|&ty| self.type_has(ty, fact));
        let own = || params.iter().any(|&ty| self.is_request_of_project(ty));
        if fact(CallFacts::SERVES) || own() || self.is_rpc(func, &params, results) {
            Some(Caller::Client)
        } else if fact(CallFacts::CONSUMES) {
            Some(Caller::Queue)
        } else {
            None
        }
    }

    /// The parameter of a function that is a stream of gRPC: the first, or the one after the request.
    pub fn stream_of(&self, func: Func) -> Option<ExprId> {
        let streams = |&param: &ExprId| self.has_methods(self.ty(param), &["SendMsg", "RecvMsg"]);
        (0..2).filter_map(|at| self.param_at(func, at)).find(streams)
    }

    fn types_of(&self, list: FieldList) -> Vec<ExprId> {
        self.params(list).into_iter().map(|(_, ty)| ty).collect()
    }

    /// Whether the facts say so of a type, or of what it points to.
    fn type_has(&self, ty: ExprId, fact: CallFacts) -> bool {
        self.type_object(ty).and_then(|object| self.known(&object)).is_some_and(|known| known.facts.has(fact))
    }

    /// Whether the project says that who is given the type, or a pointer to it, serves requests.
    fn is_request_of_project(&self, ty: ExprId) -> bool {
        let handlers = &self.file.project.handlers;
        !handlers.is_empty() && self.type_object(ty).is_some_and(|object| handlers.iter().any(|own| object.is(&[own])))
    }

    /// The type that a type expression names, or points to.
    fn type_object(&self, ty: ExprId) -> Option<Object<'a>> {
        match self.store.qualified_name(self.deref(self.ty(ty))) {
            Some((path, name)) => Some(Object { path, recv: None, name }),
            None => self.object(self.pointee(ty)),
        }
    }

    /// Whether a parameter is the request of an exported method of a gRPC service, by the name of its type: what generates that may not be
    /// at hand.
    pub(crate) fn is_rpc_request(&self, func: Func, param: ExprId) -> bool {
        let Node::Decl(decl) = func.node else { return false };
        let (Decl::Func { name, .. }, Expr::FuncType { params, results, .. }) = (self.decl(decl), self.expr(func.ty))
        else {
            return false;
        };
        let named =
            self.store.qualified_name(self.deref(self.ty(param))).is_some_and(|(_, name)| name.ends_with("Request"));
        named && self.source(name).starts_with(char::is_uppercase) && self.is_rpc(func, &self.types_of(params), results)
    }

    /// A method of a gRPC service: `(context.Context, *Request) (*Response, error)`, or with a stream, of a type that embeds
    /// what protoc-gen-go-grpc generates for those who implement the service (`UnimplementedGreeterServer`).
    fn is_rpc(&self, func: Func, params: &[ExprId], results: FieldList) -> bool {
        let Node::Decl(decl) = func.node else { return false };
        let Decl::Func { recv, .. } = self.decl(decl) else { return false };
        let unary = matches!(*params, [context, _] if self.has_type(context, &["context.Context"]))
            && matches!(*self.types_of(results), [_, error] if self.ty(error) == TypeId::ERROR);
        // Of a stream in an unknown library nothing shows.
        let streams = |&ty: &ExprId| self.ty(ty).is_unknown() || self.has_methods(self.ty(ty), &["SendMsg", "RecvMsg"]);
        let stream = matches!(*self.types_of(results), [error] if self.ty(error) == TypeId::ERROR)
            && params.last().is_some_and(streams);
        let receiver = self.types_of(recv).first().copied();
        (unary || stream) && receiver.is_some_and(|receiver| self.implements_service(self.deref(self.ty(receiver))))
    }

    fn implements_service(&self, ty: TypeId) -> bool {
        let Type::Struct(fields) = self.store.under(ty) else { return false };
        let of_service = |name: &str| name.starts_with("Unimplemented") && name.ends_with("Server");
        fields.fields.iter().any(|field| field.embedded && of_service(self.store.text(field.name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose(name: &str, package: &str) -> Purpose {
        let mut info = FileInfo { name: name.to_owned(), ..FileInfo::default() };
        info.scope.package = Some(package.to_owned());
        info.purpose()
    }

    #[test]
    fn names_and_folders_tell() {
        assert_eq!(purpose("store/store.go", "store"), Purpose::Library);
        assert_eq!(purpose("store/store_test.go", "store"), Purpose::Test);
        assert_eq!(purpose("main.go", "main"), Purpose::Command);
        assert_eq!(purpose("cmd/serve/flags.go", "serve"), Purpose::Command);
        assert_eq!(purpose("examples/hello/main.go", "main"), Purpose::Example);
        assert_eq!(purpose("internal/test-utils/db.go", "testutils"), Purpose::TestHelper);
        assert_eq!(purpose("http/httptest/server.go", "httptest"), Purpose::TestHelper);
        assert_eq!(purpose("dns/fake_server.go", "dns"), Purpose::TestHelper);
        assert_eq!(purpose("hack/verify.go", "main"), Purpose::Tool);
        assert_eq!(purpose("db/internal/codename/generate/main.go", "main"), Purpose::Tool);
        assert_eq!(purpose("internal/generate/text.go", "generate"), Purpose::Library);
        assert_eq!(purpose("api/latest/types.go", "latest"), Purpose::Library);
        assert_eq!(purpose("db/cassandra/test.go", "cassandra"), Purpose::TestHelper);
        assert_eq!(purpose("consul/acl_testing.go", "consul"), Purpose::TestHelper);
        assert_eq!(purpose("internal/workflow_testsuite.go", "internal"), Purpose::TestHelper);
        assert_eq!(purpose("testsuite/freeport.go", "testsuite"), Purpose::TestHelper);
        assert_eq!(purpose("integration/plugin/main.go", "main"), Purpose::TestHelper);
        assert_eq!(purpose("devel/metamock/meta.go", "metamock"), Purpose::TestHelper);
        assert_eq!(purpose("cmd/write_bench.go", "cmd"), Purpose::Benchmark);
        assert_eq!(purpose("internal/integration/pay.go", "integration"), Purpose::Library);
        assert_eq!(purpose("docs/sts/main.go", "main"), Purpose::Example);
        assert_eq!(purpose("docs/docs.go", "docs"), Purpose::Library);
        let script = FileInfo { name: "cmd/get.go".to_owned(), script: true, ..FileInfo::default() };
        assert_eq!(script.purpose(), Purpose::Tool);
        assert_eq!(purpose("build/package/Dockerfile", ""), Purpose::Library);
        assert_eq!(purpose("examples/hello/Dockerfile", ""), Purpose::Example);
    }
}
