package cell

import (
	"regexp"
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

var (
	startedAt = regexp.MustCompile(`\ncreated by .*\n\t(cell\d+:\d+)`)
	call      = regexp.MustCompile(`(?m)^(\S.*)\(.*\)\n\t`)
	nameless  = regexp.MustCompile(`\.func\d`)
)

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
		started := startedAt.FindStringSubmatchIndex(stack)
		if started == nil {
			continue
		}
		head, _, _ := strings.Cut(stack, "\n")
		busy = busy || strings.Contains(head, "[run") // running, runnable
		one := goroutines{Place: stack[started[2]:started[3]], Count: 1}
		if calls := call.FindAllStringSubmatch(stack[:started[0]], -1); len(calls) > 0 {
			if name := calls[len(calls)-1][1]; !nameless.MatchString(name) {
				one.Name = strings.TrimPrefix(name, "main.")
			}
		}
		same := func(other goroutines) bool { return other.Name == one.Name && other.Place == one.Place }
		if at := slices.IndexFunc(found, same); at >= 0 {
			found[at].Count++
		} else {
			found = append(found, one)
		}
	}
	return
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
