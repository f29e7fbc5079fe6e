package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/types/typeutil"
)

// describe writes a package as lines of fields with tabs between them; offsets are bytes of the file.
//
//	package PATH
//	file NAME                                for each file, followed by its functions
//	func START RETURNS                       where its body starts; "never" or "may"
//	node START END KIND LIVE PARENT          for each node of its go/cfg graph, in order of blocks
//	ends START END                           for each call, a statement, that is reached and never returns
//
// KIND is 'r' for a return, 'v' for a variable of a range, and 'o' for any other. LIVE is 1 where the node can be reached;
// PARENT is then the number of the last node that dominates it strictly, -1 where there is none.
func describe(p *packages.Package, flow *ctrlflow.CFGs) []byte {
	d := describer{info: p.TypesInfo, flow: flow}
	fmt.Fprintf(&d.out, "package\t%s\n", p.PkgPath)
	for _, file := range p.Syntax {
		d.tok = p.Fset.File(file.FileStart)
		fmt.Fprintf(&d.out, "file\t%s\n", d.tok.Name())
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				// Of functions that it knows by name, ctrlflow makes no graph.
				if graph := flow.FuncDecl(n); graph != nil {
					fn, ok := p.TypesInfo.Defs[n.Name].(*types.Func)
					d.function(n.Body, graph, ok && flow.NoReturn(fn))
				}
			case *ast.FuncLit:
				graph := flow.FuncLit(n)
				d.function(n.Body, graph, graph.NoReturn())
			}
			return true
		})
	}
	return d.out.Bytes()
}

type describer struct {
	info *types.Info
	flow *ctrlflow.CFGs
	tok  *token.File
	out  bytes.Buffer
}

func (d *describer) function(body *ast.BlockStmt, graph *cfg.CFG, never bool) {
	returns := map[bool]string{true: "never", false: "may"}[never]
	fmt.Fprintf(&d.out, "func\t%d\t%s\n", d.tok.Offset(body.Pos()), returns)
	variables := rangeVariables(body)
	parents := nodeParents(graph)
	for b, block := range graph.Blocks {
		for i, node := range block.Nodes {
			start, end := d.tok.Offset(node.Pos()), d.tok.Offset(body.End())
			// The return that go/cfg adds where the end of the body is reached stands at the brace.
			if node.Pos() != body.Rbrace {
				end = d.tok.Offset(node.End())
			}
			live, kind := 0, 'o'
			if block.Live {
				live = 1
			}
			if _, ok := node.(*ast.ReturnStmt); ok {
				kind = 'r'
			} else if variables[node] {
				kind = 'v'
			}
			fmt.Fprintf(&d.out, "node\t%d\t%d\t%c\t%d\t%d\n", start, end, kind, live, parents[b][i])
			if block.Live && d.ends(node) {
				fmt.Fprintf(&d.out, "ends\t%d\t%d\n", start, end)
			}
		}
	}
}

// rangeVariables are the nodes that go/cfg has run once before a loop, not in each iteration.
func rangeVariables(body *ast.BlockStmt) map[ast.Node]bool {
	variables := map[ast.Node]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		if loop, ok := n.(*ast.RangeStmt); ok {
			variables[loop.Key], variables[loop.Value] = true, true
		}
		return true
	})
	return variables
}

// ends says whether a node is a call that does not return, as ctrlflow has told go/cfg.
func (d *describer) ends(node ast.Node) bool {
	stmt, ok := node.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	if id, ok := call.Fun.(*ast.Ident); ok && d.info.Uses[id] == types.Universe.Lookup("panic") {
		return true
	}
	callee := typeutil.StaticCallee(d.info, call)
	return callee != nil && d.flow.NoReturn(callee)
}
