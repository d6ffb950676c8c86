r"""Go cells of the hard kinds, as data: what each comes to, in the order of one session.

What a case declares has names of its own. Some go on from the one before, as their names say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """Cells that run one after the other, and the outcome of the last one.

    The others end well and say nothing on stderr.
    stdout, stderr: to the letter; stderr with "…" for anything between two parts.
    ename: of the error; "" where the cell is to succeed. evalue: what stands somewhere in it.
    shown: what stands somewhere in the error's traceback.
    """

    name: str
    cells: tuple[str, ...]
    stdout: str = ""
    stderr: str = ""
    ename: str = ""
    evalue: str = ""
    shown: str = ""


def case(name: str, cells: tuple[str, ...], *outcome: str) -> Case:
    """A cell's first line is the one behind the quotes."""
    return Case(name, tuple(code.removeprefix("\n") for code in cells), *outcome)


def ok(name: str, *cells: str, out: str = "", err: str = "") -> Case:
    return case(name, cells, out, err)


def wrong(name: str, *cells: str, evalue: str, shown: str = "") -> Case:
    """The last cell does not compile."""
    return case(name, cells, "", "", "CompileError", evalue, shown)


def ends(name: str, *cells: str, ename: str, evalue: str = "", out: str = "", shown: str = ""):
    return case(name, cells, out, "", ename, evalue, shown)


def lost(name: str, *cells: str, reason: str, out: str = "") -> Case:
    """The last cell has a variable that is not there for later ones."""
    return case(name, cells, out, f"mykernel: {reason}\n")


DECLARATIONS = [
    ok(
        "declarations between statements",
        """
d1 := twice(base)
const base = 20
func twice(n int) int { return n * factor }
d1++
var factor = 2
d1 += factor
fmt.Println(d1)
""",
        out="3\n",
    ),
    ok(
        "a declaration in front of statements is set before them",
        """
var e1 = e2 + 1
var e2 = 4
fmt.Println(e1, e2)
""",
        out="5 4\n",
    ),
    ok(
        "methods in later cells",
        "type counter struct{ n int }",
        "func (c *counter) Add(d int) *counter { c.n += d; return c }",
        "func (c counter) String() string { return fmt.Sprintf(`<%d>`, c.n) }",
        "fmt.Println(new(counter).Add(2).Add(3))",
        out="<5>\n",
    ),
    ok(
        "a method again",
        """
type speaker struct{}
func (speaker) Say() string { return `one` }
""",
        """
s1 := speaker{}
var s2 interface{ Say() string } = s1
""",
        "func (speaker) Say() string { return `two` }",
        "fmt.Println(s1.Say(), s2.Say())",
        out="two two\n",
    ),
    ok(
        "a function again, seen by those that call it",
        """
func leaf() int { return 1 }
func stem() int { return leaf() * 10 }
""",
        "func leaf() int { return 7 }",
        "fmt.Println(stem())",
        out="70\n",
    ),
    ok(
        "a function with another signature",
        "func sig(a int) int { return a }",
        "func sig(a, b string) string { return a + b }",
        "fmt.Println(sig(`a`, `b`))",
        out="ab\n",
    ),
    wrong(
        "a caller that no longer fits",
        """
func callee(a int) int { return a }
func caller() int { return callee(1) }
""",
        "func callee(a string) string { return a }",
        "caller()",
        evalue="cannot use 1",
        shown="----> 2 func caller() int { return callee(1) }",
    ),
    ok(
        "a type again with another field",
        "type shifty struct{ A int }",
        "type shifty struct{ A, B int }",
        "fmt.Println(shifty{1, 2})",
        out="{1 2}\n",
    ),
    ok(
        "a type becomes an interface",
        "type form struct{ A int }",
        "type form interface{ M() }",
        """
var f1 form
fmt.Println(f1 == nil)
""",
        out="true\n",
    ),
    ok(
        "mutual recursion over cells",
        """
func isEven(n int) bool { return n == 0 || isOdd(n-1) }
func isOdd(n int) bool { return n != 0 && isEven(n-1) }
""",
        "fmt.Println(isEven(10), isOdd(7), isEven(7))",
        out="true true false\n",
    ),
    ok(
        "a variable becomes a function and a variable again",
        "chameleon := 1",
        "func chameleon() int { return 2 }",
        "chameleon := `three`",
        "fmt.Println(chameleon)",
        out="three\n",
    ),
    ok(
        "a constant becomes a variable that functions use",
        """
const turned = 30
func seen() int { return turned + 1 }
""",
        """
fmt.Print(turned, seen(), " ")
turned := turned*2 + seen()
fmt.Println(turned, seen())
""",
        "fmt.Println(turned, seen())",
        out="91 92\n",
    ),
    ok(
        "a variable that functions use becomes one of another type, made from what it was",
        """
morph := 7
func morphed() string { return fmt.Sprintf(`%T`, morph) }
""",
        """
fmt.Print(morph + 1)
morph := fmt.Sprint("<", morph, ">")
fmt.Println(morph, morphed())
""",
        out="8<7> string\n",
    ),
    ok(
        "iota with skips, expressions and types",
        """
type size int
const (
	_ = iota
	KB size = 1 << (10 * iota)
	MB
	_
	TB
)
const (
	first, second = iota, iota * 10
	third, fourth
)
""",
        """
fmt.Println(KB, MB, TB, first, second, third, fourth)
fmt.Printf(`%T`, MB)
""",
        out="1024 1048576 1099511627776 0 0 1 10\nmain.size",
    ),
    ok(
        "one constant of a group again",
        """
const (
	red = iota
	green
	blue
)
""",
        "const green = 40",
        "fmt.Println(red, green, blue)",
        out="0 40 2\n",
    ),
    ok(
        "constants without a type stay exact",
        "const huge = 1 << 100",
        "fmt.Println(huge >> 98, huge / 3 >> 90)",
        out="4 341\n",
    ),
    ok(
        "variables of a tuple",
        """
func three() (int, string, error) { return 1, `b`, nil }
tA, tB, tErr := three()
""",
        """
tA, tC := 5, tA + 1
fmt.Println(tA, tB, tC, tErr == nil)
""",
        out="5 b 2 true\n",
    ),
    ok(
        "several variables in one var",
        """
var v1, v2 = 1, `x`
var (
	v3 float64
	v4 = v1
)
""",
        "fmt.Println(v1, v2, v3, v4)",
        out="1 x 0 1\n",
    ),
    ok(
        "swap",
        """
w1, w2 := 1, 2
w1, w2 = w2, w1
""",
        "fmt.Println(w1, w2)",
        out="2 1\n",
    ),
    ok(
        "shadowing in blocks and of packages",
        """
shade := 1
{
	shade := 2
	shade++
	_ = shade
}
if shade := 10; shade > 5 {
	fmt.Print(shade, " ")
}
func() { shade = 4 }()
strings := []string{"a"}
fmt.Println(shade, len(strings))
""",
        "fmt.Println(strings[0], shade)",
        out="a 4\n",
    ),
    ok(
        "a variable that was a package stands aside when it is gone",
        "sort := 3",
        "func sortless() int { return sort }",
        "%rm sort strings",
        """
sorted1 := []int{2, 1}
sort.Ints(sorted1)
fmt.Println(sorted1)
""",
        out="[1 2]\n",
    ),
    ok(
        "a variable at the head of a cell has the name of a package",
        """
type account struct{ Name string }
var user account
user.Name = `bo`
fmt.Print(user.Name, ` `)
""",
        "fmt.Println(user.Name)",
        out="bo\n",
    ),
    ok(
        "a variable with the name of a package is used in functions",
        """
func hued() int { return palette.Len }
var palette = struct{ Len int }{5}
driver := struct{ Value int }{6}
func driven() int { return driver.Value }
""",
        "fmt.Println(hued(), driven())",
        out="5 6\n",
    ),
    ok(
        "a variable takes the name of the package that it is made with",
        """
fields3 := bytes.Fields([]byte(`a b`))
bytes := len(fields3)
fmt.Println(bytes)
""",
        "%rm bytes\nfmt.Println(bytes.Count(fields3[0], nil))",
        out="2\n",
    ),
    ok(
        "predeclared names may be redeclared",
        """
copy := 5
clear := func() int { return copy }
fmt.Println(clear())
""",
        out="5\n",
        err=(
            "mykernel: clear is not there for later cells: it is or holds a func() int, "
            "which belongs to a process\n"
        ),
    ),
    ok(
        "and forgotten again",
        """
cap := 5
fmt.Println(cap)
""",
        "%rm cap",
        "fmt.Println(len(`abc`), cap([]int{}))",
        out="3 0\n",
    ),
    ok(
        "Unicode identifiers",
        """
größe := 3
type Ж struct{ é int }
func (ж Ж) 大() int { return ж.é }
жж := Ж{größe}
""",
        "fmt.Println(жж.大(), größe)",
        out="3 3\n",
    ),
    ok(
        "CRLF",
        "crlf := 1\r\nif crlf == 1 {\r\n\tfmt.Println(`a\r\nb`)\r\n}\r\n",
        out="a\nb\n",
    ),
    ok(
        "comments only",
        """
// nothing
/* nor
here */
""",
    ),
    ok(
        "an empty cell",
        "",
    ),
    ok(
        "a comment behind the result",
        """
fmt.Println(1) // one
// two
""",
        out="1\n",
    ),
    ok(
        "semicolons",
        "sem := 1; sem++; if sem > 1 { fmt.Println(sem) }; ;",
        out="2\n",
    ),
    ok(
        "`!` and `%` begin lines of a raw string",
        """
raw := `
!ls
%time
%%bash
?x
`
fmt.Print(raw)
""",
        out="\n!ls\n%time\n%%bash\n?x\n",
    ),
    ok(
        "init functions, as many as there are",
        """
func init() { fmt.Print(`a`) }
func init() { fmt.Print(`b`) }
fmt.Println(`c`)
""",
        out="abc\n",
    ),
    ok(
        "a whole program",
        """
package main

import (
	"fmt"
	str "strings"
)

func main() { fmt.Println(str.ToUpper("x")) }
""",
        out="X\n",
    ),
    ok(
        "imports by other names, for their effect, and into the file",
        """
import (
	m "math"
	. "strings"
	_ "embed"
)
fmt.Println(m.Sqrt(16), ToUpper("a"))
""",
        out="4 A\n",
    ),
    ok(
        "such imports live on",
        'fmt.Println(m.Abs(-1), Repeat("b", 2))',
        out="1 bb\n",
    ),
    ok(
        "labelled loops and goto",
        """
outer:
for i := range 5 {
	for j := range 5 {
		if j == 3 {
			continue outer
		}
		if i == 2 {
			break outer
		}
		fmt.Print(i, j, " ")
	}
}
tries := 0
again:
tries++
if tries < 3 {
	goto again
}
fmt.Println(tries)
""",
        out="0 0 0 1 0 2 1 0 1 1 1 2 3\n",
    ),
    ok(
        "defer at the top of a cell",
        """
defer fmt.Println(`last`)
defer func() { fmt.Println(recover()) }()
fmt.Println(`first`)
""",
        out="first\n<nil>\nlast\n",
    ),
    ok(
        "a deferred function sets what is kept",
        """
set := 1
defer func() { set = 5 }()
""",
        "fmt.Println(set)",
        out="5\n",
    ),
    ok(
        "a recovered panic in a function",
        """
func safely(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf(`caught: %v`, r)
		}
	}()
	f()
	return
}
""",
        "caught := safely(func() { var m map[int]int; m[1] = 1 })",
        "fmt.Println(caught)",
        out="caught: assignment to entry in nil map\n",
    ),
    ok(
        "select",
        """
sel := make(chan int, 1)
sel <- 4
select {
case v := <-sel:
	fmt.Println(v)
default:
	fmt.Println(`none`)
}
""",
        out="4\n",
        err=(
            "mykernel: sel is not there for later cells: it is or holds a chan int, "
            "which belongs to a process\n"
        ),
    ),
    ok(
        "switch on types",
        """
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return `nil`
	case int, int64:
		return fmt.Sprintf(`%T`, v)
	case error:
		return v.Error()
	case func():
		return `func`
	}
	return `?`
}
""",
        """
fmt.Println(kindOf(nil), kindOf(int64(1)), kindOf(io.EOF), kindOf(func() {}), kindOf(1.5))
""",
        out="nil int64 EOF func ?\n",
    ),
    ok(
        "fallthrough and switch without a value",
        """
switch {
case true:
	fmt.Print(1)
	fallthrough
case false:
	fmt.Print(2)
default:
	fmt.Print(3)
}
fmt.Println()
""",
        out="12\n",
    ),
    ok(
        "runes, bytes and invalid UTF-8",
        "broken := `a` + string([]byte{0xff, 'b'}) + `é`",
        """
for i, r := range broken {
	fmt.Print(i, `:`, string(r), ` `)
}
fmt.Println(len(broken), utf8.ValidString(broken))
""",
        out="0:a 1:� 2:b 3:é 5 false\n",
    ),
    ok(
        "literals of all kinds",
        r"""
fmt.Println(0x_ff, 0b101, 0o17, 1e3, 0x1p-2, 'x', '\u00e9', "\x41\u00e9\101", `\n`, 1_000, 3i)
""",
        out="255 5 15 1000 0.25 120 233 AéA \\n 1000 (0+3i)\n",
    ),
    ok(
        "a very long cell",
        "long := 0\n" + "long++\n" * 10_000 + "fmt.Println(long)",
        out="10000\n",
    ),
    ok(
        "very many declarations",
        "\n".join(f"func many{n}() int {{ return {n} }}" for n in range(2_000)),
        "fmt.Println(many0() + many1999())",
        out="1999\n",
    ),
]

