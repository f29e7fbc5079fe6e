//! Steps: child processes whose output goes to a log while the user sees what runs, for how long, and how it ended.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use crate::machine;

const POLL: Duration = Duration::from_millis(50);
/// How often a step reports where lines cannot be rewritten.
const HEARTBEAT: Duration = Duration::from_secs(15);
const TAIL_LINES: usize = 40;

/// How a step ended.
pub struct Ran {
    /// Whether the child succeeded.
    pub ok: bool,
    /// Everything that it printed.
    pub log: PathBuf,
}

impl Ran {
    /// Everything that the child printed.
    pub fn text(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Shows the end of the log.
    pub fn show_tail(&self) {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        for line in &lines[lines.len().saturating_sub(TAIL_LINES)..] {
            println!("  | {line}");
        }
    }
}

/// A child process with a title, which also names its log.
pub struct Step {
    title: String,
    limit: Option<Duration>,
}

impl Step {
    /// A step called `title`.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), limit: None }
    }

    /// Ends the child when it takes longer than `limit`.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs `command`; an error only if it cannot be started.
    pub fn run(&self, command: &mut Command) -> Result<Ran, String> {
        let log = self.log_file();
        let (out, err) = open_log(&log).map_err(|error| format!("{} cannot be written: {error}", log.display()))?;
        let started = Instant::now();
        let mut screen = Screen::new(&self.title);
        let mut child = command
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(|error| format!("`{}` cannot be started: {error}", command.get_program().display()))?;
        let status = self.wait(&mut child, started, &log, &mut screen);
        let ok = status.is_ok_and(|status| status.success());
        screen.end(ok, started.elapsed());
        Ok(Ran { ok, log })
    }

    /// Runs `command`; when it fails, shows the end of its log and says `advice`.
    pub fn must(&self, command: &mut Command, advice: &str) -> Result<Ran, String> {
        let ran = self.run(command)?;
        if ran.ok {
            return Ok(ran);
        }
        ran.show_tail();
        let log = ran.log.strip_prefix(machine::root()).unwrap_or(&ran.log);
        Err(format!("{} failed (log: {}): {advice}", self.title, log.display()))
    }

    fn log_file(&self) -> PathBuf {
        let slug: String = self.title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        machine::root().join("target/dev-logs").join(slug.to_lowercase()).with_extension("log")
    }

    fn wait(&self, child: &mut Child, started: Instant, log: &Path, screen: &mut Screen) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if self.limit.is_some_and(|limit| started.elapsed() > limit) {
                child.kill()?;
            }
            screen.tick(started.elapsed(), log);
            thread::sleep(POLL);
        }
    }
}

fn open_log(log: &Path) -> io::Result<(File, File)> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(log)?;
    Ok((file.try_clone()?, file))
}

/// The user's side of a running step.
struct Screen<'a> {
    title: &'a str,
    live: bool,
    next: Duration,
}

impl<'a> Screen<'a> {
    fn new(title: &'a str) -> Self {
        let live = io::stdout().is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb");
        println!("… {title}");
        Self { title, live, next: if live { Duration::from_secs(1) } else { HEARTBEAT } }
    }

    fn tick(&mut self, elapsed: Duration, log: &Path) {
        if elapsed < self.next {
            return;
        }
        self.next = elapsed + if self.live { Duration::from_secs(1) } else { HEARTBEAT };
        let line = format!("… {} {} s  {}", self.title, elapsed.as_secs(), last_line(log));
        self.print(&line);
    }

    fn end(&self, ok: bool, time: Duration) {
        let mark = if ok { "✓" } else { "✗" };
        self.print(&format!("{mark} {} {:.1} s", self.title, time.as_secs_f32()));
    }

    fn print(&self, line: &str) {
        // One line up and cleared: the line of the same step is there.
        let again = if self.live { "\x1b[1A\x1b[2K" } else { "" };
        let width = if self.live { 100 } else { 160 };
        let line: String = line.chars().take(width).collect();
        println!("{again}{line}");
        let _ = io::stdout().flush();
    }
}

/// The last line that the child printed.
fn last_line(log: &Path) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(500)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    let end = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&end);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}
