// Package bundle makes MIME bundles of values: what a notebook shows of them.
package bundle

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"reflect"
	"regexp"
	"strings"
)

// Bundle is a MIME bundle.
type Bundle struct {
	Data     map[string][]byte // by MIME type: text as UTF-8, JSON types as JSON, all others as they are
	Metadata map[string]any
	Told     []string // what went wrong in methods of the values, in lines for the user
}

// Silent is embedded in types of which nothing is to be shown.
type Silent struct{}

func (Silent) showsNothing() {}

type silent interface{ showsNothing() }

// Text is a bundle of one text, as MIME type.
func Text(mime, text string) Bundle { return Bundle{Data: map[string][]byte{mime: []byte(text)}} }

// Of shows the values of an expression. A nil at the end is most often an error that there was none
// of, and is not shown. Without anything to show there is no Data.
func Of(values ...any) Bundle {
	if last := len(values) - 1; last >= 0 && values[last] == nil {
		values = values[:last]
	}
	switch len(values) {
	case 0:
		return Bundle{}
	case 1:
		return one(values[0])
	}
	all := make([]Bundle, len(values))
	for i, value := range values {
		all[i] = one(value)
	}
	return joined(all)
}

// joined are several bundles below each other; as HTML where one of them is more than text.
func joined(all []Bundle) Bundle {
	var texts, parts []string
	var told []string
	rich := false
	for _, one := range all {
		told = append(told, one.Told...)
		if text, is := one.Data["text/plain"]; is {
			texts = append(texts, string(text))
		}
		part, is := asHTML(one)
		rich = rich || is
		parts = append(parts, part)
	}
	if len(texts) == 0 {
		return Bundle{Told: told}
	}
	found := Text("text/plain", strings.Join(texts, "\n"))
	found.Told = told
	if rich {
		found.Data["text/html"] = []byte(strings.Join(parts, "\n"))
	}
	return found
}

// one value: by its own methods, by what it is, and by its text.
func one(value any) Bundle {
	if _, is := value.(silent); is {
		return Bundle{}
	}
	p := &printer{}
	found := p.own(withMethods(value))
	if found.Data == nil {
		found = p.picture(value)
	}
	if found.Data == nil {
		if t, err := tableOf(value, p, nil); err == nil && t.count > 0 {
			found = t.bundle()
		}
	}
	if found.Data == nil {
		found.Data = map[string][]byte{}
	}
	if _, is := found.Data["text/plain"]; !is {
		found.Data["text/plain"] = []byte(p.text(value))
	}
	found.Told = p.told
	return found
}

// asHTML is the bundle as HTML; rich where it is more than its text.
func asHTML(one Bundle) (text string, rich bool) {
	if text, is := one.Data["text/html"]; is {
		return string(text), true
	}
	for _, kind := range []string{"image/svg+xml", "image/png", "image/jpeg"} {
		if raw, is := one.Data[kind]; is {
			return fmt.Sprintf(`<div><img src="data:%s;base64,%s"></div>`, kind, base64.StdEncoding.EncodeToString(raw)), true
		}
	}
	if text, is := one.Data["text/plain"]; is {
		return "<pre>" + html.EscapeString(string(text)) + "</pre>", false
	}
	return "", false
}

// Picture is of a value that is an image its PNG, and its size as text; nil of all others. Package
// picture sets it.
var Picture func(value any) (raw []byte, size string)

func (p *printer) picture(value any) (found Bundle) {
	if Picture == nil || value == nil {
		return
	}
	p.call(value, "At", func() any {
		if raw, size := Picture(withMethods(value)); raw != nil {
			text := typeName(reflect.TypeOf(value)) + " " + size
			found.Data = map[string][]byte{"image/png": raw, "text/plain": []byte(text)}
		}
		return nil
	})
	return
}

// own is what the value says of itself: by MIMEBundle(), or by methods with names of single forms,
// as gophernotes has them.
func (p *printer) own(value any) (found Bundle) {
	found.Data = map[string][]byte{}
	put := func(mime, method string, make func() any) {
		if said, ok := p.call(value, method, make); ok {
			raw, err := Raw(mime, said)
			if err != nil {
				p.tell(fmt.Sprintf("%s() of %s", method, nameOf(value)), err)
				return
			}
			found.Data[mime] = raw
		}
	}
	if data, metadata := p.mimeBundle(value); data != nil {
		found.Metadata = metadata
		for mime, said := range data {
			put(mime, "MIMEBundle", func() any { return said })
		}
	} else {
		if v, is := value.(interface{ HTML() string }); is {
			put("text/html", "HTML", func() any { return v.HTML() })
		}
		if v, is := value.(interface{ Markdown() string }); is {
			put("text/markdown", "Markdown", func() any { return v.Markdown() })
		}
		if v, is := value.(interface{ Latex() string }); is {
			put("text/latex", "Latex", func() any { return v.Latex() })
		}
		if v, is := value.(interface{ SVG() string }); is {
			put("image/svg+xml", "SVG", func() any { return v.SVG() })
		}
		if v, is := value.(interface{ PNG() []byte }); is {
			put("image/png", "PNG", func() any { return v.PNG() })
		}
		if v, is := value.(interface{ JPEG() []byte }); is {
			put("image/jpeg", "JPEG", func() any { return v.JPEG() })
		}
	}
	if len(found.Data) == 0 {
		return Bundle{}
	}
	return found
}

func (p *printer) mimeBundle(value any) (data, metadata map[string]any) {
	p.call(value, "MIMEBundle", func() any {
		switch value := value.(type) {
		case interface{ MIMEBundle() map[string]any }:
			data = value.MIMEBundle()
		case interface {
			MIMEBundle() (map[string]any, map[string]any)
		}:
			data, metadata = value.MIMEBundle()
		case interface{ MIMEBundle() map[string]string }:
			data = widened(value.MIMEBundle())
		case interface{ MIMEBundle() map[string][]byte }:
			data = widened(value.MIMEBundle())
		}
		return nil
	})
	return
}

func widened[T any](given map[string]T) map[string]any {
	found := make(map[string]any, len(given))
	for name, one := range given {
		found[name] = one
	}
	return found
}

var mimeType = regexp.MustCompile(`^[A-Za-z0-9][\w.+-]*/[A-Za-z0-9][\w.+-]*$`)

// Raw is what represents something as MIME type, as Bundle has it: strings and bytes are taken as
// they are, for JSON types those that hold JSON; other values become JSON for these. Else it is an error.
func Raw(kind string, value any) ([]byte, error) {
	if !mimeType.MatchString(kind) {
		return nil, fmt.Errorf("%q is not a MIME type", kind)
	}
	raw, given := []byte(nil), true
	switch value := value.(type) {
	case string:
		raw = []byte(value)
	case []byte:
		raw = value
	case json.RawMessage:
		raw = value
	default:
		given = false
	}
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		if !given {
			return nil, fmt.Errorf("what is shown as %s is a string or []byte, not %T", kind, value)
		}
		return raw, nil
	}
	if given && json.Valid(raw) {
		return raw, nil
	}
	return json.Marshal(value)
}
