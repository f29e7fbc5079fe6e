//! What a finding threatens. Rules name concerns, personas weigh them; neither knows the other.

macro_rules! concerns {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// A thing that can go wrong, or a virtue that is missing. The list is closed: a persona must weigh each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Concern {
            $($(#[$doc])* $name,)*
        }

        impl Concern {
            /// All concerns.
            pub const ALL: &[Concern] = &[$(Concern::$name,)*];

            /// The name used in persona files.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Concern::$name => $id,)*
                }
            }
        }
    };
}

concerns! {
    /// The code does not do what it says.
    Correctness = "correctness",
    /// Two goroutines, one datum, no order.
    Race = "race",
    /// Something waits for ever.
    Deadlock = "deadlock",
    /// Goroutines, connections, files, timers that are never given back.
    Leak = "leak",
    /// Messages or rows lost, doubled or wrong.
    DataLoss = "data-loss",
    /// A failure that nobody hears of, or cannot tell apart.
    Errors = "errors",
    /// Work that cannot be canceled or that outlives its request.
    Cancellation = "cancellation",
    /// The process dies, or does not stop as it should.
    Availability = "availability",
    /// A slow answer.
    Latency = "latency",
    /// Memory or processor time spent for nothing.
    Allocation = "allocation",
    /// An attacker gains something.
    Security = "security",
    /// Images, manifests, configuration, what runs the service.
    Deploy = "deploy",
    /// Nobody can see what happens in production.
    Operability = "operability",
    /// A contract that invites misuse or cannot change.
    Api = "api",
    /// Tests that are missing, flaky or prove nothing.
    Tests = "tests",
    /// Hard to read.
    Clarity = "clarity",
    /// Against the habits of Go.
    Idiom = "idiom",
    /// Documentation is missing or wrong.
    Docs = "docs",
    /// Old ways where the language or library has better ones.
    Modern = "modern",
}

impl Concern {
    /// The concern with this name.
    pub fn parse(id: &str) -> Option<Concern> {
        Concern::ALL.iter().copied().find(|concern| concern.id() == id)
    }
}
