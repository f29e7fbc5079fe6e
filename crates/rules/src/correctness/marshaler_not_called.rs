//! A value is encoded whose type has its own method for that on the pointer.
//!
//! A `MarshalJSON` with a pointer receiver is not in the method set of a value (Go spec, "Method sets"), so the encoder, which
//! gets a copy that it cannot address, writes the value field by field instead: of a type with only unexported fields, `{}`.
//!
//! Limits: only what is passed itself is looked at, not the fields and elements in it. Known are encoding/json, encoding/xml
//! and yaml.v3.
//!
//! ```go bad
//! type money struct{ cents int }
//!
//! func (m *money) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(m.cents)), nil }
//!
//! func write(w io.Writer, m money) error {
//! 	return json.NewEncoder(w).Encode(m)
//! 	//                               ^ `m` is passed by value, so its `MarshalJSON` is not called
//! }
//! ```
//! ```diff fixed
//! -	return json.NewEncoder(w).Encode(m)
//! +	return json.NewEncoder(w).Encode(&m)
//! ```
//! ```go good
//! type amount struct{ cents int }
//!
//! func (a amount) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(a.cents)), nil }
//!
//! func write(a amount) ([]byte, error) {
//! 	return json.Marshal(a) // the method belongs to the value
//! }
//! ```
//! ```go good
//! type money struct{ cents int }
//!
//! func (m *money) MarshalJSON() ([]byte, error) {
//! 	type plain money
//! 	return json.Marshal(*m) // the method itself, which must not be called again
//! }
//! ```
use gopeer_lint::prelude::*;
use gopeer_sema::Mode;

pub static RULE: Rule = Rule {
    id: "correctness/marshaler-not-called",
    severity: Severity::High,
    confidence: Confidence::High,
    concerns: &[(Concern::Correctness, 3), (Concern::Errors, 1), (Concern::Api, 2)],
    equivalents: &["gopeer:correctness/unmarshal-target", "revive:marshal-receiver"],
    fix: FixKind::Safe,
    scope: Scope::Production,
    hooks: &[
        Hook::Call(JSON, |cx, call| check(cx, call, "MarshalJSON")),
        Hook::Call(XML, |cx, call| check(cx, call, "MarshalXML")),
        Hook::Call(YAML, |cx, call| check(cx, call, "MarshalYAML")),
    ],
    file: file!(),
};

const JSON: &[&str] = &["encoding/json.Marshal", "encoding/json.MarshalIndent", "encoding/json.Encoder.Encode"];
const XML: &[&str] = &["encoding/xml.Marshal", "encoding/xml.MarshalIndent", "encoding/xml.Encoder.Encode"];
const YAML: &[&str] = &["gopkg.in/yaml.v3.Marshal", "gopkg.in/yaml.v3.Encoder.Encode"];

fn check(cx: &mut Cx, call: Call, method: &str) {
    let Some(&arg) = call.args.first() else { return };
    let Some(has_pointer_receiver) = cx.declared_method(cx.ty(arg), &[method]) else { return };
    cx.examined();
    // The method itself passes a value, so as not to be called again.
    let inside = cx.enclosing_decl(arg).and_then(|decl| cx.func_name(decl)) == Some(method);
    if !has_pointer_receiver || inside {
        return;
    }
    let (value, start, is_addressable) = (cx.source(arg), cx.span(arg).start, cx.facts.mode(arg) == Mode::Variable);
    let report = cx
        .report(arg, format!("`{value}` is passed by value, so its `{method}` is not called"))
        .note("the method has a pointer receiver");
    if is_addressable {
        report.fix("Pass a pointer", [(Span::new(start, start), "&".to_owned())]);
    }
}
