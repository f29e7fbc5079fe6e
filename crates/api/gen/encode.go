package main

import (
	"encoding/binary"
	"go/constant"
	"go/types"
	"hash/fnv"
	"math/big"
	"sort"
	"strings"
)

// Streams; see src/format.rs.
const (
	head = iota
	textStream
	prefix
	docs
	values
	objects
	flags
	names
	params
	typeStream
	ints
	sinceStream
	notes
	factStream
	defaultStream
	streamCount
)

var streamNames = [streamCount]string{"head", "text", "prefix", "docs", "values", "objects", "flags", "names", "params",
	"types", "ints", "since", "notes", "facts", "defaults"}

// Kinds of objects.
const (
	kindVar = iota
	kindFunc
	kindType
	kindAlias
	kindBuiltin
	kindFalse
	kindTrue
	kindInt
	kindBig
	kindRat
	kindStr
	kindComplex
	kindOpaque
	kindGeneric = 16
)

// longestString is the length of the longest string constant that is kept.
const longestString = 4096

// encoder writes the streams. It runs twice: the first run counts how often each name is used.
type encoder struct {
	*index
	streams   [streamCount][]byte
	counts    map[string]int
	shared    map[string]int
	pkg       *pkg
	foreignAt map[string]int
	lastInt   int64
	decl      int
	lastNote  int
	lastFact  int
}

func (x *index) encode() (file []byte, streams [streamCount][]byte) {
	table := x.table()
	first := &encoder{index: x, counts: map[string]int{}}
	first.foreignPaths(table)
	first.module(table, nil)
	var shared []string
	for name, count := range first.counts {
		if count > 1 {
			shared = append(shared, name)
		}
	}
	sort.Slice(shared, func(a, b int) bool {
		if first.counts[shared[a]] != first.counts[shared[b]] {
			return first.counts[shared[a]] > first.counts[shared[b]]
		}
		return shared[a] < shared[b]
	})
	second := &encoder{index: x, counts: map[string]int{}, shared: map[string]int{}, foreignAt: first.foreignAt}
	for number, name := range shared {
		second.shared[name] = number
	}
	second.module(table, shared)
	return second.file(), second.streams
}

// table chooses the types that are worth a number and orders them by use, operands first.
func (x *index) table() []*typ {
	var chosen []*typ
	for _, t := range x.types.list {
		if t.basic < 0 && t.uses > 1 && t.worth() {
			chosen = append(chosen, t)
		}
	}
	sort.SliceStable(chosen, func(a, b int) bool { return chosen[a].uses > chosen[b].uses })
	var table []*typ
	var put func(t *typ)
	wanted := map[*typ]bool{}
	for _, t := range chosen {
		wanted[t] = true
	}
	put = func(t *typ) {
		if t.place >= 0 {
			return
		}
		for _, kid := range t.kids {
			put(kid)
		}
		if wanted[t] {
			t.place = len(table)
			table = append(table, t)
		}
	}
	for _, t := range chosen {
		put(t)
	}
	return table
}

// worth weighs, in bits after packing, a number in each place of use against the type itself in each.
func (t *typ) worth() bool {
	reference := 12.0
	if t.uses > 60 {
		reference = 7
	}
	return float64(t.uses)*(t.bits()-reference) > t.bits()+2
}

func (t *typ) bits() float64 {
	if t.basic >= 0 {
		return 5
	}
	bits := 4.0 + 8*float64(len(t.fields))
	if t.named != nil {
		bits = 11
	}
	for _, kid := range t.kids {
		if kid.uses > 60 {
			bits += 6
		} else {
			bits += min(kid.bits(), 12)
		}
	}
	return bits
}

func (e *encoder) num(stream int, value uint64) {
	out := &e.streams[stream]
	const one, two = 192, 192 + 63*256
	switch {
	case value < one:
		*out = append(*out, byte(value))
	case value < two:
		*out = append(*out, byte(one+(value-one)>>8), byte(value-one))
	default:
		*out = binary.AppendUvarint(append(*out, 255), value)
	}
}

func (e *encoder) signed(stream int, value int64) {
	e.num(stream, uint64(value<<1)^uint64(value>>63))
}

func (e *encoder) line(stream int, text string) {
	e.streams[stream] = append(append(e.streams[stream], strings.ReplaceAll(text, "\n", " ")...), '\n')
}

func (e *encoder) name(stream int, name string) {
	e.counts[name]++
	if name == "" || name == "_" {
		e.num(stream, 1)
	} else if number, ok := e.shared[name]; ok {
		e.num(stream, uint64(number)+2)
	} else {
		e.num(stream, 0)
		e.line(textStream, name)
	}
}

