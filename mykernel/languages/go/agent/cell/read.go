package cell

import (
	"encoding"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// reader reads what a writer has written. What are bytes, and those of strings, stay where they were read to.
type reader struct {
	data     []byte
	now      int // how many of them are read
	known    Types
	dynamics []*dynamicType
	blocks   []block
	maps     []reflect.Value
	counts   []int // of entries
	texts    []string
	// The first words of interfaces.
	words map[holds]unsafe.Pointer
	// What is done when all else is there.
	last []func()
}

type holds struct {
	holder reflect.Type
	held   *dynamicType
}

// large: from how many bytes on it pays not to look for garbage.
const large = 1 << 20

var errDamaged = errors.New("its file is damaged")

// read sets the variable, which is zero.
func read(path string, variable any, known Types) (err error) {
	data, err := contents(path)
	if err != nil {
		return err
	}
	if len(data) > large { // of what comes now, all is needed
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
	}
	r := &reader{data: data, known: known, words: map[holds]unsafe.Pointer{}}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	r.header(reflect.ValueOf(variable))
	r.payload()
	return nil
}

// contents of the file, without the checksum, where bytes lie aligned.
func contents(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	status, err := file.Stat()
	if err != nil {
		return nil, err
	}
	words := make([]uint64, (status.Size()+7)/8+1)
	data := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), status.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, err
	}
	end := len(data) - crc32.Size
	if end < 0 || !slices.Equal(fourBytes(crc32.Checksum(data[:end], castagnoli)), data[end:]) {
		return nil, errDamaged
	}
	return data[:end], nil
}

func (r *reader) number() uint64 {
	if first := r.data[r.now]; first < 0x80 {
		r.now++
		return uint64(first)
	}
	n := uint64(0)
	for shift := 0; shift < 64 && r.now < len(r.data); shift += 7 {
		one := r.data[r.now]
		r.now++
		n |= uint64(one&0x7f) << shift
		if one < 0x80 {
			return n
		}
	}
	panic(errDamaged)
}

func (r *reader) text() string { return string(r.bytes(r.number())) }

func (r *reader) bytes(count uint64) []byte {
	r.now += int(count)
	return r.data[r.now-int(count) : r.now]
}

func (r *reader) header(variable reflect.Value) {
	if r.text() != layout(variable.Type().Elem()) {
		panic("its type is not what it was")
	}
	var numbers numbering
	numbers.add(shapeOf(variable.Type().Elem()))
	for range r.number() {
		one := r.dynamicType()
		numbers.add(one.of)
		r.dynamics = append(r.dynamics, one)
	}
	r.table(func(left uint64) { r.blocks = make([]block, 0, left) }, func(shape, count uint64) {
		r.blocks = append(r.blocks, block{of: numbers.ordered[shape], count: int(count)})
	})
	r.table(func(uint64) {}, func(shape, count uint64) {
		r.maps = append(r.maps, reflect.MakeMapWithSize(numbers.ordered[shape].of, int(count)))
		r.counts = append(r.counts, int(count))
	})
	if root := r.number(); root > 0 {
		r.blocks[root-1].start = variable.UnsafePointer()
	}
	for i := range r.blocks {
		r.place(&r.blocks[i])
	}
}

func (r *reader) dynamicType() *dynamicType {
	name := r.text()
	of := r.known[name]
	if of == nil {
		panic("its type " + name + " is not there any more")
	}
	if r.text() != layout(of) {
		panic("its type " + name + " is not what it was")
	}
	_, direct := words(of, emptyType)
	return &dynamicType{of: shapeOf(of), direct: direct}
}

func (r *reader) table(many func(count uint64), pair func(a, b uint64)) {
	left := r.number()
	many(left)
	for left > 0 {
		a, b, times := r.number(), r.number(), r.number()
		for range times {
			pair(a, b)
		}
		left -= times
	}
}

// place gives a block its memory.
func (r *reader) place(one *block) {
	own := one.start != nil // the variable's
	if one.of.bare {
		r.now = (r.now + alignment - 1) / alignment * alignment
		data := r.bytes(uint64(uintptr(one.count) * one.of.size))
		switch {
		case own:
		case one.count == 1: // an object, which may get a finalizer
			one.start = reflect.New(one.of.of).UnsafePointer()
		default:
			one.start = unsafe.Pointer(unsafe.SliceData(data))
			return
		}
		copy(unsafe.Slice((*byte)(one.start), len(data)), data)
	} else if !own {
		one.start = one.of.room(one.count)
	}
}

