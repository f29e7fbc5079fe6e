// Types and declarations that are rare, and valid.
package odd

import "C"
import ()
import . "fmt"
import _ "embed"
import m "math"; import `os`

const ()
const (a, b = iota, iota + 1; _, _; c, d)
const (e = 1)
const f, g float64 = 1, 2
const (
	big = 1 << iota // one
	bigger
	_

	biggest
)

var ()
var (x1 int; y1 = 2)
var (z1 = map[string]int{"a": 1})
var p, q = func() (int, int) { return 1, 2 }()

type ()
type (A = int; B string; C1 struct{})
type Set[T comparable] = map[T]struct{}
type Pair[K comparable, V any] struct { Key K; Value V }
type Vec[T ~int | ~float64] []T
type Ptr[T any, P interface { *T; Set(string) }] struct{ p P }
type Arr [4]int
type Arr2 [len("abc")]int
type Arr3 [a * 2]int
type Arr4 [a]*int
type N[P *int,] struct{}
type M[P *T1, Q any] struct{}
type O[P interface{ *int }] struct{}
type R[T interface{ ~[]E }, E any] func(T) E
type T1 struct {
	a, b int `json:"a"`
	C1
	*Arr
	Pair[int, string] "tag"
	*Set2[int]
	m.Thing
	*m.Other `x:"y"`
	_ int
	f func(int, ...string) (n int, err error)
	ch <-chan chan<- int
	in interface{ error; fmt1() ; ~int | ~string }
	anon struct{ x, y int; struct1 }
	nested [2][3]map[string][]*T1
	par (int)
	parp (*(int))
}
type Chans struct {
	a chan int
	b chan<- int
	c <-chan int
	d chan<- chan int
	e chan (<-chan int)
	f <-chan <-chan int
	g chan <-chan int
	h chan<- func()
	i chan<- (chan<- int)
	j (<-chan (chan int))
	k chan <-chan <-chan int
}
type Funcs struct {
	a func()
	b func(int)
	c func(a, b int, c ...string)
	d func() int
	e func() (int, error)
	f func(func(int) int) func() func()
	g func(x, y int,) (r int,)
	h func(a []int, m map[string]func(), c chan int)
}
type Iface interface {
	M()
	N(a int) (b int)
	O(int, string) error
	fmt2.Stringer
	comparable
	~int | ~[]byte | m.X[int] | *T1 | (int)
	interface{ P() }
	Pair[int, string]
}
type Empty interface{}
type E2 interface { A() ; B() }

func noBody()
func noBody2(int, string) (a, b int)
func generic[T any, U interface{ ~int }](t T, u ...U) (r T) { return }
func generic2[K comparable, V int | float64,](map[K]V) V { var v V; return v }
func (t T1) val() {}
func (t *T1) ptr(a, b int, c string) (d, e int, err error) { return }
func (*T1) unnamed() {}
func (T1) unnamed2(_ int, _ string) {}
func (p *Pair[K, V]) gen(k K) V { return p.Value }
func (p Pair[_, V]) gen2() (v V) { return }
func (v Vec[T]) each(yield func(int, T) bool) {}
func one(a int, b, c string, d ...interface{}) {}
func many(a, b, c, d, e, f, g, h, i, j, k, l int, aa, bb, cc, dd, ee, ff string, x ...m.Thing) {}
func res() (a, b, c, d, e, f, g, h, i, j, k, l int) { return }
func types(int, m.Thing, *T1, []int, map[int]string, chan int, func(), struct{}, interface{}, ...int)
func 日本(é int) (ñ string) { return }
