//! Prints the link for a state written as JSON, to put a new golden file into `tests/links`:
//! `cargo run -p gopeer-link --example release-link tests/links/v1-name.json > tests/links/v1-name.txt`

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the JSON file")?;
    let shared = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    println!("https://example.org/gopeer/#{}", gopeer_link::encode(&shared)?);
    Ok(())
}
