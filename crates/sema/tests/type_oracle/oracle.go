// Oracle says what holds of the types that a Go file declares, as go/types sees it: one line a fact, parts between tabs.
//
//	type NAME STRING UNDERLYING FLAGS SIZE   of each type that is not generic; parameters of function F are F.P
//	offsets NAME …                           of each struct
//	pair NAME NAME LETTERS                   what holds of the two: identical, assignable, convertible, satisfies
//	find NAME NAME ANSWER                    the field or method of that name
//
// Aliases stand for what they name, and are not written.

//go:debug gotypesalias=0
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"
	"strings"
)

type subject struct {
	name string
	typ  types.Type
}

func main() {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, os.Args[1], nil, parser.SkipObjectResolution)
	if err != nil {
		log.Fatal(err)
	}
	sizes := types.SizesFor("gc", "amd64")
	config := types.Config{Importer: importer.ForCompiler(fset, "source", nil), Sizes: sizes}
	pkg, err := config.Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		log.Fatal(err)
	}
	all := subjects(pkg)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, s := range all {
		describe(out, s, sizes)
		find(out, s, pkg)
		for _, other := range all {
			fmt.Fprintf(out, "pair\t%s\t%s\t%s\n", s.name, other.name, pair(s.typ, other.typ))
		}
	}
}

func subjects(pkg *types.Package) []subject {
	var all []subject
	for _, name := range pkg.Scope().Names() {
		switch o := pkg.Scope().Lookup(name).(type) {
		case *types.TypeName:
			if named, ok := o.Type().(*types.Named); !ok || named.TypeParams().Len() == named.TypeArgs().Len() {
				all = append(all, subject{name, types.Unalias(o.Type())})
			}
		case *types.Func:
			for param := range o.Signature().TypeParams().TypeParams() {
				all = append(all, subject{name + "." + param.Obj().Name(), param})
			}
		}
	}
	return all
}

func flag(set bool, letter string) string {
	if set {
		return letter
	}
	return "-"
}

func isParam(t types.Type) bool {
	_, ok := t.(*types.TypeParam)
	return ok
}

func describe(out *bufio.Writer, s subject, sizes types.Sizes) {
	size, underlying := "-", "-"
	if !isParam(s.typ) {
		underlying = s.typ.Underlying().String()
		size = fmt.Sprint(sizes.Sizeof(s.typ), " ", sizes.Alignof(s.typ))
	}
	fmt.Fprintf(out, "type\t%s\t%s\t%s\t%s\t%s\n", s.name, s.typ, underlying, flag(types.Comparable(s.typ), "c"), size)
	if st, ok := s.typ.Underlying().(*types.Struct); ok {
		var fields []*types.Var
		for field := range st.Fields() {
			fields = append(fields, field)
		}
		fmt.Fprintf(out, "offsets\t%s\t%v\n", s.name, sizes.Offsetsof(fields))
	}
}

func pair(a, b types.Type) string {
	satisfies := "-"
	if i, ok := b.Underlying().(*types.Interface); ok && !isParam(b) {
		satisfies = flag(types.Satisfies(a, i), "s")
	}
	// Constraints are no types of values.
	values := !isConstraint(a) && !isConstraint(b)
	return flag(types.Identical(a, b), "i") + flag(values && types.AssignableTo(a, b), "a") +
		flag(values && types.ConvertibleTo(a, b), "c") + satisfies
}

func isConstraint(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && !isParam(t) && !i.IsMethodSet()
}

var names = strings.Fields("Field Value Read Close String Get Put private x X Next Self Key Find Each Left Deepest Lock Error mu Set")

func find(out *bufio.Writer, s subject, pkg *types.Package) {
	for _, name := range names {
		o, path, indirect := types.LookupFieldOrMethod(s.typ, true, pkg, name)
		answer := ""
		switch o := o.(type) {
		case *types.Var:
			answer = fmt.Sprint("field ", path, " ", indirect, " ", o.Type())
		case *types.Func:
			// The last index counts methods, which we do not.
			sig := types.NewSignatureType(nil, nil, nil, o.Signature().Params(), o.Signature().Results(), false)
			answer = fmt.Sprint("method ", path[:len(path)-1], " ", indirect, " ", sig)
		default:
			answer = "none"
			if path != nil {
				answer = "ambiguous"
			}
		}
		fmt.Fprintf(out, "find\t%s\t%s\t%s\n", s.name, name, answer)
	}
}
