//! What the writer is given, the reader gives back: for made-up modules, and for every module that is shipped.

use gopeer_api::write::{Builder, NewField, NewFunc, NewKind, NewMethod, NewObject, Shape, Value};
use gopeer_api::{
    Basic, ChanDir, Facts, Field, Hidden, Method, Module, Object, ObjectKind, Package, Type, TypeParams, TypeRef, text,
};
use proptest::prelude::*;

// The way back: a module's views as the writer's input.

fn shape(module: &Module, ty: TypeRef) -> Option<Shape> {
    Some(match module.ty(ty) {
        Type::Unknown | Type::Basic(_) | Type::Error | Type::Any | Type::Comparable => return None,
        Type::Pointer(elem) => Shape::Pointer(elem),
        Type::Slice(elem) => Shape::Slice(elem),
        Type::Array { len, elem } => Shape::Array { len, elem },
        Type::Map { key, elem } => Shape::Map { key, elem },
        Type::Chan { dir, elem } => Shape::Chan { dir, elem },
        Type::Signature(sig) => {
            Shape::Signature { params: sig.params.to_vec(), results: sig.results.to_vec(), variadic: sig.variadic }
        }
        Type::Struct(fields) => Shape::Struct { fields: fields.fields().map(field).collect(), hidden: fields.hidden },
        Type::Interface(interface) => {
            Shape::Interface { methods: interface.methods().map(field).collect(), embeds: interface.embeds.to_vec() }
        }
        Type::Union(union) => Shape::Union(union.terms().collect()),
        Type::Named(named) => {
            let (package, name) = (named.package.to_owned(), named.name.to_owned());
            Shape::Named { package, name, args: named.args.to_vec() }
        }
        Type::Param(number) => Shape::Param(number),
    })
}

fn field(field: Field<'_>) -> NewField {
    let (name, package, tag) = (field.name.to_owned(), field.package.map(str::to_owned), field.tag.to_owned());
    NewField { name, package, ty: field.ty, embedded: field.embedded, tag }
}

fn type_params(params: TypeParams<'_>) -> Vec<(String, TypeRef)> {
    params.iter().map(|param| (param.name.to_owned(), param.constraint)).collect()
}

fn method(method: Method<'_>) -> NewMethod {
    NewMethod {
        name: method.name().to_owned(),
        pointer: method.pointer(),
        sig: method.sig(),
        names: method.names().iter().map(str::to_owned).collect(),
        since: method.since().unwrap_or(0),
        deprecated: method.deprecated().map(str::to_owned),
        facts: method.facts(),
    }
}

fn object(object: Object<'_>) -> NewObject {
    let kind = match object.kind() {
        ObjectKind::Const { ty, value } => NewKind::Const { ty, value: Value::from(value) },
        ObjectKind::Var { ty } => NewKind::Var { ty },
        ObjectKind::Func(func) => NewKind::Func(NewFunc {
            sig: func.sig,
            type_params: type_params(func.type_params),
            names: func.names.iter().map(str::to_owned).collect(),
        }),
        ObjectKind::Type(decl) if decl.alias => {
            NewKind::Alias { type_params: type_params(decl.type_params), ty: decl.ty }
        }
        ObjectKind::Type(decl) => NewKind::Type {
            type_params: type_params(decl.type_params),
            ty: decl.ty,
            methods: decl.methods().chain(decl.interface_methods()).map(method).collect(),
        },
        ObjectKind::Builtin => NewKind::Builtin,
    };
    let deprecated = object.deprecated().map(str::to_owned);
    NewObject {
        name: object.name().to_owned(),
        kind,
        since: object.since().unwrap_or(0),
        deprecated,
        facts: object.facts(),
    }
}

fn shapes(module: &Module) -> Vec<Shape> {
    module.types().filter_map(|ty| shape(module, ty)).collect()
}

fn objects(package: Package<'_>) -> Vec<NewObject> {
    package.objects().map(object).collect()
}

// Made-up modules.

