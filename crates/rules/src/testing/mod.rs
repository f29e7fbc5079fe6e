//! Tests.
mod hangs;
mod outcome;
mod support;
mod time;

category! {
    benchmark_misuse,
    fatal_in_goroutine,
    fixture_not_released,
    flaky_timing,
    lifecycle_helpers,
    no_assertions,
    outer_t_in_subtest,
    parallel_misuse,
    real_dependency,
}
