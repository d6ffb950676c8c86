package display

import (
	"math"
	"strconv"
)

// axis maps values to pixels, from low at start to high at end.
type axis struct {
	low, high  float64
	start, end float64
	ticks      []float64
	digits     int // behind the point, of ticks
}

// at is where a value stands, in pixels.
func (a axis) at(value float64) float64 {
	// Halved, since the difference of two float64 may be none.
	return a.start + (value/2-a.low/2)/(a.high/2-a.low/2)*(a.end-a.start)
}

// span of the values that are numbers; from 0 to 1 where there are none.
func span(values ...[]float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, list := range values {
		for _, one := range list {
			if finite(one) {
				low, high = min(low, one), max(high, one)
			}
		}
	}
	switch {
	case low > high:
		return 0, 1
	case max(math.Abs(low), math.Abs(high)) < math.SmallestNonzeroFloat64*1e20:
		return -1, 1
	case low == high:
		return low - math.Abs(low)/10, high + math.Abs(high)/10
	}
	return
}

func finite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// newAxis has ticks at round numbers, about so many, and ends at such.
func newAxis(low, high float64, wanted int) axis {
	rough := high/float64(wanted) - low/float64(wanted)
	power := math.Floor(math.Log10(rough))
	step := math.Pow(10, power)
	for _, factor := range []float64{2, 5, 10} {
		if step < rough {
			step = factor * math.Pow(10, power)
		}
	}
	a := axis{digits: int(max(0, -math.Floor(math.Log10(step)*(1+1e-12))))}
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	a.low, a.high = first*step, last*step
	count := last - first
	if !finite(a.low) || !finite(a.high) || !(count >= 1 && count < 100) || a.low+step/2 == a.low || a.high-step/2 == a.high {
		// There is nothing round that float64 can tell apart.
		return axis{low: low, high: high, ticks: []float64{low, high}}
	}
	for i := range int(count) + 1 {
		a.ticks = append(a.ticks, (first+float64(i))*step)
	}
	return a
}

// label of a tick.
func (a axis) label(tick float64) string {
	largest := max(math.Abs(a.low), math.Abs(a.high))
	if largest >= 1e7 || largest < 1e-4 {
		return strconv.FormatFloat(tick, 'g', 6, 64)
	}
	return strconv.FormatFloat(tick+0, 'f', a.digits, 64) // +0: there is no -0
}