fn universal() -> impl Strategy<Value = TypeRef> {
    prop_oneof![
        Just(TypeRef::UNKNOWN),
        Just(TypeRef::ERROR),
        Just(TypeRef::ANY),
        Just(TypeRef::COMPARABLE),
        Just(TypeRef::basic(Basic::Bool)),
        Just(TypeRef::basic(Basic::UnsafePointer)),
        Just(TypeRef::basic(Basic::UntypedNil)),
        Just(TypeRef::basic(Basic::Rune)),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zÄπ][a-z0-9]{0,6}"
}

/// A type's operands as positions: the type is made of those before it.
type Seed = (u8, Vec<(prop::sample::Index, String, bool)>, i64, TypeRef);

fn seed() -> impl Strategy<Value = Seed> {
    let part = (any::<prop::sample::Index>(), name(), any::<bool>());
    (0u8..13, prop::collection::vec(part, 0..7), any::<i64>(), universal())
}

fn grow(builder: &mut Builder, known: &mut Vec<TypeRef>, (kind, parts, number, leaf): Seed) {
    let pick = |at: usize| parts.get(at).map_or(leaf, |(index, ..)| *index.get(known));
    let list: Vec<TypeRef> = parts.iter().map(|(index, ..)| *index.get(known)).collect();
    let bit = parts.first().is_some_and(|part| part.2);
    let fields = || -> Vec<NewField> {
        let field = |(index, name, odd): &(prop::sample::Index, String, bool)| NewField {
            name: name.clone(),
            package: odd.then(|| format!("example.com/{name}")),
            ty: *index.get(known),
            embedded: name.len() % 2 == 0,
            tag: if name.len() % 3 == 0 { format!("json:\"{name}\"") } else { String::new() },
        };
        parts.iter().map(field).collect()
    };
    let hidden = Hidden { comparable: bit, no_copy: number % 2 == 0, size: number as u32 };
    let made = match kind {
        0 => Shape::Pointer(pick(0)),
        1 => Shape::Slice(pick(0)),
        2 => Shape::Array { len: number, elem: pick(0) },
        3 => Shape::Map { key: pick(0), elem: pick(1) },
        4 => Shape::Chan { dir: [ChanDir::Both, ChanDir::Send, ChanDir::Recv][parts.len() % 3], elem: pick(0) },
        5 | 6 => {
            let (params, results) = list.split_at(list.len() * kind as usize / 7);
            let variadic = bit && !params.is_empty();
            Shape::Signature { params: params.to_vec(), results: results.to_vec(), variadic }
        }
        7 => Shape::Struct { fields: fields(), hidden: None },
        8 => Shape::Struct { fields: fields(), hidden: Some(hidden) },
        9 => {
            let mut methods = fields();
            methods.sort_by(|a, b| a.name.cmp(&b.name));
            methods.dedup_by(|a, b| a.name == b.name);
            Shape::Interface { methods, embeds: list }
        }
        10 => Shape::Union(parts.iter().map(|(index, _, tilde)| (*tilde, *index.get(known))).collect()),
        11 => Shape::Named { package: format!("p/{}", parts.len()), name: String::from("T"), args: list },
        _ => Shape::Param(number as u16),
    };
    let ty = builder.ty(made);
    known.push(ty);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Unknown),
        any::<bool>().prop_map(Value::Bool),
        any::<Vec<u8>>().prop_map(Value::Str),
        any::<i64>().prop_map(Value::Int),
        "-?[1-9][0-9]{20,40}".prop_map(Value::BigInt),
        "[1-9][0-9]{0,9}/[2-9][0-9]{0,9}".prop_map(Value::Rat),
        ("[1-9][0-9]{0,9}", "[1-9]/[2-9]").prop_map(|(re, im)| Value::Complex(re, im)),
    ]
}

type ObjectSeed = (u8, String, Value, Vec<(prop::sample::Index, String)>, (u8, Option<String>, u16));

fn object_seed() -> impl Strategy<Value = ObjectSeed> {
    let parts = prop::collection::vec((any::<prop::sample::Index>(), name()), 1..5);
    (0u8..6, name(), value(), parts, (0u8..30, prop::option::of("[a-z .]{0,9}"), 0u16..64))
}

