//! Build constraints: whether a file belongs to a build for Linux on amd64 (`go help buildconstraint`).

/// Systems that file names may end in (`go tool dist list`, and those that the go command still knows).
const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

/// Processors that file names may end in.
const PROCESSORS: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Whether a build for Linux on amd64, with cgo and no tags of its own, takes the file.
pub fn is_built(name: &str, text: &str) -> bool {
    built_by_name(name) && built_by_line(text)
}

/// Whether the file is in no build and is run by its name, by the custom of `//go:build ignore`.
pub fn is_script(text: &str) -> bool {
    let mut header = text.lines().take_while(|line| !line.starts_with("package "));
    header.any(|line| matches!(line.strip_prefix("//go:build ").map(str::trim), Some("ignore" | "none")))
}

/// The minor version of Go that the `//go:build` line of a file asks for: 21 of `go1.21 && linux`. None where there are alternatives.
pub fn go_line(text: &str) -> Option<u32> {
    let mut header = text.lines().take_while(|line| !line.starts_with("package "));
    let line = header.find_map(|line| line.strip_prefix("//go:build ")).filter(|line| !line.contains("||"))?;
    line.split("&&").filter_map(|term| term.trim().strip_prefix("go1.")?.parse().ok()).max()
}

/// `name_GOOS_GOARCH.go`, with `_test` at the end left aside. A name that is nothing but the system has no constraint.
fn built_by_name(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name);
    let stem = base.strip_suffix(".go").unwrap_or(base);
    let stem = stem.strip_suffix("_test").unwrap_or(stem);
    let mut parts = stem.split('_').skip(1).collect::<Vec<_>>();
    let Some(last) = parts.pop() else { return true };
    if PROCESSORS.contains(&last) {
        let system = parts.pop().filter(|part| SYSTEMS.contains(part));
        return last == "amd64" && system.is_none_or(|system| system == "linux");
    }
    !SYSTEMS.contains(&last) || last == "linux"
}

/// A `//go:build` line stands before the package clause; where there is none, all `// +build` lines of old must hold.
fn built_by_line(text: &str) -> bool {
    let header = || text.lines().take_while(|line| !line.starts_with("package "));
    let Some(line) = header().find_map(|line| line.strip_prefix("//go:build ")) else {
        let old = header().filter_map(|line| line.strip_prefix("//")?.trim_start().strip_prefix("+build "));
        return { old }.all(built_by_old_line);
    };
    // Which experiments are on changes from one Go to the next.
    !line.contains("goexperiment.") && Reader { rest: line, depth: 0 }.either().unwrap_or(true)
}

/// A space is "or", a comma "and".
fn built_by_old_line(line: &str) -> bool {
    let term = |term: &str| term.strip_prefix('!').map_or_else(|| holds(term), |tag| !holds(tag));
    line.split_whitespace().any(|option| option.split(',').all(term))
}

/// Reads an expression of tags with `||`, `&&`, `!` and parentheses; none where it is none.
struct Reader<'t> {
    rest: &'t str,
    depth: u32,
}

/// The go command takes no deeper ones either.
const MAX_DEPTH: u32 = 100;

impl Reader<'_> {
    fn takes(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn either(&mut self) -> Option<bool> {
        let mut holds = self.both()?;
        while self.takes("||") {
            holds |= self.both()?;
        }
        Some(holds)
    }

    fn both(&mut self) -> Option<bool> {
        let mut holds = self.one()?;
        while self.takes("&&") {
            holds &= self.one()?;
        }
        Some(holds)
    }

    fn one(&mut self) -> Option<bool> {
        if self.depth == MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let holds = self.operand();
        self.depth -= 1;
        holds
    }

    fn operand(&mut self) -> Option<bool> {
        if self.takes("!") {
            return self.one().map(|holds| !holds);
        }
        if self.takes("(") {
            let holds = self.either()?;
            return self.takes(")").then_some(holds);
        }
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!tag.is_empty()).then(|| holds(tag))
    }
}

/// The minor version of the Go that we speak of, the index's: later ones bring names that it does not have.
pub const GO_MINOR: u32 = 26;

fn holds(tag: &str) -> bool {
    let release = || tag.strip_prefix("go1.").and_then(|minor| minor.parse::<u32>().ok());
    matches!(tag, "linux" | "amd64" | "unix" | "gc" | "cgo") || release().is_some_and(|minor| minor <= GO_MINOR)
}

#[cfg(test)]
mod tests {
    use super::{go_line, is_built, is_script};

    #[test]
    fn names() {
        let built = |name: &str| is_built(name, "package p\n");
        assert!(built("dir/poll_linux_amd64_test.go") && built("poll.go") && built("linux.go") && built("windows.go"));
        assert!(built("my_unix.go"), "unix is a tag, not a system");
        assert!(!built("poll_windows.go") && !built("sys_arm64.go") && !built("x_darwin_amd64.go"));
    }

    #[test]
    fn scripts() {
        assert!(is_script("//go:build ignore\n\npackage main\n") && is_script("// Copyright\n\n//go:build none\n"));
        assert!(!is_script("//go:build !ignore\n\npackage main\n"));
        assert_eq!(
            (go_line("//go:build go1.21 && !go1.23\n\npackage a"), go_line("//go:build go1.21 || linux\n")),
            (Some(21), None)
        );
        assert!(!is_script("package main\n//go:build ignore\n") && !is_script("//go:build windows\n"));
    }

    #[test]
    fn lines() {
        let built = |line: &str| is_built("x.go", &format!("// Copyright\n\n{line}\n\npackage p\n"));
        assert!(
            built("//go:build linux && (amd64 || arm64)") && built("//go:build !windows") && built("//go:build go1.22")
        );
        assert!(!built("//go:build go1.99"));
        assert!(!built("//go:build ignore") && !built("//go:build unix && !linux") && !built("//go:build integration"));
        assert!(built("//go:build )("), "nothing is claimed of a line that cannot be read");
        let flat = |tag: &str| format!("//go:build {tag}{}", " || ignore".repeat(200));
        assert!(built(&flat("linux")) && !built(&flat("ignore")), "length is not depth");
        assert!(built(&format!("//go:build {}ignore", "!".repeat(1000))), "too deep to be read");
        assert!(!built("// +build !go1.8") && !built("//+build !dynamic\n// +build musl"));
        assert!(built("// +build ignore amd64,go1.17,!go1.99") && built("// +build !musl\n// +build !dynamic,linux"));
        assert!(built("//go:build linux\n// +build ignore"), "the new line counts");
        assert!(built("//go:build unix || zos") && !built(&format!("//go:build {}ignore", "!".repeat(2))));
    }
}
