//! What lowering makes of each construct, as the shapes of `cargo dev corpus`. Those shapes are held against go/parser's
//! there and in corpus.rs beside this file; here they show what is where, without Go, and what becomes of broken text.

use gopeer_oracle::corpus::shape;
use gopeer_syntax::{Parser, Tree, cut};

fn parse(text: &str) -> Vec<Tree> {
    let mut parser = Parser::new();
    cut(text).iter().map(|piece| parser.parse(piece.span.of(text))).collect()
}

/// The shape of a text, white space aside.
fn check(text: &str, want: &str) {
    check_broken(text, want, &[]);
}

/// The shape of a text, and its errors.
fn check_broken(text: &str, want: &str, errors: &[&str]) {
    let trees = parse(text);
    let words =
        |shape: &str| shape.split_whitespace().collect::<Vec<_>>().join(" ").replace("( ", "(").replace("[ ", "[");
    assert_eq!(words(&shape::shape(&trees, false)), words(want), "{text}");
    let found = trees.iter().flat_map(Tree::errors).map(|error| error.message.trim_start_matches("syntax error: "));
    assert_eq!(found.collect::<Vec<_>>(), errors, "{text}");
}

#[test]
fn declarations() {
    check("package p", "(package p)");
    check("import (a \"x\"; . `y`)", "(import parens (import a (STRING \"x\")) (import . (STRING `y`)))");
    check("const (a, b int = iota, 1; c)", "(const parens (value 0 a b : int = iota (INT 1)) (value 1 c : _ =))");
    check("var x, y = 1, 2", "(var (value 0 x y : _ = (INT 1) (INT 2)))");
    check(
        "type (A[T any, U ~int|string] = []T; B struct{})",
        "(type parens (type A [(field T : any) (field U : (| (unary~ int) string))] = (array _ T)) (type B [] (struct [])))",
    );
    check(
        "func f[T any](a, b int, c ...T) (d error)",
        "(funcdecl [] f (func [(field T : any)] [(field a b : int) (field c : (... T))] [(field d : error)]) _)",
    );
    check(
        "func (r *T[K]) m(int, p.Q) int { return 1 }",
        "(funcdecl [(field r : (star (index T K)))] m (func [] [(field : int) (field : (. p Q))] [(field : int)]) (block (return (INT 1))))",
    );
}

#[test]
fn types() {
    check(
        "type T struct { a, b int `tag`; C; *p.D; E[int] }",
        "(type (type T [] (struct [(field a b : int (STRING `tag`)) (field : C) (field : (star (. p D))) (field : (index E int))])))",
    );
    check(
        "type T interface { M(int) error; ~int | *X; comparable }",
        "(type (type T [] (interface [(field M : (func [] [(field : int)] [(field : error)])) (field : (| (unary~ int) (star X))) (field : comparable)])))",
    );
    check("type T map[string][]*[4]p.Q", "(type (type T [] (map string (array _ (star (array (INT 4) (. p Q)))))))");
    check(
        "type T func(func(), ...int) (a, b chan int)",
        "(type (type T [] (func [] [(field : (func [] [] [])) (field : (... int))] [(field a b : (chan int))])))",
    );
    check("type T chan <-chan (<-chan int)", "(type (type T [] (chan<- (chan (paren (<-chan int))))))");
    check("type T [N]int", "(type (type T [] (array N int)))");
    check("type T[N any] int", "(type (type T [(field N : any)] int))");
}

#[test]
fn expressions() {
    check(
        "_ = a + b*c == -d && !<-e",
        "(statements outside any function (assign= _ <- (&& (== (+ a (* b c)) (unary- d)) (unary! (unary<- e)))))",
    );
    check("_ = f(a...)", "(statements outside any function (assign= _ <- (call... f a)))");
    check("_ = a[b](c)", "(statements outside any function (assign= _ <- (call (index a b) c)))");
    check("_ = *a[b](c)", "(statements outside any function (assign= _ <- (star (call (index a b) c))))");
    check("_ = a[b, []c](d)", "(statements outside any function (assign= _ <- (call (index a b (array _ c)) d)))");
    check(
        "_ = []byte(x)[lo:hi:max]",
        "(statements outside any function (assign= _ <- (slice (call (array _ byte) x) lo hi max)))",
    );
    check(
        "_ = x.(T).(func())",
        "(statements outside any function (assign= _ <- (assert (assert x T) (func [] [] []))))",
    );
    check(
        "_ = map[K]V{{1}: {a: 2}, k: &T{}}",
        "(statements outside any function (assign= _ <- (composite (map K V) (kv (composite _ (INT 1)) (composite _ (kv a (INT 2)))) (kv k (unary& (composite T))))))",
    );
    check(
        "_ = [...]int{0: 1}",
        "(statements outside any function (assign= _ <- (composite (array (... _) int) (kv (INT 0) (INT 1)))))",
    );
    check(
        "_ = func(a int) { b() }(1)",
        "(statements outside any function (assign= _ <- (call (funclit (func [] [(field a : int)] []) (block (expr (call b)))) (INT 1))))",
    );
    check("_ = make([]int, n)", "(statements outside any function (assign= _ <- (call make (array _ int) n)))");
    check("_ = new(f(x))", "(statements outside any function (assign= _ <- (call new (call f x))))");
    check(
        "_ = 0x1p-2 + 'a' + 1i + .5",
        "(statements outside any function (assign= _ <- (+ (+ (+ (FLOAT 0x1p-2) (CHAR 'a')) (IMAG 1i)) (FLOAT .5))))",
    );
    check("_ = (*T).m", "(statements outside any function (assign= _ <- (. (paren (star T)) m)))");
    check("_ = struct{}{}", "(statements outside any function (assign= _ <- (composite (struct []))))");
}