fn declare(module: &Module, known: &[TypeRef], seed: ObjectSeed) -> NewObject {
    let (kind, name, value, parts, (since, deprecated, bits)) = seed;
    let facts = Facts::from_bits(bits);
    let ty = *parts[0].0.get(known);
    let generic: Vec<(String, TypeRef)> =
        parts.iter().skip(1).map(|(ty, name)| (name.clone(), *ty.get(known))).collect();
    let signatures: Vec<(TypeRef, usize)> = known
        .iter()
        .filter_map(|ty| match module.ty(*ty) {
            Type::Signature(sig) => Some((*ty, sig.params.len() + sig.results.len())),
            _ => None,
        })
        .collect();
    let named = |count: usize| -> Vec<String> { (0..count).map(|at| parts[at % parts.len()].1.clone()).collect() };
    let kind = match (kind, signatures.as_slice()) {
        (0, _) => NewKind::Const { ty, value },
        (1, _) => NewKind::Alias { type_params: generic, ty },
        (2, _) => NewKind::Builtin,
        (3, [_, ..]) => {
            let (sig, count) = *parts[0].0.get(&signatures);
            NewKind::Func(NewFunc { sig, type_params: generic, names: named(count) })
        }
        (4, [_, ..]) => {
            let method = |(index, name): &(prop::sample::Index, String)| {
                let (sig, count) = *index.get(&signatures);
                let (names, pointer) = (named(count), name.len() > 3);
                NewMethod { name: name.clone(), pointer, sig, names, since, deprecated: deprecated.clone(), facts }
            };
            let mut methods: Vec<NewMethod> = parts.iter().map(method).collect();
            if let Type::Interface(interface) = module.ty(ty) {
                // What its type lists: the same methods, in number and order.
                let named =
                    |field: Field<'_>| signatures.iter().find(|(sig, _)| *sig == field.ty).map_or(0, |found| found.1);
                let add = |field: Field<'_>| NewMethod {
                    name: field.name.to_owned(),
                    pointer: false,
                    sig: field.ty,
                    names: (0..named(field)).map(|at| parts[at % parts.len()].1.clone()).collect(),
                    ..methods[0].clone()
                };
                methods = interface.methods().map(add).collect();
            }
            NewKind::Type { methods, type_params: generic, ty }
        }
        _ => NewKind::Var { ty },
    };
    NewObject { name, kind, since, deprecated, facts }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_written_module_reads_as_it_was(
        seeds in prop::collection::vec(seed(), 0..40),
        packages in prop::collection::btree_map("[a-c]{1,3}(/[a-c]{1,2})?", prop::collection::vec(object_seed(), 0..12), 0..4),
    ) {
        let mut builder = Builder::new("example.com/m", "v1.2.3");
        let mut known = vec![TypeRef::ERROR];
        for seed in seeds {
            grow(&mut builder, &mut known, seed);
        }
        // A module with the types alone: the objects need to know which of them are signatures.
        let types = Module::read(&builder.clone().finish()).expect("whole");
        let mut expected = Vec::new();
        for (path, seeds) in packages {
            let mut objects: Vec<NewObject> = seeds.into_iter().map(|seed| declare(&types, &known, seed)).collect();
            objects.sort_by(|a, b| a.name.cmp(&b.name));
            objects.dedup_by(|a, b| a.name == b.name);
            let complete = path.len() % 2 == 0;
            builder.package(&path, "name", complete, objects.clone());
            expected.push((path, complete, objects));
        }
        let module = Module::read(&builder.clone().finish()).expect("whole");
        prop_assert_eq!((module.path(), module.version()), ("example.com/m", "v1.2.3"));
        prop_assert!(shapes(&module) == builder.shapes());
        for (path, complete, list) in &expected {
            let package = module.package(path).expect("written");
            prop_assert_eq!((package.path(), package.name(), package.complete()), (path.as_str(), "name", *complete));
            prop_assert!(&objects(package) == list);
            for object in list {
                prop_assert_eq!(package.lookup(&object.name).map(Object::name), Some(object.name.as_str()));
            }
            prop_assert!(package.lookup("no such name").is_none());
        }
        prop_assert_eq!(module.packages().len(), expected.len());
    }
}

