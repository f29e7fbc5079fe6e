package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// A printer writes shapes: "(head part …)" for each node, "_" for a part that is absent, a line for each statement.
type printer struct {
	strings.Builder
}

func (p *printer) file(f *ast.File) {
	p.node("package", f.Name)
	for _, d := range f.Decls {
		p.WriteByte('\n')
		p.decl(d)
	}
	p.WriteByte('\n')
}

func (p *printer) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.GenDecl:
		p.open(d.Tok.String())
		if d.Lparen.IsValid() {
			p.part("parens")
		}
		for i, s := range d.Specs {
			p.spec(s, i)
		}
		p.WriteByte(')')
	case *ast.FuncDecl:
		p.open("funcdecl")
		p.fields(d.Recv)
		p.expr(d.Name)
		p.expr(d.Type)
		p.block(d.Body)
		p.WriteByte(')')
	default:
		p.part("bad")
	}
}

func (p *printer) spec(s ast.Spec, index int) {
	p.WriteString("\n ")
	switch s := s.(type) {
	case *ast.ImportSpec:
		p.open("import")
		p.ident(s.Name)
		p.expr(s.Path)
	case *ast.ValueSpec:
		p.open(fmt.Sprintf("value %d", index))
		for _, n := range s.Names {
			p.expr(n)
		}
		p.part(":")
		p.expr(s.Type)
		p.part("=")
		p.exprs(s.Values)
	case *ast.TypeSpec:
		p.open("type")
		p.expr(s.Name)
		p.fields(s.TypeParams)
		if s.Assign.IsValid() {
			p.part("=")
		}
		p.expr(s.Type)
	}
	p.WriteByte(')')
}

func (p *printer) fields(list *ast.FieldList) {
	p.WriteString(" [")
	if list != nil {
		for _, f := range list.List {
			p.open("field")
			for _, n := range f.Names {
				p.expr(n)
			}
			p.part(":")
			p.expr(f.Type)
			if f.Tag != nil {
				p.expr(f.Tag)
			}
			p.WriteByte(')')
		}
	}
	p.WriteByte(']')
}

func (p *printer) expr(e ast.Expr) {
	if _, signature := e.(*ast.FuncType); e != nil && !signature {
		p.place(e)
	}
	switch e := e.(type) {
	case nil:
		p.part("_")
	case *ast.Ident:
		p.part(e.Name)
	case *ast.BasicLit:
		p.open(e.Kind.String())
		p.part(strings.ReplaceAll(e.Value, "\r", ""))
		p.WriteByte(')')
	case *ast.CompositeLit:
		p.node("composite", append([]ast.Expr{e.Type}, e.Elts...)...)
	case *ast.KeyValueExpr:
		p.node("kv", e.Key, e.Value)
	case *ast.FuncLit:
		p.open("funclit")
		p.expr(e.Type)
		p.block(e.Body)
		p.WriteByte(')')
	case *ast.ParenExpr:
		p.node("paren", e.X)
	case *ast.SelectorExpr:
		p.node(".", e.X, e.Sel)
	case *ast.IndexExpr:
		p.node("index", e.X, e.Index)
	case *ast.IndexListExpr:
		p.node("index", append([]ast.Expr{e.X}, e.Indices...)...)
	case *ast.SliceExpr:
		p.node("slice", e.X, e.Low, e.High, e.Max)
	case *ast.TypeAssertExpr:
		p.node("assert", e.X, e.Type)
	case *ast.CallExpr:
		head := "call"
		if e.Ellipsis.IsValid() {
			head = "call..."
		}
		p.node(head, append([]ast.Expr{e.Fun}, e.Args...)...)
	case *ast.StarExpr:
		p.node("star", e.X)
	case *ast.UnaryExpr:
		p.node("unary"+e.Op.String(), e.X)
	case *ast.BinaryExpr:
		p.node(e.Op.String(), e.X, e.Y)
	default:
		p.typ(e)
	}
}

func (p *printer) typ(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Ellipsis:
		p.node("...", e.Elt)
	case *ast.ArrayType:
		p.node("array", e.Len, e.Elt)
	case *ast.StructType:
		p.open("struct")
		p.fields(e.Fields)
		p.WriteByte(')')
	case *ast.FuncType:
		p.open("func")
		p.fields(e.TypeParams)
		p.fields(e.Params)
		p.fields(e.Results)
		p.WriteByte(')')
	case *ast.InterfaceType:
		p.open("interface")
		p.fields(e.Methods)
		p.WriteByte(')')
	case *ast.MapType:
		p.node("map", e.Key, e.Value)
	case *ast.ChanType:
		p.node(map[ast.ChanDir]string{ast.SEND | ast.RECV: "chan", ast.SEND: "chan<-", ast.RECV: "<-chan"}[e.Dir], e.Value)
	default:
		p.part("bad")
	}
}

func (p *printer) block(b *ast.BlockStmt) {
	if b == nil {
		p.part("_")
		return
	}
	p.place(b)
	p.open("block")
	p.stmts(b.List)
	p.WriteByte(')')
}

