// Statements and expressions that are rare, and valid.
package odd

func statements() {
	;
	{ }
	{ ; }
	{ ;; x() ;; }
	if x := f(); x > 0 { } else if y := g(); y { } else { }
	if x == (T{1}) { }
	if (T{1}) == x { }
	if f(T{1}) { }
	if a[i](b) { }
	if x { }; { y() }
	if v, ok := <-ch; ok { }
	if !<-ch { }
	if f := func() bool { return true }; f() { }
	for { break }
	for x { }
	for i := 0; i < 10; i++ { }
	for ; i < 10; { }
	for ; ; i++ { }
	for ;; { }
	for range ch { }
	for i := range 10 { }
	for i = range s { }
	for k, v := range m { }
	for k, v = range m { }
	for a.b, c[0] = range m { }
	for range f { }
	for _, x := range []T{{1}, {2}} { }
	for x := range (seq(func(yield func(int) bool) { yield(1) })) { }
	for i := range x.y(1) { }
	switch { }
	switch x { case 1, 2: a(); fallthrough; case 3: default: b() }
	switch x := f(); x { case 1: }
	switch x := f(); { default: }
	switch f(); x { }
	switch (T{}) { }
	switch func() int { return 1 }() { }
	switch x.(type) { case int, *T, []byte, nil: case map[string]int: case func(int) string, chan<- int: default: }
	switch x := y.(type) { case a.B: case T[int]: }
	switch a := b(); x := a.c().(type) { case interface{ M() }: }
	switch a := b(); a.(type) { }
	switch x := (<-ch).(type) { case (int): case error: }
	select { }
	select {
	case x := <-ch: f(x)
	case x, ok := <-ch:
	case x, ok = <-a.b[c]:
	case *p = <-ch:
	case <-ch:
	case ch <- x + 1:
	case f() <- g():
	case (<-ch): 
	default:
		h()
	}
outer:
	for { continue outer; break outer }
	goto end
inner: { break inner }
a: b: for { break a }
c: x = 1
d: switch { case true: e: }
	go f()
	go func(x int) { }(1)
	defer func() { recover() }()
	defer a.b.c(1)
	x++; y--; a.b[c]++; *p++; (*p)--
	x += 1; x -= 1; x *= 1; x /= 1; x %= 1; x &= 1; x |= 1; x ^= 1; x <<= 1; x >>= 1; x &^= 1
	a, b = b, a
	a, b := f()
	_, *p, x.y, z[0] = 1, 2, 3, 4
	ch <- <-ch2
	ch <- func() int { return 1 }()
	var v int
	var (w = 1; z int)
	const k, l = 1, 2
	const (m = iota; n)
	type t struct{ a int }
	type ( u = t; w2[T any] []T )
	var _ = T{}
	return
end:
}

