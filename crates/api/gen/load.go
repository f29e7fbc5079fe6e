package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/packages"
)

// index is what is kept of a module.
type index struct {
	module   module
	version  string
	fset     *token.FileSet
	packages []*pkg
	byTypes  map[*types.Package]*pkg
	foreign  []string
	types    typeTable
	// asked holds the unexported methods that some interface of the module asks for.
	asked map[string]bool
	facts facts
	// defaults holds lines: `path.Type.Field`, a tab, and the default.
	defaults []string
	since    since
	sizes    types.Sizes
	// unknown counts places of types that go/types could not tell.
	unknown int
}

// pkg is a package of the module.
type pkg struct {
	path       string
	types      *types.Package
	docs       map[types.Object]string
	deprecated string
	// listed packages are kept whole.
	listed   bool
	complete bool
	number   int
	objects  []*object
	byObject map[types.Object]*object
}

// object is a declaration, or a method of one.
type object struct {
	types      types.Object
	pkg        *pkg
	number     int
	ty         *typ
	params     []typeParam
	names      []string
	methods    []*object
	pointer    bool
	since      int
	deprecated string
	facts      uint
}

type typeParam struct {
	name       string
	constraint *typ
}

// load reads the packages of all these modules and what they import, each once.
func load(chosen []module) (*token.FileSet, []*packages.Package, error) {
	fset := token.NewFileSet()
	config := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedModule,
		Fset:      fset,
		Env:       append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1", "GOFLAGS=-mod=mod", "GOWORK=off"),
		ParseFile: parse,
	}
	var patterns []string
	for _, module := range chosen {
		patterns = append(patterns, module.patterns()...)
	}
	roots, err := packages.Load(config, patterns...)
	for _, root := range roots {
		if len(root.Syntax) == 0 && len(root.Errors) > 0 && err == nil {
			err = root.Errors[0]
		}
	}
	return fset, roots, err
}

// newIndex picks a module's packages and what is kept of them.
func newIndex(module module, facts facts, fset *token.FileSet, roots []*packages.Package) (*index, error) {
	x := &index{module: module, fset: fset, byTypes: map[*types.Package]*pkg{}, asked: map[string]bool{}, facts: facts,
		sizes: types.SizesFor("gc", "amd64")}
	x.types.known = map[string]*typ{}
	if module.path == "std" {
		x.version = runtime.Version()
		x.since = readSince()
	}
	packages.Visit(roots, nil, func(p *packages.Package) {
		if p.Types == nil || !x.own(p) {
			return
		}
		if p.Module != nil {
			x.version = p.Module.Version
		}
		x.add(p, slices.Contains(roots, p))
	})
	if x.version == "" {
		return nil, fmt.Errorf("no version: is it in go.mod?")
	}
	x.collect()
	return x, nil
}

// parse leaves bodies away: nothing that is exported depends on them.
func parse(fset *token.FileSet, name string, text []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if file != nil {
		for _, decl := range file.Decls {
			if function, ok := decl.(*ast.FuncDecl); ok && function.Body != nil {
				function.Body = nil
			}
		}
	}
	return file, err
}

func (x *index) own(p *packages.Package) bool {
	if p.Module == nil {
		first, _, _ := strings.Cut(p.PkgPath, "/")
		return x.module.path == "std" && !strings.Contains(first, ".") && first != "vendor" && first != "cmd"
	}
	if p.Module.Path != x.module.path {
		return false
	}
	below := strings.TrimPrefix(p.PkgPath, x.module.path+"/")
	kept := slices.Contains(x.module.packages, below)
	return kept || !slices.ContainsFunc(x.module.cut, func(cut string) bool { return strings.HasPrefix(below, cut) })
}

// systems are those that people build services and tools for.
var systems = []string{"darwin/arm64", "freebsd/amd64", "js/wasm", "linux/386", "linux/arm64", "windows/amd64"}

// forOthers says whether the go command would take the file on another system.
func forOthers(name string) bool {
	return slices.ContainsFunc(systems, func(system string) bool {
		context := build.Default
		context.GOOS, context.GOARCH, _ = strings.Cut(system, "/")
		match, _ := context.MatchFile(filepath.Dir(name), filepath.Base(name))
		return match
	})
}

// more says whether files for other systems declare exported names that the package does not have here: of such a
// package, a name that is not found is not known.
func more(p *packages.Package) bool {
	for _, name := range p.IgnoredFiles {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || !forOthers(name) {
			continue
		}
		file, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if file == nil || file.Name.Name != p.Name {
			continue
		}
		if slices.ContainsFunc(file.Decls, func(decl ast.Decl) bool { return adds(p.Types.Scope(), decl) }) {
			return true
		}
	}
	return false
}