TYPES = [
    ok(
        "generics with constraints",
        """
type number interface{ ~int | ~float64 }
func sum[T number](xs ...T) (s T) {
	for _, x := range xs {
		s += x
	}
	return
}
type celsius float64
""",
        "fmt.Println(sum(1, 2, 3), sum[celsius](1.5, 2), sum[int]())",
        out="6 3.5 0\n",
    ),
    wrong(
        "a constraint that is not met",
        "func least[T cmp.Ordered](a, b T) T { return min(a, b) }",
        "least([]int{1}, nil)",
        evalue="does not satisfy cmp.Ordered",
    ),
    ok(
        "generic types with methods",
        """
type stack[T any] struct{ items []T }
func (s *stack[T]) Push(v T) { s.items = append(s.items, v) }
""",
        """
func (s *stack[T]) Pop() (v T, ok bool) {
	if len(s.items) == 0 {
		return
	}
	v = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return v, true
}
""",
        """
var st stack[string]
st.Push(`a`)
st.Push(`b`)
""",
        """
top, _ := st.Pop()
fmt.Println(top, st)
""",
        "fmt.Println(top, st)",
        out="b {[a]}\n",
    ),
    ok(
        "generic types of generic types, in interfaces",
        """
type pair[A, B any] struct{ a A; b B }
var held1 any = pair[string, pair[int, []json.Number]]{`x`, pair[int, []json.Number]{1, []json.Number{`2`}}}
var held2 any = map[pair[int, int]]*pair[bool, any]{{1, 2}: {true, 3}}
""",
        """
fmt.Println(held1, *held2.(map[pair[int, int]]*pair[bool, any])[pair[int, int]{1, 2}])
fmt.Printf(`%T`, held1)
""",
        out="{x {1 [2]}} {true 3}\nmain.pair[string,main.pair[int,[]encoding/json.Number]]",
    ),
    ok(
        "a generic alias",
        """
type set[T comparable] = map[T]struct{}
some := set[int]{1: {}, 2: {}}
""",
        "fmt.Println(len(some))",
        out="2\n",
    ),
    ok(
        "aliases",
        """
type text = string
type texts = []text
var al texts = texts{`a`}
""",
        "fmt.Printf(`%T %v`, al, al)",
        out="[]string [a]",
    ),
    ok(
        "embedded structs, promoted and shadowed",
        """
type base1 struct{ ID int; name string }
func (b *base1) SetName(s string) { b.name = s }
func (b base1) Name() string { return b.name }
type derived struct {
	base1
	name string
}
""",
        """
dv := derived{base1{1, `inner`}, `outer`}
dv.SetName(`changed`)
""",
        "fmt.Println(dv.ID, dv.name, dv.Name(), dv.base1.name)",
        out="1 outer changed changed\n",
    ),
    ok(
        "embedded pointers",
        """
type engine struct{ power int }
func (e *engine) Boost() { e.power *= 2 }
type car struct{ *engine; spare *engine }
eng := &engine{5}
vw := car{eng, eng}
""",
        """
vw.Boost()
fmt.Println(vw.power, vw.spare.power, vw.engine == vw.spare)
""",
        out="10 10 true\n",
    ),
    ok(
        "embedded interfaces",
        """
type namer interface{ Name() string }
type loud interface { namer; Shout() string }
type dog struct{}
func (dog) Name() string { return `rex` }
func (d dog) Shout() string { return d.Name() + `!` }
type wrapper struct{ loud }
wr := wrapper{dog{}}
""",
        "fmt.Println(wr.Shout(), wr.Name())",
        out="rex! rex\n",
    ),
    ok(
        "recursive types",
        """
type treeNode struct { left, right *treeNode; key int }
func (t *treeNode) insert(k int) *treeNode {
	if t == nil {
		return &treeNode{key: k}
	}
	if k < t.key {
		t.left = t.left.insert(k)
	} else {
		t.right = t.right.insert(k)
	}
	return t
}
func (t *treeNode) walk(yield func(int) bool) bool {
	return t == nil || t.left.walk(yield) && yield(t.key) && t.right.walk(yield)
}
var treeRoot *treeNode
""",
        """
for _, k := range []int{5, 2, 8, 1} {
	treeRoot = treeRoot.insert(k)
}
""",
        """
treeRoot.insert(3)
for k := range func(yield func(int) bool) { treeRoot.walk(yield) } {
	fmt.Print(k, ` `)
}
""",
        out="1 2 3 5 8 ",
    ),
    ok(
        "types that need each other",
        """
type chapter struct{ book *book; title string }
type book struct{ chapters []chapter }
bk := &book{}
bk.chapters = append(bk.chapters, chapter{bk, `one`})
""",
        "fmt.Println(bk.chapters[0].book == bk, bk.chapters[0].title)",
        out="true one\n",
    ),
    ok(
        "function types with methods",
        """
type handler func(string) string
func (h handler) Serve(s string) string { return `<` + h(s) + `>` }
fmt.Println(handler(strings.ToUpper).Serve(`a`))
""",
        out="<A>\n",
    ),
    ok(
        "method values and expressions",
        """
type acc struct{ n int }
func (a *acc) Add(d int) { a.n += d }
func (a acc) Get() int { return a.n }
ac := acc{1}
add := ac.Add
add(4)
fmt.Println(acc.Get(ac), (*acc).Get(&ac))
""",
        out="5 5\n",
        err=(
            "mykernel: add is not there for later cells: it is or holds a func(int), "
            "which belongs to a process\n"
        ),
    ),
    ok(
        "anonymous structs",
        """
anon := struct { X, y int; Tag string `json:"t"` }{1, 2, `z`}
var anonAny any = anon
anons := []struct{ A any }{{1}, {`b`}}
""",
        """
out, _ := json.Marshal(anon)
fmt.Println(string(out), anons, anonAny == any(anon))
""",
        out='{"X":1,"t":"z"} [{1} {b}] true\n',
    ),
    ok(
        "unexported fields deep inside",
        """
type vault struct { secret struct{ code [2]int; inner map[string][]byte }; private any }
vt := vault{private: &vault{}}
vt.secret.code[1] = 7
vt.secret.inner = map[string][]byte{`k`: []byte(`v`)}
""",
        """
fmt.Println(vt.secret.code, string(vt.secret.inner[`k`]), vt.private.(*vault).private == nil)
""",
        out="[0 7] v true\n",
    ),
    ok(
        "arrays of arrays",
        """
grid := [2][3][2]int{}
grid[1][2][0] = 5
row := &grid[1]
""",
        """
row[0][1] = 3
fmt.Println(grid, *row)
""",
        out="[[[0 0] [0 0] [0 0]] [[0 0] [0 0] [5 0]]] [[0 3] [0 0] [5 0]]\n",
    ),
    ok(
        "types of no size",
        """
type nothing struct{}
var none1 nothing
nones := make([]nothing, 3)
noneP := &nothing{}
noneMap := map[nothing][0]int{{}: {}}
noneCap := make([]int, 0)
""",
        "fmt.Println(none1, len(nones), noneP != nil, len(noneMap), noneCap != nil, noneCap)",
        out="{} 3 true 1 true []\n",
    ),
    ok(
        "complex numbers and special floats",
        """
cx := complex(1, -2)
cx64 := complex64(cx)
special := []float64{math.Inf(-1), math.NaN(), math.Copysign(0, -1)}
""",
        "fmt.Println(cx*cx, cx64, special, math.Signbit(special[2]))",
        out="(-3-4i) (1-2i) [-Inf NaN -0] true\n",
    ),
    ok(
        "NaN keys",
        """
nans := map[float64]int{math.NaN(): 1, 2: 2}
nans[math.NaN()] = 3
""",
        """
sum1 := 0
for _, v := range nans {
	sum1 += v
}
fmt.Println(len(nans), sum1)
""",
        out="3 6\n",
    ),
    ok(
        "keys that are interfaces, pointers and arrays",
        """
type keyed struct{ n int }
kp := &keyed{1}
mixed := map[any]string{1: `int`, `1`: `string`, [2]int{1, 2}: `array`, keyed{3}: `struct`, int8(1): `int8`}
type byPointer struct { m map[*keyed]int; p *keyed }
bp := byPointer{map[*keyed]int{kp: 5}, kp}
""",
        """
fmt.Println(mixed[1], mixed[`1`], mixed[[2]int{1, 2}], mixed[keyed{3}], mixed[int8(1)], bp.m[bp.p])
""",
        out="int string array struct int8 5\n",
    ),
    ok(
        "maps of maps, and one map twice",
        """
mm := map[string]map[int][]string{`a`: {1: {`x`}}, `nil`: nil}
mm[`b`] = mm[`a`]
""",
        """
mm[`b`][1][0] = `y`
mm[`b`][2] = nil
fmt.Println(mm, mm[`nil`] == nil)
""",
        out="map[a:map[1:[y] 2:[]] b:map[1:[y] 2:[]] nil:map[]] true\n",
    ),
    ok(
        "nil and empty are told apart",
        """
type blanks struct { s []int; m map[int]int; p *int; i any; e error }
nils, empties := blanks{}, blanks{s: []int{}, m: map[int]int{}}
""",
        """
fmt.Println(nils.s == nil, nils.m == nil, nils.p == nil, nils.i == nil, nils.e == nil, empties.s == nil, empties.m == nil)
""",
        out="true true true true true false false\n",
    ),
    ok(
        "a typed nil in an interface",
        """
type myErr struct{}
func (*myErr) Error() string { return `mine` }
var typedNil error = (*myErr)(nil)
""",
        "fmt.Println(typedNil == nil, typedNil)",
        out="false mine\n",
    ),
    ok(
        "iterators",
        """
func countdown(n int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for ; n > 0; n-- {
			if !yield(n, strings.Repeat(`*`, n)) {
				return
			}
		}
	}
}
""",
        """
for n, s := range countdown(3) {
	if n == 1 {
		break
	}
	fmt.Print(n, s, ` `)
}
fmt.Println(slices.Collect(maps.Keys(map[int]bool{4: true})))
""",
        out="3*** 2** [4]\n",
    ),
]

