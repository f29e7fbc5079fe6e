//! The Go side: a running go/astshape.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use crate::go;

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
    PROGRAM.get_or_init(|| go::build("astshape")).clone()
}
