package main

import (
	"fmt"
	"go/types"
	"strings"
)

// Codes of types; see src/format.rs.
const (
	codePointer = iota
	codeSlice
	codeArray
	codeMap
	codeChan
	codeChanSend
	codeChanRecv
	codeSignature
	codeStruct
	codeInterface
	codeUnion
	codeNamed
	codeInstance
	codeParam
	codeLocal
	codeShort
	codeType  = codeShort + 20
	universal = 31
)

var basics = map[string]int{}

func init() {
	for number, name := range []string{"invalid type", "bool", "int", "int8", "int16", "int32", "int64", "uint", "uint8",
		"uint16", "uint32", "uint64", "uintptr", "float32", "float64", "complex64", "complex128", "string", "Pointer",
		"untyped bool", "untyped int", "untyped rune", "untyped float", "untyped complex", "untyped string", "untyped nil",
		"byte", "rune", "error", "any", "comparable"} {
		basics[name] = number
	}
}

// typ is a type, the same for equal ones.
type typ struct {
	number int
	// basic is the number of a universal type, or -1.
	basic int
	code  int
	kids  []*typ
	// counts: length of an array, parameters and results, number of a type parameter.
	counts   [2]int64
	variadic bool
	// fields of a struct or methods of an interface; their types are the first kids.
	fields []field
	hidden *hidden
	tilde  []bool
	named  *types.TypeName
	// uses counts declarations and types that it is part of.
	uses  int
	place int
}

type field struct {
	name     string
	pkg      *types.Package
	embedded bool
}

type hidden struct {
	comparable, noCopy bool
	size               int64
}

type typeTable struct {
	known map[string]*typ
	list  []*typ
	// reach is called with each declared type.
	reach func(*types.TypeName)
}

// intern gives the one typ that is equal to t.
func (table *typeTable) intern(t typ) *typ {
	var key strings.Builder
	fmt.Fprint(&key, t.basic, " ", t.code, t.counts, t.variadic, t.tilde)
	if t.hidden != nil {
		fmt.Fprint(&key, *t.hidden)
	}
	for _, field := range t.fields {
		fmt.Fprint(&key, "|", field.name, " ", field.embedded, pathOf(field.pkg))
	}
	if t.named != nil {
		fmt.Fprint(&key, "|", pathOf(t.named.Pkg()), ".", t.named.Name())
	}
	for _, kid := range t.kids {
		fmt.Fprint(&key, ",", kid.number)
	}
	if known := table.known[key.String()]; known != nil {
		return known
	}
	for _, kid := range t.kids {
		kid.uses++
	}
	t.number, t.place = len(table.list), -1
	kept := &t
	table.known[key.String()] = kept
	table.list = append(table.list, kept)
	return kept
}

func pathOf(p *types.Package) string {
	if p == nil {
		return ""
	}
	return p.Path()
}

// use is a type in a declaration.
func (x *index) use(t types.Type, p *pkg) *typ {
	kept := x.typ(t)
	kept.uses++
	return kept
}

func (x *index) basic(name string) *typ {
	return x.types.intern(typ{basic: basics[name]})
}

func (x *index) made(code int, kids ...*typ) *typ {
	return x.types.intern(typ{basic: -1, code: code, kids: kids})
}

func (x *index) typ(t types.Type) *typ {
	switch t := t.(type) {
	case *types.Basic:
		if t.Kind() == types.Invalid {
			x.unknown++
		}
		return x.basic(t.Name())
	case *types.Pointer:
		return x.made(codePointer, x.typ(t.Elem()))
	case *types.Slice:
		return x.made(codeSlice, x.typ(t.Elem()))
	case *types.Array:
		return x.types.intern(typ{basic: -1, code: codeArray, kids: []*typ{x.typ(t.Elem())}, counts: [2]int64{t.Len()}})
	case *types.Map:
		return x.made(codeMap, x.typ(t.Key()), x.typ(t.Elem()))
	case *types.Chan:
		return x.made(map[types.ChanDir]int{types.SendRecv: codeChan, types.SendOnly: codeChanSend,
			types.RecvOnly: codeChanRecv}[t.Dir()], x.typ(t.Elem()))
	case *types.Signature:
		return x.signature(t)
	case *types.Struct:
		return x.structure(t)
	case *types.Interface:
		return x.face(t)
	case *types.Union:
		return x.union(t)
	case *types.TypeParam:
		return x.types.intern(typ{basic: -1, code: codeParam, counts: [2]int64{int64(t.Index())}})
	case *types.Named:
		return x.named(t.Obj(), t.TypeArgs(), t)
	case *types.Alias:
		return x.named(t.Obj(), t.TypeArgs(), t)
	}
	x.unknown++
	return x.basic("invalid type")
}