#[test]
fn a_function_without_a_signature_is_left_out() {
    let mut builder = Builder::new("m", "v0");
    let func = NewFunc { sig: TypeRef::ERROR, type_params: Vec::new(), names: Vec::new() };
    let (since, deprecated, facts) = (0, None, Facts::default());
    let objects = vec![NewObject { name: String::from("F"), kind: NewKind::Func(func), since, deprecated, facts }];
    builder.package("m", "m", true, objects);
    let module = Module::read(&builder.finish()).expect("whole");
    let package = module.package("m").expect("written");
    assert!(!package.complete() && package.lookup("F").is_none());
}

#[test]
fn shipped_modules_survive_being_written_again() {
    for file in std::fs::read_dir("../../static/api").expect("it is committed") {
        let file = file.expect("it can be read").path();
        if file.extension().is_none_or(|extension| extension != "gz") {
            continue;
        }
        let packed = std::fs::read(&file).expect("it can be read");
        let bytes = miniz_oxide::inflate::decompress_to_vec(&packed[10..packed.len() - 8]).expect("it is packed");
        let module = Module::read(&bytes).expect("it is whole");
        let mut builder = Builder::new(module.path(), module.version());
        let mut place = std::collections::HashMap::new();
        for ty in module.types() {
            // Shipped files may hold a type twice, so numbers change; operands come first.
            let again = shape(&module, ty).map_or(ty, |made| builder.ty(moved(made, &place)));
            place.insert(ty, again);
        }
        for package in module.packages() {
            let list = objects(package).into_iter().map(|object| moved_object(object, &place)).collect();
            builder.package(package.path(), package.name(), package.complete(), list);
        }
        let again = Module::read(&builder.finish()).expect("whole");
        for (before, after) in module.packages().zip(again.packages()) {
            let (mut left, mut right) = (String::new(), String::new());
            text::package(before, &mut left);
            text::package(after, &mut right);
            let head = |text: &str| text.split_once('\n').map(|(_, rest)| rest.to_owned());
            assert!(head(&left) == head(&right), "{}", before.path());
        }
        assert_eq!(module.packages().len(), again.packages().len());
    }
}

type Places = std::collections::HashMap<TypeRef, TypeRef>;

fn moved(shape: Shape, place: &Places) -> Shape {
    let list = |list: Vec<TypeRef>| list.iter().map(|ty| place[ty]).collect::<Vec<_>>();
    let fields =
        |fields: Vec<NewField>| fields.into_iter().map(|field| NewField { ty: place[&field.ty], ..field }).collect();
    match shape {
        Shape::Pointer(elem) => Shape::Pointer(place[&elem]),
        Shape::Slice(elem) => Shape::Slice(place[&elem]),
        Shape::Array { len, elem } => Shape::Array { len, elem: place[&elem] },
        Shape::Map { key, elem } => Shape::Map { key: place[&key], elem: place[&elem] },
        Shape::Chan { dir, elem } => Shape::Chan { dir, elem: place[&elem] },
        Shape::Signature { params, results, variadic } => {
            Shape::Signature { params: list(params), results: list(results), variadic }
        }
        Shape::Struct { fields: old, hidden } => Shape::Struct { fields: fields(old), hidden },
        Shape::Interface { methods, embeds } => Shape::Interface { methods: fields(methods), embeds: list(embeds) },
        Shape::Union(terms) => Shape::Union(terms.into_iter().map(|(tilde, ty)| (tilde, place[&ty])).collect()),
        Shape::Named { package, name, args } => Shape::Named { package, name, args: list(args) },
        Shape::Param(number) => Shape::Param(number),
    }
}

fn moved_object(mut object: NewObject, place: &Places) -> NewObject {
    let generic = |params: &mut Vec<(String, TypeRef)>| params.iter_mut().for_each(|(_, ty)| *ty = place[ty]);
    match &mut object.kind {
        NewKind::Const { ty, .. } | NewKind::Var { ty } => *ty = place[ty],
        NewKind::Func(func) => {
            func.sig = place[&func.sig];
            generic(&mut func.type_params);
        }
        NewKind::Alias { type_params, ty } => {
            *ty = place[ty];
            generic(type_params);
        }
        NewKind::Type { type_params, ty, methods } => {
            *ty = place[ty];
            generic(type_params);
            methods.iter_mut().for_each(|method| method.sig = place[&method.sig]);
        }
        NewKind::Builtin => {}
    }
    object
}