// room for that many values of the shape.
func (s *shape) room(count int) unsafe.Pointer {
	if count == 1 {
		return reflect.New(s.of).UnsafePointer()
	}
	return reflect.MakeSlice(reflect.SliceOf(s.of), count, count).UnsafePointer()
}

func (r *reader) payload() {
	for _, one := range r.blocks {
		if !one.of.bare {
			for i := range one.count {
				r.value(at(one.start, uintptr(i)*one.of.size), one.of)
			}
		}
	}
	for i, m := range r.maps { // whose keys are whole now
		key, value := reflect.New(m.Type().Key()), reflect.New(m.Type().Elem())
		keyShape, valueShape := shapeOf(m.Type().Key()), shapeOf(m.Type().Elem())
		for range r.counts[i] {
			r.value(key.UnsafePointer(), keyShape)
			r.value(value.UnsafePointer(), valueShape)
			m.SetMapIndex(key.Elem(), value.Elem())
		}
	}
	for _, finish := range r.last {
		finish()
	}
}

func (r *reader) value(start unsafe.Pointer, of *shape) {
	for i := range of.slots {
		one := &of.slots[i]
		here := at(start, one.at)
		switch one.kind {
		case plain:
			copy(unsafe.Slice((*byte)(here), one.size), r.bytes(uint64(one.size)))
		case text:
			*(*string)(here) = r.string()
		case pointer:
			*(*unsafe.Pointer)(here) = r.reference()
		case slice:
			var header sliceHeader
			if header.start = r.reference(); header.start != nil {
				header.length, header.capacity = int(r.number()), int(r.number())
			}
			*(*sliceHeader)(here) = header
		case array:
			for i := range int(one.size / one.to.size) {
				r.value(at(here, uintptr(i)*one.to.size), one.to)
			}
		case mapping:
			*(*unsafe.Pointer)(here) = nil
			if number := r.number(); number > 0 {
				*(*unsafe.Pointer)(here) = r.maps[number-1].UnsafePointer()
			}
		case concurrent:
			r.refill((*sync.Map)(here), r.maps[r.number()-1])
		case dynamic:
			*(*[2]unsafe.Pointer)(here) = r.inInterface(one.of)
		case moment:
			copy(unsafe.Slice((*byte)(here), momentSize), r.bytes(momentSize))
		case marshalled:
			value := reflect.NewAt(one.of, here).Interface().(encoding.BinaryUnmarshaler)
			if err := value.UnmarshalBinary([]byte(r.text())); err != nil {
				panic(err)
			}
		}
	}
}

func (r *reader) string() string {
	number := r.number()
	if number&1 == 1 {
		return r.texts[number>>1]
	}
	data := r.bytes(number >> 1)
	s := unsafe.String(unsafe.SliceData(data), len(data))
	if len(s) >= longText {
		r.texts = append(r.texts, s)
	}
	return s
}

func (r *reader) reference() unsafe.Pointer {
	switch number := r.number(); number {
	case isNil:
		return nil
	case isSingle:
		return reflect.ValueOf(single[r.text()]).UnsafePointer()
	case isEmpty:
		return unsafe.Pointer(&empty)
	default:
		number -= isBlock
		start := r.blocks[number>>1].start
		if number&1 == 1 {
			start = at(start, uintptr(r.number()))
		}
		return start
	}
}

// empty is where all lies that has no size.
var empty struct{}

func (r *reader) refill(into *sync.Map, from reflect.Value) {
	r.last = append(r.last, func() {
		for key, value := range from.Interface().(map[any]any) {
			into.Store(key, value)
		}
	})
}

func (r *reader) inInterface(holder reflect.Type) (found [2]unsafe.Pointer) {
	number := r.number()
	if number == 0 {
		return
	}
	held := r.dynamics[number-1]
	first, known := r.words[holds{holder, held}]
	if !known {
		if !held.of.of.AssignableTo(holder) {
			panic(strings.ReplaceAll(fmt.Sprintf("%v has not the methods of %v any more", held.of.of, holder), "main.", ""))
		}
		first, _ = words(held.of.of, holder)
		r.words[holds{holder, held}] = first
	}
	found[0] = first
	switch {
	case held.direct:
		r.value(unsafe.Pointer(&found[1]), held.of)
	case held.of.leads:
		found[1] = r.reference()
	default:
		found[1] = held.of.room(1)
		r.value(found[1], held.of)
	}
	return
}
