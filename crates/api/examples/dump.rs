//! Prints what an index file says, line by line: `gen -dump` prints the same from go/types.
//!
//!     gzip -dc static/api/std.bin.gz | cargo run -p gopeer-api --example dump

use std::io::{self, BufWriter, Read, Write};

use gopeer_api::{Module, text};

fn main() -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes)?;
    let module = Module::read(&bytes).map_err(io::Error::other)?;
    let mut out = BufWriter::new(io::stdout());
    for package in module.packages() {
        let mut lines = String::new();
        text::package(package, &mut lines);
        out.write_all(lines.as_bytes())?;
    }
    Ok(())
}
