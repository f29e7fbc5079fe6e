//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use gopeer_engine::persona::BUILTIN;
use gopeer_engine::protocol::Severity;
use gopeer_engine::questions::{self, Questions};

/// Reviews Go code as one of five reviewers, or as one of your own.
#[derive(Parser)]
#[command(name = "gopeer", version)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Review files, packages or standard input
    ///
    /// The exit code is 0 if nothing was found, 1 if there are findings (with --fail-on, findings of at least that severity
    /// that are no questions), and 2 if the command line or a configuration is wrong, or some input could not be read or fixed; the rest
    /// is reviewed all the same.
    /// Files of kinds that gopeer does not review are skipped and counted.
    Review(ReviewArgs),
    /// List the rules
    Rules {
        /// How to print them
        #[arg(long, value_enum, default_value = "text")]
        format: ListFormat,
    },
    /// Print a rule's documentation and examples
    Explain {
        /// Id of the rule, such as concurrency/waitgroup-add-in-goroutine, or its name alone
        id: String,
    },
    /// Print the JSON schema of .gopeer.toml, for editors
    Schema,
    /// Print what a share link contains; nothing is fetched
    Open {
        /// The link, or the part after its #
        link: String,
    },
    /// Print what the engine makes of code, for those who work on gopeer
    Debug {
        /// What to print
        #[command(subcommand)]
        what: Debug,
    },
    /// Make packs of exercises for workshops: see docs/packs.md
    Pack {
        /// What to do
        #[command(subcommand)]
        what: PackCommand,
    },
    /// Make a reviewer of your own: see docs/reviewer.md
    Persona {
        /// What to do
        #[command(subcommand)]
        what: PersonaCommand,
    },
    /// Make a share link for files
    Link {
        /// Address of the page
        #[arg(long, default_value = "http://127.0.0.1:8080/")]
        base: String,
        /// The reviewer that the link opens with: senior, backend, cloud-native, data, throughput, or one of your own by the path of
        /// its file, which goes into the link
        #[arg(long, value_name = "REVIEWER", default_value = "senior")]
        persona: Reviewers,
        /// Say what the code does not show: delivery=at-least-once
        #[arg(long, value_name = "QUESTION=ANSWER", value_parser = answer)]
        assume: Vec<(String, String)>,
        /// The files
        #[arg(required = true)]
        files: Vec<String>,
    },
}

