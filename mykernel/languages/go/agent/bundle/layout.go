package bundle

import (
	"strings"
	"unicode/utf8"
)

// node is the text of a value, of which it is not decided yet on how many lines it stands.
type node struct {
	label string // what stands before it
	head  string // all of it, where there are no parts
	parts []node
	more  string // what was left out of the parts
	tail  string
}

func leaf(text string) node { return node{head: text} }

// laidOut: on one line where it fits there, or in any case.
func (n node) laidOut(flat bool) string {
	if flat {
		return n.flat()
	}
	var out strings.Builder
	n.write(&out, "", 0)
	return out.String()
}

func (n node) flat() string {
	texts := make([]string, 0, len(n.parts)+1)
	for _, one := range n.parts {
		texts = append(texts, one.labelled(1)+one.flat())
	}
	if n.more != "" {
		texts = append(texts, n.more)
	}
	return n.head + strings.Join(texts, ", ") + n.tail
}

// labelled is the label, filled up to a width in characters.
func (n node) labelled(width int) string {
	if n.label == "" {
		return ""
	}
	return n.label + strings.Repeat(" ", max(width-utf8.RuneCountInString(n.label), 1))
}

// fits: whether it is not wider than that, on one line.
func (n node) fits(width int) bool { return n.rest(width) >= 0 }

// rest is what it leaves of a width, or less than 0.
func (n node) rest(width int) int {
	width -= utf8.RuneCountInString(n.head) + utf8.RuneCountInString(n.tail) + utf8.RuneCountInString(n.more)
	for _, one := range n.parts {
		if width < 0 {
			break
		}
		width = one.rest(width - utf8.RuneCountInString(one.label) - len(", "))
	}
	return width
}

// write lays it out behind an indentation. before: characters that stand on its line already.
func (n node) write(out *strings.Builder, indent string, before int) {
	if len(n.parts) == 0 || n.fits(lineWidth-before-1) {
		out.WriteString(n.flat())
		return
	}
	out.WriteString(n.head + "\n")
	inner := indent + indentation
	if n.plain() {
		n.fill(out, inner)
	} else {
		n.stack(out, inner)
	}
	if n.more != "" {
		out.WriteString(inner + n.more + "\n")
	}
	out.WriteString(indent + n.tail)
}

// plain: whether the parts are elements that have none themselves, and no labels.
func (n node) plain() bool {
	for _, one := range n.parts {
		if one.label != "" || len(one.parts) > 0 {
			return false
		}
	}
	return true
}

// fill puts as many parts on a line as there is place for.
func (n node) fill(out *strings.Builder, indent string) {
	column := 0
	for _, one := range n.parts {
		width := utf8.RuneCountInString(one.head) + len(", ")
		if column > 0 && column+width > lineWidth {
			out.WriteString("\n")
			column = 0
		}
		if column == 0 {
			out.WriteString(indent)
			column = len(indent)
		} else {
			out.WriteString(" ")
		}
		out.WriteString(one.head + ",")
		column += width
	}
	out.WriteString("\n")
}

// stack puts each part on a line, what they are labelled below each other.
func (n node) stack(out *strings.Builder, indent string) {
	widest := 0
	for _, one := range n.parts {
		if width := utf8.RuneCountInString(one.label); width <= lineWidth/4 {
			widest = max(widest, width)
		}
	}
	for _, one := range n.parts {
		label := one.labelled(widest + 1)
		out.WriteString(indent + label)
		one.write(out, indent, len(indent)+utf8.RuneCountInString(label))
		out.WriteString(",\n")
	}
}
