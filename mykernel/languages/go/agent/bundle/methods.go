package bundle

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// said is what a value says of itself by Error() or String(). A nil pointer is not asked.
func (p *printer) said(v reflect.Value, in context) (text string, is bool) {
	if !v.CanInterface() || v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	asked := v
	if v.CanAddr() && v.Kind() != reflect.Pointer {
		asked = v.Addr() // which has its methods, too
	}
	var method string
	var ask func() string
	switch value := asked.Interface().(type) {
	case error:
		method, ask = "Error", value.Error
	case fmt.Stringer:
		method, ask = "String", value.String
	default:
		return
	}
	answer, is := p.call(v.Interface(), method, func() any { return ask() })
	if !is {
		return
	}
	text = answer.(string)
	if in.depth == 0 {
		text, more := cut(text, mostBytes)
		return text + more, true
	}
	if method == "Error" {
		return "error(" + quoted(text, in.depth) + ")", true
	}
	if len(text) > mostInside || strings.ContainsAny(text, "\n\r") {
		text = quoted(text, in.depth)
	}
	return text, true
}

// withMethods is the value, or a pointer to it, which has its methods and may have more.
func withMethods(value any) any {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer || v.Type().Name() == "" {
		return value
	}
	return addressable(v).Addr().Interface()
}

// nameOf a value's type, or of that which it points to.
func nameOf(value any) string { return strings.TrimPrefix(typeName(reflect.TypeOf(value)), "*") }

// call runs a method of the user's. A panic in it is told, and there is no answer then.
func (p *printer) call(value any, method string, ask func() any) (answer any, ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			answer, ok = nil, false
			p.tell(fmt.Sprintf("%s() of %s panicked", method, nameOf(value)), fault)
		}
	}()
	return ask(), true
}

// tell what went wrong, once of many values.
func (p *printer) tell(what string, why any) {
	if !slices.ContainsFunc(p.told, func(line string) bool { return strings.HasPrefix(line, what) }) {
		text, more := cut(fmt.Sprint(why), mostInside)
		p.told = append(p.told, what+": "+text+more)
	}
}
