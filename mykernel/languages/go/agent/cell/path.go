package cell

import (
	"fmt"
	"reflect"
	"unsafe"
)

// belongs to the process: a value of that type.
type belongs struct{ of reflect.Type }

// reason why a variable that holds it cannot be carried, with where it is, as far as that is found.
func (b belongs) reason(variable reflect.Value) string {
	search := search{b.of, map[unsafe.Pointer]bool{}}
	if path, found := search.in(variable, ""); found && path != "" {
		return fmt.Sprintf("its %s is a %s, which belongs to a process", path, b.of)
	}
	return fmt.Sprintf("it is or holds a %s, which belongs to a process", b.of)
}

// search for a value of a type that is not zero.
type search struct {
	of   reflect.Type
	seen map[unsafe.Pointer]bool
}

func (s search) in(v reflect.Value, path string) (where string, found bool) {
	v = open(v)
	if v.Type() == s.of {
		return path, !v.IsZero()
	}
	if !shapeOf(v.Type()).leads || len(path) > longestPath {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || s.seen[v.UnsafePointer()] || isKnown(v.UnsafePointer(), shapeOf(v.Type().Elem())) {
			return
		}
		s.seen[v.UnsafePointer()] = true
		return s.in(v.Elem(), path)
	case reflect.Interface:
		if !v.IsNil() {
			return s.in(v.Elem(), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if where, found = s.in(v.Field(i), path+"."+v.Type().Field(i).Name); found {
				return
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if where, found = s.in(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); found {
				return
			}
		}
	case reflect.Map:
		if s.seen[v.UnsafePointer()] {
			return
		}
		s.seen[v.UnsafePointer()] = true
		for entries := v.MapRange(); entries.Next(); {
			if where, found = s.in(entries.Value(), path+"["+keyText(entries.Key())+"]"); found {
				return
			}
		}
	}
	return
}

// longestPath that is told, in bytes.
const longestPath = 200

func keyText(key reflect.Value) string {
	switch {
	case key.Kind() == reflect.String:
		return fmt.Sprintf("%q", key.String())
	case key.CanInt():
		return fmt.Sprint(key.Int())
	}
	return "…"
}

// open is the value without the guard of unexported fields, where it has an address.
func open(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	return v
}
