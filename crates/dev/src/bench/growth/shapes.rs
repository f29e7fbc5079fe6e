//! Go that compiles, or nearly, of many kinds.

use std::fmt::Write;

use gopeer_engine::protocol::FileText;

use super::Shape;

/// One file of this text.
pub(super) fn file(name: &str, text: String) -> Vec<FileText> {
    vec![FileText { name: name.to_owned(), text }]
}

/// `part` for each number below `n`, in a row.
pub(super) fn rep(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).fold(String::new(), |mut text, at| {
        let _ = write!(text, "{}", part(at));
        text
    })
}

/// A file of declarations.
fn top(text: String) -> Vec<FileText> {
    file("a.go", format!("package p\n\n{text}"))
}

/// A file of declarations after imports.
fn importing(imports: &[&str], text: String) -> Vec<FileText> {
    let imports: String = imports.iter().map(|path| format!("\t{path:?}\n")).collect();
    top(format!("import (\n{imports})\n\n{text}"))
}

/// A function of this body.
fn func(params: &str, body: String) -> String {
    format!("func f({params}) {{\n{body}}}\n")
}

macro_rules! shapes {
    ($($name:literal, $n:literal, |$i:ident| $files:expr;)*) => {
        vec![$(Shape { name: $name, n: $n, files: |$i| $files },)*]
    };
}
pub(super) use shapes;

/// All shapes of whole programs.
pub(super) fn all() -> Vec<Shape> {
    let mut all = functions();
    all.extend(statements());
    all.extend(expressions());
    all.extend(declarations());
    all.extend(packages());
    all
}

/// What the others are measured against: as many small functions.
fn functions() -> Vec<Shape> {
    shapes! {
        "small functions", 250, |n| top(rep(n, |i| format!("func f{i}(a, b int) int {{\n\tif a > {i} {{\n\t\tb++\n\t}}\n\treturn b\n}}\n\n")));
        "functions calling on", 500, |n| top(rep(n, |i| format!("func f{i}() {{\n\tf{}()\n}}\n\n", (i + 1) % n)));
        "methods with a lock", 150, |n| importing(&["sync"], format!("type T struct {{\n\tmu sync.Mutex\n\tn  int\n}}\n\n{}", rep(n, |i| format!("func (t *T) M{i}() int {{\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.n += {i}\n\treturn t.m{}()\n}}\n\nfunc (t *T) m{i}() int {{ return t.n }}\n\n", (i + 1) % n))));
        "waits with a lock", 100, |n| importing(&["sync"], format!("type T struct {{\n\tmu sync.Mutex\n\tc  chan int\n}}\n\nfunc New() *T {{ return &T{{c: make(chan int)}} }}\n\n{}", rep(n, |i| format!("func (t *T) M{i}() {{\n\tt.mu.Lock()\n\tdefer t.mu.Unlock()\n\tt.c <- {i}\n}}\n\nfunc (t *T) R{i}() {{\n\tt.mu.Lock()\n\tt.mu.Unlock()\n\t<-t.c\n}}\n\n"))));
        "types with a goroutine each", 60, |n| importing(&["sync"], rep(n, |i| format!("type T{i} struct {{\n\tmu   sync.Mutex\n\tbuf  []int\n\tdone chan struct{{}}\n}}\n\nfunc New{i}() *T{i} {{\n\tt := &T{i}{{done: make(chan struct{{}})}}\n\tgo t.loop()\n\treturn t\n}}\n\nfunc (t *T{i}) loop() {{\n\tfor range t.done {{\n\t\tt.flush()\n\t}}\n}}\n\nfunc (t *T{i}) flush() {{\n\tt.mu.Lock()\n\tt.buf = nil\n\tt.mu.Unlock()\n}}\n\nfunc (t *T{i}) Close() {{ close(t.done) }}\n\n")));
        "methods of one type", 300, |n| top(format!("type T struct{{ n int }}\n\n{}", rep(n, |i| format!("func (t *T) M{i}() int {{ return t.n + {i} }}\n\n"))));
        "methods with one name", 250, |n| top(format!("type T struct{{ n int }}\n\n{}", rep(n, |i| format!("func (t *T) M() int {{ return t.n + {i} }}\n\n"))));
        "commented functions", 700, |n| top(rep(n, |i| format!("// F{i} does it.\n//\n// Well.\nfunc F{i}() {{}}\n\n")));
    }
}

