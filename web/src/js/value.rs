//! Reading and making JavaScript values by hand. A decoder that knows every shape and says in words what did not fit is
//! a twentieth of the page; here a value that does not fit is `None`.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A field of an object.
pub fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok()
}

/// A field that holds text.
pub fn text(value: &JsValue, name: &str) -> Option<String> {
    field(value, name)?.as_string()
}

/// A field that holds a number.
pub fn number(value: &JsValue, name: &str) -> Option<f64> {
    field(value, name)?.as_f64()
}

/// The entries of an array, if all of them can be read.
pub fn list<T>(value: &JsValue, read: fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    value.dyn_ref::<Array>()?.iter().map(|entry| read(&entry)).collect()
}

/// A field that holds texts.
pub fn texts(value: &JsValue, name: &str) -> Option<Vec<String>> {
    list(&field(value, name)?, JsValue::as_string)
}

/// Texts as an array.
pub fn array<'a>(texts: impl IntoIterator<Item = &'a str>) -> JsValue {
    texts.into_iter().map(JsValue::from_str).collect::<Array>().into()
}

/// An object with these fields.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a plain object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
