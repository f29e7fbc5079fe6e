//! Goroutines write to one map, or append to one slice, without a lock.
//!
//! The runtime ends the process when it notices two goroutines in one map: `fatal error: concurrent map writes`, which nothing can
//! recover from. Appends that run at the same time can lose elements, because each goroutine reads the same length and writes to the
//! same place.
//!
//! Hold a mutex around each access, send the results over a channel to one goroutine that collects them, or give each goroutine an
//! element of its own: `results[i] = …` in a slice that was made with its full length needs no lock.
//!
//! Limits: as for `concurrency/data-race`.
//!
//! ```go bad
//! func sizes(urls []string, size func(string) int) map[string]int {
//! 	found := make(map[string]int)
//! 	var wg sync.WaitGroup
//! 	for _, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			found[url] = size(url)
//! 			//<^^^^^ goroutines started in a loop write to the map `found` at the same time
//! 		}()
//! 	}
//! 	wg.Wait()
//! 	return found
//! }
//!
//! func failures(jobs []func() error) (errs []error) {
//! 	var wg sync.WaitGroup
//! 	for _, job := range jobs {
//! 		wg.Go(func() {
//! 			if err := job(); err != nil {
//! 				errs = append(errs, err)
//! 				//<^^^^ goroutines started in a loop append to `errs` at the same time
//! 			}
//! 		})
//! 	}
//! 	wg.Wait()
//! 	return errs
//! }
//! ```
//! ```go good
//! func sizes(urls []string, size func(string) int) ([]int, map[string]int) {
//! 	all := make([]int, len(urls))
//! 	found := make(map[string]int)
//! 	var mu sync.Mutex
//! 	var wg sync.WaitGroup
//! 	for i, url := range urls {
//! 		wg.Add(1)
//! 		go func() {
//! 			defer wg.Done()
//! 			// Each goroutine has an element of its own.
//! 			all[i] = size(url)
//! 			mu.Lock()
//! 			defer mu.Unlock()
//! 			found[url] = all[i]
//! 		}()
//! 	}
//! 	wg.Wait()
//! 	return all, found
//! }
//! ```
//!
//! # Idiom
//!
//! Maps and slices have no lock inside, which keeps them fast for the common case of one goroutine. Where several write, the usual forms
//! are a mutex beside the map, one slot of a slice for each goroutine, or a channel on which one goroutine collects.
//!
//! # Impact
//!
//! Two writers in one map may end the process with "fatal error: concurrent map writes", which no `recover` stops; all
//! requests in flight are lost and the pod restarts. Concurrent appends to one slice lose elements without an error.
//! Both depend on load, and both are reported by the race detector in a test with two goroutines.
//!
//! # Verify
//!
//! - `go test -race -run {test} -count 20 {package}`: reports the write with both stacks, even if the process survives
//! - `kubectl logs --previous deploy/NAME | grep 'concurrent map'`: for maps, finds the fatal error of a pod that was
//!   restarted
//!
//! # Options
//!
//! - Guard the collection with a mutex: works for every type and access, but readers have to hold the lock as well
//!   - senior, backend: the struct owns its lock, and the rest of the code does not see it
//! - Collect over a channel in one goroutine: no lock, and the collector must be waited for
//!   - data, cloud-native: order and end of the results are explicit
//! - Give each goroutine an element of its own, `results[i] = r`: needs no lock, where the number of results is known
//!   - throughput: no contention at all
//!
//! # References
//!
//! - [Go blog, "Go maps in action"](https://go.dev/blog/maps)
//! - [Data Race Detector](https://go.dev/doc/articles/race_detector)
use gopeer_lint::prelude::*;
use gopeer_lint::{Does, FieldRace};

pub static RULE: Rule = Rule {
    id: "concurrency/racy-collection-write",
    severity: Severity::Critical,
    confidence: Confidence::High,
    concerns: &[(Concern::Race, 3)],
    equivalents: &["semgrep:racy-write-to-map", "semgrep:racy-append-to-slice"],
    fix: FixKind::None,
    scope: Scope::Both,
    hooks: &[Hook::Piece(check)],
    examines: "functions that start goroutines",
};

fn check(cx: &mut Cx) {
    for race in cx.races().iter().filter(|race| race.is_of_collection()) {
        let map = race.does.is_of_map() || race.other.is_of_map();
        let report = cx
            .report_span(race.at, race.message())
            .steps(race.steps.clone())
            .note(harm([race.does, race.other]))
            .note("hold one mutex around all accesses, or send the results to one goroutine that collects them");
        // A map that all requests have, unlike a slice, is seldom made for one of them.
        match race.between {
            Between::Requests if map => drop(report.likely()),
            Between::Requests => drop(report.question()),
            _ => {}
        }
    }
    let is_ours =
        |race: &&FieldRace| race.is_of_collection() && !matches!(race.between, Users::Setters | Users::Claims);
    for race in cx.field_races().iter().filter(is_ours) {
        let message = race.message(cx);
        let map = race.does.is_of_map() || race.other_does.is_of_map();
        let report = cx.report(race.at, message).note(harm([race.does, race.other_does])).note(if map {
            "hold one mutex around all accesses, or use a `sync.Map`"
        } else {
            "hold one mutex around all accesses"
        });
        match race.between {
            Users::Beside => {}
            Users::Requests if map => drop(report.likely()),
            _ => drop(report.severity(Severity::High).question()),
        }
    }
}

fn harm(both: [Does; 2]) -> &'static str {
    match both.iter().any(|does| does.is_of_map()) {
        true if both.contains(&Does::WritesMap) => {
            "the runtime ends the process when it notices: `concurrent map writes` cannot be recovered from"
        }
        true => "whoever looks at the same time may go on with the map that was replaced",
        false if both.iter().all(|does| does.is_write()) => "appends that run at the same time can lose elements",
        false => "a read at the same time may see the length of one slice and the elements of another",
    }
}
