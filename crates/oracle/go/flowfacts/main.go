// Command flowfacts writes down what golang.org/x/tools knows of the control flow of packages, for comparison with ours: which
// statements go/cfg can reach and what dominates them, and which calls and functions the ctrlflow pass finds never to return.
//
//	flowfacts [-tests] -dir FOLDER -out FOLDER PATTERN…
//
// It loads from -dir the packages that match (linux/amd64, without cgo), runs ctrlflow over them and all that they import, and
// writes one file a package below -out. For each it prints a line: "ok", the import path, its file; or "skip", the import path,
// and why there is no answer. The files' format is functions.go's; crates/oracle/src/flow/theirs.rs reads it.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/packages"
)

func main() {
	dir := flag.String("dir", ".", "where go list runs")
	out := flag.String("out", "", "where files are written")
	tests := flag.Bool("tests", false, "with test files")
	flag.Parse()
	if err := run(*dir, *out, *tests, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "flowfacts:", err)
		os.Exit(1)
	}
}

func run(dir, out string, tests bool, patterns []string) error {
	loaded, err := packages.Load(&packages.Config{
		Mode:  packages.LoadAllSyntax | packages.NeedModule | packages.NeedForTest,
		Dir:   dir,
		Env:   append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64"),
		Tests: tests,
	}, patterns...)
	if err != nil {
		return err
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{ctrlflow.Analyzer}, targets(loaded), nil)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(os.Stdout)
	for _, action := range graph.Roots {
		p := action.Package
		file := filepath.Join(out, strings.NewReplacer("/", "!", " ", "!").Replace(p.ID)+".flow")
		if why := problem(p, action.Err); why != "" {
			fmt.Fprintf(w, "skip\t%s\t%s\n", p.ID, strings.ReplaceAll(why, "\n", " "))
			continue
		}
		if err := write(file, describe(p, action.Result.(*ctrlflow.CFGs))); err != nil {
			return err
		}
		fmt.Fprintf(w, "ok\t%s\t%s\n", p.ID, file)
	}
	return w.Flush()
}

// targets leaves out generated test commands, what has no files, and packages whose variant with test files is there.
func targets(loaded []*packages.Package) []*packages.Package {
	tested := map[string]bool{}
	for _, p := range loaded {
		if p.ForTest == p.PkgPath {
			tested[p.ForTest] = true
		}
	}
	var chosen []*packages.Package
	for _, p := range loaded {
		command := strings.HasSuffix(p.PkgPath, ".test") && p.Name == "main"
		if !command && len(p.CompiledGoFiles) > 0 && !(p.ForTest == "" && tested[p.PkgPath]) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func problem(p *packages.Package, err error) string {
	switch {
	case len(p.Errors) > 0:
		return p.Errors[0].Error()
	case err != nil:
		return err.Error()
	}
	return ""
}

// write makes a file that nobody reads half, and that two may write.
func write(name string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), "new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), name)
}