VALUES = [
    ok(
        "slices of one variable share their array",
        """
type shared struct{ a, b []int }
five := []int{1, 2, 3, 4, 5}
sh := shared{five, five[1:3]}
""",
        """
sh.b[0] = 20
sh.b = append(sh.b, 40)
fmt.Println(sh.a, sh.b, cap(sh.b))
""",
        """
sh.b = append(sh.b[:3:3], 99)
fmt.Println(sh.a, sh.b)
""",
        out="[1 20 3 40 5] [20 3 40 99]\n",
    ),
    ok(
        "what is behind a slice's end stays",
        """
tour := []int{2, 3, 5, 7}
tour = tour[:0]
""",
        "tour = tour[:4]",
        "fmt.Println(tour, cap(tour[2:]))",
        out="[2 3 5 7] 2\n",
    ),
    ok(
        "overlapping windows",
        """
type windows struct{ w [][]string }
var win windows
words := strings.Fields(`a b c d`)
for i := range 3 {
	win.w = append(win.w, words[i:i+2])
}
""",
        """
win.w[0][1] = `B`
fmt.Println(win.w)
""",
        out="[[a B] [B c] [c d]]\n",
    ),
    ok(
        "slices of different variables become copies",
        """
one1 := []int{1, 2}
two2 := one1[:1]
""",
        """
two2[0] = 9
fmt.Println(one1, two2)
""",
        out="[1 2] [9]\n",
    ),
    ok(
        "pointers into the middle",
        """
type middle struct { cells []struct{ v int }; third *struct{ v int }; field *int; arr [3]string; elem *string }
mid := &middle{cells: make([]struct{ v int }, 5)}
mid.third = &mid.cells[2]
mid.field = &mid.cells[3].v
mid.elem = &mid.arr[1]
""",
        """
mid.third.v = 3
*mid.field = 4
*mid.elem = `e`
fmt.Println(mid.cells, mid.arr)
""",
        out="[{0} {0} {3} {4} {0}] [ e ]\n",
    ),
    ok(
        "a pointer to a part of its own variable",
        """
type selfish struct { n int; at *int; me *selfish }
var own1 selfish
own1.at, own1.me = &own1.n, &own1
""",
        """
*own1.at = 6
fmt.Println(own1.n, own1.me == &own1, own1.me.me.n)
""",
        out="6 true 6\n",
    ),
    ok(
        "a ring",
        """
ringed := ring.New(3)
for i := range 3 {
	ringed.Value = i
	ringed = ringed.Next()
}
""",
        """
ringed.Do(func(v any) { fmt.Print(v) })
fmt.Println(ringed.Next().Next().Next() == ringed)
""",
        out="012true\n",
    ),
    ok(
        "a map in itself",
        """
loop := map[string]any{}
loop[`me`] = loop
""",
        """
loop[`x`] = 1
fmt.Println(loop[`me`].(map[string]any)[`x`])
""",
        out="1\n",
    ),
    ok(
        "a slice in itself",
        """
rec := make([]any, 2)
rec[0] = rec
""",
        """
rec[1] = `end`
fmt.Println(rec[0].([]any)[1])
""",
        out="end\n",
    ),
    ok(
        "a long chain",
        """
type link struct { next *link; n int }
var chain *link
for i := range 100_000 {
	chain = &link{chain, i}
}
""",
        """
steps := 0
for l := chain; l != nil; l = l.next {
	steps++
}
fmt.Println(steps, chain.n)
""",
        out="100000 99999\n",
    ),
    ok(
        "a chain through interfaces",
        """
type boxed struct { next any }
var boxes any
for range 100_000 {
	boxes = boxed{boxes}
}
""",
        """
depth := 0
for b := boxes; b != nil; b = b.(boxed).next {
	depth++
}
fmt.Println(depth)
""",
        out="100000\n",
    ),
    ok(
        "pointers to pointers",
        """
pv := 1
pp := &pv
ppp := &pp
""",
        """
**ppp = 7
fmt.Println(**ppp, pv)
""",
        out="7 1\n",
    ),
    ok(
        "time with zones",
        """
zone, _ := time.LoadLocation(`UTC`)
fixed := time.Date(2024, 2, 29, 12, 0, 0, 5, time.FixedZone(`X`, 5400))
here := time.Date(2024, 1, 1, 0, 0, 0, 0, time.Local)
began := time.Now()
var zero time.Time
""",
        """
fmt.Println(fixed, zone, here.Location() == time.Local, time.Since(began) > 0, zero.IsZero(), began.String() == began.Round(0).String(), fixed.Equal(fixed.UTC()))
""",
        out="2024-02-29 12:00:00.000000005 +0130 X UTC true true true true true\n",
    ),
    ok(
        "errors, wrapped, joined and of one's own",
        """
type codeErr struct{ code int; err error }
func (e *codeErr) Error() string { return fmt.Sprint(`code `, e.code) }
func (e *codeErr) Unwrap() error { return e.err }
err1 := fmt.Errorf(`outer: %w`, &codeErr{7, errors.Join(io.ErrUnexpectedEOF, fs.ErrNotExist)})
_, err2 := strconv.Atoi(`x`)
_, err3 := os.Open(`/nosuch`)
err4 := fmt.Errorf(`%w and %w`, context.Canceled, context.DeadlineExceeded)
""",
        """
var ce *codeErr
fmt.Println(errors.As(err1, &ce), ce.code, errors.Is(err1, fs.ErrNotExist), errors.Is(err1, io.EOF), err2, errors.Is(err3, fs.ErrNotExist), errors.Is(err3, syscall.ENOENT))
fmt.Println(errors.Is(err4, context.Canceled), errors.Is(err4, context.DeadlineExceeded))
""",
        out='true 7 true false strconv.Atoi: parsing "x": invalid syntax true true\ntrue true\n',
    ),
    ok(
        "big numbers",
        """
fact := big.NewInt(1)
for i := int64(1); i <= 30; i++ {
	fact.Mul(fact, big.NewInt(i))
}
thirdR := big.NewRat(1, 3)
flt, _ := new(big.Float).SetPrec(100).SetString(`1.5`)
""",
        """
fmt.Println(fact, thirdR.Add(thirdR, big.NewRat(1, 6)), flt.Mul(flt, flt), flt.Prec())
""",
        out="265252859812191058636308480000000 1/2 2.25 100\n",
    ),
    ok(
        "buffers and builders",
        """
var buf bytes.Buffer
buf.WriteString(`hello world`)
buf.Next(6)
var sb strings.Builder
sb.WriteString(`ab`)
rd := strings.NewReader(`reader`)
rd.ReadByte()
""",
        """
sb.WriteByte('c')
buf.WriteByte('!')
rest, _ := io.ReadAll(rd)
fmt.Println(buf.String(), sb.String(), string(rest))
""",
        out="world! abc eader\n",
    ),
    ok(
        "locks and counters",
        """
type guarded struct { sync.Mutex; n int; r sync.RWMutex; once sync.Once; hits atomic.Int64; flag atomic.Bool; ptr atomic.Pointer[string]; val atomic.Value }
var gd guarded
gd.Lock()
gd.once.Do(func() { gd.n++ })
gd.hits.Add(3)
gd.flag.Store(true)
word := `w`
gd.ptr.Store(&word)
gd.val.Store([]int{1})
""",
        """
gd.once.Do(func() { gd.n++ })
fmt.Println(gd.TryLock(), gd.n, gd.hits.Load(), gd.flag.Load(), *gd.ptr.Load(), gd.val.Load(), gd.r.TryLock())
""",
        out="false 1 3 true w [1] true\n",
    ),
    ok(
        "sync.Map and WaitGroup",
        """
var sm sync.Map
sm.Store(`k`, []int{1})
sm.Store(2, `two`)
var wg sync.WaitGroup
for range 10 {
	wg.Add(1)
	go func() { defer wg.Done(); sm.LoadOrStore(`g`, true) }()
}
wg.Wait()
""",
        """
got, _ := sm.Load(`k`)
sm.Delete(2)
_, two := sm.Load(2)
_, g := sm.Load(`g`)
wg.Wait()
fmt.Println(got, two, g)
""",
        out="[1] false true\n",
    ),
    ok(
        "regular expressions",
        r"""
pat := regexp.MustCompile(`(?P<y>\d+)-(\d+)`)
pats := map[string]*regexp.Regexp{`a`: regexp.MustCompile(`^a+$`)}
""",
        "fmt.Println(pat.ReplaceAllString(`10-20`, `$2/$y`), pats[`a`].MatchString(`aaa`))",
        out="20/10 true\n",
    ),
    ok(
        "raw JSON and decoded JSON",
        """
var doc struct { Raw json.RawMessage; Any any; N json.Number }
json.Unmarshal([]byte(`{"Raw": {"a":1}, "Any": [1, null, {"x": "y"}], "N": 12345678901234567890}`), &doc)
""",
        "fmt.Println(string(doc.Raw), doc.Any, doc.N)",
        out='{"a":1} [1 <nil> map[x:y]] 12345678901234567890\n',
    ),
    ok(
        "addresses",
        """
ur, _ := url.Parse(`https://me:pw@host:8080/a%2Fb?q=1#f`)
ip := netip.MustParseAddr(`fe80::1%eth0`)
pre := netip.MustParsePrefix(`10.0.0.0/8`)
ips := map[netip.AddrPort]bool{netip.MustParseAddrPort(`1.2.3.4:80`): true}
oldIP := net.ParseIP(`127.0.0.1`)
""",
        """
fmt.Println(ur, ur.User.Username(), ip, ip.Zone(), pre.Contains(netip.MustParseAddr(`10.2.3.4`)), ips[netip.MustParseAddrPort(`1.2.3.4:80`)], oldIP, ip == netip.MustParseAddr(`fe80::1%eth0`))
""",
        out="https://me:pw@host:8080/a%2Fb?q=1#f me fe80::1%eth0 eth0 true true 127.0.0.1 true\n",
    ),
    ok(
        "lists and heaps",
        """
ll := list.New()
ll.PushBack(1)
ll.PushFront(0)
type minHeap struct{ sort.IntSlice }
func (h *minHeap) Push(v any) { h.IntSlice = append(h.IntSlice, v.(int)) }
func (h *minHeap) Pop() any { n := len(h.IntSlice) - 1; v := h.IntSlice[n]; h.IntSlice = h.IntSlice[:n]; return v }
hp := &minHeap{}
for _, v := range []int{3, 1, 2} {
	heap.Push(hp, v)
}
""",
        """
ll.PushBack(2)
for e := ll.Front(); e != nil; e = e.Next() {
	fmt.Print(e.Value, ` `)
}
fmt.Println(heap.Pop(hp), heap.Pop(hp), ll.Len())
""",
        out="0 1 2 1 2 3\n",
    ),
    ok(
        "types of std in interfaces",
        """
var things []any
things = append(things, time.Second, big.NewInt(5), url.Values{`a`: {`b`}}, &bytes.Buffer{}, syscall.EACCES, reflect.Int, fs.FileMode(0o755), http.StatusOK, color.RGBA{1, 2, 3, 4})
""",
        """
for _, one := range things {
	fmt.Printf(`%T `, one)
}
""",
        out=(
            "time.Duration *big.Int url.Values *bytes.Buffer syscall.Errno reflect.Kind "
            "fs.FileMode int color.RGBA "
        ),
    ),
    ok(
        "an interface of one's own in a map",
        """
type figure interface{ area() float64 }
type sq struct{ s float64 }
func (q sq) area() float64 { return q.s * q.s }
type circ struct{ r float64 }
func (c *circ) area() float64 { return 3 * c.r * c.r }
figures := map[string]figure{`s`: sq{2}, `c`: &circ{1}}
""",
        "fmt.Println(figures[`s`].area(), figures[`c`].area())",
        out="4 3\n",
    ),
    ok(
        "a random generator that can be carried",
        """
rnd := rand.New(rand.NewPCG(1, 2))
rnd.IntN(100)
same := rand.New(rand.NewPCG(1, 2))
same.IntN(100)
""",
        "fmt.Println(rnd.IntN(1000) == same.IntN(1000))",
        out="true\n",
    ),
    ok(
        "what is known of files",
        """
info, _ := os.Stat("/")
entries, _ := os.ReadDir("/")
""",
        "fmt.Println(info.IsDir(), len(entries) > 0, entries[0].Name() != ``)",
        out="true true true\n",
    ),
    ok(
        "an old random generator",
        """
import oldrand "math/rand"
rng1, rng2 := oldrand.New(oldrand.NewSource(1)), oldrand.New(oldrand.NewSource(1))
rng1.Intn(100)
rng2.Intn(100)
""",
        "fmt.Println(rng1.Intn(1000) == rng2.Intn(1000))",
        out="true\n",
    ),
    ok(
        "replacers that were used",
        """
reps := []*strings.Replacer{
	strings.NewReplacer("a", "b"), strings.NewReplacer("a", "bc"),
	strings.NewReplacer("aa", "b"), strings.NewReplacer("aa", "b", "c", "d"),
}
for _, one := range reps {
	one.Replace("aac")
}
""",
        """
for _, one := range reps {
	fmt.Print(one.Replace("aac"), " ")
}
""",
        out="bbc bcbcc bc bd ",
    ),
    ok(
        "readers, writers and loggers on the standard files",
        """
inBuf, outBuf := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
fmt.Fprint(outBuf, "kept back")
logger := log.New(os.Stdout, "log: ", 0)
table := csv.NewWriter(os.Stdout)
table.Write([]string{"c", "d"})
warner := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelWarn}))
""",
        """
logger.Print("x")
table.Flush()
fmt.Fprintln(outBuf)
outBuf.Flush()
fmt.Println(warner.Enabled(context.Background(), slog.LevelInfo), inBuf.Buffered())
""",
        out="log: x\nc,d\nkept back\nfalse 0\n",
    ),
    ok(
        "a client",
        """
client := &http.Client{Timeout: time.Second}
req, _ := http.NewRequest(`GET`, `http://127.0.0.1/`, nil)
req.Header.Set(`A`, `b`)
""",
        "fmt.Println(client.Timeout)",
        out="1s\n",
    ),
    ok(
        "a panic leaves what was",
        "before1 := []int{1}",
        "fmt.Println(before1)",
        out="[1]\n",
    ),
    ok(
        "the value of a type that has changed is told of",
        """
type mutable struct{ A int }
mu := mutable{1}
""",
        "type mutable struct{ A string }",
        "fmt.Println(mu)",
        out="{}\n",
        err="mykernel: mu has lost its value: its type is not what it was\n",
    ),
    ok(
        "a type of a value that is one no longer is told of",
        """
type passing struct{ A struct{ deep int } }
var holding any = passing{}
var holder2 any = struct{ field passing }{}
""",
        "func passing() int { return 1 }",
        "fmt.Println(holding, holder2)",
        out="<nil> <nil>\n",
        err="mykernel: holder2 has lost its value: its type struct{field passing} is not there any more\n"
        "mykernel: holding has lost its value: its type passing is not there any more\n",
    ),
    ok(
        "large values",
        """
bigOne := make([]float64, 1_000_000)
bigOne[999_999] = 1.5
bigMap := map[int]string{}
for i := range 50_000 {
	bigMap[i] = strconv.Itoa(i)
}
""",
        "fmt.Println(len(bigOne), bigOne[999_999], len(bigMap), bigMap[777])",
        out="1000000 1.5 50000 777\n",
    ),
    ok(
        "a long string many times",
        """
longText := strings.Repeat(`x`, 1<<20)
copies := make([]string, 1000)
for i := range copies {
	copies[i] = longText
}
""",
        "fmt.Println(len(copies[999]))",
        out="1048576\n",
    ),
]

