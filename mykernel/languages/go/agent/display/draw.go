package display

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// Sizes in pixels.
const (
	letter  = 6.6 // the width of one, as far as it can be known
	row     = 18
	gap     = 8
	padding = 16

	longLabel = 10 // characters of a label that stands slanted
	slanted   = 44 // the height of such
)

var colours = []string{"#4e79a7", "#f28e2b", "#e15759", "#59a14f", "#b07aa1", "#76b7b2", "#edc948", "#9c755f", "#ff9da7", "#7f7f7f"}

// drawing is a plot on its way to SVG.
type drawing struct {
	Plot
	out    strings.Builder
	x, y   axis
	labels []string // of bars
	legend float64  // its width
}

// SVG is the plot as an SVG document.
func (p Plot) SVG() string {
	p.Width, p.Height = cmp.Or(max(p.Width, 0), 640), cmp.Or(max(p.Height, 0), 400)
	d := &drawing{Plot: p}
	d.layOut()
	d.put(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`, p.Width, p.Height, p.Width, p.Height)
	d.put(`<rect width="100%%" height="100%%" fill="white"/>`)
	d.frame()
	d.bars()
	for i, one := range p.Series {
		switch one.kind {
		case "line":
			d.line(one, colours[i%len(colours)])
		case "scatter":
			d.points(one, colours[i%len(colours)])
		}
	}
	d.legends()
	return d.out.String() + "</svg>"
}

func (d *drawing) put(format string, values ...any) { fmt.Fprintf(&d.out, format+"\n", values...) }

// text at a place. attributes: more of them.
func (d *drawing) text(x, y float64, anchor, attributes, text string) {
	d.put(`<text x="%.1f" y="%.1f" text-anchor="%s" %s>%s</text>`, x, y, anchor, attributes, escaped(text))
}

// escaped is a text as XML has it, without what XML cannot have.
func escaped(text string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

func width(text string) float64 { return letter * float64(utf8.RuneCountInString(text)) }

// layOut finds the axes, and their place beside what is written around them.
func (d *drawing) layOut() {
	var xs, ys [][]float64
	named := false
	for _, one := range d.Series {
		named = named || one.name != ""
		xs, ys = append(xs, one.x), append(ys, one.y)
		if one.kind == "bars" {
			ys = append(ys, []float64{0})
		}
		for _, label := range one.labels {
			if !slices.Contains(d.labels, label) {
				d.labels = append(d.labels, label)
			}
		}
	}
	low, high := span(ys...)
	d.y = newAxis(low, high, max(d.Height/60, 2))
	if d.labels != nil {
		d.x = axis{low: -0.5, high: float64(len(d.labels)) - 0.5}
	} else {
		low, high = span(xs...)
		d.x = newAxis(low, high, max(d.Width/90, 2))
	}
	d.margins(named && (len(d.Series) > 1 || d.Title == ""))
}

// margins are for what is written around the axes. legend: whether there is one.
func (d *drawing) margins(legend bool) {
	widest := 0.0
	for _, tick := range d.y.ticks {
		widest = max(widest, width(d.y.label(tick)))
	}
	if legend {
		for _, one := range d.Series {
			d.legend = max(d.legend, width(shortened(one.name, 24))+3*gap)
		}
	}
	d.x.start, d.x.end = padding+widest+gap, float64(d.Width)-padding-d.legend
	if d.Y != "" {
		d.x.start += row
	}
	if last := len(d.x.ticks) - 1; last >= 0 && d.legend == 0 {
		d.x.end -= max(0, width(d.x.label(d.x.ticks[last]))/2-padding/2)
	}
	d.y.start, d.y.end = float64(d.Height)-padding-row, padding
	if d.X != "" {
		d.y.start -= row
	}
	if d.crowded() {
		d.y.start -= slanted
	}
	if d.Title != "" {
		d.y.end += row + gap/2
	}
}

// crowded: whether the bars' labels have to stand slanted.
func (d *drawing) crowded() bool {
	widest := 0.0
	for _, label := range d.labels {
		widest = max(widest, width(shortened(label, longLabel)))
	}
	return widest+gap > d.band()
}

// band is the width of one label's bars and the space around them.
func (d *drawing) band() float64 { return (d.x.end - d.x.start) / max(float64(len(d.labels)), 1) }

// frame has the axes with their ticks and names, the grid and the title.
func (d *drawing) frame() {
	left, right, bottom, top := d.x.start, d.x.end, d.y.start, d.y.end
	for _, tick := range d.y.ticks {
		at := d.y.at(tick)
		d.put(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#e5e5e5"/>`, left, at, right, at)
		d.text(left-gap, at+4, "end", `fill="#555"`, d.y.label(tick))
	}
	for _, tick := range d.x.ticks {
		at := d.x.at(tick)
		d.put(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#e5e5e5"/>`, at, bottom, at, top)
		d.text(at, bottom+row-3, "middle", `fill="#555"`, d.x.label(tick))
	}
	every := max(1, int(row/d.band()+0.999))
	for i, label := range d.labels {
		at := d.x.at(float64(i))
		if !d.crowded() {
			d.text(at, bottom+row-3, "middle", `fill="#555"`, label)
		} else if i%every == 0 {
			turned := fmt.Sprintf(`fill="#555" transform="rotate(-35 %.1f %.1f)"`, at+4, bottom+12)
			d.text(at+4, bottom+12, "end", turned, shortened(label, longLabel))
		}
	}
	zero := bottom
	if d.y.low < 0 && d.y.high > 0 {
		zero = d.y.at(0)
	}
	d.put(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#888"/>`, left, zero, right, zero)
	d.put(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#888"/>`, left, bottom, left, top)
	d.text(padding, padding+row/2, "start", `font-size="15" font-weight="bold" fill="#222"`, d.Title)
	d.text((left+right)/2, float64(d.Height)-gap, "middle", `fill="#222"`, d.X)
	middle := (bottom + top) / 2
	d.text(row, middle, "middle", fmt.Sprintf(`fill="#222" transform="rotate(-90 %d %.1f)"`, row, middle), d.Y)
}

func (d *drawing) bars() {
	groups, number := 0, 0
	for _, one := range d.Series {
		if one.kind == "bars" {
			groups++
		}
	}
	for i, one := range d.Series {
		if one.kind != "bars" {
			continue
		}
		wide := 0.8 * d.band() / float64(groups)
		for j, value := range one.y {
			if !finite(value) {
				continue
			}
			at := d.x.at(float64(slices.Index(d.labels, one.labels[j]))) + (float64(number)-float64(groups)/2)*wide
			from, to := d.y.at(max(0, value)), d.y.at(min(0, value))
			d.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, at, from, max(wide-1, 0.5), to-from, colours[i%len(colours)])
		}
		number++
	}
}

func (d *drawing) line(s Series, colour string) {
	var path strings.Builder
	command := "M"
	for i, value := range s.y {
		if !finite(value) || !finite(s.x[i]) {
			command = "M"
			continue
		}
		fmt.Fprintf(&path, "%s%.1f,%.1f", command, d.x.at(s.x[i]), d.y.at(value))
		command = "L"
	}
	d.put(`<path d="%s" fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round" stroke-linecap="round"/>`, path.String(), colour)
}

func (d *drawing) points(s Series, colour string) {
	d.put(`<g fill="%s" fill-opacity="0.75">`, colour)
	for i, value := range s.y {
		if finite(value) && finite(s.x[i]) {
			d.put(`<circle cx="%.1f" cy="%.1f" r="3.5"/>`, d.x.at(s.x[i]), d.y.at(value))
		}
	}
	d.put("</g>")
}

func (d *drawing) legends() {
	if d.legend == 0 {
		return
	}
	most := max(int((d.y.start-d.y.end)/row), 2)
	for i, one := range d.Series {
		at, y := d.x.end+gap, d.y.end+float64(i*row)+gap
		if i == most-1 && len(d.Series) > most {
			d.text(at, y+4, "start", `fill="#555"`, fmt.Sprintf("… %d more", len(d.Series)-i))
			return
		}
		d.put(`<rect x="%.1f" y="%.1f" width="10" height="10" rx="2" fill="%s"/>`, at, y-5, colours[i%len(colours)])
		d.text(at+2*gap, y+4, "start", `fill="#222"`, shortened(one.name, 24))
	}
}
