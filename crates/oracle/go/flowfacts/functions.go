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
)

// describe writes a package as lines of fields with tabs between them; offsets are bytes of the file.
//
//	package PATH
//	file NAME                                for each file, followed by its functions
//	func START RETURNS                       where its body starts; "never" or "may"
//	node START END KIND LIVE PARENT          for each node of its go/cfg graph, in order of blocks
//	ends START END                           for each call that can be reached and does not return
//
// KIND is kindOf's. LIVE is 1 where the node can be reached; PARENT is then the number of the last node that dominates it
// strictly, -1 where there is none.
func describe(p *packages.Package, flow *ctrlflow.CFGs) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "package\t%s\n", p.PkgPath)
	for _, file := range p.Syntax {
		tok := p.Fset.File(file.FileStart)
		fmt.Fprintf(&out, "file\t%s\n", tok.Name())
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				// Of functions that it knows by name, ctrlflow makes no graph.
				if graph := flow.FuncDecl(n); graph != nil {
					fn, ok := p.TypesInfo.Defs[n.Name].(*types.Func)
					function(&out, tok, n.Body, graph, ok && flow.NoReturn(fn))
				}
			case *ast.FuncLit:
				graph := flow.FuncLit(n)
				function(&out, tok, n.Body, graph, graph.NoReturn())
			}
			return true
		})
	}
	return out.Bytes()
}

func function(out *bytes.Buffer, tok *token.File, body *ast.BlockStmt, graph *cfg.CFG, never bool) {
	fmt.Fprintf(out, "func\t%d\t%s\n", tok.Offset(body.Pos()), map[bool]string{true: "never", false: "may"}[never])
	kinds := kindsOf(body)
	parents := nodeParents(graph)
	for b, block := range graph.Blocks {
		for i, node := range block.Nodes {
			start, end := tok.Offset(node.Pos()), tok.Offset(body.End())
			// The return that go/cfg adds where the end of the body is reached stands at the brace.
			if node.Pos() != body.Rbrace {
				end = tok.Offset(node.End())
			}
			live, kind := 0, kinds[node]
			if block.Live {
				live = 1
			}
			if kind == 0 {
				kind = 'o'
			}
			fmt.Fprintf(out, "node\t%d\t%d\t%c\t%d\t%d\n", start, end, kind, live, parents[b][i])
		}
		if call := lastCall(block); call != nil && block.Live && len(block.Succs) == 0 {
			fmt.Fprintf(out, "ends\t%d\t%d\n", tok.Offset(call.Pos()), tok.Offset(call.End()))
		}
	}
}

// kindsOf finds the nodes that go/cfg places where they do not run: 'v' is a variable of a range, 's' belongs to what a clause
// of select sends or receives. All others are 'o'.
func kindsOf(body *ast.BlockStmt) map[ast.Node]byte {
	kinds := map[ast.Node]byte{}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			kinds[n.Key], kinds[n.Value] = 'v', 'v'
		case *ast.CommClause:
			kinds[n.Comm] = 's'
			if assign, ok := n.Comm.(*ast.AssignStmt); ok {
				kinds[assign.Lhs[0]] = 's'
			}
		}
		return true
	})
	return kinds
}

// lastCall is the call with which a block ends, if it is a statement.
func lastCall(block *cfg.Block) *ast.CallExpr {
	if len(block.Nodes) == 0 {
		return nil
	}
	stmt, ok := block.Nodes[len(block.Nodes)-1].(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, _ := stmt.X.(*ast.CallExpr)
	return call
}