/// What to do with reviewers of one's own.
#[derive(Subcommand)]
pub enum PersonaCommand {
    /// Write a file to start from
    New {
        /// The reviewer that it is like
        #[arg(long, value_enum, default_value = "senior")]
        from: Reviewer,
        /// The new file
        #[arg(default_value = "team.md")]
        file: PathBuf,
    },
    /// Check files of reviewers, and print who they are
    ///
    /// The exit code is 0 if all of them can review, and 2 if something is wrong with one.
    Check {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// What to do with packs of exercises.
#[derive(Subcommand)]
pub enum PackCommand {
    /// Write a pack with one exercise, to start from
    New {
        /// Folder of the new pack
        folder: PathBuf,
    },
    /// Check that each fault is found by the rule that it names, or explained, and that nothing is found in the repaired version
    ///
    /// Findings of low severity do not count. The exit code is 0 if all is well, 1 if something is wrong, and 2 if a file could not
    /// be read.
    Check {
        /// Folders of packs, or single exercises (.txtar)
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Write a pack as JSON, as the page loads it
    Build {
        /// Folder of the pack
        folder: PathBuf,
        /// Where to write it. The default is standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Make a link that contains the whole pack, to try it or to share it
    Link {
        /// Address of the page
        #[arg(long, default_value = "http://127.0.0.1:8080/")]
        base: String,
        /// Folder of the pack
        folder: PathBuf,
    },
}

/// What the engine makes of code.
#[derive(Subcommand)]
pub enum Debug {
    /// The control flow of a function: operations in blocks, and where they lead
    Cfg {
        /// File and function: store.go:Load, store.go:Store.Load
        place: String,
        /// Print a graph for Graphviz
        #[arg(long)]
        dot: bool,
    },
    /// How often the review notices that a release or a check was taken out of working code
    Mutate {
        /// How many mutants of each path
        #[arg(long, default_value_t = 200)]
        count: usize,
        /// Which ones
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Print each mutant, and what was found
        #[arg(long)]
        list: bool,
        /// Folders, as `review` takes them
        #[arg(required = true)]
        paths: Vec<String>,
    },
}

fn answer(text: &str) -> Result<(String, String), String> {
    Questions::read(questions::TEXT).answer(text)
}

/// What to review, and how to print it.
#[derive(ClapArgs)]
pub struct ReviewArgs {
    /// Who reviews: senior, backend, cloud-native, data, throughput, all of these, or a reviewer of your own by the path of its file
    /// (./team.md; see docs/reviewer.md). The default is the reviewer that .gopeer.toml names, or else senior
    #[arg(long, value_name = "REVIEWER")]
    pub persona: Option<Reviewers>,
    /// Print what both reviewers raise, and what only one of them does: findings that are among the first of its list
    #[arg(long, value_enum, value_name = "REVIEWER", conflicts_with_all = ["format", "fix"])]
    pub compare: Option<Reviewer>,
    /// How many findings of each list count; 0 for as many as the reviewer shows on the page
    #[arg(long, value_name = "N", default_value = "5", requires = "compare")]
    pub first: usize,
    /// Say what the code does not show, as the page asks it: delivery=at-least-once, load=high. It raises, lowers or leaves out the
    /// findings that depend on it, and wins over what .gopeer.toml assumes. A wrong question or answer lists the right ones
    #[arg(long, value_name = "QUESTION=ANSWER", value_parser = answer)]
    pub assume: Vec<(String, String)>,
    /// How to print the review
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Put the code into the JSON, so that the page can open it
    #[arg(long)]
    pub with_code: bool,
    /// Exit with 1 only if there are findings of at least this severity. What the review only asks does not count
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// Report only findings that are not in FILE. If FILE does not exist, write the current findings to it
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Apply the safe fixes, or all of them, and review the result. Files with uncommitted changes are left alone
    #[arg(long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub fix: Option<Fixes>,
    /// Fix files with uncommitted changes too
    #[arg(long, requires = "fix")]
    pub force: bool,
    /// Review the change in a unified diff (- reads standard input): in the files here if it has been applied to them, otherwise as far
    /// as the diff shows it. If no paths are given, all packages that it concerns are reviewed
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub diff: Option<PathBuf>,
    /// Review the change from REV to the working tree: from the common ancestor of REV and HEAD, or with `REV..` from REV itself.
    /// If no paths are given, all packages that it concerns are reviewed
    #[arg(long, value_name = "REV", conflicts_with = "diff")]
    pub base: Option<String>,
    /// Files, .txtar archives, folders (a package each), folders followed by /... (all packages below), or - for standard input
    #[arg(required_unless_present_any = ["diff", "base"])]
    pub paths: Vec<String>,
}

/// Which fixes to apply.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fixes {
    /// Those that do not change what correct code does
    Safe,
    /// Suggested ones too: read the changes before you commit them
    All,
}

/// The lowest severity that counts for the exit code.
#[derive(Clone, Copy, ValueEnum)]
#[allow(missing_docs, reason = "each is the severity of the same name")]
pub enum FailOn {
    Low,
    Medium,
    High,
    Critical,
}

impl FailOn {
    /// The severity.
    pub fn severity(self) -> Severity {
        match self {
            FailOn::Low => Severity::Low,
            FailOn::Medium => Severity::Medium,
            FailOn::High => Severity::High,
            FailOn::Critical => Severity::Critical,
        }
    }
}

/// Formats of a review.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For reading in a terminal
    Text,
    /// The engine's own protocol
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// For a pull request or ticket
    Markdown,
    /// One file that opens in every browser and prints well
    Html,
    /// The fixes as GitHub's suggestion blocks, each under the lines that its comment belongs to
    GithubSuggestions,
    /// The fixes as GitLab's suggestion blocks
    GitlabSuggestions,
    /// GitLab's code quality report
    GitlabCodeQuality,
}

/// Formats of a list.
#[derive(Clone, Copy, ValueEnum)]
pub enum ListFormat {
    /// For reading in a terminal
    Text,
    /// Everything about each rule
    Json,
}

/// A reviewer.
#[derive(Clone, Copy, ValueEnum)]
pub enum Reviewer {
    /// Senior: correctness, concurrency and errors first
    Senior,
    /// Backend expert: contracts, tests and security first
    Backend,
    /// Cloud-native: how it starts, runs and drains in a cluster
    CloudNative,
    /// Cassandra/Kafka: which message or row is lost, doubled or stuck
    Data,
    /// High-throughput services: cost per request
    Throughput,
}

impl Reviewer {
    /// The persona's id.
    pub fn id(self) -> &'static str {
        match self {
            Reviewer::Senior => "senior",
            Reviewer::Backend => "backend",
            Reviewer::CloudNative => "cloud-native",
            Reviewer::Data => "data",
            Reviewer::Throughput => "throughput",
        }
    }
}

/// Whom `--persona` names.
#[derive(Clone, Debug)]
pub enum Reviewers {
    /// The built-in one of this id.
    One(String),
    /// All that are built in, one review each.
    All,
    /// The one that a file describes.
    File(PathBuf),
}

impl FromStr for Reviewers {
    type Err = String;

    fn from_str(text: &str) -> Result<Reviewers, String> {
        match text {
            "all" => Ok(Reviewers::All),
            id if BUILTIN.contains(&id) => Ok(Reviewers::One(id.to_owned())),
            path if path.ends_with(".md") || path.contains(['/', '\\']) => Ok(Reviewers::File(path.into())),
            _ => Err(format!("expected {}, all, or the path of a file such as ./team.md", BUILTIN.join(", "))),
        }
    }
}
