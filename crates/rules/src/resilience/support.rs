//! What the rules about starting and stopping ask.

use gopeer_lint::prelude::*;

/// Whether the file is a program: `package main`, or a pasted fragment that declares `main`; tests aside.
pub(super) fn is_program(file: &FileCx) -> bool {
    let main = file.package.scope.lookup("main").is_some();
    main && !file.file.is_test() && (file.file.is_main() || file.file.scope.is_fragment())
}

/// Whether some piece has the text; a cheap question to ask before walking.
pub(super) fn mentions(file: &FileCx, text: &str) -> bool {
    file.pieces.iter().any(|piece| piece.tree.text().contains(text))
}

/// Whether the call serves HTTP or gRPC until the server is shut down. Of a server of another type `ListenAndServe` is
/// expected to do so.
pub(super) fn serves(cx: &Cx, call: ExprId) -> bool {
    cx.calls(call, SERVES) || matches!(cx.method_call(call), Some((_, "ListenAndServe" | "ListenAndServeTLS", _)))
}

const SERVES: &[&str] = &[
    "net/http.ListenAndServe",
    "net/http.ListenAndServeTLS",
    "net/http.Serve",
    "net/http.ServeTLS",
    "net/http.Server.Serve",
    "net/http.Server.ServeTLS",
    "google.golang.org/grpc.Server.Serve",
];
