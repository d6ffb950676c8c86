package main

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// document is a half-typed cell as a file of Go, for a language server, beside the file of what is known.
type document struct {
	Text   string `json:"text"`
	Offset int    `json:"offset"` // of the cursor, in bytes
	Stamp  string `json:"stamp"`  // of the setting, see module
}

// knownFile is the file that declares what earlier cells have left.
func knownFile(t *toolchain, asked request) map[string]any {
	v := newView(t, asked, "", 0)
	defer v.forget()
	var text strings.Builder
	v.begin(&text)
	for _, one := range asked.Known {
		if one.Kind != "import" {
			source, _ := one.source()
			fmt.Fprintln(&text, source)
		}
	}
	return map[string]any{"text": text.String()}
}

// served is the cell as it is typed. What the cursor is in stands last, since it may be broken.
func (v *view) served() document {
	var text strings.Builder
	v.begin(&text)
	code, at := v.asked.Before+v.asked.After, len(v.asked.Before)
	chunks, _ := cut(code)
	typed := chunk{offset: at}
	var done []string
	for i, one := range chunks {
		next := i+1 < len(chunks) && chunks[i+1].offset <= at
		switch {
		case i == 0 && one.keyword == token.PACKAGE, one.keyword == token.IMPORT:
		case one.offset <= at && at <= one.offset+len(one.text) && !next:
			typed = one
		case one.declares:
			fmt.Fprintln(&text, one.text)
		case one.offset < at:
			done = append(done, one.text)
		}
	}
	text.WriteString("func cell__body() {\n" + strings.Join(done, "\n") + "\n")
	end := "\n}\n"
	if typed.declares {
		text.WriteString("}\n")
		end = "\n"
	}
	offset := text.Len() + at - typed.offset
	text.WriteString(typed.text + end)
	return document{text.String(), offset, v.t.catalogue.now().mark()}
}

// begin a file with all that is imported, but for what a language server cannot know.
func (v *view) begin(text *strings.Builder) {
	text.WriteString("package main\n\n")
	for _, key := range slices.Sorted(maps.Keys(v.imports)) {
		spec := v.imports[key]
		if path := spec.Path.Value; path != `"C"` && !strings.HasPrefix(path, `"mykernel/`) {
			name := ""
			if spec.Name != nil {
				name = spec.Name.Name
			}
			fmt.Fprintln(text, "import", name, path)
		}
	}
}
