package bundle

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// rows in which keys of maps, and the longest slice, are looked for.
const mostSearched = 10_000

var (
	errorType    = reflect.TypeFor[error]()
	stringerType = reflect.TypeFor[fmt.Stringer]()
	timeType     = reflect.TypeFor[time.Time]()
)

// Table is a table of a slice, array or map of structs, or of a slice or array of maps or of slices.
// columns: the fields or keys that are shown, in this order, or the titles of slices' elements.
func Table(value any, columns ...string) (Bundle, error) {
	p := &printer{}
	t, err := tableOf(value, p, columns)
	if err != nil {
		return Bundle{}, err
	}
	found := t.bundle()
	found.Told = p.told
	return found, nil
}

// source is what a table is made of.
type source struct {
	value   reflect.Value // a slice, an array or a map
	keyed   bool          // a map, whose keys are a column
	titled  bool          // columns have no names of their own
	columns []column
	fields  func(row reflect.Value) []reflect.Value // of all columns; those that are absent are not valid
}

var errNoTable = errors.New("a table is made of structs, maps or slices, in a slice, an array or a map")

func tableOf(value any, p *printer, chosen []string) (*table, error) {
	v := addressable(reflect.ValueOf(value))
	for v.IsValid() && v.Kind() == reflect.Pointer && !saysItself(v.Type()) {
		v = v.Elem()
	}
	if !v.IsValid() || saysItself(v.Type()) {
		return nil, errNoTable
	}
	from := source{value: v}
	switch v.Kind() {
	case reflect.Map:
		from.keyed = true
		from.structs(v.Type().Elem())
	case reflect.Slice, reflect.Array:
		from.find(v.Type().Elem())
	}
	if len(from.columns) == 0 {
		return nil, errNoTable
	}
	wanted, err := from.choose(chosen)
	if err != nil {
		return nil, err
	}
	p.table = true
	defer func() { p.table = false }()
	return from.table(p, wanted), nil
}

// saysItself: whether values of the type have a text of their own.
func saysItself(of reflect.Type) bool {
	pointer := reflect.PointerTo(of)
	return of.Kind() != reflect.Interface && (pointer.Implements(errorType) || pointer.Implements(stringerType) || of.Implements(errorType) || of.Implements(stringerType))
}

func (s *source) find(of reflect.Type) {
	rowType := of
	if of.Kind() == reflect.Pointer {
		rowType = of.Elem()
	}
	switch {
	case saysItself(of):
	case rowType.Kind() == reflect.Struct:
		s.structs(of)
	case s.allMaps():
		s.maps()
	case (of.Kind() == reflect.Slice || of.Kind() == reflect.Array) && of.Elem().Kind() != reflect.Uint8:
		s.slices(of)
	}
}

func (s *source) structs(of reflect.Type) {
	if saysItself(of) {
		return
	}
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of.NumField() == 0 || saysItself(of) {
		return
	}
	var paths [][]int
	for _, field := range reflect.VisibleFields(of) {
		embedded := field.Type
		if field.Anonymous && embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		if field.Anonymous && embedded.Kind() == reflect.Struct && !saysItself(embedded) {
			continue // its fields follow
		}
		if field.Name == "_" {
			continue
		}
		paths = append(paths, field.Index)
		s.columns = append(s.columns, column{field.Name, typeName(field.Type), kindOf(field.Type)})
	}
	s.fields = func(row reflect.Value) []reflect.Value {
		found := make([]reflect.Value, len(paths))
		if row = within(row); row.IsValid() {
			for i, path := range paths {
				found[i] = fieldOf(row, path)
			}
		}
		return found
	}
}

// fieldOf a structure; not valid where it is in an embedded one that is not there.
func fieldOf(v reflect.Value, path []int) reflect.Value {
	for _, i := range path {
		if v = within(v); !v.IsValid() {
			return v
		}
		v = open(v.Field(i))
	}
	return v
}

// within is what a pointer or interface leads to, and the value itself otherwise.
func within(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = addressable(v.Elem())
	}
	return v
}

// allMaps: whether all elements are maps by strings.
func (s *source) allMaps() bool {
	for i := range min(s.value.Len(), mostSearched) {
		one := within(s.value.Index(i))
		if !one.IsValid() || one.Kind() != reflect.Map || one.Type().Key().Kind() != reflect.String {
			return false
		}
	}
	return s.value.Len() > 0
}