func (x *index) signature(t *types.Signature) *typ {
	made := typ{basic: -1, code: codeSignature, variadic: t.Variadic(),
		counts: [2]int64{int64(t.Params().Len()), int64(t.Results().Len())}}
	for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
		for v := range tuple.Variables() {
			made.kids = append(made.kids, x.typ(v.Type()))
		}
	}
	return x.types.intern(made)
}

func (x *index) face(t *types.Interface) *typ {
	made := typ{basic: -1, code: codeInterface}
	for method := range t.ExplicitMethods() {
		made.fields = append(made.fields, x.field(method, false))
		made.kids = append(made.kids, x.typ(method.Signature()))
	}
	for embedded := range t.EmbeddedTypes() {
		made.kids = append(made.kids, x.typ(embedded))
	}
	return x.types.intern(made)
}

func (x *index) field(obj types.Object, embedded bool) field {
	made := field{name: obj.Name(), embedded: embedded}
	if !obj.Exported() {
		made.pkg = obj.Pkg()
	}
	return made
}

func (x *index) union(t *types.Union) *typ {
	made := typ{basic: -1, code: codeUnion}
	for term := range t.Terms() {
		made.tilde = append(made.tilde, term.Tilde())
		made.kids = append(made.kids, x.typ(term.Type()))
	}
	return x.types.intern(made)
}

func (x *index) named(obj *types.TypeName, args *types.TypeList, t types.Type) *typ {
	if obj.Pkg() == nil {
		return x.basic(obj.Name())
	}
	if obj.Pkg().Scope().Lookup(obj.Name()) != obj {
		// Declared inside a function: only an alias can be followed.
		if alias, ok := t.(*types.Alias); ok {
			return x.typ(types.Unalias(alias))
		}
		x.unknown++
		return x.basic("invalid type")
	}
	x.types.reach(obj)
	made := typ{basic: -1, code: codeNamed, named: obj}
	if args.Len() > 0 {
		made.code = codeInstance
	}
	for arg := range args.Types() {
		made.kids = append(made.kids, x.typ(arg))
	}
	return x.types.intern(made)
}

// structure keeps exported fields and what promotes something; the rest is summed up.
func (x *index) structure(t *types.Struct) *typ {
	made := typ{basic: -1, code: codeStruct}
	for v := range t.Fields() {
		if v.Exported() || v.Embedded() && x.promotes(v.Type()) {
			made.fields = append(made.fields, x.field(v, v.Embedded()))
			made.kids = append(made.kids, x.typ(v.Type()))
			continue
		}
		if made.hidden == nil {
			made.hidden = &hidden{comparable: true, size: sizeOf(x.sizes, t)}
		}
		made.hidden.comparable = made.hidden.comparable && types.Comparable(v.Type())
		made.hidden.noCopy = made.hidden.noCopy || locks(v.Type(), 0)
	}
	return x.types.intern(made)
}

// promotes says whether an embedded field of this type lends the struct something that can be seen from outside.
func (x *index) promotes(t types.Type) bool {
	methods := types.NewMethodSet(t)
	if _, pointer := t.(*types.Pointer); !pointer && !types.IsInterface(t) {
		methods = types.NewMethodSet(types.NewPointer(t))
	}
	for method := range methods.Methods() {
		if method.Obj().Exported() || x.asked[pathOf(method.Obj().Pkg())+"."+method.Obj().Name()] {
			return true
		}
	}
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	structure, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for v := range structure.Fields() {
		if v.Exported() || v.Embedded() && x.promotes(v.Type()) {
			return true
		}
	}
	return false
}

// sizeOf is 0 where the size depends on a type argument.
func sizeOf(sizes types.Sizes, t types.Type) (size int64) {
	defer func() {
		if recover() != nil {
			size = 0
		}
	}()
	if size = sizes.Sizeof(t); size < 0 || size > 1<<31 {
		return 0
	}
	return size
}

// locks says whether a value of the type must not be copied: it holds something with Lock and Unlock on its pointer.
func locks(t types.Type, depth int) bool {
	if depth > 20 {
		return false
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && !types.IsInterface(t) {
		pointer, value := types.NewMethodSet(types.NewPointer(named)), types.NewMethodSet(named)
		pkg := named.Obj().Pkg()
		has := func(set *types.MethodSet, name string) bool { return set.Lookup(pkg, name) != nil }
		if has(pointer, "Lock") && has(pointer, "Unlock") && !has(value, "Lock") {
			return true
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Array:
		return locks(t.Elem(), depth+1)
	case *types.Struct:
		for v := range t.Fields() {
			if locks(v.Type(), depth+1) {
				return true
			}
		}
	}
	return false
}
