// Package zoo holds types of all kinds: what holds between any two of them is asked of go/types and of us.
package zoo

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// Predeclared types and their like.
type (
	Bool       = bool
	Int        = int
	Int32      = int32
	Uint8      = uint8
	Uintptr    = uintptr
	Float      = float64
	Complex64  = complex64
	Complex    = complex128
	String     = string
	Pointer    = unsafe.Pointer
	Error      = error
	Any        = any
	MyInt      int
	YourInt    MyInt
	MyByte     uint8
	MyRune     int32
	MyString   string
	MyFloat    float32
	MyComplex  complex128
	MyBool     bool
	MyPointer  unsafe.Pointer
	MyUintptr  uintptr
	MyErr      error
	YourString MyString
)

// Composite types, some twice.
type (
	IntPtr       = *int
	MyIntPtr     = *MyInt
	DefinedPtr   *MyInt
	PtrPtr       = **int
	Ints         = []int
	MyInts       []int
	YourInts     []int
	OfMyInt      = []MyInt
	Bytes        = []uint8
	MyBytes      []uint8
	OfMyByte     = []MyByte
	Runes        = []int32
	OfMyRune     = []MyRune
	Strings      = []string
	Array        = [3]int
	MyArray      [3]int
	Longer       = [4]int
	Empty        = [0]func()
	ArrayPtr     = *[3]int
	MyArrayPtr   *[3]int
	PtrMyArray   = *MyArray
	OfMyIntArray = [3]MyInt
	Map          = map[string]int
	MyMap        map[string]int
	MapOfMap     = map[MyString]map[int][]string
	Chan         = chan int
	MyChan       chan int
	Send         = chan<- int
	Recv         = <-chan int
	MyRecv       <-chan int
	ChanOfRecv   = chan (<-chan int)
	SendOfRecv   = chan<- <-chan int
	RecvOfChan   = <-chan chan int
	Func         = func()
	MyFunc       func()
	Variadic     = func(string, ...int) error
	NotVariadic  = func(string, []int) error
	Two          = func(int) (int, error)
	Callback     = func(func(int) bool)
	Handler      func(MyString, interface{ Read() })
)

// Structs.
type (
	Unit   = struct{}
	Point  struct{ X, Y int }
	Place  struct{ X, Y int }
	Pair   = struct{ X, Y int }
	Tagged = struct {
		X int `json:"x"`
		Y int `json:"y"`
	}
	MyTagged struct {
		X int `json:"x"`
		Y int
	}
	TaggedPtr = *Tagged
	PointPtr  = *Point
	Padded    struct {
		A bool
		B int64
		C bool
		D complex64
		E int16
	}
	Tail struct {
		A int32
		B struct{}
	}
	Mixed struct {
		S string
		I any
		E [3]int16
		F func()
		Z [2]struct {
			A uint8
			B uint16
		}
	}
	WithFunc struct{ F func() }
	WithAny  struct{ A any }
	Nested   struct {
		P Point
		L [2]WithAny
	}
	Unexported struct{ x, _ int }
	Blank      = struct{ _ int }
	List       struct {
		Next  *List
		Value any
	}
	Locked struct {
		mu sync.Mutex
		n  int
	}
	Builder = strings.Builder
	Time    = time.Time
)

// Interfaces, written in several ways.
type (
	Reader     interface{ Read() }
	SameReader = interface{ Read() }
	ReadCloser = interface {
		Reader
		io.Closer
	}
	CloseReader = interface {
		Close() error
		Read()
	}
	MyReadCloser ReadCloser
	Private      interface{ private() }
	Stringer     = fmt.Stringer
	StringerLike interface{ String() string }
	Empties      = interface{ any }
	WithSame     = interface {
		Reader
		SameReader
	}
	Recursive   interface{ Self() Recursive }
	Circle      interface{ Next() interface{ Circle } }
	Ring        interface{ Next() interface{ Ring } }
	InCircle    = interface{ Circle }
	InRing      = interface{ Ring }
	ErrorLike   = interface{ Error() string }
	ReaderSlice = []interface{ Read() }
	OtherSlice  = []interface{ SameReader }
	TakesReader = func(interface{ Read() }) Reader
	TakesSame   = func(interface{ SameReader }) Reader
	PtrReader   = *Reader
)