func (s *source) maps() {
	kinds := map[string]string{}
	for i := range min(s.value.Len(), mostSearched) {
		for each := within(s.value.Index(i)).MapRange(); each.Next(); {
			kind := "any"
			if value := within(each.Value()); value.IsValid() {
				kind = kindOf(value.Type())
			}
			key := each.Key().String()
			if before, known := kinds[key]; known && before != kind {
				kind = wider(before, kind)
			}
			kinds[key] = kind
		}
	}
	var keys []string
	for key := range kinds {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		s.columns = append(s.columns, column{key, "", kinds[key]})
	}
	s.fields = func(row reflect.Value) []reflect.Value {
		found := make([]reflect.Value, len(keys))
		if row = within(row); row.IsValid() && row.Kind() == reflect.Map && row.Type().Key().Kind() == reflect.String {
			for i, key := range keys {
				found[i] = row.MapIndex(reflect.ValueOf(key).Convert(row.Type().Key()))
			}
		}
		return found
	}
}

// wider is the kind of a column that holds both.
func wider(a, b string) string {
	if numbers := []string{"integer", "number"}; slices.Contains(numbers, a) && slices.Contains(numbers, b) {
		return "number"
	}
	return "any"
}

func (s *source) slices(of reflect.Type) {
	s.titled = true
	length := 0
	for i := range min(s.value.Len(), mostSearched) {
		length = max(length, s.value.Index(i).Len())
	}
	for i := range length {
		s.columns = append(s.columns, column{strconv.Itoa(i), typeName(of.Elem()), kindOf(of.Elem())})
	}
	s.fields = func(row reflect.Value) []reflect.Value {
		found := make([]reflect.Value, length)
		for i := range min(row.Len(), length) {
			found[i] = row.Index(i)
		}
		return found
	}
}

// choose gives the columns that are wanted, by their numbers from 0.
func (s *source) choose(chosen []string) ([]int, error) {
	var wanted []int
	for i := range s.columns {
		if s.titled && i < len(chosen) {
			s.columns[i].name = chosen[i]
		}
		wanted = append(wanted, i)
	}
	if s.titled || len(chosen) == 0 {
		return wanted, nil
	}
	wanted = nil
	for _, name := range chosen {
		at := slices.IndexFunc(s.columns, func(one column) bool { return one.name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no column %q", name)
		}
		wanted = append(wanted, at)
	}
	return wanted, nil
}

func (s *source) table(p *printer, wanted []int) *table {
	found := &table{count: s.value.Len(), wide: len(wanted)}
	if s.keyed {
		found.wide++
		of := s.value.Type().Key()
		found.columns = []column{{"key", typeName(of), kindOf(of)}}
	}
	wanted = wanted[:min(len(wanted), mostColumns)]
	for _, i := range wanted {
		found.columns = append(found.columns, s.columns[i])
	}
	size := 0
	for key, row := range s.each() {
		if rows := len(found.rows); rows == mostRows || rows*len(found.columns) > mostCells || size > mostOfCells {
			break
		}
		var line []cell
		if s.keyed {
			line = append(line, p.cell(key))
		}
		fields := s.fields(row)
		for _, i := range wanted {
			line = append(line, p.cell(fields[i]))
		}
		for _, one := range line {
			size += min(len(one.text), mostHTML)
		}
		found.rows = append(found.rows, line)
	}
	return found
}

// each row, with its key where there is one.
func (s *source) each() func(yield func(key, row reflect.Value) bool) {
	return func(yield func(key, row reflect.Value) bool) {
		if !s.keyed {
			for i := range s.value.Len() {
				if !yield(reflect.Value{}, s.value.Index(i)) {
					return
				}
			}
			return
		}
		for _, one := range entries(s.value) {
			if !yield(one.key, one.value) {
				return
			}
		}
	}
}

func kindOf(of reflect.Type) string {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch kind := of.Kind(); {
	case of == timeType:
		return "datetime"
	case of.Kind() != reflect.Interface && saysItself(of):
		return "string"
	case kind >= reflect.Int && kind <= reflect.Uintptr:
		return "integer"
	case kind == reflect.Float32 || kind == reflect.Float64:
		return "number"
	case kind == reflect.Bool:
		return "boolean"
	case kind == reflect.String:
		return "string"
	}
	return "any"
}

// cell of a value that may not be there.
func (p *printer) cell(v reflect.Value) cell {
	if !v.IsValid() {
		return cell{absent: true}
	}
	v = open(addressable(v))
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return cell{text: "nil", absent: true}
		}
	}
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && plain(v.Type().Elem()) && !saysItself(v.Type()) {
		return p.cell(v.Elem())
	}
	text := p.text(v.Interface())
	found := cell{text: text, value: exact(text)}
	if v.Type() == timeType {
		found.value = v.Interface().(time.Time).Format(time.RFC3339Nano)
	} else if !saysItself(v.Type()) {
		switch {
		case v.CanInt():
			found.value = exact(v.Int())
		case v.CanUint():
			found.value = exact(v.Uint())
		case v.CanFloat():
			found.value = exact(v.Float())
		case v.Kind() == reflect.Bool:
			found.value = v.Bool()
		}
	}
	return found
}

// plain: whether values of the type have no parts.
func plain(of reflect.Type) bool {
	return of.Kind() <= reflect.Complex128 || of.Kind() == reflect.String
}
