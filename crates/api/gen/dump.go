package main

import (
	"fmt"
	"go/constant"
	"go/types"
	"slices"
	"sort"
	"strings"
)

// text prints the module from go/types, in the lines of src/text.rs. It shares nothing with the encoder but the choice of
// what is kept.
func (x *index) text() string {
	var lines []string
	for _, p := range x.packages {
		line := "package " + p.path + " " + p.types.Name()
		if !p.complete {
			line += " incomplete"
		}
		if p.deprecated != "" {
			line += " deprecated: " + p.deprecated
		}
		lines = append(lines, line)
		objects := slices.Clone(p.objects)
		sort.Slice(objects, func(a, b int) bool { return objects[a].types.Name() < objects[b].types.Name() })
		for _, o := range objects {
			lines = append(lines, x.lines(o)...)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func (o *object) remarks() string {
	var text string
	if o.since > 0 {
		text += fmt.Sprintf(" since %d", o.since)
	}
	if o.facts > 0 {
		text += fmt.Sprintf(" facts %d", o.facts)
	}
	if o.deprecated != "" {
		text += " deprecated: " + o.deprecated
	}
	return text
}

func (x *index) lines(o *object) []string {
	name := o.pkg.path + "." + o.types.Name()
	switch obj := o.types.(type) {
	case *types.Const:
		return []string{name + " const " + x.show(obj.Type()) + " = " + showValue(obj.Val()) + o.remarks()}
	case *types.Var:
		return []string{name + " var " + x.show(obj.Type()) + o.remarks()}
	case *types.Func:
		sig := obj.Signature()
		return []string{name + " func" + x.showParams(sig.TypeParams()) + x.showNamed(sig) + o.remarks()}
	case *types.TypeName:
		switch t := obj.Type().(type) {
		case *types.Alias:
			return []string{name + " type" + x.showParams(t.TypeParams()) + " = " + x.show(t.Rhs()) + o.remarks()}
		case *types.Named:
			lines := []string{name + " type" + x.showParams(t.TypeParams()) + " " + x.show(t.Underlying()) + o.remarks()}
			for _, m := range o.methods {
				method := m.types.(*types.Func)
				star := ""
				if m.pointer {
					star = "*"
				}
				lines = append(lines, name+"."+method.Name()+" method "+star+x.showNamed(method.Signature())+m.remarks())
			}
			return lines
		default:
			return []string{name + " type " + x.show(t) + o.remarks()}
		}
	}
	return []string{name + " builtin" + o.remarks()}
}

func showValue(value constant.Value) string {
	if value.Kind() == constant.Complex && constant.Sign(constant.Imag(value)) != 0 {
		return "(" + showValue(constant.Real(value)) + " + " + showValue(constant.Imag(value)) + "i)"
	}
	switch value.Kind() {
	case constant.String:
		if len(constant.StringVal(value)) > longestString {
			return "unknown"
		}
		return fmt.Sprintf("x%x", constant.StringVal(value))
	case constant.Float, constant.Complex:
		value = constant.ToFloat(value)
		num, den := constant.Num(value), constant.Denom(value)
		if num.Kind() == constant.Unknown {
			return ratio(value)
		}
		if den.ExactString() == "1" {
			return num.ExactString()
		}
		return num.ExactString() + "/" + den.ExactString()
	}
	return value.ExactString()
}

func (x *index) showParams(list *types.TypeParamList) string {
	var parts []string
	for param := range list.TypeParams() {
		parts = append(parts, param.Obj().Name()+" "+x.show(param.Constraint()))
	}
	if parts == nil {
		return ""
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func (x *index) showNamed(sig *types.Signature) string {
	var names []string
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			names = append(names, strings.TrimPrefix(v.Name(), "_"))
			if strings.HasPrefix(v.Name(), "_") && v.Name() != "_" {
				names[len(names)-1] = v.Name()
			}
		}
	}
	return x.showSignature(sig) + " " + strings.Join(names, ",")
}

func (x *index) showSignature(sig *types.Signature) string {
	list := func(tuple *types.Tuple) string {
		var parts []string
		for v := range tuple.Variables() {
			parts = append(parts, x.show(v.Type()))
		}
		return strings.Join(parts, ", ")
	}
	dots := ""
	if sig.Variadic() {
		dots = "..."
	}
	return "(" + list(sig.Params()) + dots + ") (" + list(sig.Results()) + ")"
}

// show is a type with import paths in full, without the names of parameters, and with what is hidden of structs summed up.
func (x *index) show(t types.Type) string {
	args := func(obj *types.TypeName, list *types.TypeList) string {
		var parts []string
		for arg := range list.Types() {
			parts = append(parts, x.show(arg))
		}
		name := types.TypeString(types.NewNamed(types.NewTypeName(0, obj.Pkg(), obj.Name(), nil), nil, nil), nil)
		if parts != nil {
			name += "[" + strings.Join(parts, ", ") + "]"
		}
		return name
	}
	switch t := t.(type) {
	case *types.Pointer:
		return "*" + x.show(t.Elem())
	case *types.Slice:
		return "[]" + x.show(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]", t.Len()) + x.show(t.Elem())
	case *types.Map:
		return "map[" + x.show(t.Key()) + "]" + x.show(t.Elem())
	case *types.Chan:
		return map[types.ChanDir]string{types.SendRecv: "chan ", types.SendOnly: "chan<- ", types.RecvOnly: "<-chan "}[t.Dir()] +
			x.show(t.Elem())
	case *types.Signature:
		return "func" + x.showSignature(t)
	case *types.TypeParam:
		return fmt.Sprintf("$%d", t.Index())
	case *types.Named:
		return args(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return args(t.Obj(), t.TypeArgs())
	case *types.Union:
		var parts []string
		for term := range t.Terms() {
			tilde := map[bool]string{true: "~"}[term.Tilde()]
			parts = append(parts, tilde+x.show(term.Type()))
		}
		return strings.Join(parts, " | ")
	case *types.Interface:
		text := "interface{"
		for method := range t.ExplicitMethods() {
			text += x.showField(method, method.Type())
		}
		for embedded := range t.EmbeddedTypes() {
			text += x.show(embedded) + "; "
		}
		return text + "}"
	case *types.Struct:
		return x.showStruct(t)
	}
	return t.String()
}

func (x *index) showField(obj types.Object, t types.Type) string {
	name := obj.Name()
	if !obj.Exported() {
		name = obj.Pkg().Path() + "." + name
	}
	return name + " " + x.show(t) + "; "
}

func (x *index) showStruct(t *types.Struct) string {
	text, summed := "struct{", (*hidden)(nil)
	for v := range t.Fields() {
		if v.Embedded() && (v.Exported() || x.promotes(v.Type())) {
			text += "+" + x.showField(v, v.Type())
		} else if v.Exported() {
			text += x.showField(v, v.Type())
		} else {
			if summed == nil {
				summed = &hidden{comparable: true, size: sizeOf(x.sizes, t)}
			}
			summed.comparable = summed.comparable && types.Comparable(v.Type())
			summed.noCopy = summed.noCopy || locks(v.Type(), 0)
		}
	}
	if summed != nil {
		text += fmt.Sprintf("hidden %v %v %d", summed.comparable, summed.noCopy, summed.size)
	}
	return text + "}"
}