// adds says whether the declaration exports what the scope does not have.
func adds(scope *types.Scope, decl ast.Decl) bool {
	missing := func(name *ast.Ident) bool { return name.IsExported() && scope.Lookup(name.Name) == nil }
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			return missing(decl.Name)
		}
		receiver, _ := ast.Unparen(decl.Recv.List[0].Type).(*ast.StarExpr)
		base, _ := decl.Recv.List[0].Type.(*ast.Ident)
		if receiver != nil {
			base, _ = receiver.X.(*ast.Ident)
		}
		if base == nil || !decl.Name.IsExported() || scope.Lookup(base.Name) == nil {
			return false
		}
		pointer := types.NewPointer(scope.Lookup(base.Name).Type())
		found, _, _ := types.LookupFieldOrMethod(pointer, true, nil, decl.Name.Name)
		return base.IsExported() && found == nil
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if missing(spec.Name) {
					return true
				}
			case *ast.ValueSpec:
				if slices.ContainsFunc(spec.Names, missing) {
					return true
				}
			}
		}
	}
	return false
}

// private says whether packages below an element of this name are not for others to import.
func private(element string) bool {
	return slices.Contains([]string{"internal", "cmd", "doctests", "example", "examples", "testdata"}, element) ||
		strings.HasSuffix(element, "_test")
}

func (x *index) add(p *packages.Package, root bool) {
	named := slices.Contains(x.module.packages, strings.TrimPrefix(p.PkgPath, x.module.path+"/"))
	listed := root && p.Name != "main" && (named || !slices.ContainsFunc(strings.Split(p.PkgPath, "/"), private))
	kept := &pkg{path: p.PkgPath, types: p.Types, docs: map[types.Object]string{}, listed: listed,
		complete: listed && !more(p), byObject: map[types.Object]*object{}}
	x.byTypes[p.Types] = kept
	for _, file := range p.Syntax {
		if text, ok := deprecation(file.Doc); ok {
			kept.deprecated = text
		}
		for _, decl := range file.Decls {
			kept.notes(p.TypesInfo, decl)
		}
	}
	scope := p.Types.Scope()
	for _, name := range scope.Names() {
		if face, ok := scope.Lookup(name).Type().Underlying().(*types.Interface); ok {
			for method := range face.ExplicitMethods() {
				if !method.Exported() {
					x.asked[p.PkgPath+"."+method.Name()] = true
				}
			}
		}
	}
}

// notes finds the deprecations of a declaration's objects.
func (p *pkg) notes(info *types.Info, decl ast.Decl) {
	note := func(name *ast.Ident, docs ...*ast.CommentGroup) {
		for _, doc := range docs {
			if text, ok := deprecation(doc); ok && info.Defs[name] != nil {
				p.docs[info.Defs[name]] = text
			}
		}
	}
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		note(decl.Name, decl.Doc)
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				note(spec.Name, decl.Doc, spec.Doc, spec.Comment)
				if face, ok := spec.Type.(*ast.InterfaceType); ok {
					for _, method := range face.Methods.List {
						for _, name := range method.Names {
							note(name, method.Doc, method.Comment)
						}
					}
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					note(name, decl.Doc, spec.Doc, spec.Comment)
				}
			}
		}
	}
}

// deprecation is the first sentence of the paragraph that begins with "Deprecated:" (go.dev/wiki/Deprecated).
func deprecation(doc *ast.CommentGroup) (string, bool) {
	for _, paragraph := range strings.Split(doc.Text(), "\n\n") {
		text, found := strings.CutPrefix(strings.TrimSpace(paragraph), "Deprecated:")
		if !found {
			continue
		}
		text = strings.Join(strings.Fields(text), " ")
		if end := strings.Index(text, ". "); end > 0 {
			text = text[:end]
		}
		text = strings.TrimSuffix(text, ".")
		if len(text) > 160 {
			text = strings.ToValidUTF8(text[:157], "") + "..."
		}
		return text, true
	}
	return "", false
}

