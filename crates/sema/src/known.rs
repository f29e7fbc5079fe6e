//! What an index says of a function, method or type besides its type.

use gopeer_api as api;

use crate::types::Store;

pub use gopeer_api::Facts as CallFacts;

/// What is known of a name of another package besides its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// What is known of calling it.
    pub facts: CallFacts,
    /// The first sentence of its deprecation; empty where it has none.
    pub deprecated: Option<String>,
    /// `N` of the `go1.N` that brought it.
    pub since: Option<u8>,
    /// The version of the library of which the index knows that it is deprecated: the code may be built with another. None
    /// where the source that is built says it.
    pub version: Option<String>,
}

impl Store {
    /// What is known of `path.name`, or of the method `path.recv.name`. What is deprecated the source of a library says, in
    /// the version that is built, where an importer found it; all else the index.
    pub fn known(&self, path: &str, recv: Option<&str>, name: &str) -> Option<Known> {
        let indexed = self.indexed(path, recv, name);
        let Some(library) = self.library_importer(path) else { return indexed };
        let full = recv.map_or(name.to_owned(), |recv| format!("{recv}.{name}"));
        let deprecated = library.deprecation(path, &full);
        (indexed.is_some() || deprecated.is_some()).then(|| Known {
            deprecated,
            version: None,
            ..indexed.unwrap_or_default()
        })
    }

    /// What a library sets a setting to unless it is told otherwise: of the field `Config.Producer.RequiredAcks`.
    pub fn default_setting(&self, path: &str, setting: &str) -> Option<&str> {
        self.index.default_setting(path, setting)
    }

    /// What input from outside does with a function, method, field or type of a library (`crates/api/facts`).
    pub fn taint(&self, path: &str, recv: Option<&str>, name: &str) -> Option<&str> {
        self.index.taint(path, recv, name)
    }

    fn indexed(&self, path: &str, recv: Option<&str>, name: &str) -> Option<Known> {
        let package = self.index.package(path)?;
        let version = Some(package.module().version().to_owned());
        let Some(recv) = recv else {
            let object = package.lookup(name)?;
            let deprecated = object.deprecated().map(str::to_owned);
            return Some(Known { facts: object.facts(), deprecated, since: object.since(), version });
        };
        let api::ObjectKind::Type(decl) = package.lookup(recv)?.kind() else { return None };
        let method = decl.method(name)?;
        let deprecated = method.deprecated().map(str::to_owned);
        Some(Known { facts: method.facts(), deprecated, since: method.since(), version })
    }
}
