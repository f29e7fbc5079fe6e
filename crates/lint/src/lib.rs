//! What a rule is: rules, findings, fixes, suppression, dispatch.
