//! `cargo dev new-rule`.

pub fn run(_: &[String]) -> Result<(), String> {
    Ok(())
}
