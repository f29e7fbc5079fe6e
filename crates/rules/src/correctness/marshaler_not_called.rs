//! A value is encoded by value, but its type marshals itself by a method on the pointer.
//!
//! A `MarshalJSON` with a pointer receiver is not in the method set of a value (Go spec, "Method sets"). The encoder gets a copy that
//! it cannot address, so it writes the value field by field instead: a type with only unexported fields becomes `{}`.
//! The same goes for the fields of a struct that is passed by value. Pass a pointer, or give the method a value receiver.
//!
//! Limits: values behind an interface, elements of arrays and values of maps are not looked at. Known are encoding/json,
//! encoding/xml, yaml.v3, and the methods of gin, echo and fiber that send JSON.
//!
//! ```go bad
//! type money struct{ cents int }
//!
//! func (m *money) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(m.cents)), nil }
//!
//! type order struct{ Total money }
//!
//! func write(w io.Writer, m money, o order) error {
//! 	if err := json.NewEncoder(w).Encode(m); err != nil {
//! 		//                                 ^ `m` is passed by value, so its `MarshalJSON` is not called
//! 		return err
//! 	}
//! 	return json.NewEncoder(w).Encode(o)
//! 	//                               ^ `o` is passed by value, so the `MarshalJSON` of its field `Total` is not called
//! }
//! ```
//! ```diff fixed
//! -	if err := json.NewEncoder(w).Encode(m); err != nil {
//! +	if err := json.NewEncoder(w).Encode(&m); err != nil {
//! -	return json.NewEncoder(w).Encode(o)
//! +	return json.NewEncoder(w).Encode(&o)
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
//! 	return json.Marshal(*m) // inside the method, which must not call itself
//! }
//! ```
//!
//! # Impact
//!
//! Clients get the raw fields, or `{}`, where they expect the format that the method writes: amounts in cents, times in
//! a private layout, secrets that the method was to hide. Nothing fails on this side. A test that encodes the value and
//! compares bytes finds it.
//!
//! # Verify
//!
//! - `go test -run {test} {package}`: encode `v` and `&v` and compare; both must have the method's form
//!
//! # Options
//!
//! - Give the method a value receiver: right for every caller, as long as the type may be copied
//!   - senior, backend: the type behaves in one way, however it is passed
//! - Pass a pointer here: no change of the type, and the next caller can make the same mistake
//!   - throughput, cloud-native: saves the copy as well
//!
//! # References
//!
//! - [Go spec, "Method sets"](https://go.dev/ref/spec#Method_sets)
//! - [Package encoding/json, Marshaler](https://pkg.go.dev/encoding/json#Marshaler)
use std::collections::HashSet;

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
        Hook::Call(JSON, |cx, call| check(cx, call, "json", &["MarshalJSON", "MarshalText"])),
        Hook::Call(XML, |cx, call| check(cx, call, "xml", &["MarshalXML", "MarshalText"])),
        Hook::Call(YAML, |cx, call| check(cx, call, "yaml", &["MarshalYAML"])),
    ],
    examines: "values that are encoded",
};

const JSON: &[&str] = &[
    "encoding/json.Marshal",
    "encoding/json.MarshalIndent",
    "encoding/json.Encoder.Encode",
    "github.com/gin-gonic/gin.Context.JSON",
    "github.com/gofiber/fiber/v2.Ctx.JSON",
    "github.com/labstack/echo/v4.Context.JSON",
];
const XML: &[&str] = &["encoding/xml.Marshal", "encoding/xml.MarshalIndent", "encoding/xml.Encoder.Encode"];
const YAML: &[&str] = &["gopkg.in/yaml.v3.Marshal", "gopkg.in/yaml.v3.Encoder.Encode"];

fn check(cx: &mut Cx, call: Call, key: &str, methods: &[&str]) {
    // A status comes before what is sent.
    let index = usize::from(call.callee.name == "JSON" && call.args.len() > 1);
    let Some(&arg) = call.args.get(index) else { return };
    let Some((method, field)) = passed_over(cx, cx.ty(arg), key, methods) else { return };
    cx.examined();
    // The method itself passes a value, so as not to be called again.
    let inside = cx.enclosing_decl(arg).and_then(|decl| cx.func_name(decl)) == Some(method);
    if inside {
        return;
    }
    let (value, start, is_addressable) = (cx.source(arg), cx.span(arg).start, cx.facts.mode(arg) == Mode::Variable);
    let whose = match field {
        Some(field) => format!("the `{method}` of its field `{field}`"),
        None => format!("its `{method}`"),
    };
    let report = cx
        .report(arg, format!("`{value}` is passed by value, so {whose} is not called"))
        .note("the method has a pointer receiver");
    if is_addressable {
        report.fix("Pass a pointer", [(Span::new(start, start), "&".to_owned())]);
    }
}

/// The method on a pointer that is not called for a value of the type, and the field that has it, if not the value itself. A field
/// with the tag `"-"` under the encoder's key is left out.
fn passed_over<'m>(cx: &Cx, ty: TypeId, key: &str, methods: &[&'m str]) -> Option<(&'m str, Option<String>)> {
    let left_out = format!("{key}:\"-\"");
    const DEEPEST: usize = 8;
    let (mut waiting, mut seen) = (vec![(ty, None, 0)], HashSet::new());
    while let Some((ty, field, depth)) = waiting.pop() {
        // A type may be there many times over, each time with many others inside.
        if !seen.insert(ty) {
            continue;
        }
        let declared = methods.iter().find_map(|&method| Some((method, cx.declared_method(ty, &[method])?)));
        match (declared, cx.store.under(ty)) {
            (Some((method, true)), _) => return Some((method, field)),
            // It says itself how its fields are written.
            (Some((_, false)), _) => {}
            // It may have got one from what it embeds.
            (None, _) if methods.iter().any(|method| cx.has_methods(ty, &[method])) => {}
            (None, Type::Struct(of)) if depth < DEEPEST => {
                let is_written = |field: &&gopeer_sema::types::Field| {
                    cx.store.text(field.name).starts_with(char::is_uppercase)
                        && !field.tag.is_some_and(|tag| cx.store.text(tag).contains(&left_out))
                };
                let fields = of.fields.iter().filter(is_written);
                waiting.extend(fields.rev().map(|inner| {
                    let name = field.clone().unwrap_or_else(|| cx.store.text(inner.name).to_string());
                    (inner.ty, Some(name), depth + 1)
                }));
            }
            _ => {}
        }
    }
    None
}
