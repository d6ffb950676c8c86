package bundle

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is shown of a table. What was left out is told below it.
const (
	mostRows    = 1000
	mostColumns = 50
	mostCells   = 20_000
	mostOfCells = 1 << 20 // bytes
	mostPlain   = 200     // bytes of a cell in the text
	mostHTML    = 2000
	mostExact   = 1 << 53 // up to here JavaScript's numbers are exact
)

// table is what rows hold. Of rows and columns there were so many.
type table struct {
	columns     []column
	rows        [][]cell
	count, wide int
}

// column of a table. of: its type in Go. kind: that of Frictionless.
type column struct{ name, of, kind string }

// cell of a table. absent: there was none, or nil.
type cell struct {
	text   string
	value  any // as JSON has it
	absent bool
}

// bundle is the table in three forms, as SQL's tables have them.
func (t *table) bundle() Bundle {
	return Bundle{Data: map[string][]byte{
		"text/plain":                        []byte(t.plain()),
		"text/html":                         []byte(t.html()),
		"application/vnd.dataresource+json": t.resource(),
	}}
}

func (t *table) footer() string {
	rows := thousands(t.count) + " rows"
	if t.count == 1 {
		rows = "1 row"
	}
	if len(t.rows) < t.count {
		rows = fmt.Sprintf("showing %s of %s", thousands(len(t.rows)), rows)
	}
	if len(t.columns) < t.wide {
		rows += fmt.Sprintf(", %s of %s columns", thousands(len(t.columns)), thousands(t.wide))
	}
	return rows
}

func (c column) number() bool { return c.kind == "integer" || c.kind == "number" }

func (t *table) html() string {
	var out strings.Builder
	sides := make([]string, len(t.columns))
	out.WriteString("<table class=\"dataframe\">\n<thead><tr>")
	for i, one := range t.columns {
		sides[i] = "left"
		if one.number() {
			sides[i] = "right"
		}
		fmt.Fprintf(&out, `<th style="text-align: %s" title="%s">%s</th>`, sides[i], html.EscapeString(one.of), html.EscapeString(one.name))
	}
	out.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range t.rows {
		out.WriteString("<tr>")
		for i, one := range row {
			text, more := cut(one.text, mostHTML)
			text = html.EscapeString(text + more)
			if one.absent {
				text = `<em style="opacity: 0.5">` + text + "</em>"
			}
			fmt.Fprintf(&out, `<td style="text-align: %s; white-space: pre-wrap">%s</td>`, sides[i], text)
		}
		out.WriteString("</tr>\n")
	}
	fmt.Fprintf(&out, "</tbody>\n</table>\n<p>%s</p>", t.footer())
	return out.String()
}

func (t *table) plain() string {
	lines := make([][]string, 1, len(t.rows)+1)
	for _, one := range t.columns {
		lines[0] = append(lines[0], visible(one.name))
	}
	for _, row := range t.rows {
		var line []string
		for _, one := range row {
			line = append(line, visible(one.text))
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(t.columns))
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], cells(text))
		}
	}
	var out strings.Builder
	for number, line := range lines {
		var padded, rules []string
		for i, text := range line {
			space := strings.Repeat(" ", widths[i]-cells(text))
			if number > 0 && t.columns[i].number() {
				text = space + text
			} else {
				text += space
			}
			padded, rules = append(padded, text), append(rules, strings.Repeat("-", widths[i]))
		}
		out.WriteString(strings.TrimRight(strings.Join(padded, " | "), " ") + "\n")
		if number == 0 {
			out.WriteString(strings.Join(rules, "-+-") + "\n")
		}
	}
	return out.String() + "(" + t.footer() + ")"
}

// visible is a cell's text on one line.
func visible(text string) string {
	text, more := cut(text, mostPlain)
	var out strings.Builder
	for _, r := range text + more {
		switch {
		case r == '\n':
			out.WriteRune('↵')
		case unicode.IsControl(r):
			fmt.Fprintf(&out, `\x%02x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// wide are the blocks whose characters take two cells of a terminal. Source: Unicode's EastAsianWidth.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1100, 0x115f, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0xa4cf, 1}, {0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1}},
	R32: []unicode.Range32{{0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// cells of a terminal that a text takes.
func cells(text string) (width int) {
	for _, r := range text {
		if r > unicode.MaxASCII && unicode.In(r, unicode.Mn, unicode.Me) {
			continue
		}
		width++
		if r > unicode.MaxLatin1 && unicode.Is(wide, r) {
			width++
		}
	}
	return
}

// resource is the table as a Frictionless one.
// Source: https://specs.frictionlessdata.io/tabular-data-resource/ and table-schema.
func (t *table) resource() []byte {
	var names []string
	fields := []map[string]string{}
	for _, one := range t.columns {
		name := one.name
		for number := 2; slices.Contains(names, name); number++ {
			name = fmt.Sprintf("%s_%d", one.name, number)
		}
		names = append(names, name)
		fields = append(fields, map[string]string{"name": name, "type": one.kind})
	}
	data := []map[string]any{}
	for _, row := range t.rows {
		object := map[string]any{}
		for i, one := range row {
			object[names[i]] = one.value
		}
		data = append(data, object)
	}
	text, _ := json.Marshal(map[string]any{
		"profile": "tabular-data-resource", "schema": map[string]any{"fields": fields}, "data": data,
	})
	return text
}

// exact is a number as JSON has it, or as text where that would change it.
func exact(value any) any {
	switch value := value.(type) {
	case int64:
		if value > mostExact || value < -mostExact {
			return fmt.Sprint(value)
		}
	case uint64:
		if value > mostExact {
			return fmt.Sprint(value)
		}
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Sprint(value)
		}
	case string:
		return strings.ToValidUTF8(value, string(utf8.RuneError))
	}
	return value
}
