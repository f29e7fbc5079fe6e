//! Go text to a typed syntax tree: spans, the cut, the parse, lowering, comments.
