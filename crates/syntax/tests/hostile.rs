//! Text that is no Go, by accident or on purpose: nothing may crash, hang or be lost.

use std::time::{Duration, Instant};

use gopeer_syntax::ast::{Decl, Node};
use gopeer_syntax::{LineIndex, Parser, tokens};

/// A wasm worker's stack.
const STACK: usize = 1 << 20;
/// For a debug build on a busy machine; a release build takes a tenth.
const TIME: Duration = Duration::from_secs(20);

/// Cuts, parses, walks and colours the text, on a small stack; says how many errors there were.
fn examine(text: &str) -> usize {
    let pieces = gopeer_syntax::cut(text);
    let whole: String = pieces.iter().map(|piece| piece.span.of(text)).collect();
    assert!(whole == text, "the pieces are not the text");
    let mut parser = Parser::new();
    let mut errors = 0;
    for piece in pieces {
        let tree = parser.parse(piece.span.of(text));
        errors += tree.errors().len();
        let mut nodes = 0;
        for &root in tree.roots() {
            tree.walk(root, &mut |node: Node| {
                assert!(tree.span(node).end as usize <= tree.text().len());
                nodes += 1;
                true
            });
        }
        let colours = tokens(&tree);
        assert!(colours.is_sorted_by(|a, b| a.span.end <= b.span.start), "colours overlap");
        let has_bad = tree.all_decls().any(|(_, decl)| decl == Decl::Bad);
        assert!(!has_bad || !tree.errors().is_empty(), "a Bad node without an error");
    }
    LineIndex::new(text).position(text.len() as u32);
    errors
}

fn check(name: &str, text: String, broken: bool) {
    let start = Instant::now();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || examine(&text)).expect("a thread");
    let errors = thread.join().unwrap_or_else(|_| panic!("{name}: panicked"));
    assert_eq!(errors > 0, broken, "{name}: {errors} errors");
    let took = start.elapsed();
    eprintln!("{name}: {took:?}, {errors} errors");
    assert!(took < TIME, "{name}: took {took:?}");
}

#[test]
fn deep() {
    const DEEP: usize = 100_000;
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("func() {", "}"), ("struct { a ", "}")] {
        let text = format!("var x = {}1{}\n", open.repeat(DEEP), close.repeat(DEEP));
        check(&format!("{DEEP} of {open}"), text, true);
        check(&format!("{DEEP} of open {open}"), format!("var x = {}", open.repeat(DEEP)), true);
        check(&format!("{DEEP} of closing {close}"), format!("func f() {{ {}", close.repeat(DEEP)), true);
    }
    for open in ["'", "\"", "`", "/*"] {
        check(&format!("{DEEP} of ( after {open}"), format!("var x = {open}{}", "(".repeat(DEEP)), true);
        check(&format!("{DEEP} of - after {open}"), format!("var x = {open}{}", "- ".repeat(DEEP)), true);
        check(&format!("{DEEP} of * after {open}"), format!("var x = {open}{}", "*x/".repeat(DEEP)), true);
    }
    for prefix in ["!", "*", "- ", "<-", "&", "[]", "chan ", "map[a]", "func() ", "a.", "x: "] {
        check(&format!("{DEEP} of {prefix}"), format!("func f() {{\n\t_ = {}x\n}}\n", prefix.repeat(DEEP)), true);
        check(&format!("{DEEP} of {prefix} as types"), format!("type T {}x\n", prefix.repeat(DEEP)), true);
    }
    check("a long sum", format!("var x = 0{}\n", " + x".repeat(DEEP)), false);
    check("a long concatenation", format!("const s = \"\"{}\n", " +\n\t\"abc\"".repeat(DEEP)), false);
    check("many else-ifs", format!("func f() {{\n\tif x {{}}{}\n}}\n", " else if x {}".repeat(DEEP)), true);
    check("many calls", format!("var x = a{}\n", ".b()".repeat(DEEP)), true);
    check("many ifs", format!("func f() {{\n{}", "if x {\n".repeat(DEEP)), true);
}

