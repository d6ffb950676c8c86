package bundle

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scalar is a value without parts, by none of its methods.
func scalar(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case v.CanComplex():
		return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())
	}
	return fmt.Sprint(v.UnsafePointer())
}

// typed: the type is told of what would else be taken for another one.
func typed(text string, t reflect.Type, in context) string {
	usual := t.PkgPath() == "" && slices.Contains([]reflect.Kind{reflect.Bool, reflect.Int, reflect.Float64, reflect.String, reflect.Complex128}, t.Kind())
	if !in.dynamic || usual {
		return text
	}
	return typeName(t) + "(" + text + ")"
}

// absent is a nil, with its type where it is not told otherwise.
func absent(t reflect.Type, in context) string {
	if in.depth > 0 && !in.dynamic {
		return "nil"
	}
	if t.Name() == "" && t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		return "(" + typeName(t) + ")(nil)"
	}
	return typeName(t) + "(nil)"
}

func quoted(text string, depth int) string {
	most := mostBytes
	if depth > 0 {
		most = mostInside
	}
	text, more := cut(text, most)
	return strconv.Quote(text) + more
}

// cut leaves so many bytes, and tells how many more there were.
func cut(text string, most int) (kept, more string) {
	if len(text) <= most {
		return text, ""
	}
	at := most
	for at > most-utf8.UTFMax && !utf8.RuneStart(text[at]) {
		at--
	}
	return text[:at], fmt.Sprintf("… (%s more bytes)", thousands(len(text)-at))
}

func leftOut(n int) string { return "… " + thousands(n) + " more" }

// thousands: 1234567 is 1,234,567.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

var ownPackage = regexp.MustCompile(`(^|[^\pL\pN_./])main\.`)

// typeName is the type as cells write it.
func typeName(t reflect.Type) string {
	text := strings.ReplaceAll(t.String(), "interface {}", "any")
	text = strings.ReplaceAll(text, "]uint8", "]byte")
	text = strings.ReplaceAll(text, "main._Ctype_", "C.") // as cgo names it
	return ownPackage.ReplaceAllString(text, "$1")
}
