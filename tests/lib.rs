//! No code of its own: the package holds the tests beside this file, which look at the whole.
