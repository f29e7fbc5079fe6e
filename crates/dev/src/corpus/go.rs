//! The Go side of the comparison.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

/// What go/parser says of a file.
pub enum Verdict {
    /// Not Go.
    Rejected,
    /// The shape.
    Shape(String),
}

/// A running go/astshape.
pub struct Oracle {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts the program that [`build`] has built.
    pub fn start(program: &Path) -> Result<Oracle, String> {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let ask = child.stdin.take().ok_or("astshape has no standard input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("astshape has no standard output")?);
        Ok(Oracle { child, ask, answers })
    }

    /// Asks for a file's shape.
    pub fn ask(&mut self, file: &Path) -> Result<Verdict, String> {
        self.exchange(file).map_err(|error| format!("astshape does not answer for {}: {error}", file.display()))
    }

    fn exchange(&mut self, file: &Path) -> std::io::Result<Verdict> {
        writeln!(self.ask, "{}", file.display())?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let (verdict, len) = head.trim().split_once(' ').ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let mut body = vec![0; len.parse().map_err(std::io::Error::other)?];
        self.answers.read_exact(&mut body)?;
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(if verdict == "ok" { Verdict::Shape(body) } else { Verdict::Rejected })
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds go/astshape, once; says where it is.
pub fn build_shape() -> Result<PathBuf, String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    PROGRAM.get_or_init(|| build("astshape")).clone()
}

/// Builds the program of that name in crates/dev/go; says where it is.
pub fn build(name: &str) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().find_map(|folder| {
        let source = folder.join("crates/dev/go").join(name);
        source.is_dir().then_some((source, folder.join("target").join(name)))
    });
    let (source, program) = source.ok_or(format!("crates/dev/go/{name} is missing"))?;
    let mut go = Command::new("go");
    output(go.args(["build", "-o"]).arg(&program).arg(".").current_dir(source))?;
    Ok(program)
}

/// Go's own folder.
pub fn root() -> Result<PathBuf, String> {
    Ok(output(Command::new("go").args(["env", "GOROOT"]))?.trim().into())
}

/// Fetches modules (`path@version`), or finds them in the module cache; says where each is.
pub fn download(modules: &[&str]) -> Result<Vec<PathBuf>, String> {
    modules.iter().map(|module| download_one(module)).collect()
}

fn download_one(module: &str) -> Result<PathBuf, String> {
    let mut go = Command::new("go");
    // Outside of any module, so that none decides over versions.
    let json = output(go.args(["mod", "download", "-json", module]).current_dir(std::env::temp_dir()))?;
    let answer: serde_json::Value = serde_json::from_str(&json).map_err(|error| format!("{module}: {error}"))?;
    answer["Dir"].as_str().map(PathBuf::from).ok_or(format!("`go mod download {module}` names no folder"))
}

/// What the command prints; what it complains of where it fails.
pub fn output(go: &mut Command) -> Result<String, String> {
    let done = go
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("`go` cannot be started, install Go 1.26: {error}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("{go:?} failed:\n{}", String::from_utf8_lossy(&done.stderr)))
}