CANNOT = [
    lost(
        "a channel",
        "ch1 := make(chan int)",
        reason=(
            "ch1 is not there for later cells: it is or holds a chan int, which belongs "
            "to a process"
        ),
    ),
    lost(
        "a closure",
        """
cl1 := func() int { return 1 }
fmt.Println(cl1())
""",
        out="1\n",
        reason=(
            "cl1 is not there for later cells: it is or holds a func() int, which "
            "belongs to a process"
        ),
    ),
    ok(
        "told once",
        """
cl1 := func() int { return 2 }
fmt.Println(cl1())
""",
        out="2\n",
    ),
    lost(
        "a context that can be cancelled",
        """
ctx1, stop1 := context.WithCancel(context.Background())
stop1()
""",
        reason=(
            "ctx1 is not there for later cells: it holds a context.cancelCtx, which has "
            "no name outside of its package\nmykernel: stop1 is not there for later "
            "cells: it is or holds a context.CancelFunc, which belongs to a process"
        ),
    ),
    ok(
        "a context that cannot",
        """
ctx2 := context.Background()
ctx3 := context.WithValue(ctx2, `k`, 5)
""",
        "fmt.Println(ctx2, ctx3.Value(`k`))",
        out="context.Background 5\n",
    ),
    lost(
        "a file",
        "file1, _ := os.Open(`/dev/null`)",
        reason=(
            "file1 is not there for later cells: it is or holds a os.File, which "
            "belongs to a process"
        ),
    ),
    ok(
        "the files that every program has",
        "std1 := []*os.File{os.Stdin, os.Stdout}",
        "fmt.Fprintln(std1[1], std1[0] == os.Stdin)",
        out="true\n",
    ),
    lost(
        "a scanner",
        "scan1 := bufio.NewScanner(os.Stdin)",
        reason=(
            "scan1 is not there for later cells: its .split is a bufio.SplitFunc, "
            "which belongs to a process"
        ),
    ),
    lost(
        "a function deep inside",
        """
type server struct {
	name     string
	handlers map[string][]func()
}
srv1 := []*server{{}, {"x", map[string][]func(){"k": {nil, func() {}}}}}
""",
        reason="srv1 is not there for later cells: "
        'its [1].handlers["k"][1] is a func(), which belongs to a process',
    ),
    lost(
        "a template",
        """
tmpl1 := template.Must(template.New(`t`).Parse(`{{.}}`))
tmpl1.Execute(os.Stdout, `x`)
""",
        out="x",
        reason="tmpl1 is not there for later cells: …",
    ),
    lost(
        "a type as a value",
        "typ1 := reflect.TypeOf(1)",
        reason=(
            "typ1 is not there for later cells: it is or holds a reflect.Type, which "
            "belongs to a process"
        ),
    ),
    lost(
        "a reflected value",
        "val1 := reflect.ValueOf(1)",
        reason=(
            "val1 is not there for later cells: it is or holds a reflect.Value, which "
            "belongs to a process"
        ),
    ),
    lost(
        "an unsafe pointer",
        """
n1 := 1
uns1 := unsafe.Pointer(&n1)
""",
        reason=(
            "uns1 is not there for later cells: it is or holds a unsafe.Pointer, which "
            "belongs to a process"
        ),
    ),
    lost(
        "a timer",
        "timer1 := time.NewTimer(time.Hour)",
        reason="timer1 is not there for later cells: …",
    ),
    lost(
        "a type of a function, in an interface",
        """
func makeLocal() any { type inner struct{ A int }; return inner{1} }
loc1 := makeLocal()
""",
        reason=(
            "loc1 is not there for later cells: it holds a main.inner, a type that is "
            "declared within a function"
        ),
    ),
    lost(
        "a generic type of a type of a function, in an interface",
        """
type around[T any] struct{ v T }
func makeAround() any {
	type inside int
	return around[inside]{1}
}
loc3 := makeAround()
""",
        reason="loc3 is not there for later cells: it holds a main.around[…], "
        "a type that is declared within a function",
    ),
    lost(
        "a type of a statement",
        """
type atTop struct{ A int }
loc2 := func() (r struct{ a any }) { type inner2 int; r.a = inner2(1); return }()
""",
        reason=(
            "loc2 is not there for later cells: it holds a main.inner2, a type that is "
            "declared within a function"
        ),
    ),
    ok(
        "what holds a nil of such is carried",
        """
type maybe struct { c chan int; f func(); x *os.File; v reflect.Value }
mb := maybe{}
""",
        "fmt.Println(mb.c == nil, mb.f == nil, mb.x == nil)",
        out="true true true\n",
    ),
    wrong(
        "what is not carried is not defined",
        "ch2 := 1",
        "ch1 <- 1",
        evalue="undefined: ch1",
    ),
]

