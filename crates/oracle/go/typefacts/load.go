package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A pkg is a package as `go list` describes it, and what became of it.
type pkg struct {
	ImportPath string
	ForTest    string
	Dir        string
	Name       string
	GoFiles    []string
	Imports    []string
	ImportMap  map[string]string
	DepOnly    bool
	Module     *struct{ GoVersion string }
	Error      *struct{ Err string }

	target, needed bool
	deps           []*pkg
	out            string
	done           chan struct{}
	types          *types.Package
	err            error
}

// list returns the packages that match and all they depend on, dependencies first.
func list(dir string, tests bool, patterns []string) ([]*pkg, error) {
	args := []string{"list", "-e", "-deps", "-json=ImportPath,ForTest,Dir,Name,GoFiles,Imports,ImportMap,DepOnly,Module,Error"}
	if tests {
		args = append(args, "-test")
	}
	cmd := exec.Command("go", append(append(args, "--"), patterns...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var packages []*pkg
	for decoder := json.NewDecoder(stdout); ; {
		p := &pkg{done: make(chan struct{})}
		if err := decoder.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		generated := strings.HasSuffix(p.ImportPath, ".test") && p.Name == "main"
		p.target = !p.DepOnly && p.ImportPath != "unsafe" && len(p.GoFiles) > 0 && !generated
		if p.Error != nil && len(p.GoFiles) == 0 {
			p.err = errors.New(p.Error.Err)
		}
		packages = append(packages, p)
	}
	if tests {
		preferTests(packages)
	}
	return packages, cmd.Wait()
}

// preferTests leaves a package out as a target where its variant with test files is one.
func preferTests(packages []*pkg) {
	tested := map[string]bool{}
	for _, p := range packages {
		if p.ForTest != "" && p.path() == p.ForTest {
			tested[p.ForTest] = true
		}
	}
	for _, p := range packages {
		if p.ForTest == "" && tested[p.ImportPath] {
			p.target = false
		}
	}
}

// path is the import path without what names the variant: "fmt" for "fmt [fmt.test]".
func (p *pkg) path() string {
	path, _, _ := strings.Cut(p.ImportPath, " ")
	return path
}

// A program is the packages of one run.
type program struct {
	fset  *token.FileSet
	paths map[string]*pkg
	known index
}

func newProgram(packages []*pkg, known index) *program {
	prog := &program{token.NewFileSet(), map[string]*pkg{}, known}
	for _, p := range packages {
		prog.paths[p.ImportPath] = p
		for _, path := range p.Imports {
			// `go list` has put ImportMap into Imports already; dependencies come first.
			if dep := prog.paths[path]; dep != nil {
				p.deps = append(p.deps, dep)
			}
		}
	}
	return prog
}

func (prog *program) need(p *pkg) {
	if !p.needed {
		p.needed = true
		for _, dep := range p.deps {
			prog.need(dep)
		}
	}
}

func (prog *program) check(p *pkg) {
	if p.ImportPath == "unsafe" {
		p.types = types.Unsafe
		return
	}
	files, err := prog.parse(p)
	if err != nil {
		p.err = err
		return
	}
	_, err = os.Stat(p.out)
	full := p.target && errors.Is(err, os.ErrNotExist)
	info, pkg, err := prog.types(p, files, full, false)
	p.types, p.err = pkg, err
	if !full || err != nil {
		return
	}
	restricted := info
	for _, dep := range p.deps {
		if !prog.known.hasAll(dep.path()) {
			restricted, _, _ = prog.types(p, files, true, true)
			break
		}
	}
	if err := write(p, prog.fset, files, pkg, info, restricted, prog.known); err != nil {
		p.err = err
	}
}

func (prog *program) parse(p *pkg) ([]*ast.File, error) {
	var files []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		file, err := parser.ParseFile(prog.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// types checks a package; a restricted check knows nothing of imported packages that the index lacks.
func (prog *program) types(p *pkg, files []*ast.File, bodies, restricted bool) (*types.Info, *types.Package, error) {
	var info *types.Info
	if bodies {
		info = &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		}
	}
	var first error
	config := types.Config{
		Importer:         importer{prog, p, restricted},
		Sizes:            types.SizesFor("gc", "amd64"),
		IgnoreFuncBodies: !bodies,
		Error: func(err error) {
			if first == nil {
				first = err
			}
		},
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		config.GoVersion = "go" + p.Module.GoVersion
	}
	pkg, _ := config.Check(p.path(), prog.fset, files, info)
	return info, pkg, first
}

func unvendored(path string) string {
	return strings.TrimPrefix(path, "vendor/")
}

type importer struct {
	prog       *program
	from       *pkg
	restricted bool
}

// Import implements [types.Importer].
func (i importer) Import(path string) (*types.Package, error) {
	if mapped, ok := i.from.ImportMap[path]; ok {
		path = mapped
	}
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	p := i.prog.paths[path]
	if p == nil || p.types == nil {
		return nil, fmt.Errorf("package %s is not there", path)
	}
	if names, ok := i.prog.known[unvendored(p.path())]; i.restricted && !ok {
		return nil, fmt.Errorf("package %s is not known", path)
	} else if i.restricted && names != nil {
		return i.prog.known.part(p.types), nil
	}
	return p.types, nil
}

// part is the package with only those of its names that are known.
func (known index) part(whole *types.Package) *types.Package {
	part := types.NewPackage(whole.Path(), whole.Name())
	for name := range known[unvendored(whole.Path())] {
		if object := whole.Scope().Lookup(name); object != nil {
			part.Scope().Insert(object)
		}
	}
	part.MarkComplete()
	return part
}
