//! Tags of struct fields, by the convention of `reflect.StructTag`: `key:"value"` pairs with a space between.

use gopeer_lint::prelude::*;

/// One `key:"value"` of a tag, with the place of key and value in the piece.
pub(super) struct Pair<'a> {
    pub key: &'a str,
    pub value: &'a str,
    pub key_span: Span,
    pub value_span: Span,
}

/// A tag taken apart.
pub(super) struct Tag<'a> {
    /// The pairs, up to where the tag breaks the convention: what comes before is read all the same
    /// (`reflect.StructTag.Lookup`).
    pub pairs: Vec<Pair<'a>>,
    /// Where it breaks the convention.
    pub broken: Option<Span>,
}

/// The tag of a field, if it is a raw string.
pub(super) fn tag_of<'a>(cx: &Cx<'a>, field: Field) -> Option<Tag<'a>> {
    let tag = field.tag?;
    let Expr::Literal(LiteralKind::RawString) = cx.expr(tag) else { return None };
    let text = cx.source(tag).strip_prefix('`')?.strip_suffix('`')?;
    let start = cx.span(tag).start + 1;
    let mut pairs: Vec<Pair> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.trim().is_empty()) {
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        let pair = if blank == 0 && at > 0 { None } else { pair(text, at + blank, start) };
        let Some((pair, end)) = pair else {
            let broken = Some(Span::new(start + (at + blank) as u32, start + text.len() as u32));
            return Some(Tag { pairs, broken });
        };
        pairs.push(pair);
        at = end;
    }
    Some(Tag { pairs, broken: None })
}

/// The pair that starts at byte `at` of the tag, and where it ends.
fn pair(text: &str, at: usize, start: u32) -> Option<(Pair<'_>, usize)> {
    let rest = text.get(at..)?;
    let colon = rest.find(':')?;
    let key = rest.get(..colon)?;
    if key.is_empty() || key.contains(|c: char| c.is_whitespace() || c == '"' || c.is_control()) {
        return None;
    }
    let quoted = rest.get(colon + 1..)?.strip_prefix('"')?;
    let mut escaped = false;
    let length = quoted.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })?;
    let value = quoted.get(..length)?;
    let from = start + (at + colon + 2) as u32;
    let key_span = Span::new(start + at as u32, start + (at + colon) as u32);
    let value_span = Span::new(from, from + length as u32);
    Some((Pair { key, value, key_span, value_span }, at + colon + 3 + length))
}

/// Keys of tags that encoders and decoders of values read, all of exported fields alone.
pub(super) const ENCODERS: &[&str] =
    &["json", "xml", "yaml", "toml", "bson", "mapstructure", "form", "query", "env", "envconfig", "gorm"];

/// A field of a struct that encoders read by its tag.
pub(super) struct Encoded<'a> {
    /// Its name.
    pub name: ExprId,
    /// Its type.
    pub ty: ExprId,
    /// The pair of its tag that an encoder reads.
    pub pair: Pair<'a>,
}

/// The fields of a struct type with a tag of one of the [`ENCODERS`], unless the type says itself how it is encoded, or is
/// generated.
pub(super) fn encoded_fields<'a>(cx: &Cx<'a>, ty: ExprId) -> Vec<Encoded<'a>> {
    let Expr::StructType { fields } = cx.expr(ty) else { return Vec::new() };
    if cx.file.generated || has_own_encoding(cx, ty) {
        return Vec::new();
    }
    let mut encoded = Vec::new();
    for &field in cx.tree.fields(fields) {
        let field = cx.tree.field(field);
        let Some(&name) = cx.exprs(field.names).first() else { continue };
        let pairs = tag_of(cx, field).map(|tag| tag.pairs).unwrap_or_default().into_iter();
        let read = pairs.filter(|pair| ENCODERS.contains(&pair.key));
        encoded.extend(read.map(|pair| Encoded { name, ty: field.ty, pair }));
    }
    encoded
}

/// Those of them that are in the JSON of the struct, with the `json` pair.
pub(super) fn json_fields<'a>(cx: &Cx<'a>, ty: ExprId) -> Vec<Encoded<'a>> {
    let mut fields = encoded_fields(cx, ty);
    fields.retain(|field| {
        let is_exported = cx.source(field.name).starts_with(char::is_uppercase);
        is_exported && field.pair.key == "json" && field.pair.value != "-"
    });
    fields
}

/// The options of a `json` or `xml` pair: what stands after the name.
pub(super) fn options<'a>(pair: &Pair<'a>) -> impl Iterator<Item = (&'a str, Span)> {
    let mut parts = pair.value.split(',');
    let name = parts.next().unwrap_or_default();
    let mut at = pair.value_span.start + name.len() as u32 + 1;
    parts.map(move |option| {
        let span = Span::new(at, at + option.len() as u32);
        at = span.end + 1;
        (option, span)
    })
}

/// Whether the type that the struct is declared as says itself how it is encoded or decoded.
fn has_own_encoding(cx: &Cx, ty: ExprId) -> bool {
    let Some(Node::Decl(spec)) = cx.tree.parent(ty) else { return false };
    let Decl::Type { name, .. } = cx.decl(spec) else { return false };
    let methods = &[
        "MarshalJSON",
        "UnmarshalJSON",
        "MarshalXML",
        "UnmarshalXML",
        "MarshalText",
        "UnmarshalText",
        "MarshalYAML",
        "UnmarshalYAML",
        "MarshalBSON",
        "UnmarshalBSON",
        "UnmarshalTOML",
    ];
    cx.declared_method(cx.ty(name), methods).is_some()
}
