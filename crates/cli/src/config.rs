//! The configuration of a module: `.gopeer.toml` beside its go.mod, and `gopeer schema`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use gopeer_engine::Session;
use gopeer_engine::config::{self, Config, FILE, Known};

use crate::{CLEAN, print};

/// Reads the configuration of the module in a folder (canonical), if it has one. The faults are `path:line:column: sentence`.
pub fn of_module(root: &Path) -> Result<Option<Arc<Config>>, Vec<String>> {
    let file = root.join(FILE);
    let shown = shown(&file);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(vec![format!("cannot read {shown}: {error}")]),
    };
    let fault = |fault: config::Fault| {
        let at = fault.range(&text);
        format!("{shown}:{}:{}: {}", at.line, at.column, fault.message)
    };
    let read = with_known(|known| config::read(&text, known));
    read.map(|config| Some(Arc::new(config))).map_err(|faults| faults.into_iter().map(fault).collect())
}

/// A path from here, where it leads down from here.
pub fn shown(path: &Path) -> String {
    let here = fs::canonicalize(".").ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path).display().to_string()
}

/// Prints the schema of the file.
pub fn schema() -> Result<u8, String> {
    print(&format!("{:#}\n", with_known(config::schema)))?;
    Ok(CLEAN)
}

fn with_known<T>(f: impl FnOnce(Known<'_>) -> T) -> T {
    let session = Session::new();
    f(Known { rules: &session.rule_ids(), personas: &session.persona_ids(), concerns: &[] })
}
