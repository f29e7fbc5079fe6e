//! A goroutine writes a variable that others use at the same time.
//!
//! Without something that orders the two, the other side may see the old value, the new one, or half of each: an interface whose
//! type and value do not belong together, a slice with the length of another array. The Go memory model promises nothing about a
//! program with a data race. The usual ways in are an outer `err` that a goroutine assigns, a named result, a counter, and a
//! result that is read although a timeout came before it.
//!
//! Give the goroutine variables of its own (`if err := …`) and hand over results by a channel, or wait (`wg.Wait()`, `<-done`) before
//! you use them, or hold one mutex on both sides. `go test -race` finds such a race when both sides happen to run.
//!
//! Fields are compared over the functions of the package: a goroutine that runs in the background, handlers of requests, and
//! exported methods that others may call meanwhile.
//!
//! What goroutines of one function call on one value is followed into the functions of the package.
//!
//! Limits: a function is compared with the function literals that it starts as goroutines, by `go`, `WaitGroup.Go` or
//! `errgroup.Group.Go`. What might order the two is taken for something that does: a function that is given the channel, a method
//! whose name speaks of waiting, a lock that may be held.
//!
//! ```go bad
//! func refresh(ctx context.Context, load func(context.Context) (string, error), save func(string) error) error {
//! 	page, err := load(ctx)
//! 	if err != nil {
//! 		return err
//! 	}
//! 	go func() {
//! 		err = save(page)
//! 		//<^^^ the goroutine writes `err` while `refresh` uses it
//! 		if err != nil {
//! 			log.Print(err)
//! 		}
//! 	}()
//! 	_, err = load(ctx)
//! 	return err
//! }
//!
//! func count(urls []string, ok func(string) bool) (good int) {
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			if ok(url) {
//! 				good++
//! 				//<^^^^ goroutines started in a loop write `good` at the same time
//! 			}
//! 		}()
//! 	}
//! 	wg.Wait()
//! 	return good
//! }
//! ```
//! ```go good
//! func refresh(load func() (string, error)) (string, error) {
//! 	var page string
//! 	var err error
//! 	done := make(chan struct{})
//! 	go func() {
//! 		defer close(done)
//! 		page, err = load()
//! 	}()
//! 	// The channel is closed after the write.
//! 	<-done
//! 	return page, err
//! }
//!
//! func count(urls []string, ok func(string) bool) (good int) {
//! 	var wg sync.WaitGroup
//! 	var mu sync.Mutex
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			if ok(url) {
//! 				// Under the lock.
//! 				mu.Lock()
//! 				good++
//! 				mu.Unlock()
//! 			}
//! 		}()
//! 	}
//! 	wg.Wait()
//! 	return good
//! }
//! ```
//!
//! # Idiom
//!
//! A goroutine is sure to see what another one has written only after something orders the two: a channel operation, a lock or an atomic.
//! Where possible, Go code sends the result instead of assigning it to a common variable.
//!
//! # Impact
//!
//! Which of the two values survives is decided by the scheduler and the compiler: an error is lost, a counter is short,
//! or an interface pairs the type of one value with the data of the other and crashes far away from here. It shows as
//! rare, different failures that no log line explains. `go test -race` reports both stacks as soon as one run executes
//! both accesses without ordering.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: prints "WARNING: DATA RACE" with the two accesses; silence proves
//!   nothing if no test runs both sides
//! - `go build -race {package}`: a canary built like this reports races of real traffic, at several times the CPU and
//!   memory
//!
//! # Options
//!
//! - Give the goroutine its own variable and hand the result over by a channel: no sharing is left, and the receiver
//!   knows when the value is ready
//!   - senior, cloud-native: ownership can be read off the code
//! - Guard both sides with one mutex: the smallest change where several fields belong together, but every later access
//!   has to know of it
//!   - backend, data: state and lock can be tested as one type
//! - Use a type of `sync/atomic`: cheapest for a flag or a counter, useless for two values that must agree
//!   - throughput: one instruction, nobody waits
//!
//! # References
//!
//! - [The Go Memory Model](https://go.dev/ref/mem)
//! - [Data Race Detector](https://go.dev/doc/articles/race_detector)
use gopeer_lint::Does;
use gopeer_lint::prelude::*;

pub static RULE: Rule = Rule {
    id: "concurrency/data-race",
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    concerns: &[(Concern::Race, 3)],
    equivalents: &["revive:datarace"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check)],
    examines: "functions that start goroutines",
};

fn check(cx: &mut Cx) {
    for race in cx.races().iter().filter(|race| !race.is_of_collection() && !race.is_mixed()) {
        let severity = severity(cx, Severity::Critical);
        let report = cx.report_span(race.at, race.message()).steps(race.steps.clone()).note(advice(race));
        let report = report.severity(severity);
        if race.between == Between::Requests {
            report.question();
        }
    }
    let others = |between: Users| matches!(between, Users::Setters | Users::Closers | Users::Claims | Users::Left);
    for race in cx.field_races().iter().filter(|race| !race.is_of_collection() && !others(race.between)) {
        let message = race.message(cx);
        let what = cx.source(race.at);
        let cause = crate::cause::in_package(cx, &race.other);
        let beside = severity(cx, Severity::High);
        let note = match race.does {
            Does::Sends => ONE_WRITER.to_owned(),
            _ => format!("guard `{what}` with a mutex, or make it a type of `sync/atomic`"),
        };
        let report = cx.report(race.at, message).note(note);
        match race.between {
            // Who runs two at the same time does so with all that they use; what else may keep them apart does not show.
            Users::Beside => drop(report.one_cause(cause).severity(beside)),
            // Whether the functions run at the same time is for their callers to say.
            Users::Requests => drop(report.severity(Severity::High).question()),
            _ => drop(report.severity(Severity::Medium).question()),
        }
    }
}

/// How severe a race is in this file that would be `worst` in a service.
fn severity(cx: &Cx, worst: Severity) -> Severity {
    match cx.file.purpose() {
        Purpose::Library => worst,
        Purpose::Command => worst.min(Severity::High),
        _ => Severity::Medium,
    }
}

const ONE_WRITER: &str = "the frames of two messages mix, or the connection panics: let one goroutine write what the others send it over a channel, \
     or hold a mutex for each write";

fn advice(race: &Race) -> &'static str {
    match race.between {
        _ if race.does == Does::Sends => ONE_WRITER,
        Between::Subtests => "declare it in the subtest",
        Between::Turns | Between::Goroutines | Between::Requests => {
            "give each goroutine a variable of its own and combine them after the wait, or use a mutex or an atomic"
        }
        Between::Spawner | Between::Reader => {
            "give the goroutine a variable of its own, or wait for it (a channel, a `WaitGroup`) before the value is used"
        }
    }
}