/// Functions of many statements.
fn statements() -> Vec<Shape> {
    shapes! {
        "ifs", 800, |n| top(func("a, b int", rep(n, |i| format!("\tif a > {i} {{\n\t\tb++\n\t}}\n"))));
        "goroutines", 600, |n| top(func("c chan int", rep(n, |i| format!("\tgo func() {{ c <- {i} }}()\n"))));
        "cancel functions", 200, |n| importing(&["context"], func("c context.Context, a int", rep(n, |i| format!("\tc{i}, f{i} := context.WithCancel(c)\n\tif a > {i} {{\n\t\treturn\n\t}}\n\tf{i}()\n\t_ = c{i}\n"))));
        "cancel functions that are overwritten", 200, |n| importing(&["context"], func("c context.Context, a int", format!("\tvar f func()\n{}\tf()\n", rep(n, |_| "\tc, f = context.WithCancel(c)\n\tif a > 1 {\n\t\ta--\n\t}\n".to_owned()))));
        "goroutines calling", 800, |n| top(format!("func g(int) {{}}\n\n{}", func("", rep(n, |i| format!("\tgo g({i})\n")))));
        "integer cases", 1_000, |n| top(func("a int", format!("\tswitch a {{\n{}\t}}\n", rep(n, |i| format!("\tcase {i}:\n\t\ta++\n")))));
        "string cases", 700, |n| top(func("a string", format!("\tswitch a {{\n{}\t}}\n", rep(n, |i| format!("\tcase \"k{i}\":\n\t\ta += \"x\"\n")))));
        "values of one case", 2_500, |n| top(func("a int", format!("\tswitch a {{\n\tcase {}-1:\n\t}}\n", rep(n, |i| format!("{i}, ")))));
        "type cases", 350, |n| top(format!("{}{}", rep(n, |i| format!("type T{i} struct{{ a int }}\n")), func("a any", format!("\tswitch a := a.(type) {{\n{}\t}}\n", rep(n, |i| format!("\tcase T{i}:\n\t\t_ = a\n"))))));
        "select cases", 500, |n| top(func("c chan int", format!("\tselect {{\n{}\t}}\n", rep(n, |i| format!("\tcase x := <-c:\n\t\t_ = x + {i}\n")))));
        "else-ifs", 700, |n| top(func("a, b int", format!("\tif a == -1 {{\n\t}}{}\n", rep(n, |i| format!(" else if a == {i} {{\n\t\tb++\n\t}}")))));
        "else-ifs with init", 400, |n| top(func("g func() error", format!("\tif err := g(); err != nil {{\n\t}}{}\n", rep(n, |i| format!(" else if e{i} := g(); e{i} != nil {{\n\t\t_ = g()\n\t}}")))));
        "assignments", 900, |n| top(func("a int", rep(n, |i| format!("\ta = a + {i}\n"))));
        "overwritten assignments", 900, |n| top(func("g func() int", format!("\tvar a int\n{}\t_ = a\n", rep(n, |_| "\ta = g()\n".to_owned()))));
        "locals", 500, |n| top(func("a int", rep(n, |i| format!("\tx{i} := a + {i}\n\t_ = x{i}\n"))));
        "locals in a row", 1_000, |n| top(func("", format!("\tx0 := 1\n{}", rep(n, |i| format!("\tx{} := x{i}\n", i + 1)))));
        "names of one var", 2_000, |n| top(func("", format!("\tvar {}z int\n\t_ = z\n", rep(n, |i| format!("x{i}, ")))));
        "values of one :=", 1_000, |n| top(func("", format!("\t{}z := {}1\n\t_ = z\n", rep(n, |i| format!("x{i}, ")), rep(n, |i| format!("{i}, ")))));
        "unused locals", 800, |n| top(func("", rep(n, |i| format!("\tx{i} := {i}\n"))));
        "undefined names", 1_000, |n| top(func("", rep(n, |i| format!("\tx{i}()\n"))));
        "shadowed errors", 400, |n| top(func("g func() error", format!("\terr := g()\n{}\t_ = err\n", rep(n, |_| "\tif err := g(); err != nil {\n\t\treturn\n\t}\n".to_owned()))));
        "checked errors", 400, |n| top(format!("func f(g func() (int, error)) error {{\n\tn, err := g()\n{}\t_ = n\n\treturn nil\n}}\n", rep(n, |_| "\tif err != nil {\n\t\treturn err\n\t}\n\tn, err = g()\n".to_owned())));
        "unchecked errors", 400, |n| importing(&["os"], func("", rep(n, |i| format!("\tos.Remove(\"{i}\")\n"))));
        "defers", 700, |n| importing(&["os"], func("a *os.File", rep(n, |_| "\tdefer a.Close()\n".to_owned())));
        "files opened", 150, |n| importing(&["os"], func("", rep(n, |i| format!("\tx{i}, err := os.Open(\"a\")\n\tif err != nil {{\n\t\treturn\n\t}}\n\tdefer x{i}.Close()\n"))));
        "responses", 150, |n| importing(&["net/http"], func("", rep(n, |i| format!("\tx{i}, err := http.Get(\"http://a\")\n\tif err != nil {{\n\t\treturn\n\t}}\n\t_ = x{i}.Body\n"))));
        "contexts", 200, |n| importing(&["context", "time"], func("c context.Context", rep(n, |i| format!("\tc{i}, cancel{i} := context.WithTimeout(c, time.Second)\n\tdefer cancel{i}()\n\t_ = c{i}\n"))));
        "fields with a lock", 300, |n| importing(&["sync"], format!("type T struct {{\n\tmu sync.Mutex\n\tn  int\n}}\n\n{}", func("t *T", format!("\tt.mu.Lock()\n{}\tt.mu.Unlock()\n", rep(n, |i| format!("\tt.n += {i}\n"))))));
        "locks", 300, |n| importing(&["sync"], func("a *sync.Mutex, b int", rep(n, |_| "\ta.Lock()\n\tb++\n\ta.Unlock()\n".to_owned())));
        "wait group", 200, |n| importing(&["sync"], func("", format!("\tvar a sync.WaitGroup\n{}\ta.Wait()\n", rep(n, |_| "\ta.Add(1)\n\tgo func() {\n\t\tdefer a.Done()\n\t}()\n".to_owned()))));
        "loops", 400, |n| top(func("a []int", rep(n, |i| format!("\tfor i, x := range a {{\n\t\t_, _ = i, x+{i}\n\t}}\n"))));
        "counting loops", 250, |n| top(func("a []int", rep(n, |_| "\tfor i := 0; i < len(a); i++ {\n\t\ta[i]++\n\t}\n".to_owned())));
        "appends in a loop", 500, |n| top(func("a []int", format!("\tvar b []int\n\tfor _, x := range a {{\n{}\t}}\n\t_ = b\n", rep(n, |i| format!("\t\tb = append(b, x+{i})\n")))));
        "appends in loops", 150, |n| top(func("a []int", rep(n, |i| format!("\tvar b{i} []int\n\tfor _, x := range a {{\n\t\tb{i} = append(b{i}, x)\n\t}}\n\t_ = b{i}\n"))));
        "statements of a loop", 250, |n| importing(&["time"], func("a []int, t *time.Timer", format!("\tfor i := range a {{\n{}\t}}\n", rep(n, |_| "\t\t<-time.After(time.Second)\n\t\ta[i]++\n".to_owned()))));
        "closures", 350, |n| top(func("", rep(n, |i| format!("\tx{i} := func() int {{ return {i} }}\n\t_ = x{i}()\n"))));
        "closures of one local", 700, |n| top(func("a int", rep(n, |_| "\t_ = func() { a++ }\n".to_owned())));
        "labels and gotos", 1_500, |n| top(func("", rep(n, |i| format!("l{i}:\n\tgoto l{}\n", (i + 1) % n))));
        "labelled loops", 900, |n| top(func("", rep(n, |i| format!("l{i}:\n\tfor {{\n\t\tbreak l{i}\n\t}}\n"))));
        "returns", 600, |n| top(format!("func f(a int) (int, error) {{\n{}\treturn 0, nil\n}}\n", rep(n, |i| format!("\tif a == {i} {{\n\t\treturn {i}, nil\n\t}}\n"))));
        "statements after return", 800, |n| top(func("a int", rep(n, |i| format!("\treturn\n\ta = {i}\n"))));
        "blocks side by side", 900, |n| top(func("a int", rep(n, |i| format!("\t{{\n\t\ta += {i}\n\t}}\n"))));
        "nested blocks", 6_000, |n| top(func("a int", format!("{}{}\n", "{".repeat(n), "}".repeat(n))));
        "nested ifs", 4_000, |n| top(func("a int", format!("{}{}\n", "if a > 1 {\n".repeat(n), "}\n".repeat(n))));
        "nested functions", 3_000, |n| top(func("", format!("{}{}\n", "func() {\n".repeat(n), "}()\n".repeat(n))));
        "ifs 150 deep, often", 5, |n| top(func("a int", rep(n, |_| format!("{}a++\n{}", "if a > 1 {\n".repeat(150), "}\n".repeat(150)))));
        "prints", 300, |n| importing(&["fmt"], func("a int", rep(n, |i| format!("\tfmt.Printf(\"%d %s {i}\\n\", a, a)\n"))));
        "SQL", 200, |n| importing(&["context", "database/sql"], func("c context.Context, a *sql.DB, b string", rep(n, |i| format!("\ta.QueryContext(c, \"SELECT * FROM t{i} WHERE a = '\" + b + \"'\")\n"))));
        "Kafka", 150, |n| importing(&["github.com/segmentio/kafka-go"], func("", rep(n, |i| format!("\tx{i} := kafka.NewReader(kafka.ReaderConfig{{\n\t\tBrokers: []string{{\"a\"}},\n\t\tTopic: \"t{i}\",\n\t}})\n\tdefer x{i}.Close()\n"))));
        "findings with imports", 300, |n| top(format!("import \"io/ioutil\"\n\n{}", func("", rep(n, |i| format!("\t_, _ = ioutil.ReadFile(\"{i}\")\n")))));
        "comparisons of errors", 600, |n| importing(&["io"], func("err error", rep(n, |_| "\tif err == io.EOF {\n\t\treturn\n\t}\n".to_owned())));
        "comments", 10_000, |n| top(func("", rep(n, |i| format!("\t// Comment {i}.\n"))));
        "comments behind code", 1_500, |n| top(func("a int", rep(n, |i| format!("\ta++ // Because {i}.\n"))));
        "block comments", 2_000, |n| top(func("a int", rep(n, |i| format!("\ta /* x {i} */ ++\n"))));
        "nolint behind code", 400, |n| importing(&["os"], func("", rep(n, |i| format!("\tos.Remove(\"{i}\") //nolint:errcheck // fine\n"))));
        "nolint on lines", 400, |n| importing(&["os"], func("", rep(n, |i| format!("\t//nolint\n\tos.Remove(\"{i}\")\n"))));
        "nolint in one block", 2_500, |n| top(func("", rep(n, |_| "\t//nolint\n".to_owned())));
        "a long line", 1_500, |n| top(func("a int", format!("\t{}\n", rep(n, |i| format!("a = {i}; ")))));
        "a long line of findings", 400, |n| importing(&["os"], func("", format!("\t{}\n", rep(n, |i| format!("os.Remove(\"{i}\"); ")))));
    }
}

