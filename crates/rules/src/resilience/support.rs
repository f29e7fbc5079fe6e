//! What the rules about starting and stopping ask.

use gopeer_lint::prelude::*;

use crate::address::is_loopback;

/// Whether the file is a program: `package main`, or a pasted fragment that declares `main`; tests aside.
pub(super) fn is_program(file: &FileCx) -> bool {
    let main = file.package.scope.lookup("main").is_some();
    main && !file.file.is_test() && (file.file.is_main() || file.file.scope.is_fragment())
}

/// Whether some piece has the text; a cheap question to ask before walking.
pub(super) fn mentions(file: &FileCx, text: &str) -> bool {
    file.pieces.iter().any(|piece| piece.tree.text().contains(text))
}

/// The signals that a call of `signal.Notify` or the like names: after its first argument, or in the list that is spread.
pub(super) fn signals<'a>(cx: &Cx<'a>, call: Call<'a>) -> &'a [ExprId] {
    let spread = matches!(cx.expr(call.expr), Expr::Call { spread: true, .. });
    let listed = call.args.last().filter(|_| spread).map(|&list| cx.expr(cx.initial_value(list).unwrap_or(list)));
    match listed {
        Some(Expr::Composite { elems, .. }) => cx.exprs(elems),
        _ => call.args,
    }
}

/// Whether some piece has a call for which `f` holds.
pub(super) fn any_call(file: &mut FileCx, f: impl Fn(&Cx, ExprId) -> bool) -> bool {
    let mut found = false;
    file.each_piece(|cx| {
        let mut calls = cx.tree.all_exprs().filter(|(_, expr)| matches!(expr, Expr::Call { .. }));
        found = found || calls.any(|(call, _)| f(cx, call));
    });
    found
}

/// Whether the call serves requests until the server is shut down. A `ListenAndServe` of a library that is not known is
/// expected to do so.
pub(super) fn serves(cx: &Cx, call: ExprId) -> bool {
    match cx.callee(call) {
        Some(callee) if callee.is(SERVES) => true,
        Some(callee) if cx.is_own(&callee) => false,
        _ => matches!(cx.method_call(call), Some((_, "ListenAndServe" | "ListenAndServeTLS", _))),
    }
}

/// Whether the call ends what a server serves, in order or not.
pub(super) fn shuts_down(cx: &Cx, call: ExprId) -> bool {
    match cx.callee(call) {
        Some(callee) if callee.is(SHUTS_DOWN) => true,
        Some(callee) if cx.known(&callee).is_some() && !cx.is_own(&callee) => false,
        _ => matches!(cx.method_call(call), Some((_, "Shutdown" | "GracefulStop", _))),
    }
}

/// Whether what a call serves can be reached from this machine only, as far as the address is written out.
pub(super) fn is_local(cx: &Cx, serve: ExprId) -> bool {
    let Some(call) = cx.call(serve) else { return false };
    let first = call.args.first().copied();
    let address = match call.receiver.and_then(|server| cx.config(server)) {
        Some(server) => cx.setting(server, "Addr").value().or(first),
        None => first,
    };
    // `listener, err := net.Listen("tcp", address)`
    let listened = || cx.call(cx.defining_call(first?)?).filter(|call| call.callee.is(&["net.Listen"]));
    let address = listened().and_then(|listen| listen.args.get(1).copied()).or(address);
    address.and_then(|address| cx.string_value(address)).is_some_and(|address| is_loopback(&address))
}

const SERVES: &[&str] = &[
    "net/http.ListenAndServe",
    "net/http.ListenAndServeTLS",
    "net/http.Serve",
    "net/http.ServeTLS",
    "net/http.Server.ListenAndServe",
    "net/http.Server.ListenAndServeTLS",
    "net/http.Server.Serve",
    "net/http.Server.ServeTLS",
    "google.golang.org/grpc.Server.Serve",
    "github.com/gin-gonic/gin.Engine.Run",
    "github.com/gin-gonic/gin.Engine.RunTLS",
    "github.com/gofiber/fiber/v2.App.Listen",
    "github.com/gofiber/fiber/v2.App.ListenTLS",
    "github.com/labstack/echo/v4.Echo.Start",
    "github.com/labstack/echo/v4.Echo.StartTLS",
];

const SHUTS_DOWN: &[&str] = &[
    "net/http.Server.Close",
    "net/http.Server.Shutdown",
    "google.golang.org/grpc.Server.GracefulStop",
    "google.golang.org/grpc.Server.Stop",
    "github.com/gofiber/fiber/v2.App.Shutdown",
    "github.com/gofiber/fiber/v2.App.ShutdownWithContext",
    "github.com/gofiber/fiber/v2.App.ShutdownWithTimeout",
    "github.com/labstack/echo/v4.Echo.Close",
    "github.com/labstack/echo/v4.Echo.Shutdown",
];

/// Calls that close what requests use.
pub(super) const CLOSES: &[&str] = &[
    "database/sql.DB.Close",
    "github.com/IBM/sarama.AsyncProducer.Close",
    "github.com/IBM/sarama.SyncProducer.Close",
    "github.com/confluentinc/confluent-kafka-go/v2/kafka.Producer.Close",
    "github.com/gocql/gocql.Session.Close",
    "github.com/jackc/pgx/v5/pgxpool.Pool.Close",
    "github.com/nats-io/nats.go.Conn.Close",
    "github.com/rabbitmq/amqp091-go.Channel.Close",
    "github.com/rabbitmq/amqp091-go.Connection.Close",
    "github.com/redis/go-redis/v9.baseClient.Close",
    "github.com/segmentio/kafka-go.Writer.Close",
    "github.com/twmb/franz-go/pkg/kgo.Client.Close",
    "go.mongodb.org/mongo-driver/mongo.Client.Disconnect",
    "go.mongodb.org/mongo-driver/v2/mongo.Client.Disconnect",
];