// collect keeps what listed packages export and all that is reached from there.
func (x *index) collect() {
	var queue []*object
	keep := func(p *pkg, obj types.Object) *object {
		if known := p.byObject[obj]; known != nil {
			return known
		}
		kept := &object{types: obj, pkg: p}
		p.byObject[obj] = kept
		p.objects = append(p.objects, kept)
		queue = append(queue, kept)
		return kept
	}
	x.types.reach = func(obj *types.TypeName) {
		if p := x.byTypes[obj.Pkg()]; p != nil {
			keep(p, obj)
		}
	}
	paths := make([]*pkg, 0, len(x.byTypes))
	for _, p := range x.byTypes {
		paths = append(paths, p)
	}
	sort.Slice(paths, func(a, b int) bool { return paths[a].path < paths[b].path })
	for _, p := range paths {
		for _, name := range p.types.Scope().Names() {
			if obj := p.types.Scope().Lookup(name); p.listed && obj.Exported() {
				keep(p, obj)
			}
		}
	}
	for len(queue) > 0 {
		obj := queue[0]
		queue = queue[1:]
		x.fill(obj)
	}
	if x.unknown > 0 {
		log.Printf("%s: %d types could not be found", x.module.path, x.unknown)
	}
	for _, p := range paths {
		if len(p.objects) == 0 && !p.listed {
			delete(x.byTypes, p.types)
			continue
		}
		p.number = len(x.packages)
		x.packages = append(x.packages, p)
		sort.Slice(p.objects, func(a, b int) bool { return x.before(p.objects[a].types, p.objects[b].types) })
		for number, obj := range p.objects {
			obj.number = number
		}
	}
}

// before is the order of the source: neighbours there have similar names, types and values.
func (x *index) before(a, b types.Object) bool {
	left, right := x.fset.Position(a.Pos()), x.fset.Position(b.Pos())
	if left.Filename != right.Filename {
		return left.Filename < right.Filename
	}
	if left.Offset != right.Offset {
		return left.Offset < right.Offset
	}
	return a.Name() < b.Name()
}

// fill finds an object's types, which may reach others.
func (x *index) fill(o *object) {
	x.annotate(o, o.types.Name())
	switch obj := o.types.(type) {
	case *types.Func:
		x.function(o, obj.Signature())
	case *types.TypeName:
		x.declared(o, obj)
	case *types.Const, *types.Var:
		o.ty = x.use(obj.Type(), o.pkg)
	}
}

func (x *index) annotate(o *object, name string) {
	qualified := o.pkg.path + "." + name
	o.deprecated = o.pkg.docs[o.types]
	o.since = x.since[qualified]
	fact := x.facts.take(qualified)
	o.facts = fact.bits
	if fact.deprecated != "" {
		o.deprecated = fact.deprecated
	}
}

func (x *index) function(o *object, sig *types.Signature) {
	o.params = x.typeParams(sig.TypeParams(), o.pkg)
	bare := types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())
	o.ty = x.use(bare, o.pkg)
	o.names = parameterNames(sig)
}

func parameterNames(sig *types.Signature) (names []string) {
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			names = append(names, v.Name())
		}
	}
	return names
}

func (x *index) typeParams(list *types.TypeParamList, p *pkg) []typeParam {
	var params []typeParam
	for param := range list.TypeParams() {
		params = append(params, typeParam{param.Obj().Name(), x.use(param.Constraint(), p)})
	}
	return params
}

func (x *index) declared(o *object, obj *types.TypeName) {
	switch t := obj.Type().(type) {
	case *types.Alias:
		o.params = x.typeParams(t.TypeParams(), o.pkg)
		o.ty = x.use(t.Rhs(), o.pkg)
	case *types.Named:
		o.params = x.typeParams(t.TypeParams(), o.pkg)
		o.ty = x.use(t.Underlying(), o.pkg)
		if face, ok := t.Underlying().(*types.Interface); ok {
			for method := range face.ExplicitMethods() {
				m := &object{types: method, pkg: o.pkg}
				x.annotate(m, obj.Name()+"."+method.Name())
				m.names = parameterNames(method.Signature())
				o.methods = append(o.methods, m)
			}
			return
		}
		for method := range t.Methods() {
			if !method.Exported() && !x.asked[o.pkg.path+"."+method.Name()] {
				continue
			}
			_, pointer := method.Signature().Recv().Type().(*types.Pointer)
			m := &object{types: method, pkg: o.pkg, pointer: pointer}
			x.annotate(m, obj.Name()+"."+method.Name())
			x.function(m, method.Signature())
			o.methods = append(o.methods, m)
		}
		sort.Slice(o.methods, func(a, b int) bool { return x.before(o.methods[a].types, o.methods[b].types) })
	default: // unsafe.Pointer and what a package names after a predeclared type
		o.ty = x.use(t, o.pkg)
	}
}

// canonical is a constant's value in its simplest form, so that a whole float is an integer.
func canonical(value constant.Value) constant.Value {
	if value.Kind() == constant.Complex && constant.Sign(constant.Imag(value)) == 0 {
		value = constant.Real(value)
	}
	if value.Kind() == constant.Float {
		if whole := constant.ToInt(value); whole.Kind() == constant.Int {
			return whole
		}
	}
	return value
}