/// Long expressions.
fn expressions() -> Vec<Shape> {
    shapes! {
        "joined strings", 2_000, |n| top(format!("var a = {}\"z\"\n", rep(n, |i| format!("\"s{i}\" +\n\t"))));
        "joined strings in a function", 2_000, |n| top(func("b string", format!("\tb = {}b\n\t_ = b\n", rep(n, |i| format!("\"s{i}\" + ")))));
        "sum of a variable", 3_000, |n| top(func("x int", format!("\tx = {}x\n", "x + ".repeat(n))));
        "sum of ones", 3_000, |n| top(format!("var a = {}1\n", "1 + ".repeat(n)));
        "conditions", 1_500, |n| top(func("x int", format!("\tif {}true {{\n\t\tx++\n\t}}\n", rep(n, |i| format!("x == {i} || ")))));
        "conditions with not", 900, |n| top(func("x int", format!("\tif {}true {{\n\t\tx++\n\t}}\n", rep(n, |i| format!("!(x == {i}) && ")))));
        "sums 150 deep, often", 10, |n| top(func("x int", rep(n, |_| format!("\tx = {}x{}\n", "(x + ".repeat(150), ")".repeat(150)))));
        "call chain", 4_000, |n| top(format!("type T struct{{}}\n\nfunc (t T) M() T {{ return t }}\n\n{}", func("t T", format!("\tt{}\n", ".M()".repeat(n)))));
        "selector chain", 4_000, |n| top(format!("type T struct{{ a *T }}\n\n{}", func("t T", format!("\t_ = t{}\n", ".a".repeat(n)))));
        "index chain", 4_000, |n| top(func("t []int", format!("\t_ = t{}\n", "[0]".repeat(n))));
        "arguments", 3_000, |n| top(format!("func g(a ...int) {{}}\n\n{}", func("", format!("\tg({}1)\n", rep(n, |i| format!("{i}, "))))));
        "print arguments", 3_000, |n| importing(&["fmt"], func("", format!("\tfmt.Printf(\"{}\", {}1)\n", "%d".repeat(n), rep(n, |i| format!("{i}, ")))));
        "array literal", 2_500, |n| top(format!("var a = [...]int{{\n{}}}\n", rep(n, |i| format!("\t{i},\n"))));
        "array literal with indices", 1_500, |n| top(format!("var a = [...]int{{\n{}}}\n", rep(n, |i| format!("\t{i}: {i},\n"))));
        "map literal", 1_000, |n| top(format!("var a = map[string]int{{\n{}}}\n", rep(n, |i| format!("\t\"k{i}\": {i},\n"))));
        "map literal in a function", 1_000, |n| top(func("", format!("\ta := map[int]string{{\n{}\t}}\n\t_ = a\n", rep(n, |i| format!("\t\t{i}: \"v\",\n")))));
        "structs in a slice", 600, |n| top(format!("var a = []struct{{ a int; b string }}{{\n{}}}\n", rep(n, |i| format!("\t{{a: {i}, b: \"x\"}},\n"))));
        "functions in a slice", 500, |n| top(format!("var a = []func(int) int{{\n{}}}\n", rep(n, |i| format!("\tfunc(x int) int {{ return x + {i} }},\n"))));
        "fields of a literal", 700, |n| top(format!("type T struct {{\n{}}}\n\nvar a = T{{\n{}}}\n", rep(n, |i| format!("\tf{i} int\n")), rep(n, |i| format!("\tf{i}: {i},\n"))));
        "nested literal", 2_000, |n| top(format!("type T []T\n\nvar a = T{}{}\n", "{".repeat(n), "}".repeat(n)));
        "huge raw string", 35_000, |n| top(format!("const a = `\n{}`\n", rep(n, |i| format!("line {i} of (many) \"lines\"\n"))));
        "huge string", 60_000, |n| top(format!("const a = \"{}\"\n", "escaped \\n ".repeat(n)));
        "many long strings", 700, |n| top(rep(n, |i| format!("const a{i} = `\nSELECT a, b\nFROM t{i}\nWHERE a = ? AND b = 'x'\n`\n\n")));
        "huge number", 4_000, |n| top(format!("const a = 0x{}\n", "f".repeat(n)));
        "conversions", 600, |n| top(func("x int", rep(n, |_| "\t_ = int64(x)\n".to_owned())));
        "type assertions", 900, |n| top(func("x any", rep(n, |_| "\t_ = x.(int)\n".to_owned())));
        "divisions", 900, |n| top(func("x, y int", rep(n, |_| "\tx = x / y\n".to_owned())));
        "indices", 800, |n| top(func("x []int", rep(n, |i| format!("\tx[{i}] = 1\n"))));
        "map writes", 800, |n| top(func("", format!("\tvar x map[int]int\n{}", rep(n, |i| format!("\tx[{i}] = 1\n")))));
        "nil checks", 350, |n| top(func("x *int", rep(n, |_| "\tif x != nil {\n\t\t*x = 1\n\t}\n\t*x = 2\n".to_owned())));
        "channel operations", 700, |n| top(func("c chan int", rep(n, |i| format!("\tc <- {i}\n\t<-c\n"))));
        "durations", 350, |n| importing(&["time"], func("", rep(n, |i| format!("\ttime.Sleep({i})\n"))));
    }
}

