package bundle

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
)

// entry of a map.
type entry struct{ key, value reflect.Value }

// entries of a map by their keys' order: all, or of a large one some.
func entries(v reflect.Value) (found []entry) {
	for each := v.MapRange(); each.Next() && len(found) < mostSorted; {
		found = append(found, entry{addressable(each.Key()), addressable(each.Value())})
	}
	slices.SortFunc(found, func(a, b entry) int { return compare(a.key, b.key) })
	return
}

func compare(a, b reflect.Value) int {
	if a.Kind() == reflect.Interface {
		a, b = a.Elem(), b.Elem()
	}
	if !a.IsValid() || !b.IsValid() || a.Kind() != b.Kind() {
		return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
	}
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}