func (p *printer) stmts(list []ast.Stmt) {
	for _, s := range list {
		p.WriteString("\n ")
		p.stmt(s)
	}
}

func (p *printer) stmt(s ast.Stmt) {
	if _, block := s.(*ast.BlockStmt); s != nil && !block {
		p.place(s)
	}
	switch s := s.(type) {
	case nil:
		p.part("_")
	case *ast.EmptyStmt:
		p.part("empty")
	case *ast.ExprStmt:
		p.node("expr", s.X)
	case *ast.SendStmt:
		p.node("send", s.Chan, s.Value)
	case *ast.IncDecStmt:
		p.node(s.Tok.String(), s.X)
	case *ast.AssignStmt:
		p.open("assign" + s.Tok.String())
		p.exprs(s.Lhs)
		p.part("<-")
		p.exprs(s.Rhs)
		p.WriteByte(')')
	case *ast.GoStmt:
		p.node("go", s.Call)
	case *ast.DeferStmt:
		p.node("defer", s.Call)
	case *ast.ReturnStmt:
		p.node("return", s.Results...)
	case *ast.BranchStmt:
		p.open(s.Tok.String())
		p.ident(s.Label)
		p.WriteByte(')')
	case *ast.BlockStmt:
		p.block(s)
	case *ast.LabeledStmt:
		p.open("label")
		p.expr(s.Label)
		if labelsNothing(s) {
			fmt.Fprintf(p, " %d-%d empty", s.Colon, s.Colon)
		} else {
			p.stmt(s.Stmt)
		}
		p.WriteByte(')')
	case *ast.DeclStmt:
		p.decl(s.Decl)
	default:
		p.compound(s)
	}
}

func (p *printer) compound(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.IfStmt:
		p.open("if")
		p.stmt(s.Init)
		p.expr(s.Cond)
		p.block(s.Body)
		p.stmt(s.Else)
	case *ast.SwitchStmt:
		p.open("switch")
		p.stmt(s.Init)
		p.expr(s.Tag)
		p.stmts(s.Body.List)
	case *ast.TypeSwitchStmt:
		p.open("typeswitch")
		p.stmt(s.Init)
		p.guard(s.Assign)
		p.stmts(s.Body.List)
	case *ast.SelectStmt:
		p.open("select")
		p.stmts(s.Body.List)
	case *ast.CaseClause:
		p.open("case")
		p.exprs(s.List)
		if s.List == nil {
			p.part("default")
		}
		p.stmts(s.Body)
	case *ast.CommClause:
		p.open("comm")
		p.stmt(s.Comm)
		p.stmts(s.Body)
	case *ast.ForStmt:
		p.open("for")
		p.stmt(s.Init)
		p.expr(s.Cond)
		p.stmt(s.Post)
		p.block(s.Body)
	case *ast.RangeStmt:
		p.open("range")
		if s.Tok == token.DEFINE {
			p.part(":=")
		}
		p.expr(s.Key)
		p.expr(s.Value)
		p.expr(s.X)
		p.block(s.Body)
	default:
		p.open("bad")
	}
	p.WriteByte(')')
}

// guard writes what a type switch binds, and its subject.
func (p *printer) guard(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		p.expr(s.Lhs[0])
		p.expr(s.Rhs[0])
	case *ast.ExprStmt:
		p.part("_")
		p.expr(s.X)
	}
}

// place writes where a node starts and ends. The types of functions have none: go/ast lets that of a declaration start
// at "func", before the receiver and the name, and ours starts after them.
func (p *printer) place(n ast.Node) {
	fmt.Fprintf(p, " %d-%d", n.Pos()-1, end(n)-1)
}

// end is n.End(), but for a label before "}": go/ast lets it reach to there, ours ends at its colon.
func end(n ast.Node) token.Pos {
	var body []ast.Stmt
	switch n := n.(type) {
	case *ast.LabeledStmt:
		if labelsNothing(n) {
			return n.Colon + 1
		}
		body = []ast.Stmt{n.Stmt}
	case *ast.CaseClause:
		body = n.Body
	case *ast.CommClause:
		body = n.Body
	}
	if len(body) > 0 {
		return end(body[len(body)-1])
	}
	return n.End()
}

func labelsNothing(s *ast.LabeledStmt) bool {
	empty, ok := s.Stmt.(*ast.EmptyStmt)
	return ok && empty.Implicit
}

func (p *printer) ident(name *ast.Ident) {
	if name == nil {
		p.part("_")
		return
	}
	p.expr(name)
}

func (p *printer) exprs(list []ast.Expr) {
	for _, e := range list {
		p.expr(e)
	}
}

func (p *printer) node(head string, parts ...ast.Expr) {
	p.open(head)
	p.exprs(parts)
	p.WriteByte(')')
}

func (p *printer) open(head string) {
	p.WriteString(" (")
	p.WriteString(head)
}

func (p *printer) part(text string) {
	p.WriteByte(' ')
	p.WriteString(text)
}
