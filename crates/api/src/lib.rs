//! What is known of Go packages without their source: import paths, names, deprecations.