#[test]
fn what_no_program_has_for_long_has_a_shape_too() {
    check("const a, b int", "(const (value 0 a b : int =))");
    check(
        "const (\n\ta T // text\n\tb = 1\n\tc []int; d p.T[int]\n)",
        "(const parens (value 0 a : T =) (value 1 b : _ = (INT 1)) (value 2 c : (array _ int) =) (value 3 d : (index (. p T) int) =))",
    );
    check("_ = make([]int, t...)", "(statements outside any function (assign= _ <- (call... make (array _ int) t)))");
    check("_ = ~x", "(statements outside any function (assign= _ <- (unary~ x)))");
    check("_ = struct{ T }.m", "(statements outside any function (assign= _ <- (. (struct [(field : T)]) m)))");
    check("f[x.(type)]()", "(statements outside any function (expr (call (index f (assert x _)))))");
}

#[test]
fn a_block_after_an_if_is_a_statement() {
    let plain = "(statements outside any function (block (if _ (unary! (. x ok)) (block (expr (call f))) _) (block (assign= a <- b))))";
    check("{ if !x.ok {\n\tf()\n}\n\n// Then.\n{\n\ta = b\n}\n}", plain);
}

#[test]
fn statements() {
    check(
        "{ if a := b; c { } else if d { } else { } }",
        "(statements outside any function (block (if (assign:= a <- b) c (block) (if _ d (block) (block)))))",
    );
    check("for { break; continue L }", "(statements outside any function (for _ _ _ (block (break _) (continue L))))");
    check(
        "for i := 0; i < n; i++ { }",
        "(statements outside any function (for (assign:= i <- (INT 0)) (< i n) (++ i) (block)))",
    );
    check("for k, v = range m { }", "(statements outside any function (range k v m (block)))");
    check("for range 10 { }", "(statements outside any function (range _ _ (INT 10) (block)))");
    check(
        "switch a := b; a { case 1, 2: fallthrough; default: }",
        "(statements outside any function (switch (assign:= a <- b) a (case (INT 1) (INT 2) (fallthrough _)) (case default)))",
    );
    check(
        "switch a := b.(type) { case int, nil: }",
        "(statements outside any function (typeswitch _ a (assert b _) (case int nil)))",
    );
    check(
        "select { case a, ok := <-b: case c <- d: case <-e: default: }",
        "(statements outside any function (select (comm (assign:= a ok <- (unary<- b))) (comm (send c d)) (comm (expr (unary<- e))) (comm _)))",
    );
    check("L: for { goto L }", "(statements outside any function (label L (for _ _ _ (block (goto L)))))");
    check("{ a: b: }", "(statements outside any function (block (label a (label b empty))))");
    check("a, b := c, d", "(statements outside any function (assign:= a b <- c d))");
    check("a &^= b", "(statements outside any function (assign&^= a <- b))");
    check("a++; b--", "(statements outside any function (++ a) (-- b))");
    check(
        "a <- b; ; go f(); defer g()",
        "(statements outside any function (send a b) empty (go (call f)) (defer (call g)))",
    );
    check("const a = 1; var b int", "(const (value 0 a : _ = (INT 1))) (var (value 0 b : int =))");
    check("return a, b", "(statements outside any function (return a b))");
}

#[test]
fn fragments() {
    check(
        "x := 1\nvar y int\nif err != nil {\n\treturn err\n}",
        "(statements outside any function (assign:= x <- (INT 1))) (var (value 0 y : int =)) (statements outside any function (if _ (!= err nil) (block (return err)) _))",
    );
    check("var x int", "(var (value 0 x : int =))");
    check(
        "func f() {}\ng()",
        "(funcdecl [] f (func [] [] []) (block)) (statements outside any function (expr (call g)))",
    );
    check("fmt.Println(\"hi\")", "(statements outside any function (expr (call (. fmt Println) (STRING \"hi\"))))");
}

#[test]
fn broken() {
    check_broken(
        "func f() {\n\tfoo(a b)\n\tbar()\n}",
        "(funcdecl [] f (func [] [] []) (block (expr (call foo a)) (expr (call bar))))",
        &["unexpected name b"],
    );
    check_broken(
        "func f() {\n\tif x == {\n\t\ta()\n\t}\n\tb()\n}",
        "(funcdecl [] f (func [] [] []) (block (if _ (== x bad) (block (expr (call a))) _) (expr (call b))))",
        &["unexpected {, expected name"],
    );
    check_broken(
        "func f() {\n\ta()",
        "(funcdecl [] f (func [] [] []) (block (expr (call a)) bad))",
        &["unexpected end of input, expected }"],
    );
    check_broken(
        "func f(a int {\n\tb()\n}",
        "(funcdecl [] f (func [] [(field a : int)] []) (block (expr (call b))))",
        &["unexpected {, expected )"],
    );
    check_broken(
        "var x = \"abc\nvar y = 1",
        "(var (value 0 x : _ = (STRING \"abc))) (var (value 0 y : _ = (INT 1)))",
        &["newline in string"],
    );
    check_broken("var x = 1 /* abc", "(var (value 0 x : _ = (INT 1)))", &["comment not terminated"]);
    check_broken(
        "func f() {\n\twhile (x) { }\n\ta()\n}",
        "(funcdecl [] f (func [] [] []) (block bad (block) (expr (call a))))",
        &["unexpected name while"],
    );
    check_broken(
        "type T struct {\n\ta int\n\tb.\n}",
        "(type (type T [] (struct [(field a : int) (field : b)])))",
        &["unexpected ."],
    );
    check_broken("func", "bad", &["unexpected keyword func"]);
    check_broken("}", "bad", &["unexpected }"]);
}
