//! Where the cut cuts.

use gopeer_syntax::cut;
use proptest::prelude::*;

/// The pieces of a text, in which `|` marks where one ends and the next starts.
fn check(marked: &str) {
    let text = marked.replace('|', "");
    let pieces: Vec<&str> = cut(&text).iter().map(|piece| piece.span.of(&text)).collect();
    assert_eq!(pieces.join("|"), marked);
}

#[test]
fn declarations() {
    check("");
    check("\n\n");
    check("// only a comment\n");
    check("package p\n\n|import \"fmt\"\n|const a = 1\n|var b int\n|type T int\n|func f() {}\n|func (t T) m() {}\n");
    check("package p\n|import (\n\t\"fmt\"\n)\n|var (\n\ta = 1\n\tb = 2\n)\n");
    check("package p; func f() {}\n|func g() {}\n");
    check("\u{feff}package p\r\n|var x = 1\r\n|func f() {\r\n}\r\n");
    check("var a = 1 +\n\t2\n|var b = f(\nx,\n)\n|var c = g\n");
    check("func f() int\n|func g() {\n}\n");
}

#[test]
fn comments_go_with_what_they_document() {
    check(
        "// Licence.\n\n// Package p is.\npackage p\n\n|// f does.\n// It does.\nfunc f() {} // trailing\n\n|/* g\n*/\nfunc g() {}\n\n// last\n",
    );
    check("package p\n\n|// #include <stdio.h>\nimport \"C\"\n");
    check("func f() {\n\t// inner\n}\n\n// apart, and last\n\n");
    check("func f() {}\n\n|// apart\n\n// g does.\nfunc g() {}\n");
    check("func f() {}\n|//go:noinline\nfunc g() {}\n");
    check("func f() { /* {{{ */ }\n|func g() {}\n");
}

#[test]
fn strings_hide_what_is_in_them() {
    check("var s = `\nfunc f() {\n`\n|var t = \"func f() {\"\n|var r = '{'\n|var q = '\\''\n|func g() {}\n");
    check("var s = \"/*\"\n|func g() {}\n");
    check("// don't\nfunc g() {}\n|func h() {}\n");
}

#[test]
fn broken_declarations_do_not_take_the_next_with_them() {
    check("func f() {\n\tif x {\n\n|func g() {\n}\n\n|func (t *T[K, V]) h() {\n}\n");
    check("var x = []int{\n|func Map[K any](k K) {}\n");
    check("func f() {\n\tg(\"abc\n}\n\n|// h does.\nfunc h() {}\n");
    check("func f() {\n}\n}\n|func g() {}\n");
    check("func f() {\n}\n|\treturn 1\n}\n\n|func g() {}\n");
    check("func f() {\n\tx := func(a int) int {\n\t\treturn a\n\t}\n}\n|func g() {}\n");
}

#[test]
fn fragments() {
    check("x := 1\nif err != nil {\n\treturn err\n}\ny()\n");
    check("x := 1\n\n|func f() {}\n\n|f(x)\ng(x)\n");
    check("import \"fmt\"\n\n|fmt.Println(1)\nfor {\n}\n");
    check("go func() {\n}()\nfunc() {\n}()\ndefer f()\n");
    check("    x := 1\n    func() {\n    }()\n");
}

proptest! {
    /// Any text of Go's own bits and pieces is tiled, and one declaration more at its end is cut off.
    #[test]
    fn pieces_tile_the_text(bits in prop::collection::vec(prop::sample::select(BITS.to_vec()), 0..60)) {
        let text = bits.concat();
        let pieces = cut(&text);
        let mut at = 0;
        for piece in &pieces {
            prop_assert_eq!(piece.span.start, at);
            prop_assert!(!piece.span.is_empty());
            at = piece.span.end;
        }
        prop_assert_eq!(at as usize, text.len());
    }

    /// What is typed inside a function moves no other cut, as long as strings and comments are whole.
    #[test]
    fn an_edit_stays_in_its_function(bits in prop::collection::vec(prop::sample::select(LINES.to_vec()), 0..20)) {
        let before = "package p\n\nfunc a() {\n}\n\n";
        let after = "// c does.\nfunc c() {\n}\n";
        let text = format!("{before}func b() {{\n{}}}\n\n{after}", bits.concat());
        let pieces = cut(&text);
        prop_assert_eq!(pieces.last().map(|piece| piece.span.of(&text)), Some(after));
        prop_assert!(pieces.iter().any(|piece| piece.span.start as usize == before.len()));
    }
}

const BITS: [&str; 32] = [
    "func ", "f", "(", ")", "{", "}", "[", "]", "\n", "\n\n", " ", "\t", "\"", "`", "'", "\\", "//", "/*", "*/",
    "type ", "var ", "const ", "import ", "package ", "é", "日本", "🙂", "\r\n", "\u{feff}", "x := 1", "+", ";",
];

const LINES: [&str; 12] = [
    "\tif x {\n",
    "\t}\n",
    "\tg(\n",
    "\t)\n",
    "\tx := []int{\n",
    "\t// note\n",
    "\ts := \"{(\"\n",
    "\tr := '}'\n",
    "\n",
    "\tfunc() {\n",
    "\tt := `\nraw\n`\n",
    "\treturn\n",
];