// Methods, promoted and not.
type (
	Value   struct{ Field int }
	Embeds  struct{ Value }
	ByPtr   struct{ *Value }
	Deep    struct{ Embeds }
	Shadows struct {
		Value
		Read int
	}
	Both struct {
		Value
		Other
	}
	Other   struct{ Field string }
	Diamond struct {
		Embeds
		ByPtr
	}
	Iface  struct{ Reader }
	Ifaces struct {
		Reader
		io.Closer
	}
	Self struct {
		*Self
		Field int
	}
	Loop struct{ *Pool }
	Pool struct {
		*Loop
		Deepest bool
	}
	ValuePtr *Value
	Renamed  Value
	Hidden   struct{ strings.Builder }
	Timed    struct{ time.Time }
	MutexPtr struct{ *sync.Mutex }
	Chain    interface{ Links }
	Links    interface {
		Read()
		Close() error
	}
	Number int
	Sized  [2]Value
)

func (Value) Read()              {}
func (*Value) Close() error      { return nil }
func (*Value) private()          {}
func (Other) Close() error       { return nil }
func (Number) String() string    { return "" }
func (*Number) Set(string) error { return nil }
func (Recursed) Self() Recursive { return nil }
func (MyFunc) Read()             {}
func (MyMap) Read() int          { return 0 }
func (Deep) Close()              {}

// Recursed implements what refers to itself.
type Recursed struct{}

// Generic types.
type (
	Box[T any]                struct{ Value T }
	Tree[K comparable, V any] struct {
		Left, Right *Tree[K, V]
		Key         K
		Box[V]
	}
	Vector[T any]     []T
	Getter[T any]     interface{ Get() T }
	Ordered           interface{ ~int | ~string | float64 }
	Set[T comparable] map[T]struct{}
	Fn[A, B any]      func(A) B
	Wrap[T any]       struct{ *Box[T] }
	BoxInt            = Box[int]
	BoxString         = Box[string]
	BoxBox            = Box[Box[int]]
	BoxFunc           = Box[func()]
	BoxReader         = Box[interface{ Read() }]
	BoxSame           = Box[interface{ SameReader }]
	TreeInt           = Tree[string, []int]
	VectorInt         = Vector[int]
	VectorMine        Vector[int]
	GetInt            = Getter[int]
	GetString         = Getter[string]
	SetString         = Set[string]
	FnIntBool         = Fn[int, bool]
	WrapPoint         = Wrap[Point]
)

func (b Box[T]) Get() T           { return b.Value }
func (b *Box[T]) Put(T)           {}
func (v Vector[E]) Each(func(E))  {}
func (t *Tree[K, _]) Find(K) bool { return false }

// Constraints.
type (
	Integers interface{ ~int | ~int32 | ~uint8 }
	IntOnly  interface{ int }
	Narrow   interface {
		Integers
		~int | ~string
	}
	Nothing interface {
		int
		string
	}
	Equal     interface{ comparable }
	EqualInts interface {
		comparable
		Integers
	}
	Slices interface {
		[]int | func()
		comparable
	}
	StringOrBytes interface{ ~string | ~[]uint8 }
	WithMethod    interface {
		~int
		String() string
	}
	Unions   interface{ Integers | ~string }
	Channels interface{ chan int | <-chan int }
	OneSlice interface{ ~[]int }
)

// Type parameters.
func F[
	P any,
	C comparable,
	I Integers,
	IO IntOnly,
	B StringOrBytes,
	S ~[]E,
	E any,
	M WithMethod,
	R Reader,
	G Getter[P],
	Ch Channels,
	PP interface{ *P },
	EI EqualInts,
	PR interface {
		*E
		Reader
	},
]() {
}
