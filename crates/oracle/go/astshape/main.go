// Command astshape prints the shape of Go files as go/parser sees it, for comparison with our own parser.
//
// It reads file names from standard input, a line each, and answers each with a line "ok N" or "reject N" and N bytes:
// the shape, or why go/parser does not take the file. The shapes are defined by shape.go here and
// crates/dev/src/corpus/shape.rs there.
package main

import (
	"bufio"
	"fmt"
	"go/parser"
	"go/token"
	"os"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		verdict, body := answer(in.Text())
		fmt.Fprintf(out, "%s %d\n%s", verdict, len(body), body)
		if err := out.Flush(); err != nil {
			os.Exit(1)
		}
	}
}

func answer(file string) (verdict, body string) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return "reject", err.Error()
	}
	var p printer
	p.file(parsed)
	return "ok", p.String()
}
