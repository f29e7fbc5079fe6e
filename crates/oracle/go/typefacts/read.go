package main

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// A reader says what one run of go/types found out of each expression.
type reader struct {
	names *namer
	info  *types.Info
	out   *stream
	// restricted is set for the run that knows of other packages what the index does.
	restricted bool
	// owners holds, for the names whose field or method is found through an expression, the type that declares it.
	owners map[*ast.Ident]string
	// selected are the names right of a dot: the selector has their type.
	selected map[*ast.Ident]bool
	// open are operands beside something invalid: which types the untyped among them take in the end is not known.
	open map[ast.Expr]bool
}

func newReader(names *namer, info *types.Info, out *stream, restricted bool) *reader {
	return &reader{names, info, out, restricted, map[*ast.Ident]string{}, map[*ast.Ident]bool{}, map[ast.Expr]bool{}}
}

// enter is told of each expression before what is inside it.
func (r *reader) enter(e ast.Expr) {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		_, valid := r.info.Types[e]
		r.open[e.X] = !valid || r.open[e]
		r.open[e.Y] = r.open[e.X]
	case *ast.UnaryExpr:
		r.open[e.X] = r.open[e]
	case *ast.ParenExpr:
		r.open[e.X] = r.open[e]
	case *ast.SelectorExpr:
		r.selected[e.Sel] = true
		if s := r.info.Selections[e]; s != nil {
			r.names.lost = false
			r.owners[e.Sel] = r.names.owner(s)
			if r.restricted && r.names.lost {
				r.owners[e.Sel] = "?"
			}
		}
	case *ast.CompositeLit:
		for _, elem := range e.Elts {
			if pair, ok := elem.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok {
					r.owners[key] = r.names.named(r.info.Types[e].Type)
				}
			}
		}
	}
}

func (r *reader) read(e ast.Expr) (record, bool) {
	var found record
	tv, typed := r.info.Types[e]
	if typed {
		found.mode = modeOf(tv)
		if found.mode != 'b' {
			found.typ = r.typ(tv.Type)
		}
		if tv.Value != nil {
			found.value = r.out.id(valueString(tv.Value))
		}
	}
	if id, ok := e.(*ast.Ident); ok {
		return r.ident(id, found, typed)
	}
	return found, typed
}

// ident adds what a name refers to, and where only the object has a type, that.
func (r *reader) ident(id *ast.Ident, found record, typed bool) (record, bool) {
	object, ok := r.info.Uses[id]
	if !ok {
		if object, ok = r.info.Defs[id]; !ok {
			return found, typed
		}
	}
	if object == nil {
		// The package clause, and the variable of a type switch, which is another in each clause.
		if id.Name != "_" && id.Pos() > r.names.first(id) {
			found.object = r.out.id("v " + r.names.place(id.Pos()))
			found.mode = '-'
			return found, true
		}
		return found, typed
	}
	found.object = r.out.id(r.names.object(object, r.owners[id], r.info.Defs[id] == object))
	if !typed {
		found.mode = '-'
		if typ := object.Type(); typ != nil && !r.selected[id] && !isLabel(object) && !isPackage(object) {
			found.typ = r.typ(typ)
		}
		if c, ok := object.(*types.Const); ok && c.Val() != nil && !r.selected[id] {
			found.value = r.out.id(valueString(c.Val()))
		}
	}
	return found, true
}

func (r *reader) typ(t types.Type) uint64 {
	if t == nil {
		return r.out.id("()")
	}
	known, ok := r.out.types[t]
	if !ok {
		r.names.lost = false
		known.id = r.out.id(r.names.typ(t))
		known.lost = r.names.lost
		r.out.types[t] = known
	}
	if r.restricted && known.lost {
		return r.out.id("?")
	}
	return known.id
}

// isOpen says whether the final type of an untyped expression hangs on what is invalid.
func (r *reader) isOpen(e ast.Expr) bool {
	basic, ok := r.info.TypeOf(e).(*types.Basic)
	return r.open[e] && ok && basic.Info()&types.IsUntyped != 0
}

func isLabel(o types.Object) bool   { _, ok := o.(*types.Label); return ok }
func isPackage(o types.Object) bool { _, ok := o.(*types.PkgName); return ok }

// modeOf is a letter for how an expression can be used.
func modeOf(tv types.TypeAndValue) byte {
	switch {
	case tv.IsVoid():
		return 'n'
	case tv.IsBuiltin():
		return 'b'
	case tv.IsType():
		return 't'
	case tv.Value != nil:
		return 'c'
	case tv.IsNil():
		return 'N'
	case tv.Addressable():
		return 'v'
	case tv.Assignable():
		return 'm'
	case tv.HasOk():
		return 'k'
	}
	return 'x'
}

// valueString is the exact value of a constant; that of a long string is cut and given a sum.
func valueString(v constant.Value) string {
	switch v.Kind() {
	case constant.String:
		return stringValue(constant.StringVal(v))
	case constant.Float:
		return rational(v)
	case constant.Complex:
		return "(" + rational(constant.Real(v)) + " + " + rational(constant.Imag(v)) + "i)"
	}
	return v.ExactString()
}
