//! Packages that import each other.

use gopeer_sema::{Checked, Source};
use gopeer_syntax::Progress;

#[test]
fn a_long_chain_of_imports_is_forgotten_without_recursion() {
    let source = Source { files: Vec::new(), whole: true, progress: Progress::default() };
    let mut last = Checked::unknown("p");
    for at in 0..20_000 {
        last = Checked::in_module(&format!("p{at}"), "p", &source, Default::default(), &[&last], None);
    }
    drop(last);
}