/// Large declarations, and many of them.
fn declarations() -> Vec<Shape> {
    shapes! {
        "fields", 1_000, |n| top(format!("type T struct {{\n{}}}\n", rep(n, |i| format!("\tF{i} int `json:\"f{i},omitempty\"`\n"))));
        "fields of one line", 3_000, |n| top(format!("type T struct {{\n\t{}z int\n}}\n", rep(n, |i| format!("f{i}, "))));
        "fields used", 700, |n| top(format!("type T struct {{\n{}}}\n\nfunc (t *T) f() {{\n{}}}\n", rep(n, |i| format!("\tf{i} int\n")), rep(n, |i| format!("\tt.f{i}++\n"))));
        "embedded types", 400, |n| top(format!("{}type T struct {{\n{}}}\n\nfunc f(t T) {{ t.M() }}\n", rep(n, |i| format!("type E{i} struct{{ a{i} int }}\n")), rep(n, |i| format!("\tE{i}\n"))));
        "embedding chain", 600, |n| top(format!("{}type E{n} struct{{ a int }}\n\nfunc f(t E0) int {{ return t.a }}\n", rep(n, |i| format!("type E{i} struct{{ E{} }}\n", i + 1))));
        "interface methods", 1_000, |n| top(format!("type T interface {{\n{}}}\n", rep(n, |i| format!("\tM{i}(a int) error\n"))));
        "implemented interface", 500, |n| top(format!("type T interface {{\n{}}}\n\ntype S struct{{}}\n\n{}var _ T = S{{}}\n", rep(n, |i| format!("\tM{i}()\n")), rep(n, |i| format!("func (S) M{i}() {{}}\n\n"))));
        "embedded interfaces", 400, |n| top(format!("{}type T interface {{\n{}}}\n", rep(n, |i| format!("type E{i} interface{{ M{i}() }}\n")), rep(n, |i| format!("\tE{i}\n"))));
        "union", 600, |n| top(format!("{}type T interface {{\n\t{}int\n}}\n", rep(n, |i| format!("type E{i} int\n")), rep(n, |i| format!("E{i} | "))));
        "iota", 1_500, |n| top(format!("type T int\n\nconst (\n\tc T = iota\n{})\n", rep(n, |i| format!("\tc{i}\n"))));
        "iota of sums", 1_500, |n| top(format!("const (\n\tc = iota * 2 + 1\n{})\n", rep(n, |i| format!("\tc{i}\n"))));
        "iota and a switch", 500, |n| top(format!("type T int\n\nconst (\n\tc T = iota\n{})\n\nfunc (t T) String() string {{\n\tswitch t {{\n{}\t}}\n\treturn \"\"\n}}\n", rep(n, |i| format!("\tc{i}\n")), rep(n, |i| format!("\tcase c{i}:\n\t\treturn \"c{i}\"\n"))));
        "constants in a row", 400, |n| top(format!("const c0 = 1\n{}", rep(n, |i| format!("const c{} = c{i} + 1\n", i + 1))));
        "variables in a group", 1_000, |n| top(format!("var (\n{})\n", rep(n, |i| format!("\tv{i} = {i}\n"))));
        "errors in a group", 400, |n| importing(&["errors"], format!("var (\n{})\n", rep(n, |i| format!("\tErr{i} = errors.New(\"e{i}\")\n"))));
        "initialization in a row", 700, |n| top(format!("{}var v{n} = 1\n", rep(n, |i| format!("var v{i} = v{}\n", i + 1))));
        "initialization through one", 200, |n| top(format!("var v = g()\n\nfunc g() int {{ return 1 }}\n\n{}", rep(n, |i| format!("var v{i} = h{i}()\n\nfunc h{i}() int {{ return v }}\n\n"))));
        "initialization through all", 200, |n| top(format!("var v = g()\n\nfunc g() int {{\n{}\treturn 1\n}}\n\n{}", rep(n, |i| format!("\th{i}()\n")), rep(n, |i| format!("var v{i} = {i}\n\nfunc h{i}() int {{ return v{i} }}\n\n"))));
        "functions that call all", 25, |n| top(rep(n, |i| format!("var v{i} = h{i}()\n\nfunc h{i}() int {{\n{}\treturn 1\n}}\n\n", rep(40, |j| format!("\th{}()\n", (i + j + 1).min(n - 1))))));
        "type parameters", 1_000, |n| top(format!("func f[{}Z any](a Z) {{}}\n", rep(n, |i| format!("T{i} any, "))));
        "instantiations", 250, |n| top(format!("type L[T any] struct{{ a T }}\n\n{}func f() {{\n{}}}\n", rep(n, |i| format!("type E{i} int\n")), rep(n, |i| format!("\tvar x{i} L[E{i}]\n\t_ = x{i}.a\n"))));
        "inferred calls", 600, |n| top(format!("func g[T any](a T) T {{ return a }}\n\n{}", func("x int", rep(n, |_| "\tx = g(x)\n".to_owned()))));
        "types in a row", 700, |n| top(format!("{}type T{n} int\n", rep(n, |i| format!("type T{i} []T{}\n", i + 1))));
        "pointers to each other", 400, |n| top(rep(n, |i| format!("type T{i} struct{{ next *T{} }}\n", (i + 1) % n)));
        "aliases in a row", 500, |n| top(format!("{}type T{n} = int\n", rep(n, |i| format!("type T{i} = T{}\n", i + 1))));
        "parameters", 2_000, |n| top(func(&format!("{}z int", rep(n, |i| format!("a{i} int, "))), "\t_ = z\n".to_owned()));
        "local types", 500, |n| top(func("", rep(n, |i| format!("\ttype t{i} struct{{ a int }}\n\tvar _ t{i}\n"))));
        "duplicate declarations", 700, |n| top(rep(n, |_| "func f() {}\n\n".to_owned()));
        "duplicate fields", 1_500, |n| top(format!("type T struct {{\n{}}}\n", "\ta int\n".repeat(n)));
        "duplicate cases", 1_000, |n| top(func("a int", format!("\tswitch a {{\n{}\t}}\n", "\tcase 1:\n".repeat(n))));
        "duplicate locals", 1_000, |n| top(func("", "\tvar a int\n".repeat(n)));
        "global state", 150, |n| top(rep(n, |i| format!("var g{i} = map[string]int{{}}\n\nfunc h{i}() {{ g{i}[\"a\"] = 1 }}\n\n")));
        "commands of a request", 100, |n| importing(&["net/http", "os/exec"], func("w http.ResponseWriter, r *http.Request", format!("\tx := \"\"\n{}", rep(n, |_| "\tx += r.FormValue(\"a\")\n\texec.Command(\"sh\", \"-c\", x).Run()\n".to_owned()))));
        "checks before a path", 150, |n| importing(&["net/http", "os"], func("w http.ResponseWriter, r *http.Request", format!("\tx := r.FormValue(\"a\")\n{}\tos.ReadFile(x)\n", rep(n, |i| format!("\tif x == \"{i}\" {{\n\t\tos.Remove(x)\n\t}}\n")))));
        "requests to a host of a client", 60, |n| importing(&["net/http"], func("w http.ResponseWriter, r *http.Request", rep(n, |i| format!("\tq{i}, _ := http.NewRequest(\"GET\", \"https://a.\"+r.FormValue(\"a\"), nil)\n\thttp.DefaultClient.Do(q{i})\n"))));
        "checks of fields", 400, |n| importing(&["net/http", "os"], format!("type T struct{{ a, b, c, d string }}\n\nfunc (t T) check() bool {{ return t.a == \"x\" && len(t.b) > 0 }}\n\n{}", func("w http.ResponseWriter, r *http.Request", format!("\tt := T{{a: r.FormValue(\"a\"), b: r.FormValue(\"b\")}}\n{}", rep(n, |_| "\tif t.check() {\n\t\tos.Remove(t.b)\n\t}\n".to_owned())))));
        "helpers that pass input on", 150, |n| importing(&["net/http", "os"], format!("{}func h{n}(s string) {{ os.Remove(s) }}\n\n{}", rep(n, |i| format!("func h{i}(s string) {{ h{}(s + \"/a\") }}\n\n", i + 1)), func("w http.ResponseWriter, r *http.Request", rep(n, |i| format!("\th{i}(r.FormValue(\"a\"))\n")))));
    }
}

