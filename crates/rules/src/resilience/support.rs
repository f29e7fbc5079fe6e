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

/// Whether the call serves HTTP or gRPC until the server is shut down.
pub(super) fn serves(cx: &Cx, call: ExprId) -> bool {
    const SERVING: &[&str] = &["ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS"];
    if let Some(name) = cx.callee(call).filter(|callee| callee.recv.is_none()) {
        return name.path == "net/http" && SERVING.contains(&name.name);
    }
    match cx.method_call(call) {
        Some((_, "ListenAndServe" | "ListenAndServeTLS", _)) => true,
        Some((server, "Serve" | "ServeTLS", _)) => {
            let made_by_grpc = |call| cx.calls(call, &["google.golang.org/grpc.NewServer"]);
            cx.has_type(server, &["net/http.Server"]) || cx.initial_value(server).is_some_and(made_by_grpc)
        }
        _ => false,
    }
}