func expressions() (int, error) {
	_ = a + b*c - d/e%f<<g>>h&i&^j | k ^ l
	_ = a == b && c != d || e < f && g <= h || i > j && k >= l
	_ = -a + +b - ^c * !d
	_ = - -a
	_ = &a.b
	_ = *a.b
	_ = *a[b](c)
	_ = *a(b)[c]
	_ = *(*T)(x).y
	_ = *(*[4]int)(unsafe.Pointer(&x))[1:2]
	_ = &T{a: 1}.b
	_ = <-a.b()
	_ = <-<-ch
	_ = (<-chan int)(x)
	_ = chan int(x)
	_ = (chan<- int)(x)
	_ = (func())(x)
	_ = (func(int) string)(x)("y")
	_ = func() { }
	_ = func(a int) int { return a }(1)
	_ = []byte("x")
	_ = []byte("x")[1:]
	_ = [4]int{}[0]
	_ = [...]string{2: "a", "b"}
	_ = [...][2]int{{1, 2}, {3}}
	_ = map[string]int(x)
	_ = map[string][]int{"a": {1}, "b": nil}
	_ = map[T]U{{1}: {2}, T{3}: {}}
	_ = []*T{{1}, &T{2}, nil}
	_ = []struct{ a, b int }{{1, 2}, {a: 1}}
	_ = struct{}{}
	_ = struct{ a int }{1}.a
	_ = interface{}(nil)
	_ = interface{ M() }(x).M
	_ = a[b]
	_ = a[b](c)
	_ = a[b](c, d)
	_ = a[b, c](d)
	_ = a[b, c]
	_ = a[b]{c}
	_ = a.b[c]{d: e}
	_ = a.b[c](d)
	_ = a.b.c[d](e)
	_ = a.b.c[[]int](e)
	_ = a[[]int]
	_ = a[[]int](b)
	_ = a[map[string]int, func()](b)
	_ = a[*b](c)
	_ = a[*b]
	_ = a[b[c]](d)
	_ = a[b.c](d)
	_ = a[interface{ ~int }](d)
	_ = a[b](c)[d](e).f[g]
	_ = a[i+1](b)
	_ = a[<-ch](b)
	_ = a[func() int { return 1 }()]
	_ = a[1:2]; _ = a[:]; _ = a[1:]; _ = a[:2]; _ = a[:2:3]; _ = a[1:2:3]
	_ = a[b:c](d)
	_ = x.(T); _ = x.(*T).y; _ = x.([]int)[0]; _ = x.(func())(); _ = x.(interface{ M() }).M()
	_ = x.(T[int]); _ = x.(a.B[int]).c
	_ = T.method; _ = (*T).method; _ = (*a.T).method(x); _ = T[int].method; _ = (*T[int]).method
	_ = f(a...); _ = f(a, b...); _ = f(a,); _ = f(func() { }, 1,)
	_ = append([]byte(nil), "x"...)
	_ = make([]int, 1, 2); _ = make(map[string]int); _ = make(chan int, 1); _ = make(T); _ = make(a.T[int], 1)
	_ = make(chan<- int); _ = make([]func(), 1); _ = make(map[string]struct{ a int })
	_ = new(int); _ = new([]int); _ = new(struct{ a int }); _ = new(func(int) (string, error)); _ = new(a.B)
	_ = new(T[int]); _ = new(*T); _ = new(interface{}); _ = new([4]int); _ = new(map[string]int); _ = new((int))
	_ = new(1); _ = new("x"); _ = new(f(x)); _ = new(a + b); _ = new(T{1}); _ = new([]int{1}); _ = new(-1)
	_ = new(a.b.c); _ = new(a[1:2]); _ = new(x.(T)); _ = new(&x); _ = new(!x); _ = new(func() int { return 1 }())
	_ = new(time.Now()); _ = new(int64(5)); _ = new([]byte("x")); _ = new(map[string]int{}); _ = new(true)
	_ = new( /* c */ 1); _ = new (1); _ = new(a.b[c].d); _ = new('x'); _ = new(`x`); _ = new(*p + 1)
	_ = x.new(1); _ = x.make(1, 2); new(1); make(f(1))
	_ = 0b1010; _ = 0o17; _ = 017; _ = 0xFF; _ = 1_000_000; _ = 0x_FF; _ = 0b_1; _ = 0; _ = 00
	_ = 1.5; _ = .5; _ = 1.; _ = 1e3; _ = 1E-3; _ = 1.5e+3; _ = 0x1p-2; _ = 0x1.8p1; _ = 0X.8P1; _ = 1_0.5_0
	_ = 1i; _ = 1.5i; _ = 0x1i; _ = 0123i; _ = 1e3i; _ = 0b1i; _ = .5i
	_ = 'a'; _ = '\n'; _ = '\''; _ = '\x41'; _ = '\101'; _ = '\u1234'; _ = '\U0001F600'; _ = '日'; _ = '"'; _ = '`'
	_ = "a\"b\\"; _ = "\a\b\f\n\r\t\v\\\"\x41\101\u1234\U0001F600"; _ = `a\b"c`; _ = ""; _ = ``
	_ = `a
	b`
	_ = a.
		b().
		c(
			1,
		)
	_ = a +
		b
	_ = nil; _ = true; _ = false; _ = iota
	nil, true := 1, 2
	len := len(x)
	_ = (((a)))
	_ = a &^ b; _ = a & ^b; _ = a && !b; _ = a & &b; _ = a - -b; _ = a + +b
	_ = a < b; _ = f(a < b, c > (d))
	_ = T{}; _ = a.T{}; _ = &a.T{b: c, d: {e}}; _ = T{a, b,}; _ = T{a: b, c: d,}; _ = T{1 + 2: 3}
	_ = T{f(): g()}; _ = T{a.b: c}; _ = T{"k": func() { }}; _ = T{{}, {{}}}
	_ = T{
		a: 1, // one

		/* two */
		b: 2,
	}
	return f(), nil
}
