//! The share-link codec: a shared review to a URL fragment and back.
