package cell

import (
	"encoding"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// shape is how the values of a type lie in memory, found once for each type.
type shape struct {
	of     reflect.Type
	number uint32 // in the order in which they were found
	size   uintptr
	slots  []slot
	bare   bool // the value is its bytes
	leads  bool // it may lead to other memory, besides the bytes of strings
	// An array is its elements, those of arrays in it included; all else is itself, once.
	flat  *shape
	count int
	// Of the values that stand for it in all programs, by their address; see `single`.
	single bool
}

// slot is a part of a value, at a distance in bytes from its start.
type slot struct {
	kind slotKind
	at   uintptr
	size uintptr      // of plain and bound, in bytes
	to   *shape       // what a pointer or a slice points to, and of what an array is
	of   reflect.Type // of all but plain, text and moment
}

type slotKind int

const (
	plain   slotKind = iota // bytes, those between fields included
	text                    // a string
	pointer                 // or an atomic.Pointer
	slice
	array
	mapping
	dynamic    // an interface
	bound      // to the process, unless it is zero
	moment     // the part of a time.Time that has the clock of the process, too
	marshalled // that of itself knows how to be bytes
	concurrent // a sync.Map
)

var shapes = map[reflect.Type]*shape{}

func shapeOf(t reflect.Type) *shape {
	if s, known := shapes[t]; known {
		return s
	}
	s := &shape{of: t, number: uint32(len(shapes)), size: t.Size()}
	shapes[t] = s
	s.flat, s.count = s, 1
	if t.Kind() == reflect.Array {
		element := shapeOf(t.Elem())
		s.flat, s.count = element.flat, element.count*t.Len()
	}
	s.add(t, 0)
	s.bare = true
	for _, one := range s.slots {
		s.bare = s.bare && one.kind == plain
		s.leads = s.leads || one.kind != plain && one.kind != text && (one.kind != array || one.to.leads)
	}
	for _, value := range single {
		s.single = s.single || reflect.TypeOf(value).Elem() == t
	}
	return s
}

// Fewer elements of an array are slots of their own.
const unrolled = 8

// add the slots of a part of this type, at that distance.
func (s *shape) add(t reflect.Type, at uintptr) {
	put := func(kind slotKind, to *shape) {
		s.slots = append(s.slots, slot{kind: kind, at: at, size: t.Size(), to: to, of: t})
	}
	switch {
	case t == timeType:
		put(moment, nil)
		s.add(locationType, at+t.Field(t.NumField()-1).Offset)
		return
	case t == concurrentType:
		put(concurrent, nil)
		return
	case marshals(t):
		put(marshalled, nil)
		return
	case refused(t):
		put(bound, nil)
		return
	case t.PkgPath() == "sync/atomic" && strings.HasPrefix(t.Name(), "Pointer["):
		field, _ := t.FieldByName("v")
		at += field.Offset
		put(pointer, shapeOf(t.Field(0).Type.Elem().Elem()))
		return
	}
	switch t.Kind() {
	case reflect.String:
		put(text, nil)
	case reflect.Pointer:
		put(pointer, shapeOf(t.Elem()))
	case reflect.Slice:
		put(slice, shapeOf(t.Elem()))
	case reflect.Map:
		put(mapping, nil)
	case reflect.Interface:
		put(dynamic, nil)
	case reflect.Struct:
		for i := range t.NumField() {
			s.add(t.Field(i).Type, at+t.Field(i).Offset)
		}
	case reflect.Array:
		switch element := shapeOf(t.Elem()); {
		case element.bare:
			s.addPlain(at, t.Size())
		case t.Len() <= unrolled:
			for i := range t.Len() {
				s.add(t.Elem(), at+uintptr(i)*element.size)
			}
		default:
			put(array, element)
		}
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		put(bound, nil)
	default:
		s.addPlain(at, t.Size())
	}
}

// addPlain adds bytes. Between two such parts is nothing but what fills the gap.
func (s *shape) addPlain(at, size uintptr) {
	if last := len(s.slots) - 1; last >= 0 && s.slots[last].kind == plain {
		s.slots[last].size = at + size - s.slots[last].at
	} else if size > 0 {
		s.slots = append(s.slots, slot{kind: plain, at: at, size: size})
	}
}

var (
	timeType       = reflect.TypeFor[time.Time]()
	locationType   = reflect.TypeFor[*time.Location]()
	concurrentType = reflect.TypeFor[sync.Map]()
	emptyType      = reflect.TypeFor[any]()
	marshaler      = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshaler    = reflect.TypeFor[encoding.BinaryUnmarshaler]()
	_              = atomic.Pointer[int]{} // whose fields `add` knows
)

// refused: these are bound to the process, though they do not look it.
func refused(t reflect.Type) bool {
	if t.Kind() <= reflect.Complex128 { // numbers, such as reflect.Kind
		return false
	}
	switch t.PkgPath() {
	case "internal/poll", "internal/abi", "runtime", "reflect", "unique", "weak", "plugin":
		return true
	case "os":
		return t.Name() == "File" || t.Name() == "Process" || t.Name() == "Root"
	}
	return false
}

// marshals: whether it has in it what is refused, such as netip.Addr, but knows how to be bytes.
func marshals(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.PkgPath() == "main" || !reflect.PointerTo(t).Implements(marshaler) || !reflect.PointerTo(t).Implements(unmarshaler) {
		return false
	}
	for i := range t.NumField() {
		if refused(t.Field(i).Type) {
			return true
		}
	}
	return false
}

// within: whether what lies at that distance in a value of the shape has the other shape.
func (s *shape) within(distance uintptr, other *shape) bool {
	t := s.of
	for {
		if distance == 0 && t == other.of {
			return true
		}
		switch t.Kind() {
		case reflect.Array:
			if t.Elem().Size() == 0 {
				return false
			}
			distance %= t.Elem().Size()
			t = t.Elem()
		case reflect.Struct:
			found := false
			for i := range t.NumField() {
				field := t.Field(i)
				if end := field.Offset + field.Type.Size(); field.Offset <= distance && distance < end {
					distance -= field.Offset
					t, found = field.Type, true
					break
				}
			}
			if !found {
				return false
			}
		default:
			return false
		}
	}
}

// at is an address at a distance from another one.
func at(start unsafe.Pointer, distance uintptr) unsafe.Pointer { return unsafe.Add(start, distance) }

// numbering of the shapes that a value may have in it, the same for who writes and who reads.
type numbering struct {
	of      map[*shape]int
	ordered []*shape
}

func (n *numbering) add(s *shape) {
	if _, known := n.of[s]; known {
		return
	}
	if n.of == nil {
		n.of = map[*shape]int{}
	}
	n.of[s] = len(n.ordered)
	n.ordered = append(n.ordered, s)
	n.add(s.flat)
	for _, one := range s.slots {
		switch {
		case one.to != nil:
			n.add(one.to)
		case one.kind == mapping:
			n.add(shapeOf(one.of))
			n.add(shapeOf(one.of.Key()))
			n.add(shapeOf(one.of.Elem()))
		case one.kind == concurrent:
			n.add(shapeOf(reflect.TypeFor[map[any]any]()))
		}
	}
}