/// Imports, files, packages, and files that are not Go.
fn packages() -> Vec<Shape> {
    shapes! {
        "imports", 500, |n| top(format!("import (\n{})\n", rep(n, |i| format!("\t\"example.com/a/p{i}\"\n"))));
        "imports used", 400, |n| top(format!("import (\n{})\n\n{}", rep(n, |i| format!("\tp{i} \"example.com/a/p{i}\"\n")), func("", rep(n, |i| format!("\tp{i}.Do()\n")))));
        "import declarations", 500, |n| top(rep(n, |i| format!("import p{i} \"example.com/a/p{i}\"\n")));
        "unused imports", 900, |n| top(format!("import (\n{})\n", rep(n, |i| format!("\tp{i} \"fmt\"\n"))));
        "one import, often", 700, |n| top(format!("import (\n{})\n", "\t\"fmt\"\n".repeat(n)));
        "uses of a package", 400, |n| importing(&["strings"], func("a string", rep(n, |_| "\t_ = strings.ToUpper(a)\n".to_owned())));
        "uses without import", 400, |n| file("a.go", func("a string", rep(n, |_| "\t_ = strings.ToUpper(a)\n".to_owned())));
        "statements alone", 600, |n| file("a.go", rep(n, |i| format!("x{i} := f({i})\n")));
        "files of a package", 150, |n| (0..n).map(|i| FileText { name: format!("a{i}.go"), text: format!("package p\n\nimport \"fmt\"\n\nfunc F{i}() {{ fmt.Println(F{}()) }}\n", (i + 1) % n) }).collect();
        "packages", 50, |n| (0..n).map(|i| FileText { name: format!("p{i}/a.go"), text: format!("package p{i}\n\nimport \"fmt\"\n\nfunc F() {{ fmt.Println(1) }}\n") }).collect();
        "packages of a module", 50, |n| {
            let mut files = file("go.mod", "module example.com/m\n\ngo 1.24\n".to_owned());
            files.extend((0..n).map(|i| FileText { name: format!("p{i}/a.go"), text: format!("package p{i}\n\nimport \"example.com/m/p{}\"\n\nfunc F() {{ p{}.F() }}\n", i + 1, i + 1) }));
            files
        };
        "modules", 50, |n| (0..n).flat_map(|i| [FileText { name: format!("m{i}/go.mod"), text: format!("module example.com/m{i}\n\ngo 1.24\n") }, FileText { name: format!("m{i}/a.go"), text: "package p\n\nfunc F() {}\n".to_owned() }]).collect();
        "build constraints", 3_000, |n| file("a.go", format!("//go:build {}linux\n\npackage p\n", rep(n, |i| format!("tag{i} || "))));
        "nested build constraint", 3_000, |n| file("a.go", format!("//go:build {}linux{}\n\npackage p\n", "!(".repeat(n), ")".repeat(n)));
        "build constraint lines", 3_000, |n| file("a.go", format!("{}\npackage p\n", rep(n, |i| format!("// +build tag{i}\n"))));
        "package comment", 8_000, |n| file("a.go", format!("{}package p\n", rep(n, |i| format!("// Line {i} of it.\n"))));
        "directives", 3_000, |n| top(rep(n, |i| format!("//go:generate echo {i}\n\n")));
        "Dockerfile", 1_500, |n| file("Dockerfile", format!("FROM golang:latest\n{}", rep(n, |i| format!("RUN apt-get install -y p{i}\nCOPY a{i} /b\nENV A{i}=b\n"))));
        "Dockerfile stages", 1_500, |n| file("Dockerfile", rep(n, |i| format!("FROM golang AS s{i}\nCOPY --from=s{} /a /b\n", i / 2)));
        "Dockerfile, one instruction", 5_000, |n| file("Dockerfile", format!("FROM golang\nRUN a {}\n", rep(n, |i| format!("&& \\\n    b{i} "))));
        "go.mod", 1_500, |n| file("go.mod", format!("module a\n\ngo 1.24\n\nrequire (\n{})\n\n{}", rep(n, |i| format!("\texample.com/p{i} v1.0.{i}\n")), rep(n, |i| format!("replace example.com/p{i} => ../p{i}\n"))));
    }
}