func (e *encoder) foreignPaths(table []*typ) {
	e.foreignAt = map[string]int{}
	note := func(p *types.Package) {
		if p != nil && e.byTypes[p] == nil {
			e.foreignAt[p.Path()] = 0
		}
	}
	for _, t := range e.types.list {
		if t.named != nil {
			note(t.named.Pkg())
		}
		for _, field := range t.fields {
			note(field.pkg)
		}
	}
	for path := range e.foreignAt {
		e.foreign = append(e.foreign, path)
	}
	sort.Strings(e.foreign)
	for number, path := range e.foreign {
		e.foreignAt[path] = number
	}
}

func (e *encoder) module(table []*typ, shared []string) {
	e.num(head, uint64(len(shared)))
	for _, name := range shared {
		e.line(textStream, name)
	}
	e.line(textStream, e.index.module.path)
	e.line(textStream, e.version)
	e.heads()
	e.num(head, uint64(len(table)))
	for number, t := range table {
		t.place = -1
		e.ty(t)
		t.place = number
	}
	for _, p := range e.packages {
		e.pkg = p
		for _, obj := range p.objects {
			e.object(obj)
		}
	}
	e.pkg = nil
	for _, text := range e.defaults {
		e.line(defaultStream, text)
	}
}

func (e *encoder) heads() {
	e.num(head, uint64(len(e.packages)))
	e.num(head, uint64(len(e.foreign)))
	for _, p := range e.packages {
		e.num(head, uint64(len(p.objects)))
		e.num(head, bit(p.complete, 1)|bit(p.deprecated != "", 2))
		if p.deprecated != "" {
			e.line(docs, p.deprecated)
		}
		e.line(textStream, p.path)
		e.line(textStream, p.types.Name())
	}
	for _, path := range e.foreign {
		e.line(textStream, path)
	}
	last := ""
	for _, p := range e.packages {
		for _, obj := range p.objects {
			name := obj.types.Name()
			same := 0
			for same < len(name) && same < len(last) && name[same] == last[same] {
				same++
			}
			e.num(prefix, uint64(same))
			e.line(textStream, name[same:])
			last = name
		}
	}
}

func bit(set bool, bit uint64) uint64 {
	if set {
		return bit
	}
	return 0
}

func (e *encoder) ty(t *typ) {
	switch {
	case t.basic >= 0:
		e.num(typeStream, codeType+uint64(t.basic))
		return
	case t.place >= 0:
		e.num(typeStream, codeType+universal+uint64(t.place))
		return
	}
	switch t.code {
	case codeSignature:
		if !t.variadic && t.counts[0] < 5 && t.counts[1] < 4 {
			e.num(typeStream, codeShort+uint64(4*t.counts[0]+t.counts[1]))
		} else {
			e.num(typeStream, codeSignature)
			e.num(typeStream, uint64(t.counts[0]))
			e.num(typeStream, uint64(t.counts[1]))
			e.num(typeStream, bit(t.variadic, 1))
		}
	case codeNamed, codeInstance:
		e.named(t)
	default:
		e.num(typeStream, uint64(t.code))
	}
	switch t.code {
	case codeArray:
		e.signed(typeStream, t.counts[0])
	case codeParam:
		e.num(typeStream, uint64(t.counts[0]))
	case codeStruct:
		e.hidden(t.hidden)
	case codeUnion:
		e.num(flags, uint64(len(t.kids)))
		for number, kid := range t.kids {
			e.num(flags, bit(t.tilde[number], 1))
			e.ty(kid)
		}
		return
	}
	e.kids(t)
}

func (e *encoder) kids(t *typ) {
	if t.code == codeStruct || t.code == codeInterface {
		e.num(flags, uint64(len(t.fields)))
	}
	for number, kid := range t.kids {
		if number < len(t.fields) {
			field := t.fields[number]
			e.num(flags, bit(field.pkg != nil, 1)|bit(field.embedded, 2))
			e.name(names, field.name)
			if field.pkg != nil {
				e.num(flags, e.packageNumber(field.pkg))
			}
		} else if number == len(t.fields) && t.code == codeInterface {
			e.num(flags, uint64(len(t.kids)-number))
		}
		e.ty(kid)
	}
	if t.code == codeInterface && len(t.kids) == len(t.fields) {
		e.num(flags, 0)
	}
}

func (e *encoder) hidden(h *hidden) {
	if h == nil {
		e.num(flags, 0)
		return
	}
	e.num(flags, 1|bit(h.comparable, 2)|bit(h.noCopy, 4))
	e.num(flags, uint64(h.size))
}

func (e *encoder) packageNumber(p *types.Package) uint64 {
	if own := e.byTypes[p]; own != nil {
		return uint64(own.number)
	}
	return uint64(len(e.packages) + e.foreignAt[p.Path()])
}

func (e *encoder) named(t *typ) {
	own := e.byTypes[t.named.Pkg()]
	if own != nil && own == e.pkg && t.code == codeNamed {
		e.num(typeStream, codeLocal)
		e.num(typeStream, uint64(own.byObject[t.named].number))
		return
	}
	e.num(typeStream, uint64(t.code))
	e.num(typeStream, e.packageNumber(t.named.Pkg()))
	if own != nil {
		e.num(typeStream, uint64(own.byObject[t.named].number))
	} else {
		e.name(names, t.named.Name())
	}
	if t.code == codeInstance {
		e.num(typeStream, uint64(len(t.kids)))
	}
}

