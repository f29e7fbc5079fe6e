//! The command line.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Reviews Go code as one of five reviewers.
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
    /// Review files, packages or standard input. Exit code 0: nothing found, 1: findings, 2: wrong usage, or some input could not be read (the rest is reviewed). Files of kinds that gopeer does not review are skipped and counted
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
    /// Print what a share link holds; nothing is fetched
    Open {
        /// The link, or the part after its #
        link: String,
    },
    /// Make a share link of files
    Link {
        /// Address of the page
        #[arg(long, default_value = "http://127.0.0.1:8080/")]
        base: String,
        /// The reviewer that the link opens with
        #[arg(long, value_enum, default_value = "senior")]
        persona: Reviewer,
        /// The files
        #[arg(required = true)]
        files: Vec<String>,
    },
}

/// What to review, and how to print it.
#[derive(ClapArgs)]
pub struct ReviewArgs {
    /// Who reviews
    #[arg(long, value_enum, default_value = "senior")]
    pub persona: Reviewers,
    /// How to print the review
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Files, .txtar archives, folders (a package each), folders followed by /... (all packages below), or - for standard input
    #[arg(required = true)]
    pub paths: Vec<String>,
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
    /// Senior
    Senior,
    /// Backend expert
    Backend,
    /// Cloud-native
    CloudNative,
    /// Cassandra, Kafka, PostgreSQL
    Data,
    /// High-throughput services
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

/// A reviewer, or all.
#[derive(Clone, Copy)]
pub struct Reviewers(Option<Reviewer>);

impl Reviewers {
    /// The personas' ids.
    pub fn ids(self) -> Vec<&'static str> {
        match self.0 {
            Some(one) => vec![one.id()],
            None => Reviewer::value_variants().iter().map(|reviewer| reviewer.id()).collect(),
        }
    }
}

impl ValueEnum for Reviewers {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: &[Reviewers] = &[
            Reviewers(Some(Reviewer::Senior)),
            Reviewers(Some(Reviewer::Backend)),
            Reviewers(Some(Reviewer::CloudNative)),
            Reviewers(Some(Reviewer::Data)),
            Reviewers(Some(Reviewer::Throughput)),
            Reviewers(None),
        ];
        ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        match self.0 {
            Some(one) => one.to_possible_value(),
            None => Some(clap::builder::PossibleValue::new("all").help("One review by each")),
        }
    }
}
