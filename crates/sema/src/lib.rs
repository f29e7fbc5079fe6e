//! What names mean: scopes, imports, resolution.
