package cell

import (
	"encoding"
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// lost is why a value cannot be carried.
type lost string

func (l lost) Error() string { return string(l) }

// What a reference says, besides the number of a block, whether there is a distance in it, and that.
const (
	isNil = iota
	isSingle
	isEmpty // of no size
	isBlock
)

// longText is from how many bytes on a string is written once for all that have it, in bytes.
const longText = 256

// writer writes a variable's value in two steps. First it finds all memory that the value reaches, as
// blocks; then it writes these, each pointer as the block that it points into and how far. So what
// is shared or points to itself is the same afterwards, within one variable.
type writer struct {
	regions
	out   out
	todo  []region
	maps  []reflect.Value
	mapAt map[unsafe.Pointer]int
	// By the address of a sync.Map, a map with what is in it.
	copies map[unsafe.Pointer]reflect.Value
	// Types of values in interfaces, by the first word of the interface, and in the order of the file.
	dynamics map[unsafe.Pointer]*dynamicType
	ordered  []*dynamicType
	sealed   bool // there is no place for further types in the file
	texts    map[string]int
}

// dynamicType of values in interfaces. direct: whether the interface's second word is the value.
type dynamicType struct {
	of     *shape
	name   string // as `source` has it
	number int    // from 1
	direct bool
}

// write puts the variable's value into the file, and says which types it holds in interfaces.
// The error is `lost` where the value cannot be carried.
func write(path string, variable any) (types []string, err error) {
	w := &writer{
		mapAt: map[unsafe.Pointer]int{}, copies: map[unsafe.Pointer]reflect.Value{},
		dynamics: map[unsafe.Pointer]*dynamicType{}, texts: map[string]int{},
	}
	w.walked = map[walk]span{}
	root := reflect.ValueOf(variable)
	defer func() {
		if fault := recover(); fault != nil {
			w.out.discard()
			types = nil
			switch fault := fault.(type) {
			case lost:
				err = fault
			case belongs:
				err = lost(fault.reason(root.Elem()))
			default:
				err = lost(fmt.Sprintf("it was changed while it was kept (%v)", fault))
			}
		}
	}()
	w.reach(root.UnsafePointer(), shapeOf(root.Type().Elem()), 1)
	w.walkAll()
	w.settle()
	w.out.create(path)
	w.header(root.Type().Elem())
	w.payload()
	for _, one := range w.ordered {
		if _, known := always[one.name]; !known {
			types = append(types, one.name)
		}
	}
	return types, w.out.close()
}

// header tells a reader what will come, so that it has places for it before anything points there.
func (w *writer) header(root reflect.Type) {
	w.out.text(layout(root))
	w.out.number(uint64(len(w.ordered)))
	numbers := numbering{}
	numbers.add(shapeOf(root))
	for _, one := range w.ordered {
		w.out.text(one.name)
		w.out.text(layout(one.of.of))
		numbers.add(one.of)
	}
	w.table(len(w.blocks), func(i int) (uint64, uint64) {
		return uint64(numbers.of[w.blocks[i].of]), uint64(w.blocks[i].count)
	})
	w.table(len(w.maps), func(i int) (uint64, uint64) {
		return uint64(numbers.of[shapeOf(w.maps[i].Type())]), uint64(w.maps[i].Len())
	})
	if len(w.found) == 0 { // it is of no size
		w.out.number(0)
	} else {
		w.out.number(uint64(w.found[0].block) + 1)
	}
	w.sealed = true
}

// table of pairs, each with how often it comes behind itself.
func (w *writer) table(count int, pair func(int) (uint64, uint64)) {
	w.out.number(uint64(count))
	for i := 0; i < count; {
		a, b := pair(i)
		start := i
		for i++; i < count; i++ {
			if nextA, nextB := pair(i); nextA != a || nextB != b {
				break
			}
		}
		w.out.number(a)
		w.out.number(b)
		w.out.number(uint64(i - start))
	}
}

// payload: first the blocks that are bytes, which a reader takes as they lie in the file.
func (w *writer) payload() {
	for _, one := range w.blocks {
		if one.of.bare {
			w.out.align()
			w.out.bytes(unsafe.Slice((*byte)(one.start), uintptr(one.count)*one.of.size))
		}
	}
	for _, one := range w.blocks {
		if !one.of.bare {
			for i := range one.count {
				w.value(at(one.start, uintptr(i)*one.of.size), one.of)
			}
		}
	}
	for _, m := range w.maps {
		key, value, count := shapeOf(m.Type().Key()), shapeOf(m.Type().Elem()), m.Len()
		each(m, func(k, v unsafe.Pointer) {
			w.value(k, key)
			w.value(v, value)
			count--
		})
		if count != 0 {
			panic("a map has grown or shrunk")
		}
	}
}

func (w *writer) value(start unsafe.Pointer, of *shape) {
	for i := range of.slots {
		one := &of.slots[i]
		here := at(start, one.at)
		switch one.kind {
		case plain:
			w.out.bytes(unsafe.Slice((*byte)(here), one.size))
		case text:
			w.text(*(*string)(here))
		case pointer:
			w.reference(*(*unsafe.Pointer)(here), one.to)
		case slice:
			header := (*sliceHeader)(here)
			if header.capacity == 0 && header.start != nil {
				w.out.number(isEmpty)
			} else {
				w.reference(header.start, one.to)
			}
			if header.start != nil {
				w.out.number(uint64(header.length))
				w.out.number(uint64(header.capacity))
			}
		case array:
			for i := range int(one.size / one.to.size) {
				w.value(at(here, uintptr(i)*one.to.size), one.to)
			}
		case mapping:
			w.mapping(*(*unsafe.Pointer)(here))
		case concurrent:
			copied, known := w.copies[here]
			if !known {
				panic(lost("it holds a sync.Map in a map or an interface"))
			}
			w.mapping(copied.UnsafePointer())
		case dynamic:
			w.inInterface(here, one.of)
		case moment: // its monotonic clock is the process's
			rounded := (*(*time.Time)(here)).Round(0)
			w.out.bytes(unsafe.Slice((*byte)(unsafe.Pointer(&rounded)), momentSize))
		case marshalled:
			data, err := reflect.NewAt(one.of, here).Interface().(encoding.BinaryMarshaler).MarshalBinary()
			if err != nil {
				panic(lost(err.Error()))
			}
			w.out.text(string(data))
		}
	}
}

// momentSize: the fields of a time.Time besides its location, which is a pointer, in bytes.
const momentSize = 16

func (w *writer) text(s string) {
	if len(s) >= longText {
		if number, known := w.texts[s]; known {
			w.out.number(uint64(number)<<1 | 1)
			return
		}
		w.texts[s] = len(w.texts)
	}
	w.out.number(uint64(len(s)) << 1)
	w.out.bytes(unsafe.Slice(unsafe.StringData(s), len(s)))
}

func (w *writer) reference(to unsafe.Pointer, of *shape) {
	of = of.flat
	switch {
	case to == nil:
		w.out.number(isNil)
		return
	case of.size == 0:
		w.out.number(isEmpty)
		return
	case of.single:
		if name, known := singleAt[to]; known {
			w.out.number(isSingle)
			w.out.text(name)
			return
		}
	}
	number := w.find(to, of)
	if number < 0 {
		panic("it points elsewhere now")
	}
	number = w.found[number].block
	distance := uintptr(to) - uintptr(w.blocks[number].start)
	if distance == 0 {
		w.out.number(uint64(number)<<1 + isBlock)
		return
	}
	w.out.number(uint64(number)<<1 + isBlock + 1)
	w.out.number(uint64(distance))
}

func (w *writer) mapping(m unsafe.Pointer) {
	if m == nil {
		w.out.number(0)
		return
	}
	number, known := w.mapAt[m]
	if !known {
		panic("another map is there now")
	}
	w.out.number(uint64(number) + 1)
}

func (w *writer) inInterface(here unsafe.Pointer, of reflect.Type) {
	found, value := w.dynamic(here, of)
	if found == nil {
		w.out.number(0)
		return
	}
	w.out.number(uint64(found.number))
	if found.direct || !found.of.leads {
		w.value(value, found.of)
	} else {
		w.reference(value, found.of)
	}
}