ENDS = [
    ends(
        "integer division",
        """
zero1 := 0
fmt.Println(1 / zero1)
""",
        ename="panic",
        evalue="integer divide by zero",
        shown="----> 2 fmt.Println(1 / zero1)",
    ),
    ends(
        "an index",
        """
idx := []int{1}
for i := range 3 {
	fmt.Print(idx[i])
}
""",
        ename="panic",
        evalue="index out of range [1] with length 1",
        out="1",
        shown="----> 3 \tfmt.Print(idx[i])",
    ),
    ends(
        "a slice's bounds",
        """
sl := []int{1}
n2 := 5
_ = sl[2:n2]
""",
        ename="panic",
        evalue="slice bounds out of range",
    ),
    ends(
        "a nil map",
        """
var nm map[string]int
nm[`a`] = 1
""",
        ename="panic",
        evalue="assignment to entry in nil map",
    ),
    ends(
        "a nil pointer",
        """
type hollow struct{ n int }
var hl *hollow
fmt.Println(hl.n)
""",
        ename="panic",
        evalue="nil pointer dereference",
    ),
    ends(
        "a wrong type in an interface",
        """
var ifc any = `s`
_ = ifc.(int)
""",
        ename="panic",
        evalue="interface conversion: interface {} is string, not int",
    ),
    ends(
        "an error as a panic",
        """
type panicErr struct{ n int }
func (e panicErr) Error() string { return fmt.Sprint(`own `, e.n) }
panic(panicErr{4})
""",
        ename="panic",
        evalue="own 4",
    ),
    ends(
        "a panic with a wrapped error",
        "panic(fmt.Errorf(`outer: %w`, io.EOF))",
        ename="panic",
        evalue="outer: EOF",
    ),
    ends(
        "a panic of several lines",
        """
panic(`one
two`)
""",
        ename="panic",
        evalue="one\n",
    ),
    ends(
        "a panic in a panic",
        """
defer func() { panic(`second`) }()
panic(`first`)
""",
        ename="panic",
        evalue="first",
    ),
    ends(
        "a panic in init",
        """
func init() { panic(`in init`) }
fmt.Println(`not reached`)
""",
        ename="panic",
        evalue="in init",
    ),
    ends(
        "a panic in a variable's value",
        "var never = func() int { panic(`early`) }()",
        ename="panic",
        evalue="early",
    ),
    ends(
        "a panic in a goroutine",
        """
go func() {
	panic(`away`)
}()
select {}
""",
        ename="panic",
        evalue="away",
        shown="----> 2 \tpanic(`away`)",
    ),
    ends(
        "a panic in a function of an earlier cell",
        """
func faulty(n int) int {
	return 10 / n
}
""",
        "faulty(0)",
        ename="panic",
        evalue="integer divide",
        shown="----> 2 \treturn 10 / n",
    ),
    ends(
        "os.Exit",
        """
fmt.Println(`a`)
os.Exit(7)
""",
        ename="ExitStatus",
        evalue="7",
        out="a\n",
    ),
    ends(
        "os.Exit in a deferred function",
        """
defer os.Exit(4)
fmt.Println(`b`)
""",
        ename="ExitStatus",
        evalue="4",
        out="b\n",
    ),
    ok("os.Exit(0)", "fmt.Println(`zero`)\nos.Exit(0)\nfmt.Println(`never`)", out="zero\n"),
    ends(
        "runtime.Goexit",
        "runtime.Goexit()",
        ename="fatal error",
        evalue="no goroutines (main called runtime.Goexit) - deadlock!",
    ),
    ends(
        "a deadlock",
        """
dl := make(chan int)
dl <- 1
""",
        ename="fatal error",
        evalue="all goroutines are asleep - deadlock!",
        shown="----> 2 dl <- 1",
    ),
    ends(
        "a deadlock of locks",
        """
var mx sync.Mutex
mx.Lock()
mx.Lock()
""",
        ename="fatal error",
        evalue="all goroutines are asleep - deadlock!",
        shown="----> 3 mx.Lock()",
    ),
    ends(
        "a WaitGroup that waits for ever",
        """
var wg2 sync.WaitGroup
wg2.Add(1)
wg2.Wait()
""",
        ename="fatal error",
        evalue="all goroutines are asleep - deadlock!",
    ),
    ends(
        "an unlock too many",
        """
var mu2 sync.Mutex
mu2.Unlock()
""",
        ename="fatal error",
        evalue="unlock of unlocked mutex",
        shown="----> 2 mu2.Unlock()",
    ),
    ends(
        "a stack overflow",
        """
func deep(n int) int {
	return deep(n+1) + 1
}
deep(0)
""",
        ename="fatal error",
        evalue="stack overflow",
        shown="return deep(n+1) + 1",
    ),
    ends(
        "a closed channel",
        """
cc := make(chan int)
close(cc)
close(cc)
""",
        ename="panic",
        evalue="close of closed channel",
    ),
    ends(
        "a negative length",
        """
neg := -1
_ = make([]int, neg)
""",
        ename="panic",
        evalue="makeslice: len out of range",
    ),
    ends(
        "an unhashable key",
        """
um := map[any]int{}
um[[]int{1}] = 1
""",
        ename="panic",
        evalue="hash of unhashable type []int",
    ),
    ends(
        "a signal",
        """
syscall.Kill(os.Getpid(), syscall.SIGTERM)
select {}
""",
        ename="Signal",
        evalue="SIGTERM",
    ),
    ok(
        "afterwards all is as it was",
        "fmt.Println(before1, len(bigOne), grid[1][2][0])",
        out="[1] 1000000 5\n",
    ),
    wrong(
        "an unused variable in a function",
        """
func unused() {
	x := 1
}
""",
        evalue="declared and not used: x",
        shown="----> 2 \tx := 1",
    ),
    wrong(
        "a missing return",
        """
func missing() int {
}
""",
        evalue="missing return",
    ),
    wrong(
        "a name that is not there",
        "nowhere.F()",
        evalue="undefined: nowhere",
    ),
    wrong(
        "a member that is not there",
        "strings.Nope()",
        evalue="undefined: strings.Nope",
    ),
    wrong(
        "an import that is not used is no error, one that is not there is",
        """
import "nosuch/pkg"
pkg.F()
""",
        evalue="nosuch/pkg",
    ),
    wrong(
        "a duplicate in one cell",
        """
func dup() {}
func dup() {}
""",
        evalue="dup redeclared",
    ),
    wrong(
        "a break outside of a loop",
        "break",
        evalue="break",
    ),
    wrong(
        "a return with a value",
        "return 1",
        evalue="too many return values",
    ),
]

