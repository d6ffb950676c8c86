package display

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Plot is a chart of lines, points and bars. As the last expression of a cell, or by Show, it is shown as
// SVG:
//
//	display.Plot{
//		Title: "Waves", X: "t in s", Y: "U in V",
//		Series: []display.Series{display.Line("sine", ts, us), display.Scatter("measured", ts, vs)},
//	}
type Plot struct {
	Title  string
	X, Y   string // what the axes are called
	Series []Series
	Width  int // in pixels: 640 where it is 0
	Height int // 400 where it is 0
}

// Series is what one colour of a plot stands for; made by Line, Scatter and Bars.
type Series struct {
	name   string
	kind   string
	x, y   []float64
	labels []string
	count  int // of values, of which not all are drawn where they are many
}

// Number is what can be plotted. NaN and infinities are gaps.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Line joins points, in their order. Where x is nil they are numbered from 0.
func Line[X, Y Number](name string, x []X, y []Y) Series { return pointed("line", name, x, y) }

// Scatter shows points. Where x is nil they are numbered from 0.
func Scatter[X, Y Number](name string, x []X, y []Y) Series { return pointed("scatter", name, x, y) }

// Bars shows a bar for each label. Those of several series stand beside each other. In a plot that has
// bars, lines and points have the bars' numbers from 0 as x.
func Bars[Y Number](name string, labels []string, y []Y) Series {
	if len(labels) != len(y) {
		panic(fmt.Errorf("display.Bars: there are %d labels for %d values", len(labels), len(y)))
	}
	return Series{name: name, kind: "bars", labels: labels, y: floats(y), count: len(y)}
}

func pointed[X, Y Number](kind, name string, x []X, y []Y) Series {
	if x != nil && len(x) != len(y) {
		panic(fmt.Errorf("display: the %s %q has %d x for %d y", kind, name, len(x), len(y)))
	}
	xs := floats(x)
	if x == nil {
		for i := range y {
			xs = append(xs, float64(i))
		}
	}
	return thinned(Series{name: name, kind: kind, x: xs, y: floats(y), count: len(y)})
}

func floats[N Number](values []N) []float64 {
	found := make([]float64, len(values))
	for i, one := range values {
		found[i] = float64(one)
	}
	return found
}

// Of more points than that, so many groups are drawn: of a line the first, lowest, highest and last ones,
// which look the same; of a scatter plot the first ones.
const mostPoints, groups = 4000, 1000

func thinned(s Series) Series {
	if len(s.y) <= mostPoints {
		return s
	}
	found := s
	found.x, found.y = nil, nil
	for group := range groups {
		first, end := group*len(s.y)/groups, (group+1)*len(s.y)/groups
		low, high := first, first
		for i := first; i < end; i++ {
			if s.y[i] < s.y[low] || math.IsNaN(s.y[low]) {
				low = i
			}
			if s.y[i] > s.y[high] || math.IsNaN(s.y[high]) {
				high = i
			}
		}
		chosen := []int{first, low, high, end - 1}
		if s.kind == "scatter" {
			chosen = []int{first, first + (end-first)/4, first + (end-first)/2, first + (end-first)*3/4}
		}
		slices.Sort(chosen)
		for _, i := range slices.Compact(chosen) {
			found.x, found.y = append(found.x, s.x[i]), append(found.y, s.y[i])
		}
	}
	return found
}

// MIMEBundle shows the plot.
func (p Plot) MIMEBundle() map[string]any {
	return map[string]any{"image/svg+xml": p.SVG(), "text/plain": p.String()}
}

// String says what is plotted.
func (p Plot) String() string {
	var parts []string
	for _, one := range p.Series {
		what := fmt.Sprintf("%s of %d", one.kind, one.count)
		if one.name != "" {
			what = one.name + ": " + what
		}
		parts = append(parts, what)
	}
	title := "plot"
	if p.Title != "" {
		title = "plot " + p.Title
	}
	return fmt.Sprintf("[%s (%s)]", title, strings.Join(parts, ", "))
}
