package cell

import (
	"slices"
	"unsafe"
)

// region is memory that something points to: values of one shape behind each other.
type region struct {
	start unsafe.Pointer
	of    *shape
	count int
	block int // that it lies in, when blocks are made
}

func (r region) from() uintptr { return uintptr(r.start) }
func (r region) to() uintptr   { return r.from() + uintptr(r.count)*r.of.size }

// block is memory that has to stay in one piece: regions that overlap.
type block struct {
	start unsafe.Pointer
	of    *shape
	count int
}

// regions are all that a variable reaches, found by where they start and what they are of.
type regions struct {
	found  []region
	blocks []block
	table  []entry // by hash
	walked map[walk]span
}

// entry of the table: a region's number plus one, or 0, with what it is found by. It has no pointers,
// which would be followed when garbage is looked for.
type entry struct {
	start  uintptr
	shape  uint32
	number uint32
}

// walk is a stretch of addresses, and what was looked at in it as values of that shape.
type walk struct {
	of   *shape
	page uintptr
}

type span struct{ from, to uintptr }

// entry is the region's, or an empty one that it would have.
func (r *regions) entry(start uintptr, shape uint32) *entry {
	hash := (uint64(start) ^ uint64(shape)<<48) * 0x9E3779B97F4A7C15
	mask := len(r.table) - 1
	for i := int(hash>>24) & mask; ; i = (i + 1) & mask {
		if one := &r.table[i]; one.number == 0 || one.start == start && one.shape == shape {
			return one
		}
	}
}

// find is the region's number, or -1.
func (r *regions) find(start unsafe.Pointer, of *shape) int {
	if len(r.table) == 0 {
		return -1
	}
	return int(r.entry(uintptr(start), of.number).number) - 1
}

// add a region, and say how many of its values were in it before.
func (r *regions) add(start unsafe.Pointer, of *shape, count int) (known int) {
	if len(r.found)*3 >= len(r.table)*2 {
		r.grow()
	}
	one := r.entry(uintptr(start), of.number)
	if one.number > 0 {
		region := &r.found[one.number-1]
		known = region.count
		region.count = max(known, count)
		return known
	}
	if len(r.found) == cap(r.found) { // by as much again, where append adds a quarter
		r.found = slices.Grow(r.found, max(64, len(r.found)))
	}
	r.found = append(r.found, region{start: start, of: of, count: count})
	*one = entry{uintptr(start), of.number, uint32(len(r.found))}
	return 0
}

func (r *regions) grow() {
	before := r.table
	r.table = make([]entry, max(64, 2*len(before)))
	for _, one := range before {
		if one.number > 0 {
			*r.entry(one.start, one.shape) = one
		}
	}
}

const pageSize, worthNoting = 1 << 16, 256

// unwalked calls for the values of a region that were not seen as values of a region before. Slices may
// have most of their values in common; small ones are looked at again.
func (r *regions) unwalked(start unsafe.Pointer, of *shape, count int, look func(unsafe.Pointer)) {
	begin, size := uintptr(start), uintptr(count)*of.size
	note := size >= worthNoting
	for now := uintptr(0); now < size; { // in bytes, since an address behind the last one is nobody's
		page := walk{of, (begin + now) / pageSize}
		stop := min(size, (page.page+1)*pageSize-begin)
		var seen span
		if note {
			seen = r.walked[page]
		}
		first := begin + now
		for now < stop {
			here := begin + now
			if seen.from <= here && here < seen.to && apart(here, seen.from)%of.size == 0 {
				now = min(seen.to-begin, size)
				continue
			}
			look(at(start, now))
			now += of.size
		}
		end := begin + now
		if note && first < seen.to && seen.from < end && apart(first, seen.from)%of.size == 0 {
			r.walked[page] = span{min(first, seen.from), max(end, seen.to)}
		} else if note {
			r.walked[page] = span{first, end}
		}
	}
}

func apart(a, b uintptr) uintptr { return max(a, b) - min(a, b) }

// settle puts regions that overlap into blocks.
func (r *regions) settle() {
	order := r.byAddress()
	r.blocks = make([]block, 0, len(order))
	for i := 0; i < len(order); {
		first := r.found[order[i]]
		end, last := first.to(), i+1
		for last < len(order) && r.found[order[last]].from() < end {
			end = max(end, r.found[order[last]].to())
			last++
		}
		r.unite(order[i:last], end)
		i = last
	}
}

// unite the regions, which overlap, into a block of values of the largest shape; or, where they are
// no parts of such values (which takes package unsafe), leave each one by itself.
func (r *regions) unite(numbers []int32, end uintptr) {
	first := r.found[numbers[0]]
	if len(numbers) == 1 {
		r.found[numbers[0]].block = len(r.blocks)
		r.blocks = append(r.blocks, block{first.start, first.of, first.count})
		return
	}
	whole := first
	for _, number := range numbers {
		if one := r.found[number]; one.of.size > whole.of.size || one.of.size == whole.of.size && one.of.within(0, whole.of) {
			whole = one
		}
	}
	of := whole.of
	fits := apart(whole.from(), first.from())%of.size == 0 && (end-first.from())%of.size == 0
	for _, number := range numbers {
		one := r.found[number]
		fits = fits && of.within((one.from()-first.from())%of.size, one.of)
	}
	if fits {
		for _, number := range numbers {
			r.found[number].block = len(r.blocks)
		}
		r.blocks = append(r.blocks, block{first.start, of, int((end - first.from()) / of.size)})
		return
	}
	for _, number := range numbers {
		one := r.found[number]
		r.found[number].block = len(r.blocks)
		r.blocks = append(r.blocks, block{one.start, one.of, one.count})
	}
}

// byAddress are the regions' numbers, in the order of where they start.
func (r *regions) byAddress() []int32 {
	type key struct {
		start  uintptr
		number int32
	}
	keys, sorted := make([]key, len(r.found)), make([]key, len(r.found))
	differ := uintptr(0)
	for i, one := range r.found {
		keys[i] = key{one.from(), int32(i)}
		differ |= one.from() ^ r.found[0].from()
	}
	if len(keys) < 1<<12 {
		slices.SortFunc(keys, func(a, b key) int {
			if a.start < b.start {
				return -1
			}
			return int(min(a.start-b.start, 1))
		})
	} else {
		for shift := 0; shift < 64; shift += 11 { // by digits, as far as they differ
			if differ>>shift&(1<<11-1) == 0 {
				continue
			}
			var starts [1 << 11]int
			for _, one := range keys {
				starts[one.start>>shift&(1<<11-1)]++
			}
			sum := 0
			for i, n := range starts {
				starts[i], sum = sum, sum+n
			}
			for _, one := range keys {
				digit := one.start >> shift & (1<<11 - 1)
				sorted[starts[digit]] = one
				starts[digit]++
			}
			keys, sorted = sorted, keys
		}
	}
	order := make([]int32, len(keys))
	for i, one := range keys {
		order[i] = one.number
	}
	return order
}
