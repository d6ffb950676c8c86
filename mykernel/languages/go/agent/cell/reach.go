package cell

import (
	"reflect"
	"sync"
	"unsafe"
)

// reach memory that was found: values of that shape behind each other.
func (w *writer) reach(start unsafe.Pointer, of *shape, count int) {
	of, count = of.flat, count*of.count
	if of.size == 0 || count == 0 {
		return
	}
	known := w.add(start, of, count)
	if known < count && of.leads {
		w.todo = append(w.todo, region{start: at(start, uintptr(known)*of.size), of: of, count: count - known})
	}
}

func (w *writer) walkAll() {
	for len(w.todo) > 0 {
		one := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		if one.count == 1 {
			w.look(one.start, one.of)
			continue
		}
		w.unwalked(one.start, one.of, one.count, func(start unsafe.Pointer) { w.look(start, one.of) })
	}
}

// look where the pointers of a value lead to.
func (w *writer) look(start unsafe.Pointer, of *shape) {
	for i := range of.slots {
		one := &of.slots[i]
		here := at(start, one.at)
		switch one.kind {
		case pointer:
			if to := *(*unsafe.Pointer)(here); to != nil && !isKnown(to, one.to) {
				w.reach(to, one.to, 1)
			}
		case slice:
			header := (*sliceHeader)(here)
			w.reach(header.start, one.to, header.capacity)
		case array:
			if one.to.leads {
				for i := range int(one.size / one.to.size) {
					w.look(at(here, uintptr(i)*one.to.size), one.to)
				}
			}
		case mapping:
			if m := *(*unsafe.Pointer)(here); m != nil {
				if _, known := w.mapAt[m]; !known { // a copy, which stays when what is here changes
					w.reachMap(reflect.ValueOf(reflect.NewAt(one.of, here).Elem().Interface()))
				}
			}
		case concurrent:
			w.reachCopy(here)
		case dynamic:
			if found, value := w.dynamic(here, one.of); found != nil && found.direct {
				w.look(value, found.of)
			} else if found != nil && found.of.leads {
				w.reach(value, found.of, 1)
			}
		case bound:
			for _, b := range unsafe.Slice((*byte)(here), one.size) {
				if b != 0 {
					panic(belongs{one.of})
				}
			}
		}
	}
}

// sliceHeader is how a slice lies in memory.
type sliceHeader struct {
	start            unsafe.Pointer
	length, capacity int
}

func isKnown(to unsafe.Pointer, of *shape) bool {
	if !of.single {
		return false
	}
	_, known := singleAt[to]
	return known
}

func (w *writer) reachMap(m reflect.Value) {
	w.mapAt[m.UnsafePointer()] = len(w.maps)
	w.maps = append(w.maps, m)
	key, value := shapeOf(m.Type().Key()), shapeOf(m.Type().Elem())
	if !key.leads && !value.leads {
		return
	}
	each(m, func(k, v unsafe.Pointer) {
		w.look(k, key)
		w.look(v, value)
	})
}

// each calls with copies of the entries, which are gone with the next call.
func each(m reflect.Value, call func(key, value unsafe.Pointer)) {
	key, value := reflect.New(m.Type().Key()), reflect.New(m.Type().Elem())
	for entries := m.MapRange(); entries.Next(); {
		key.Elem().SetIterKey(entries)
		value.Elem().SetIterValue(entries)
		call(key.UnsafePointer(), value.UnsafePointer())
	}
}

func (w *writer) reachCopy(of unsafe.Pointer) {
	copied := map[any]any{}
	(*sync.Map)(of).Range(func(key, value any) bool {
		copied[key] = value
		return true
	})
	w.copies[of] = reflect.ValueOf(copied)
	w.reachMap(w.copies[of])
}

// dynamic is what an interface holds, and where it is; nil where it holds nothing.
func (w *writer) dynamic(here unsafe.Pointer, of reflect.Type) (*dynamicType, unsafe.Pointer) {
	words := (*[2]unsafe.Pointer)(here)
	if words[0] == nil {
		return nil, nil
	}
	found := w.dynamics[words[0]]
	if found == nil {
		found = w.newDynamic(reflect.NewAt(of, here).Elem().Elem().Type())
		w.dynamics[words[0]] = found
	}
	if found.direct {
		return found, unsafe.Pointer(&words[1])
	}
	return found, words[1]
}

func (w *writer) newDynamic(t reflect.Type) *dynamicType {
	name := source(t)
	for _, one := range w.ordered {
		if one.of.of == t {
			return one
		}
	}
	if w.sealed {
		panic("another type is there now")
	}
	_, direct := words(t, emptyType)
	found := &dynamicType{shapeOf(t), name, len(w.ordered) + 1, direct}
	if _, known := always[name]; !known {
		if reason := unwritable(t); reason != "" {
			panic(lost(reason))
		}
	}
	w.ordered = append(w.ordered, found)
	return found
}

// words is the first word of an interface that holds a value of the type, and whether the second is the
// value and not a pointer to it. Panics when the type has not the interface's methods.
func words(t, of reflect.Type) (first unsafe.Pointer, direct bool) {
	holder := reflect.New(of)
	holder.Elem().Set(reflect.Zero(t))
	found := (*[2]unsafe.Pointer)(holder.UnsafePointer())
	return found[0], found[1] == nil
}