func (e *encoder) object(o *object) {
	generic := bit(len(o.params) > 0, kindGeneric)
	e.side(o)
	kind := func(kind uint64) { e.streams[objects] = append(e.streams[objects], byte(kind)) }
	switch obj := o.types.(type) {
	case *types.Const:
		value := canonical(obj.Val())
		kind(uint64(constantKind(value)))
		e.ty(o.ty)
		e.value(value)
	case *types.Var:
		kind(kindVar)
		e.ty(o.ty)
	case *types.Func:
		kind(kindFunc | generic)
		e.typeParams(o.params)
		e.function(o)
	case *types.TypeName:
		if obj.IsAlias() {
			kind(kindAlias | generic)
		} else {
			kind(kindType | generic)
		}
		e.typeParams(o.params)
		e.ty(o.ty)
		if o.ty.code == codeInterface && o.ty.basic < 0 && !obj.IsAlias() {
			e.explicit(o.methods)
		} else if !obj.IsAlias() {
			e.methods(o.methods)
		}
	default:
		kind(kindBuiltin)
	}
}

func (e *encoder) typeParams(list []typeParam) {
	if len(list) > 0 {
		e.num(flags, uint64(len(list)))
	}
	for _, param := range list {
		e.name(names, param.name)
		e.ty(param.constraint)
	}
}

func (e *encoder) methods(methods []*object) {
	e.num(flags, uint64(len(methods)))
	for _, method := range methods {
		e.side(method)
		e.num(flags, bit(method.pointer, 1))
		e.name(names, method.types.Name())
		e.function(method)
	}
}

// explicit methods of an interface are in its type.
func (e *encoder) explicit(methods []*object) {
	for _, method := range methods {
		e.side(method)
		for _, name := range method.names {
			e.name(params, name)
		}
	}
}

func (e *encoder) function(o *object) {
	e.ty(o.ty)
	for _, name := range o.names {
		e.name(params, name)
	}
}

func (e *encoder) side(o *object) {
	if e.since != nil {
		e.streams[sinceStream] = append(e.streams[sinceStream], byte(o.since))
	}
	if o.deprecated != "" {
		e.num(notes, uint64(e.decl-e.lastNote))
		e.lastNote = e.decl
		e.line(docs, o.deprecated)
	}
	if o.facts != 0 {
		e.num(factStream, uint64(e.decl-e.lastFact))
		e.lastFact = e.decl
		e.num(factStream, uint64(o.facts))
	}
	e.decl++
}

func constantKind(value constant.Value) int {
	switch value.Kind() {
	case constant.Bool:
		if constant.BoolVal(value) {
			return kindTrue
		}
		return kindFalse
	case constant.String:
		if len(constant.StringVal(value)) <= longestString {
			return kindStr
		}
	case constant.Int:
		if _, exact := constant.Int64Val(value); exact {
			return kindInt
		}
		return kindBig
	case constant.Float:
		return kindRat
	case constant.Complex:
		return kindComplex
	}
	return kindOpaque
}

func (e *encoder) value(value constant.Value) {
	switch constantKind(value) {
	case kindInt:
		number, _ := constant.Int64Val(value)
		e.signed(ints, number-e.lastInt)
		e.lastInt = number
	case kindBig:
		e.line(values, value.ExactString())
	case kindRat:
		e.line(values, ratio(value))
	case kindComplex:
		e.line(values, ratio(constant.Real(value)))
		e.line(values, ratio(constant.Imag(value)))
	case kindStr:
		text := constant.StringVal(value)
		e.num(values, uint64(len(text)))
		e.streams[values] = append(e.streams[values], text...)
	}
}

// ratio is a float as numerator and denominator; the latter is left away if it is 1.
func ratio(value constant.Value) string {
	value = constant.ToFloat(value)
	switch exact := constant.Val(value).(type) {
	case int64, *big.Int:
		return value.ExactString()
	case *big.Rat:
		return strings.TrimSuffix(exact.RatString(), "/1")
	case *big.Float:
		rat, _ := exact.Rat(nil)
		return rat.RatString()
	}
	return "0"
}

func (e *encoder) file() []byte {
	var body []byte
	lengths := &encoder{}
	for _, stream := range e.streams {
		lengths.num(head, uint64(len(stream)))
	}
	body = append(body, lengths.streams[head]...)
	for _, stream := range e.streams {
		body = append(body, stream...)
	}
	sum := fnv.New32a()
	sum.Write(body)
	file := append([]byte("gopx"), 3)
	file = binary.LittleEndian.AppendUint32(file, sum.Sum32())
	return append(file, body...)
}