OTHER = [
    ok(
        "a return ends the cell, and values are kept",
        """
ret := 1
if ret == 1 {
	ret = 2
	fmt.Println(`early`)
	return
}
fmt.Println(`late`)
""",
        "fmt.Println(ret)",
        out="2\n",
    ),
    ok(
        "log goes to stderr",
        """
log.SetFlags(0)
log.Print(`logged`)
""",
        err="logged\n",
    ),
    Case(
        "log.Fatal",
        (
            """
log.SetFlags(0)
log.Fatal(`fatal`)
""",
        ),
        stderr="fatal\n",
        ename="ExitStatus",
        evalue="1",
    ),
    ok(
        "goroutines that go on are named",
        """
func forever(c chan int) { <-c }
for range 2 {
	go forever(nil)
}
go func() { select {} }()
""",
        err=(
            "mykernel: 3 goroutines were still running and ended with the cell: 2 times "
            "forever (In[…], line 3), func (In[…], line 5)\n"
        ),
    ),
    ok(
        "goroutines that are waited for are not",
        """
res := make([]int, 50)
var wg3 sync.WaitGroup
for i := range res {
	wg3.Add(1)
	go func() { defer wg3.Done(); res[i] = i * i }()
}
wg3.Wait()
""",
        "fmt.Println(res[49])",
        out="2401\n",
    ),
    ok(
        "a value that a goroutine goes on changing",
        """
hot := map[int]int{}
hotSlice := []int{}
var hotAny any = 1
go func() {
	for i := 0; ; i++ {
		hot[i%100] = i
		hotSlice = append(hotSlice[:i%50], i)
		hotAny = []any{i, `x`}[i%2]
	}
}()
time.Sleep(time.Millisecond)
""",
        err=(
            "mykernel: 1 goroutine was still running and ended with the cell: func "
            "(In[…], line 4)\n"
        ),
    ),
    ok(
        "output of goroutines comes whole",
        """
var om sync.Mutex
var ow sync.WaitGroup
for range 20 {
	ow.Add(1)
	go func() {
		defer ow.Done()
		om.Lock()
		defer om.Unlock()
		fmt.Println(`line`)
	}()
}
ow.Wait()
""",
        out="line\n" * 20,
    ),
    ok(
        "a finalizer on a loaded value",
        """
type fin struct{ n int }
finP := &fin{1}
finQ := []*fin{{2}, {3}}
""",
        """
runtime.SetFinalizer(finP, func(*fin) {})
runtime.SetFinalizer(finQ[1], func(*fin) {})
runtime.GC()
fmt.Println(finP.n, finQ[1].n)
""",
        out="1 3\n",
    ),
    ok(
        "garbage collection with loaded values",
        """
type gcNode struct {
	left *gcNode
	key  int
}
gcd := map[string][]*gcNode{}
for i := range 1000 {
	gcd[`k`] = append(gcd[`k`], &gcNode{key: i})
}
""",
        """
for range 3 {
	runtime.GC()
	for i := range 1000 {
		gcd[`k`][i] = &gcNode{left: gcd[`k`][i], key: i}
	}
}
sum2 := 0
for _, n := range gcd[`k`] {
	sum2 += n.left.left.left.key
}
fmt.Println(sum2)
""",
        out="499500\n",
    ),
    ok(
        "a struct that is kept by value and by pointer",
        """
type acct struct{ bal int }
type bank struct { accts []acct; byName map[string]*acct }
bnk := bank{accts: make([]acct, 2), byName: map[string]*acct{}}
bnk.byName[`a`] = &bnk.accts[0]
""",
        """
bnk.byName[`a`].bal = 50
fmt.Println(bnk.accts)
""",
        out="[{50} {0}]\n",
    ),
    ok(
        "an environment and arguments as of a program",
        """
fmt.Println(len(os.Args), filepath.Base(os.Args[0]), os.Getenv(`MYKERNEL_CELL`) == ``)
""",
        out="1 cell true\n",
    ),
    ok(
        "conversions and untyped constants as results of one's own functions",
        """
func ident[T any](v T) T { return v }
fmt.Printf(`%T %T %T`, ident('a'), ident(1.0), ident(1<<3))
""",
        out="int32 float64 int",
    ),
    ok(
        "a closure over a loop's variable",
        """
fs2 := []func() int{}
for i := range 3 {
	fs2 = append(fs2, func() int { return i })
}
fmt.Println(fs2[0](), fs2[2]())
""",
        out="0 2\n",
        err=(
            "mykernel: fs2 is not there for later cells: its [0] is a func() int, "
            "which belongs to a process\n"
        ),
    ),
    ok(
        "a blank variable and a blank function",
        """
var _ = fmt.Sprint(1)
var _ io.Reader = (*bytes.Buffer)(nil)
func _() {}
_ = 5
fmt.Println(`blank`)
""",
        out="blank\n",
    ),
    ok(
        "struct tags, embedded types and JSON",
        """
type meta struct{ ID int `json:"id"` }
type item struct { meta; Name string `json:"name,omitempty"`; Tags []string }
it := item{meta{1}, ``, nil}
""",
        """
js, _ := json.Marshal(it)
fmt.Println(string(js))
""",
        out='{"id":1,"Tags":null}\n',
    ),
]

