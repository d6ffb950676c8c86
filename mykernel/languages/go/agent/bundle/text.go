package bundle

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// What is shown of a value as text. What was left out is told in its place.
const (
	mostNodes   = 2000    // values in it
	mostInCell  = 100     // values in a cell of a table
	mostOuter   = 1000    // elements of the outermost one
	mostInner   = 100     // elements of one within it
	mostText    = 100_000 // bytes of texts in it
	mostDepth   = 20      // values within values
	mostBinary  = 256     // bytes that are no text
	mostBytes   = 20_000  // of an outermost string
	mostInside  = 1000    // bytes of a string within a value
	mostSorted  = 100_000 // keys of a map; of a larger one some are shown
	lineWidth   = 80      // characters
	indentation = "    "
)

// printer makes texts of values.
type printer struct {
	nodes  int // how many there are
	size   int // bytes of texts in them
	inside map[place]bool
	told   []string
	table  bool // of a cell in a table
}

// place of a value that can hold itself.
type place struct {
	at unsafe.Pointer
	of reflect.Type
}

// context of a value: how deep in others it is, and what is known of its type.
type context struct {
	depth   int
	elided  bool // the type stands outside, as that of elements does
	dynamic bool // it is in an interface
}

func (p *printer) text(value any) string {
	if text, is := value.(string); is && p.table {
		return text
	}
	p.nodes, p.size, p.inside = 0, 0, map[place]bool{}
	if p.table {
		p.nodes = mostNodes - mostInCell
	}
	return p.node(addressable(reflect.ValueOf(value)), context{}).laidOut(p.table)
}

// addressable is a copy whose unexported fields can be looked at.
func addressable(v reflect.Value) reflect.Value {
	if !v.IsValid() || v.CanAddr() {
		return v
	}
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// open is the value without the guard of unexported fields.
func open(v reflect.Value) reflect.Value {
	if v.IsValid() && v.CanAddr() {
		return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
	}
	return v
}

// full: whether there is enough.
func (p *printer) full() bool { return p.nodes > mostNodes || p.size > mostText }

func (p *printer) node(v reflect.Value, in context) node {
	found := p.find(v, in)
	p.size += len(found.head)
	return found
}

func (p *printer) find(v reflect.Value, in context) node {
	p.nodes++
	if !v.IsValid() {
		return leaf("nil")
	}
	v = open(v)
	if text, is := p.said(v, in); is {
		return leaf(text)
	}
	if in.depth > mostDepth {
		return leaf("…")
	}
	t := v.Type()
	switch v.Kind() {
	case reflect.String:
		return leaf(typed(quoted(v.String(), in.depth), t, in))
	case reflect.Interface:
		if v.IsNil() {
			return leaf("nil")
		}
		p.nodes--
		return p.node(addressable(v.Elem()), context{depth: in.depth, dynamic: true})
	case reflect.Pointer:
		return p.pointer(v, in)
	case reflect.Struct:
		return p.structure(v, in)
	case reflect.Map:
		return p.mapping(v, in)
	case reflect.Slice, reflect.Array:
		return p.sequence(v, in)
	case reflect.Func:
		if v.IsNil() {
			return leaf(absent(t, in))
		}
		return leaf(typeName(t) + " {…}")
	case reflect.Chan:
		if v.IsNil() {
			return leaf(absent(t, in))
		}
		return leaf(fmt.Sprintf("%s (%d of %d)", typeName(t), v.Len(), v.Cap()))
	}
	return leaf(typed(scalar(v), t, in))
}

// pointer to a value, which is shown but where it is one that we are in.
func (p *printer) pointer(v reflect.Value, in context) node {
	if v.IsNil() {
		return leaf(absent(v.Type(), in))
	}
	to := v.Type().Elem()
	leave, cycle := p.enter(v.UnsafePointer(), v.Type())
	if cycle {
		return leaf("(*" + typeName(to) + " above)")
	}
	defer leave()
	elided := in.elided && slices.Contains([]reflect.Kind{reflect.Struct, reflect.Map, reflect.Slice, reflect.Array}, to.Kind())
	found := p.node(v.Elem(), context{depth: in.depth, elided: elided, dynamic: in.dynamic})
	if !elided {
		found.head = "&" + found.head
	}
	return found
}

func (p *printer) enter(at unsafe.Pointer, of reflect.Type) (leave func(), cycle bool) {
	here := place{at, of}
	if p.inside[here] {
		return nil, true
	}
	p.inside[here] = true
	return func() { delete(p.inside, here) }, false
}

func (p *printer) structure(v reflect.Value, in context) node {
	t := v.Type()
	found := node{head: headOf(t, in), tail: "}"}
	for i := range t.NumField() {
		if t.Field(i).Name == "_" {
			continue
		}
		if p.full() || i == mostInner && in.depth > 0 {
			found.more = leftOut(t.NumField() - i)
			break
		}
		one := p.node(v.Field(i), context{depth: in.depth + 1})
		one.label = t.Field(i).Name + ":"
		found.parts = append(found.parts, one)
	}
	return found
}

func headOf(t reflect.Type, in context) string {
	if in.elided {
		return "{"
	}
	return typeName(t) + "{"
}

func (p *printer) sequence(v reflect.Value, in context) node {
	t := v.Type()
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return leaf(absent(t, in))
		}
		if v.Len() > 0 {
			leave, cycle := p.enter(v.UnsafePointer(), t)
			if cycle {
				return leaf("(" + typeName(t) + " above)")
			}
			defer leave()
		}
	}
	if t.Elem().Kind() == reflect.Uint8 && t.Elem().PkgPath() == "" && v.Len() > 0 {
		return bytesNode(v, in)
	}
	found := node{head: headOf(t, in), tail: "}"}
	most := limit(in)
	for i := range v.Len() {
		if i == most || p.full() {
			found.more = leftOut(v.Len() - i)
			break
		}
		found.parts = append(found.parts, p.node(v.Index(i), context{depth: in.depth + 1, elided: true}))
	}
	return found
}

