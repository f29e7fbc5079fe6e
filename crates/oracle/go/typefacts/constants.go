package main

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// constants are those whose value is not known where only the index is known of other packages. go/types goes on with such
// values: all comparisons of them are false.
type constants map[types.Object]bool

func unknownConstants(files []*ast.File, info *types.Info) constants {
	unknown := constants{}
	for found := -1; found < len(unknown); {
		found = len(unknown)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok {
					unknown.declare(spec, info)
				}
				return true
			})
		}
	}
	return unknown
}

func (unknown constants) declare(spec *ast.ValueSpec, info *types.Info) {
	for i, name := range spec.Names {
		c, ok := info.Defs[name].(*types.Const)
		if ok && (c.Val() == nil || c.Val().Kind() == constant.Unknown || i < len(spec.Values) && unknown.in(spec.Values[i], info)) {
			unknown[c] = true
		}
	}
}

// in says whether the expression's value hangs on one of them.
func (unknown constants) in(e ast.Expr, info *types.Info) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			c, ok := info.ObjectOf(id).(*types.Const)
			found = found || ok && (unknown[c] || c.Val() == nil || c.Val().Kind() == constant.Unknown)
		}
		return !found
	})
	return found
}
