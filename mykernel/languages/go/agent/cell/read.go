package cell

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"unsafe"
)

// reader reads what a writer has written.
type reader struct {
	in    *bufio.Reader
	seen  []reflect.Value // pointers and maps, by number
	known Types
}

func read(path string, variable any, known Types) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r := &reader{in: bufio.NewReaderSize(file, 1<<16), known: known}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	value := reflect.ValueOf(variable).Elem()
	if r.text() != layout(value.Type()) {
		panic("its type is not what it was")
	}
	r.value(value)
	return nil
}

func (r *reader) number() uint64 {
	n, err := binary.ReadUvarint(r.in)
	check(err)
	return n
}

func (r *reader) text() string {
	text := make([]byte, r.number())
	r.fill(text)
	return string(text)
}

func (r *reader) fill(data []byte) {
	_, err := io.ReadFull(r.in, data)
	check(err)
}

func (r *reader) fixed() uint64 {
	var data [8]byte
	r.fill(data[:])
	return binary.LittleEndian.Uint64(data[:])
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func (r *reader) value(v reflect.Value) {
	v = open(v)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.number() == 1)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.fixed()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(r.fixed())
	case reflect.Float32, reflect.Float64:
		v.SetFloat(math.Float64frombits(r.fixed()))
	case reflect.Complex64, reflect.Complex128:
		first := math.Float64frombits(r.fixed())
		v.SetComplex(complex(first, math.Float64frombits(r.fixed())))
	case reflect.String:
		v.SetString(r.text())
	case reflect.Slice:
		r.slice(v)
	case reflect.Array:
		for i := range v.Len() {
			r.value(v.Index(i))
		}
	case reflect.Struct:
		r.seen = append(r.seen, v.Addr())
		for i := range v.NumField() {
			r.value(v.Field(i))
		}
	case reflect.Map:
		r.mapping(v)
	case reflect.Pointer:
		r.pointer(v)
	case reflect.Interface:
		r.dynamic(v)
	}
}

func (r *reader) slice(v reflect.Value) {
	length := r.number()
	if length == 0 {
		return
	}
	n := int(length - 1)
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	if element := v.Type().Elem(); plain(element) && n > 0 {
		r.fill(unsafe.Slice((*byte)(v.UnsafePointer()), uintptr(n)*element.Size()))
		return
	}
	for i := range n {
		r.value(v.Index(i))
	}
}

func (r *reader) mapping(v reflect.Value) {
	switch r.number() {
	case 1:
		v.Set(r.seen[r.number()])
	case 2:
		made := reflect.MakeMap(v.Type())
		v.Set(made)
		r.seen = append(r.seen, made)
		for range r.number() {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.value(key)
			r.value(value)
			made.SetMapIndex(key, value)
		}
	}
}

func (r *reader) pointer(v reflect.Value) {
	switch r.number() {
	case 1:
		v.Set(r.seen[r.number()].Convert(v.Type()))
	case 2:
		made := reflect.New(v.Type().Elem())
		v.Set(made.Convert(v.Type()))
		if made.Elem().Kind() != reflect.Struct {
			r.seen = append(r.seen, made)
		}
		r.value(made.Elem())
	case 3:
		v.Set(reflect.ValueOf(single[r.text()]))
	}
}

func (r *reader) dynamic(v reflect.Value) {
	switch r.number() {
	case 1:
		name := r.text()
		of := r.known[name]
		if of == nil {
			panic("its type " + name + " is not there any more")
		}
		if r.text() != layout(of) {
			panic("its type " + name + " is not what it was")
		}
		value := reflect.New(of).Elem()
		r.value(value)
		v.Set(value)
	case 3:
		v.Set(reflect.ValueOf(single[r.text()]))
	}
}