DEMANDING = [
    ok(
        "aliases with parameters, and methods of what they stand for",
        """
type setOf1[T comparable] = map[T]struct{}
type pairOf1[A, B any] struct { First A; Second B }
type named1[B any] = pairOf1[string, B]
al1, al2 := setOf1[string]{`a`: {}}, named1[int]{`x`, 3}
""",
        "func (p pairOf1[A, B]) Swap() pairOf1[B, A] { return pairOf1[B, A]{p.Second, p.First} }",
        """
al1[`b`] = struct{}{}
al2.Second++
fmt.Println(len(al1), al2.Swap())
""",
        out="2 {4 x}\n",
    ),
    ok(
        "a constraint of a type set and a method",
        "type textual1 interface { ~int | ~float64; String() string }",
        """
type metre1 int
func (m metre1) String() string { return fmt.Sprint(int(m), `m`) }
func total1[T textual1](all ...T) (sum T) { for _, one := range all { sum += one }; return }
""",
        "fmt.Println(total1(metre1(1), 2, 3))",
        out="6m\n",
    ),
    ok(
        "a generic tree, kept, and an iterator over it",
        """
type tree1[K cmp.Ordered, V any] struct { root *node1[K, V]; n int }
type node1[K cmp.Ordered, V any] struct { k K; v V; l, r *node1[K, V] }
func (t *tree1[K, V]) Put(k K, v V) {
	p := &t.root
	for *p != nil {
		switch c := cmp.Compare(k, (*p).k); {
		case c < 0:
			p = &(*p).l
		case c > 0:
			p = &(*p).r
		default:
			(*p).v = v
			return
		}
	}
	*p = &node1[K, V]{k: k, v: v}
	t.n++
}
func (t *tree1[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		var walk func(*node1[K, V]) bool
		walk = func(n *node1[K, V]) bool { return n == nil || walk(n.l) && yield(n.k, n.v) && walk(n.r) }
		walk(t.root)
	}
}
var kept1 tree1[string, int]
for i, word := range strings.Fields(`the quick fox the dog`) { kept1.Put(word, i) }
""",
        """
for k, v := range kept1.All() {
	if k == `the` { break }
	fmt.Print(k, v, ` `)
}
fmt.Println(kept1.n)
""",
        out="dog4 fox2 quick1 4\n",
    ),
    ok(
        "embedded interfaces in an interface, and a promoted method by a pointer",
        """
type read9 interface{ Read() string }
type both9 interface { read9; fmt.Stringer }
type base9 struct{ n int }
func (b *base9) Add(d int) { b.n += d }
type file9 struct{ base9; name string }
func (f *file9) Read() string { return `r` + f.name }
func (f *file9) String() string { return fmt.Sprint(f.name, f.n) }
var held9 both9 = &file9{name: `q`}
""",
        "held9.(*file9).Add(3)",
        "fmt.Println(held9.Read(), held9)",
        out="rq q3\n",
    ),
    ok(
        "a recovered panic at the top of a cell keeps what it has set",
        """
rp1 := 1
defer func() { fmt.Print(recover(), ` `) }()
rp1 = 10
panic(`oops`)
""",
        "fmt.Println(rp1)",
        out="10\n",
    ),
    ok(
        "a return at the top of a cell keeps what it has set",
        """
rt1 := 1
if rt1 > 0 {
	rt1 = 5
	return
}
rt1 = 7
""",
        "fmt.Println(rt1)",
        out="5\n",
    ),
    ok(
        "a mutex that is held and what was done once",
        """
var held2 sync.Mutex
var once2 sync.Once
once2.Do(func() { held2.Lock() })
""",
        """
once2.Do(func() { fmt.Print(`again `) })
fmt.Println(held2.TryLock())
held2.Unlock()
""",
        "fmt.Println(held2.TryLock())",
        out="true\n",
    ),
    ok(
        "a moment keeps its zone",
        "at1 := time.Date(2024, 7, 1, 12, 0, 0, 0, time.FixedZone(`X`, 3600*5+1800))",
        "fmt.Println(at1.Format(time.RFC1123Z), at1.Location(), at1.UTC().Hour())",
        out="Mon, 01 Jul 2024 12:00:00 +0530 X 6\n",
    ),
    ok(
        "lines in a raw string that look like directives",
        "raw1 := `\n%ls\n!echo no\n%%main`",
        "fmt.Println(raw1)",
        out="\n%ls\n!echo no\n%%main\n",
    ),
    ok("a cell of comments alone", "/* one\n%ls */\n// two"),
    ok(
        "letters of any script in names",
        "größe1, π1 := 3, 3.14\nfunc Ünï1(ñ int) int { return ñ * größe1 }",
        "fmt.Println(Ünï1(2), π1)",
        out="6 3.14\n",
    ),
    ok(
        "an alias of an import for another package",
        "import str1 `strings`",
        "import str1 `strconv`",
        "fmt.Println(str1.Itoa(5))",
        out="5\n",
    ),
    ok(
        "a method that was removed is not found in a kept interface",
        """
type square2 struct{ s float64 }
func (s square2) Area() float64 { return s.s * s.s }
func (s square2) Round() float64 { return 4 * s.s }
var shape2 interface{ Area() float64 } = square2{2}
""",
        "%rm square2.Round",
        """
_, is2 := shape2.(interface{ Round() float64 })
fmt.Println(is2, shape2.Area())
""",
        out="false 4\n",
    ),
    ok(
        "a map by which a value holds itself",
        """
type self1 struct{ *inner1; mu sync.Mutex }
type inner1 struct{ name string; of map[string]*self1 }
se1 := &self1{inner1: &inner1{of: map[string]*self1{}}}
se1.of[`me`] = se1
""",
        "se1.of[`me`].of[`me`].name = `changed`",
        "fmt.Println(se1.name, se1.of[`me`] == se1)",
        out="changed true\n",
    ),
    ok(
        "an error of several, and of which it is",
        "er1 := errors.Join(errors.New(`one`), fmt.Errorf(`two: %w`, io.EOF))",
        "fmt.Printf(`%v %q`, errors.Is(er1, io.EOF), er1)",
        out='true "one\\ntwo: EOF"',
    ),
]

CASES = [*DECLARATIONS, *TYPES, *VALUES, *CANNOT, *ENDS, *OTHER, *DEMANDING]