func limit(in context) int {
	if in.depth > 0 {
		return mostInner
	}
	return mostOuter
}

// bytesNode: as a string where they are text.
func bytesNode(v reflect.Value, in context) node {
	most := mostBytes
	if in.depth > 0 {
		most = mostInside
	}
	raw := v.Slice(0, min(v.Len(), most+utf8.UTFMax)).Bytes()
	text, _ := cut(string(raw), most)
	if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' && r != 0x1b }) {
		_, more := cut(string(raw), most)
		if v.Len() > len(raw) || more != "" {
			more = fmt.Sprintf("… (%s more bytes)", thousands(v.Len()-len(text)))
		}
		return leaf(typeName(v.Type()) + "(" + strconv.Quote(text) + more + ")")
	}
	found := node{head: headOf(v.Type(), in), tail: "}"}
	for i, one := range raw {
		if i == mostBinary {
			break
		}
		found.parts = append(found.parts, leaf(fmt.Sprintf("0x%02x", one)))
	}
	if rest := v.Len() - len(found.parts); rest > 0 {
		found.more = leftOut(rest)
	}
	return found
}

func (p *printer) mapping(v reflect.Value, in context) node {
	t := v.Type()
	if v.IsNil() {
		return leaf(absent(t, in))
	}
	leave, cycle := p.enter(v.UnsafePointer(), t)
	if cycle {
		return leaf("(" + typeName(t) + " above)")
	}
	defer leave()
	found := node{head: headOf(t, in), tail: "}"}
	for _, one := range entries(v) {
		if len(found.parts) == limit(in) || p.full() {
			break
		}
		label := p.node(one.key, context{depth: in.depth + 1, elided: true}).flat()
		part := p.node(one.value, context{depth: in.depth + 1, elided: true})
		part.label = label + ":"
		found.parts = append(found.parts, part)
	}
	if rest := v.Len() - len(found.parts); rest > 0 {
		found.more = leftOut(rest)
	}
	return found
}
