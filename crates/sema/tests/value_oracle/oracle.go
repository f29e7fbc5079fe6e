// Oracle says what constants are, to Go. Values are written as go/constant does, strings as the hexadecimal of their bytes.
//
//	oracle expressions   for each line of standard input, an expression in hexadecimal: its type, a tab and its value, or
//	                     "invalid" if go/types says so
//	oracle literals DIR  for each literal in the Go files there: its token, text in hexadecimal and value, between tabs
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"go/constant"
	"go/scanner"
	"go/token"
	"go/types"
	"log"
	"os"
	"path/filepath"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	switch {
	case len(os.Args) == 2 && os.Args[1] == "expressions":
		expressions(out)
	case len(os.Args) == 3 && os.Args[1] == "literals":
		literals(out, os.Args[2])
	default:
		log.Fatal("usage: oracle expressions | oracle literals DIR")
	}
}

func expressions(out *bufio.Writer) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		source, err := hex.DecodeString(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		answer, err := types.Eval(token.NewFileSet(), nil, token.NoPos, string(source))
		if err != nil || answer.Value == nil {
			fmt.Fprintln(out, "invalid")
			continue
		}
		fmt.Fprintf(out, "%s\t%s\n", answer.Type, text(answer.Value))
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func literals(out *bufio.Writer, dir string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			log.Fatal(err)
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(name, -1, len(source)), source, nil, 0)
		for {
			_, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			if token.INT <= tok && tok <= token.STRING {
				value := constant.MakeFromLiteral(lit, tok, 0)
				fmt.Fprintf(out, "%s\t%x\t%s\n", tok, lit, text(value))
			}
		}
	}
}

func text(value constant.Value) string {
	if value.Kind() == constant.String {
		return fmt.Sprintf("%x", constant.StringVal(value))
	}
	return value.ExactString()
}
