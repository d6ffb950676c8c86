package cell

import (
	"runtime"
	"slices"
	"strings"
	"time"
)

// goroutines that were started at one place of a cell.
type goroutines struct {
	Name  string // of the function that they run, "" for one without
	Place string // as "cell1:3"
	Count int
}

// How many looks, with a millisecond for them between two, goroutines that are not waiting for anything
// have to come to their end: one that has called Done of a WaitGroup may be there when Wait returns.
const looks = 50

// running are the goroutines that cells have started and that still run. Those that packages
// start for themselves are not the user's.
func running() (found []goroutines) {
	for range looks {
		if runtime.NumGoroutine() == 1 {
			return nil
		}
		var busy bool
		if found, busy = startedByCells(stacks()); !busy {
			return found
		}
		time.Sleep(time.Millisecond)
	}
	return found
}

// startedByCells are those of the stacks, and whether one of them is waiting for nothing.
func startedByCells(stacks string) (found []goroutines, busy bool) {
	for _, stack := range strings.Split(stacks, "\n\n") {
		calls, started, _ := strings.Cut(stack, "\ncreated by ")
		_, place, _ := strings.Cut(started, "\n\t")
		if !strings.HasPrefix(place, "cell") {
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		lines := strings.Split(calls, "\n")
		busy = busy || strings.Contains(lines[0], "[run") // running, runnable
		one := goroutines{Name: firstCall(lines[1:]), Place: place, Count: 1}
		same := func(other goroutines) bool { return other.Name == one.Name && other.Place == one.Place }
		if at := slices.IndexFunc(found, same); at >= 0 {
			found[at].Count++
		} else {
			found = append(found, one)
		}
	}
	return
}

// firstCall is the name of the function that a goroutine began with, "" for one that has none. lines: of
// its stack, a call and its place in turn, the last one first.
func firstCall(lines []string) string {
	if len(lines) < 2 {
		return ""
	}
	name := lines[len(lines)-2]
	if arguments := strings.LastIndexByte(name, '('); arguments > 0 {
		name = name[:arguments]
	}
	if _, number, is := strings.Cut(name, ".func"); is && number != "" && '0' <= number[0] && number[0] <= '9' {
		return ""
	}
	return strings.TrimPrefix(name, "main.")
}

// Bytes of stacks that are looked at: those of some thousands of goroutines.
const mostStacks = 1 << 24

func stacks() string {
	for size := 1 << 16; ; size *= 4 {
		text := make([]byte, size)
		if n := runtime.Stack(text, true); n < size || size >= mostStacks {
			return string(text[:n])
		}
	}
}
