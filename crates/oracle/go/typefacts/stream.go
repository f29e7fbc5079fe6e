package main

import (
	"encoding/binary"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
)

// A stream is the facts of one package. Numbers are varints, a string is its length and its bytes:
//
//	import path
//	count of files, and their names
//	count of strings, and the strings; string 0 is empty and stands for what is not there
//	for each file: count of records, and the records
//
// A record is: where the expression starts, counted from the start of the record before (zigzag), its length, a byte for
// its kind (kindOf), one for how it can be used (modeOf), one of flags, and the strings of its type, value, object, and of
// the type that it has where only the index is known of other packages.
type stream struct {
	strings []string
	ids     map[string]uint64
	types   map[types.Type]typeString
	body    []byte
}

// A typeString is the normal form of a type, and whether it names something of a package that the index lacks.
type typeString struct {
	id   uint64
	lost bool
}

// Flags.
const (
	// The type is the same where only the index is known of other packages.
	typeKnown = 1 << iota
	// So is the object.
	objectKnown
	// So is the value.
	valueKnown
)

func write(p *pkg, fset *token.FileSet, files []*ast.File, pkg *types.Package, info, restricted *types.Info, known index) error {
	names := newNamer(fset, files, pkg, known)
	s := &stream{strings: []string{""}, ids: map[string]uint64{"": 0}, types: map[types.Type]typeString{}}
	unknown := unknownConstants(files, restricted)
	for i, file := range files {
		full, part := newReader(names, info, s, false), newReader(names, restricted, s, true)
		records := collect(fset.File(files[i].FileStart), file, full, part, unknown)
		s.body = binary.AppendUvarint(s.body, uint64(len(records)))
		last := 0
		for _, r := range records {
			s.body = binary.AppendVarint(s.body, int64(r.start-last))
			last = r.start
			s.body = binary.AppendUvarint(s.body, uint64(r.end-r.start))
			s.body = append(s.body, r.kind, r.mode, r.flags)
			s.body = binary.AppendUvarint(s.body, r.typ)
			s.body = binary.AppendUvarint(s.body, r.value)
			s.body = binary.AppendUvarint(s.body, r.object)
			s.body = binary.AppendUvarint(s.body, r.reduced)
		}
	}
	head := appendString(nil, unvendored(p.path()))
	head = binary.AppendUvarint(head, uint64(len(files)))
	for _, file := range files {
		head = appendString(head, fset.File(file.FileStart).Name())
	}
	head = binary.AppendUvarint(head, uint64(len(s.strings)))
	for _, text := range s.strings {
		head = appendString(head, text)
	}
	// Nobody reads half a file, and two may write the same one.
	file, err := os.CreateTemp(filepath.Dir(p.out), "new-*")
	if err != nil {
		return err
	}
	_, err = file.Write(append(head, s.body...))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), p.out)
}

func appendString(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func (s *stream) id(text string) uint64 {
	id, ok := s.ids[text]
	if !ok {
		id = uint64(len(s.strings))
		s.ids[text] = id
		s.strings = append(s.strings, text)
	}
	return id
}

type record struct {
	start, end         int
	kind, mode, flags  byte
	typ, value, object uint64
	reduced            uint64
}

// collect gathers the records of a file, parents before children.
func collect(tok *token.File, file *ast.File, full, part *reader, unknown constants) []record {
	var records []record
	ast.Inspect(file, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		full.enter(e)
		part.enter(e)
		theirs, ok := full.read(e)
		if !ok {
			return true
		}
		theirs.start, theirs.end, theirs.kind = tok.Offset(e.Pos()), tok.Offset(e.End()), kindOf(e)
		reduced, _ := part.read(e)
		if reduced.typ == theirs.typ && reduced.mode == theirs.mode && !part.isOpen(e) {
			theirs.flags |= typeKnown
		}
		if reduced.value == theirs.value && (theirs.value == 0 || !unknown.in(e, part.info)) {
			theirs.flags |= valueKnown
		}
		theirs.reduced = reduced.typ
		if reduced.object == theirs.object {
			theirs.flags |= objectKnown
		}
		records = append(records, theirs)
		return true
	})
	return records
}

// kindOf is the number of our ExprKind.
func kindOf(e ast.Expr) byte {
	switch e.(type) {
	case *ast.Ident:
		return 1
	case *ast.BasicLit:
		return 2
	case *ast.CompositeLit:
		return 3
	case *ast.KeyValueExpr:
		return 4
	case *ast.FuncLit:
		return 5
	case *ast.ParenExpr:
		return 6
	case *ast.SelectorExpr:
		return 7
	case *ast.IndexExpr, *ast.IndexListExpr:
		return 8
	case *ast.SliceExpr:
		return 9
	case *ast.TypeAssertExpr:
		return 10
	case *ast.CallExpr:
		return 11
	case *ast.StarExpr:
		return 12
	case *ast.UnaryExpr:
		return 13
	case *ast.BinaryExpr:
		return 14
	case *ast.Ellipsis:
		return 15
	case *ast.ArrayType:
		return 16
	case *ast.StructType:
		return 17
	case *ast.FuncType:
		return 18
	case *ast.InterfaceType:
		return 19
	case *ast.MapType:
		return 20
	case *ast.ChanType:
		return 21
	}
	return 0
}
