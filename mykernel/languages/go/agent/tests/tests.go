// Package mykernel runs the tests of cells. Its path is testing/mykernel, since only what stands below
// testing may import what `go test` uses.
package mykernel

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/internal/testdeps"
	"time"

	"internal/fuzz"
	"mykernel/cell"
)

var (
	tests       []testing.InternalTest
	benchmarks  []testing.InternalBenchmark
	fuzzTargets []testing.InternalFuzzTarget
	examples    []testing.InternalExample
)

// Test adds a test.
func Test(name string, function func(*testing.T)) {
	tests = append(tests, testing.InternalTest{Name: name, F: function})
}

// Benchmark adds a benchmark.
func Benchmark(name string, function func(*testing.B)) {
	benchmarks = append(benchmarks, testing.InternalBenchmark{Name: name, F: function})
}

// Fuzz adds a fuzz test.
func Fuzz(name string, function func(*testing.F)) {
	fuzzTargets = append(fuzzTargets, testing.InternalFuzzTarget{Name: name, Fn: function})
}

// Example adds an example that writes this.
func Example(name string, function func(), output string, unordered bool) {
	examples = append(examples, testing.InternalExample{Name: name, F: function, Output: output, Unordered: unordered})
}

// Run runs them, and ends the program. main: the cell's TestMain, or nil.
func Run(main func(*testing.M)) {
	m := testing.MainStart(deps{}, tests, benchmarks, fuzzTargets, examples)
	if main == nil {
		os.Exit(m.Run())
	}
	main(m)
	os.Exit(int(reflect.ValueOf(m).Elem().FieldByName("exitCode").Int()))
}

// blocks is how many statements are counted, and reached which of them ran.
var (
	blocks  int
	reached [1 << 16]atomic.Bool
)

// Blocks has so many statements counted.
func Blocks(n int) bool {
	blocks = min(n, len(reached))
	return true
}

// Reach notes that a statement runs.
func Reach(i int) {
	if i < len(reached) {
		reached[i].Store(true)
	}
}

// deps is what `go test` gives programs, but for coverage, which is counted here, and inputs that fail,
// which are kept beside the cache and not in the current folder.
type deps struct{ testdeps.TestDeps }

func (deps) ImportPath() string { return "main" }

func (d deps) InitRuntimeCoverage() (mode string, tearDown func(string, string) (string, error), snapshot func() float64) {
	if blocks == 0 {
		return d.TestDeps.InitRuntimeCoverage()
	}
	return "set", writeReached, func() float64 {
		return float64(strings.Count(reachedText(), "1")) / float64(blocks)
	}
}

// reachedText has a 1 or a 0 for each statement.
func reachedText() string {
	text := make([]byte, blocks)
	for i := range text {
		text[i] = '0'
		if reached[i].Load() {
			text[i] = '1'
		}
	}
	return string(text)
}

func writeReached(path, _ string) (string, error) {
	return "mykernel: coverage", os.WriteFile(path, []byte(reachedText()), 0o600)
}

// kept is the folder of inputs that failed of the fuzz test that has this one of its own.
func kept(corpus string) string {
	return filepath.Join(folder(), "failed", filepath.Base(corpus))
}

// folder is where things can be kept for later tests of the session.
func folder() string { return flag.Lookup("test.fuzzcachedir").Value.String() }

func (d deps) CoordinateFuzzing(timeout time.Duration, limit int64, minimizeTimeout time.Duration, minimizeLimit int64, parallel int, seed []fuzz.CorpusEntry, types []reflect.Type, corpus, cache string) error {
	if err := cell.Share(filepath.Join(folder(), "plan")); err != nil {
		return err
	}
	return d.TestDeps.CoordinateFuzzing(timeout, limit, minimizeTimeout, minimizeLimit, parallel, seed, types, kept(corpus), cache)
}

func (d deps) ReadCorpus(corpus string, types []reflect.Type) ([]fuzz.CorpusEntry, error) {
	found, err := d.TestDeps.ReadCorpus(corpus, types)
	if err != nil {
		return found, err
	}
	failed, err := d.TestDeps.ReadCorpus(kept(corpus), types)
	if err != nil { // of a fuzz test that takes something else now
		fmt.Fprintf(os.Stderr, "mykernel: inputs that failed before are left out: %v\n", err)
		os.RemoveAll(kept(corpus))
	}
	return append(found, failed...), nil
}
