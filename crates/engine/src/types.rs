//! What the engine does with types, as one value. A session works without it as far as syntax and names go; the page fetches
//! this code in a file of its own, so that the first review need not wait for it.

use std::rc::Rc;

use gopeer_api::{Damaged, Index, Module};
use gopeer_lint::Rule;
use gopeer_sema::{Checked, Facts, Source};

use crate::document::Document;
use crate::inspect::Inspector;
use crate::protocol::Inspection;

type Check = fn(&str, &str, &Source<'_>, Rc<Index>, &[&Checked]) -> Checked;
type CheckAgain = fn(&Checked, &Source<'_>, u32, u32) -> Option<Facts>;
type Inspect = for<'s> fn(&Inspector<'s>, &'s Document, u32) -> Option<Inspection>;

/// The checker, the reader of the index, the rules that ask for types, and what a hover shows. Nothing else of the engine
/// may call these, or their code moves into the page's first file again.
pub struct Types {
    pub(crate) check: Check,
    pub(crate) check_again: CheckAgain,
    pub(crate) inspect: Inspect,
    pub(crate) read: fn(&[u8]) -> Result<Module, Damaged>,
    pub(crate) rules: fn() -> Vec<&'static Rule>,
}

/// All there is.
pub static TYPES: Types = Types {
    check: Checked::in_module,
    check_again: Checked::check_again,
    inspect: |inspector, document, offset| inspector.inspect(document, offset),
    read: Module::read,
    rules: || gopeer_rules::all().collect(),
};