#[test]
fn long() {
    // What a second look would look at again and again.
    check(
        "constants in constants",
        format!("const ({}", "const (\na int\n".repeat(300) + &"a int\n".repeat(100_000)),
        true,
    );
    check(
        "calls of make in calls",
        format!("var x = {}{}", "make(".repeat(300), "struct{}, ~x, ".repeat(50_000)),
        true,
    );
    check("a line of 5 MB", format!("var x = \"{}\"\n", "a".repeat(5 << 20)), true);
    check("a line of 3 MB", format!("var x = \"{}\"\n", "a".repeat(3 << 20)), false);
    check("a comment of 3 MB", format!("// {}\nvar x = 1\n", "a".repeat(3 << 20)), false);
    check("a word of 3 MB", "a".repeat(3 << 20), false);
    check("500,000 closing brackets", ")".repeat(500_000), true);
    check("1 MB of nonsense", "if } else ( := for ] \" ' 0x & func \n".repeat(30_000), true);
    check("1 MB of words", "lorem ipsum dolor sit amet ".repeat(40_000), true);
    check("1 MB of lines", "lorem ipsum dolor, sit: amet.\n".repeat(35_000), true);
    check("many declarations", "func f() { return }\n".repeat(20_000), false);
    check("many broken declarations", "func f( { return \n".repeat(20_000), true);
    for inner in ["", "[", "a[", "func()", "chan ", "struct{", "map[", "/*"] {
        check(&format!("new({inner} without end"), format!("new({inner}").repeat(50_000), true);
    }
    check("arrays without end", "[...".repeat(100_000), true);
    check("labels", "a: b: }".repeat(50_000), true);
}

#[test]
fn junk_is_given_up() {
    let refusal = |text: String| Parser::new().parse(&text).errors().first().map(|error| error.message.clone());
    for junk in ["<>@#$%&*", "+ - * / ", ",chan ", "! default "] {
        let why = refusal(junk.repeat(5_000)).unwrap_or_default();
        assert!(why.starts_with("nested too deep"), "{junk}: {why}");
    }
    let why = refusal("case x: ".repeat(5_000)).unwrap_or_default();
    assert!(why.ends_with("too broken to be examined"), "{why}");
    // What looks alike and is Go.
    for (name, go) in [
        ("cases", format!("func f() {{\n\tswitch {{\n{}\t}}\n}}\n", "\tcase x:\n".repeat(5_000))),
        ("operators", format!("var x = {}1\n", "-a & ^b * -1 <\n\t+\"s\" - ".repeat(5_000))),
        ("channels", format!("func f({}c int)\n", "c chan<- chan int, ".repeat(5_000))),
        ("prefixes", format!("var x = {}a\n", "-".repeat(200))),
    ] {
        assert_eq!(refusal(go), None, "{name}");
    }
}

#[test]
fn odd_bytes() {
    check("nothing", String::new(), false);
    check("white space", " \t\r\n\n".into(), false);
    check("NULs", "func f() {\n\tx := \0\0\n}\0\n".into(), true);
    check("only NULs", "\0".repeat(1000), true);
    check("replaced bytes", String::from_utf8_lossy(b"func f\xff() { \"\xfe\" }\n").into_owned(), true);
    check("BOM", "\u{feff}package p\r\n\r\nfunc f() {}\r\n".into(), false);
    check("BOM within", "package p\n\u{feff}func f() {}\n".into(), false);
    check("no end of line", "package p".into(), false);
    check("open raw string", "var x = `abc\n\nfunc f() {}\n".into(), true);
    check("open comment", "var x = 1 /* abc\n\nfunc f() {}\n".into(), true);
    check("open string", "var x = \"abc\n\nfunc f() {}\n".into(), true);
    check("escape at the end", "var x = \"\\".into(), true);
    check("rune at the end", "var x = '".into(), true);
}
