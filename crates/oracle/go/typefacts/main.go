// Command typefacts writes down what go/types knows of packages: the type, constant value and object of each expression,
// for comparison with our own checker.
//
//	typefacts [-tests] [-whole] -dir FOLDER -out FOLDER -index FILE PATTERN…
//
// It asks `go list` in -dir for the packages that match (linux/amd64, without cgo), checks them from source, and writes one
// file a package below -out, unless it is there. For each it prints a line: "ok", the import path, its file; or "skip", the
// import path, and why go/types does not take it. The files' format is stream.go's; crates/dev/src/oracle/facts.rs reads it.
//
// -index names a file that says what our side knows of other packages: a line for each, its import path, and where not all
// of its names are known, a tab and those that are, with commas. Each package is checked a second time with only that much
// known, which shows for each expression whether our side can know it. With -whole, what matches the patterns is known, too.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

func main() {
	dir := flag.String("dir", ".", "where go list runs")
	out := flag.String("out", "", "where files are written")
	index := flag.String("index", "", "file of the import paths that are known")
	tests := flag.Bool("tests", false, "with test files")
	whole := flag.Bool("whole", false, "the packages know each other")
	flag.Parse()
	if err := run(*dir, *out, *index, *tests, *whole, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "typefacts:", err)
		os.Exit(1)
	}
}

func run(dir, out, index string, tests, whole bool, patterns []string) error {
	known, err := readIndex(index)
	if err != nil {
		return err
	}
	packages, err := list(dir, tests, patterns)
	if err != nil {
		return err
	}
	for _, p := range packages {
		if whole && p.target {
			known[unvendored(p.path())] = nil
		}
	}
	program := newProgram(packages, known)
	for _, p := range packages {
		p.out = filepath.Join(out, strings.NewReplacer("/", "!", " ", "!").Replace(p.ImportPath)+".facts")
		if _, err := os.Stat(p.out); p.target && errors.Is(err, os.ErrNotExist) {
			program.need(p)
		}
	}
	return program.run(packages)
}

// run checks what is needed, dependencies first, and reports in the order of packages.
func (prog *program) run(packages []*pkg) error {
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for _, p := range packages {
		if !p.needed {
			close(p.done)
			continue
		}
		group.Go(func() {
			defer close(p.done)
			for _, dep := range p.deps {
				<-dep.done
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			prog.check(p)
		})
	}
	group.Wait()
	w := bufio.NewWriter(os.Stdout)
	for _, p := range packages {
		if !p.target {
			continue
		}
		if p.err != nil {
			fmt.Fprintf(w, "skip\t%s\t%s\n", p.ImportPath, strings.ReplaceAll(p.err.Error(), "\n", " "))
		} else {
			fmt.Fprintf(w, "ok\t%s\t%s\n", p.ImportPath, p.out)
		}
	}
	return w.Flush()
}

// An index says of each package that our side knows which of its names are known; nil stands for all.
type index map[string]map[string]bool

func readIndex(file string) (index, error) {
	known := index{}
	if file == "" {
		return known, nil
	}
	text, err := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		path, list, cut := strings.Cut(strings.TrimSpace(line), "\t")
		known[path] = nil
		if cut {
			known[path] = map[string]bool{}
			for name := range strings.SplitSeq(list, ",") {
				known[path][name] = true
			}
		}
	}
	return known, err
}

// has says whether our side knows this name of the package, which may be a vendored one.
func (known index) has(path, name string) bool {
	names, ok := known[unvendored(path)]
	return path == "unsafe" || ok && (names == nil || names[name])
}

// hasAll says whether our side knows the package and all its names.
func (known index) hasAll(path string) bool {
	names, ok := known[unvendored(path)]
	return path == "unsafe" || ok && names == nil
}
