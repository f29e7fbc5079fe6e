package main

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"hash/fnv"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A namer gives types and objects names that our side can give them, too. Aliases are resolved; a type parameter is its
// place in its list; interfaces have all their methods; what is declared inside a function is named by its place.
type namer struct {
	fset  *token.FileSet
	pkg   *types.Package
	files map[*token.File]int
	heads map[*token.File]token.Pos
	// known says which packages our side knows; lost is set where a type is written that is of none of these.
	known index
	lost  bool
}

func newNamer(fset *token.FileSet, files []*ast.File, pkg *types.Package, known index) *namer {
	n := &namer{fset, pkg, map[*token.File]int{}, map[*token.File]token.Pos{}, known, false}
	for i, file := range files {
		tok := fset.File(file.FileStart)
		n.files[tok] = i
		n.heads[tok] = file.Name.Pos()
	}
	return n
}

// first is where the package's name stands in the file of id.
func (n *namer) first(id *ast.Ident) token.Pos {
	return n.heads[n.fset.File(id.Pos())]
}

// place is the index of the file and the offset in it.
func (n *namer) place(pos token.Pos) string {
	tok := n.fset.File(pos)
	if tok == nil {
		return "?"
	}
	index, ok := n.files[tok]
	if !ok {
		return "elsewhere"
	}
	return strconv.Itoa(index) + ":" + strconv.Itoa(tok.Offset(pos))
}

// object is a letter for the kind, and which it is.
func (n *namer) object(o types.Object, owner string, declared bool) string {
	switch o := o.(type) {
	case *types.PkgName:
		return "p " + unvendored(o.Imported().Path())
	case *types.Builtin:
		return "b " + o.Name()
	case *types.Nil:
		return "n nil"
	case *types.Label:
		return "l " + n.place(o.Pos())
	case *types.Const:
		return "c " + n.declared(o)
	case *types.TypeName:
		return "t " + n.declared(o)
	case *types.Var:
		if o.IsField() {
			return member("F", o, owner, declared)
		}
		return "v " + n.declared(o)
	case *types.Func:
		if o.Signature().Recv() != nil {
			return member("M", o, owner, declared)
		}
		return "f " + n.declared(o)
	}
	return "?"
}

func member(kind string, o types.Object, owner string, declared bool) string {
	if declared {
		return kind + " declared"
	}
	return kind + " " + owner + "." + o.Name()
}

// declared is where an object of this package is declared, the full name of another.
func (n *namer) declared(o types.Object) string {
	switch {
	case o.Pkg() == nil:
		return o.Name()
	case o.Pkg() == n.pkg || o.Pkg().Path() == n.pkg.Path():
		return n.place(o.Pos())
	}
	return unvendored(o.Pkg().Path()) + "." + o.Name()
}

// owner is the named type that declares what is selected: the last one on the way.
func (n *namer) owner(s *types.Selection) string {
	t, path := s.Recv(), s.Index()
	if s.Kind() != types.FieldVal {
		// The last index is that of the method.
		path = path[:len(path)-1]
	}
	for i, at := range path {
		if s.Kind() == types.FieldVal && i == len(path)-1 {
			break
		}
		t = field(t, at)
	}
	return n.named(t)
}

// field is the type of a struct's field.
func field(t types.Type, at int) types.Type {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	} else if pointer, ok := t.Underlying().(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if s, ok := t.Underlying().(*types.Struct); ok && at < s.NumFields() {
		return s.Field(at).Type()
	}
	return types.Typ[types.Invalid]
}

// named is the name of the defined type that t is or points to; empty for others.
func (n *namer) named(t types.Type) string {
	if t == nil {
		return ""
	}
	t = types.Unalias(t)
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	} else if pointer, ok := t.Underlying().(*types.Pointer); ok {
		// A type defined as a pointer has the fields of what that points to.
		t = types.Unalias(pointer.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return n.typeName(named.Obj())
	}
	return ""
}

func (n *namer) typeName(o *types.TypeName) string {
	if o.Pkg() == nil {
		return o.Name()
	}
	if o.Pkg().Path() != n.pkg.Path() && !n.known.has(o.Pkg().Path(), o.Name()) {
		n.lost = true
	}
	name := unvendored(o.Pkg().Path()) + "." + o.Name()
	if o.Parent() != o.Pkg().Scope() {
		return name + "@" + n.place(o.Pos())
	}
	return name
}

// typ is a type's normal form.
func (n *namer) typ(t types.Type) string {
	var b strings.Builder
	n.write(&b, t)
	return b.String()
}

