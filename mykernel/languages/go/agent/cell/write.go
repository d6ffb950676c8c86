package cell

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"reflect"
	"time"
	"unsafe"
)

// lost is why a value cannot be carried.
type lost string

func (l lost) Error() string { return string(l) }

type address struct {
	at unsafe.Pointer
	of reflect.Type
}

// writer writes values. What was written and can be pointed to is numbered, so that pointers, maps
// and cycles are the same afterwards, within one variable.
type writer struct {
	out   *bufio.Writer
	seen  map[address]uint64
	next  uint64
	types map[string]bool // of values in interfaces, as `source` has them
}

// write puts the variable's value into the file, and says which types it holds in interfaces.
func write(path string, variable any) (types []string, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	w := &writer{bufio.NewWriterSize(file, 1<<16), map[address]uint64{}, 0, map[string]bool{}}
	defer func() {
		if fault := recover(); fault != nil {
			reason, expected := fault.(lost)
			if !expected {
				reason = lost(fmt.Sprint(fault))
			}
			types, err = nil, reason
		}
	}()
	value := reflect.ValueOf(variable).Elem()
	w.text(layout(value.Type()))
	w.value(value)
	for name := range w.types {
		types = append(types, name)
	}
	return types, w.out.Flush()
}

func (w *writer) number(n uint64) {
	var buffer [binary.MaxVarintLen64]byte
	w.out.Write(buffer[:binary.PutUvarint(buffer[:], n)])
}

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	w.out.WriteString(s)
}

func (w *writer) fixed(bits uint64) {
	w.out.Write(binary.LittleEndian.AppendUint64(nil, bits))
}

// open is the value without the guard of unexported fields.
func open(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	return v
}

// plain: whether values of the type are their bytes.
func plain(t reflect.Type) bool { return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128 }

// refused: these are bound to the process, though they do not look it.
func refused(t reflect.Type) bool {
	switch t.PkgPath() {
	case "internal/poll", "internal/abi", "runtime", "reflect", "unique", "weak", "plugin":
		return true
	case "os":
		return t.Name() == "File" || t.Name() == "Process" || t.Name() == "Root"
	}
	return false
}

var timeType = reflect.TypeFor[time.Time]()

func (w *writer) value(v reflect.Value) {
	v = open(v)
	t := v.Type()
	if refused(t) {
		panic(lost(fmt.Sprintf("it is or holds %s, which belongs to a process", t)))
	}
	switch v.Kind() {
	case reflect.Bool:
		w.number(map[bool]uint64{true: 1}[v.Bool()])
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.fixed(uint64(v.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		w.fixed(v.Uint())
	case reflect.Float32, reflect.Float64:
		w.fixed(math.Float64bits(v.Float()))
	case reflect.Complex64, reflect.Complex128:
		w.fixed(math.Float64bits(real(v.Complex())))
		w.fixed(math.Float64bits(imag(v.Complex())))
	case reflect.String:
		w.text(v.String())
	case reflect.Slice:
		w.slice(v)
	case reflect.Array:
		for i := range v.Len() {
			w.value(v.Index(i))
		}
	case reflect.Struct:
		w.structure(v)
	case reflect.Map:
		w.mapping(v)
	case reflect.Pointer:
		w.pointer(v)
	case reflect.Interface:
		w.dynamic(v)
	default:
		if !v.IsZero() {
			panic(lost(fmt.Sprintf("it is or holds a %s, which belongs to a process", t)))
		}
	}
}

func (w *writer) slice(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	w.number(uint64(v.Len()) + 1)
	if element := v.Type().Elem(); plain(element) && v.Len() > 0 {
		w.out.Write(unsafe.Slice((*byte)(v.UnsafePointer()), uintptr(v.Len())*element.Size()))
		return
	}
	for i := range v.Len() {
		w.value(v.Index(i))
	}
}

func (w *writer) structure(v reflect.Value) {
	if v.CanAddr() {
		w.remember(v.Addr().UnsafePointer(), v.Type())
	}
	if v.Type() == timeType { // its monotonic clock is the process's
		rounded := reflect.New(timeType).Elem()
		rounded.Set(reflect.ValueOf(v.Interface().(time.Time).Round(0)))
		v = rounded
	}
	for i := range v.NumField() {
		w.value(v.Field(i))
	}
}

// remember numbers what comes now, as the reader does, which cannot know what was seen before.
func (w *writer) remember(at unsafe.Pointer, of reflect.Type) {
	if _, known := w.seen[address{at, of}]; !known {
		w.seen[address{at, of}] = w.next
	}
	w.next++
}

// again writes a reference to what was written before, or that it comes now.
func (w *writer) again(at unsafe.Pointer, of reflect.Type) bool {
	number, known := w.seen[address{at, of}]
	if known {
		w.number(1)
		w.number(number)
		return true
	}
	w.number(2)
	return false
}

func (w *writer) mapping(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	if w.again(v.UnsafePointer(), v.Type()) {
		return
	}
	w.remember(v.UnsafePointer(), v.Type())
	w.number(uint64(v.Len()))
	key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
	for each := v.MapRange(); each.Next(); {
		key.SetIterKey(each)
		value.SetIterValue(each)
		w.apart(key)
		w.apart(value)
	}
}

// apart writes a copy, at whose address nothing else will be.
func (w *writer) apart(v reflect.Value) {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	w.value(copied)
}

func (w *writer) pointer(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	if name, is := singleAt[v.UnsafePointer()]; is {
		w.number(3)
		w.text(name)
		return
	}
	if w.again(v.UnsafePointer(), v.Type().Elem()) {
		return
	}
	if v.Elem().Kind() != reflect.Struct { // which remembers itself
		w.remember(v.UnsafePointer(), v.Type().Elem())
	}
	w.value(v.Elem())
}

func (w *writer) dynamic(v reflect.Value) {
	if v.IsNil() {
		w.number(0)
		return
	}
	inner := v.Elem()
	t := inner.Type()
	if t.Kind() == reflect.Pointer {
		if name, is := singleAt[inner.UnsafePointer()]; is {
			w.number(3)
			w.text(name)
			return
		}
	}
	name := source(t)
	if _, known := always[name]; !known {
		if refused(t) || nameless(t) {
			panic(lost(fmt.Sprintf("it holds a %s, which has no name outside of its package", t)))
		}
		w.types[name] = true
	}
	w.number(1)
	w.text(name)
	w.text(layout(t))
	w.apart(inner)
}