func (n *namer) write(b *strings.Builder, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case nil:
		b.WriteString("()")
	case *types.Basic:
		b.WriteString(basicName(t))
	case *types.Pointer:
		b.WriteByte('*')
		n.write(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		n.write(b, t.Elem())
	case *types.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		n.write(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		n.write(b, t.Key())
		b.WriteByte(']')
		n.write(b, t.Elem())
	case *types.Chan:
		b.WriteString(map[types.ChanDir]string{types.SendRecv: "chan(", types.SendOnly: "chan<-(", types.RecvOnly: "<-chan("}[t.Dir()])
		n.write(b, t.Elem())
		b.WriteByte(')')
	case *types.Tuple:
		n.tuple(b, t, false)
	case *types.Signature:
		b.WriteString("func")
		n.tuple(b, t.Params(), t.Variadic())
		n.tuple(b, t.Results(), false)
	case *types.Struct:
		n.structure(b, t)
	case *types.Interface:
		n.iface(b, t)
	case *types.Union:
		for i := range t.Len() {
			if i > 0 {
				b.WriteByte('|')
			}
			if t.Term(i).Tilde() {
				b.WriteByte('~')
			}
			n.write(b, t.Term(i).Type())
		}
	case *types.Named:
		n.defined(b, t)
	case *types.TypeParam:
		fmt.Fprintf(b, "$%d", t.Index())
	default:
		fmt.Fprintf(b, "%T", t)
	}
}

func basicName(t *types.Basic) string {
	switch t.Kind() {
	case types.Uint8:
		return "uint8"
	case types.Int32:
		return "int32"
	case types.UnsafePointer:
		return "unsafe.Pointer"
	case types.Invalid:
		return "invalid"
	}
	return t.Name()
}

func (n *namer) tuple(b *strings.Builder, t *types.Tuple, variadic bool) {
	b.WriteByte('(')
	for i := range t.Len() {
		if i > 0 {
			b.WriteByte(',')
		}
		typ := t.At(i).Type()
		if slice, ok := types.Unalias(typ).(*types.Slice); ok && variadic && i == t.Len()-1 {
			b.WriteString("...")
			typ = slice.Elem()
		}
		n.write(b, typ)
	}
	b.WriteByte(')')
}

func (n *namer) structure(b *strings.Builder, t *types.Struct) {
	b.WriteString("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteByte(';')
		}
		if t.Field(i).Embedded() {
			b.WriteByte('!')
		}
		b.WriteString(t.Field(i).Name())
		b.WriteByte(' ')
		n.write(b, t.Field(i).Type())
		if tag := t.Tag(i); tag != "" {
			b.WriteByte(' ')
			b.WriteString(stringValue(tag))
		}
	}
	b.WriteByte('}')
}

// iface writes all methods in order of name, those of embedded interfaces too, then what else is embedded.
func (n *namer) iface(b *strings.Builder, t *types.Interface) {
	methods, elems := map[string]string{}, []string(nil)
	n.gather(t, methods, &elems)
	b.WriteString("interface{")
	names := make([]string, 0, len(methods))
	for name := range methods {
		names = append(names, name)
	}
	slices.Sort(names)
	slices.Sort(elems)
	for _, name := range names {
		b.WriteString(name)
		b.WriteString(methods[name])
		b.WriteByte(';')
	}
	for _, elem := range slices.Compact(elems) {
		b.WriteString(elem)
		b.WriteByte(';')
	}
	b.WriteByte('}')
}

func (n *namer) gather(t *types.Interface, methods map[string]string, elems *[]string) {
	for m := range t.ExplicitMethods() {
		methods[m.Name()] = n.typ(m.Type())
	}
	for e := range t.EmbeddedTypes() {
		inner, ok := e.Underlying().(*types.Interface)
		if named, isNamed := types.Unalias(e).(*types.Named); ok && !(isNamed && named.Obj().Pkg() == nil && named.Obj().Name() == "comparable") {
			n.gather(inner, methods, elems)
		} else {
			*elems = append(*elems, n.typ(e))
		}
	}
}

// defined writes a defined type; a generic one without arguments has its own parameters.
func (n *namer) defined(b *strings.Builder, t *types.Named) {
	b.WriteString(n.typeName(t.Obj()))
	args, params := t.TypeArgs(), t.TypeParams()
	if args.Len() == 0 && params.Len() == 0 {
		return
	}
	b.WriteByte('[')
	for i := range max(args.Len(), params.Len()) {
		if i > 0 {
			b.WriteByte(',')
		}
		if args.Len() == 0 {
			fmt.Fprintf(b, "$%d", i)
		} else {
			n.write(b, args.At(i))
		}
	}
	b.WriteByte(']')
}

// shortString is how many bytes of a string are written.
const shortString = 40

func stringValue(s string) string {
	if len(s) <= shortString {
		return fmt.Sprintf("s%x", s)
	}
	sum := fnv.New64a()
	sum.Write([]byte(s))
	return fmt.Sprintf("s%x+%d#%x", s[:shortString], len(s)-shortString, sum.Sum64())
}

// rational is the exact value as a fraction, or what go/constant calls it where it has left exact arithmetic.
func rational(v constant.Value) string {
	v = constant.ToFloat(v)
	switch value := constant.Val(v).(type) {
	case *big.Rat:
		return strings.TrimSuffix(value.String(), "/1")
	case *big.Float:
		if exp := value.MantExp(nil); !value.IsInf() && exp > -5000 && exp < 5000 {
			exact, _ := value.Rat(nil)
			return strings.TrimSuffix(exact.String(), "/1")
		}
		return "rounded"
	}
	return v.ExactString()
}
