package main

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// toolchain is the user's Go, and what it has told of packages.
type toolchain struct {
	program string // go
	agent   string // the folder of the module that this is from
	folder  string // private
	// Of a go that finds no packages in an overlay, the GOROOT that is made for it, and its own.
	shadow, realRoot string
	target           []string // of what it builds for, in the environment; none for this machine

	wasm func() *toolchain // the same one, for programs in a browser

	background background

	mutex    sync.Mutex      // over all below
	context  context.Context // of the request that has it
	flags    []string        // of %goflags
	setting  setting
	packages map[string]*pkg   // by path
	failed   map[string]string // by path, why there is no such package
	importer types.Importer
	// How many packages of std are written down.
	remembered int

	// What questions have of their own, who do not wait for the mutex.
	catalogue catalogue
	outlines  outlines
	others    others
	pending   pending

	std func() map[string][]string        // by name, the paths of std's packages and of ours
	own func() (map[string]string, error) // our files, by their names

	progress *progress
	warming  warming

	cancelling sync.Mutex
	cancelled  context.Context
	cancelAll  context.CancelFunc
}

func newToolchain(program, agent, folder string) *toolchain {
	t := &toolchain{program: program, agent: agent, folder: folder, progress: new(progress)}
	t.std = sync.OnceValue(t.stdPackages)
	t.own = sync.OnceValues(t.copyOwn)
	t.wasm = sync.OnceValue(func() *toolchain {
		other := newToolchain(program, agent, folder)
		other.target = []string{"GOOS=js", "GOARCH=wasm"}
		other.std, other.own, other.progress = t.std, t.own, t.progress
		return other
	})
	t.warming.resume.L = &t.warming.mutex
	t.cancelled, t.cancelAll = context.WithCancel(context.Background())
	t.catalogue = catalogue{positions: token.NewFileSet(), begun: make(chan struct{})}
	t.outlines = outlines{files: t.catalogue.positions, found: map[string]*outline{}}
	t.others = others{t: t}
	t.pending = pending{running: map[string]chan struct{}{}, refused: map[string]bool{}}
	t.forget(func(*pkg) bool { return true })
	if err := t.makeShadow(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return t
}

// Flags that go build does not take for a browser.
var notInBrowser = []string{"asan", "buildmode", "linkshared", "msan", "race"}

// inBrowser is the one for programs in a browser, with the flags of this one that make sense there.
func (t *toolchain) inBrowser() *toolchain {
	t.mutex.Lock()
	flags := slices.DeleteFunc(slices.Clone(t.flags), func(flag string) bool { return slices.Contains(notInBrowser, flagName(flag)) })
	t.mutex.Unlock()
	other := t.wasm()
	other.mutex.Lock()
	defer other.mutex.Unlock()
	other.flags = flags
	return other
}

// cancel ends what runs for a cell that was interrupted.
func (t *toolchain) cancel() {
	t.cancelling.Lock()
	defer t.cancelling.Unlock()
	t.cancelAll()
	t.cancelled, t.cancelAll = context.WithCancel(context.Background())
}

// current is over when what is asked now is cancelled.
func (t *toolchain) current() context.Context {
	t.cancelling.Lock()
	defer t.cancelling.Unlock()
	return t.cancelled
}

// take waits until nobody else has the toolchain, and notices what has changed since.
func (t *toolchain) take(asked request) (release func()) {
	t.mutex.Lock()
	t.context = asked.context
	t.refresh()
	t.forgetRefused()
	return t.mutex.Unlock
}

// command is go with these arguments, in the folder whose module counts. It ends as by ^C when the
// context does, which leaves no temporary files.
func (t *toolchain) command(until context.Context, arguments ...string) *exec.Cmd {
	return t.commandIn(t.setting.place, until, arguments...)
}

func (t *toolchain) commandIn(place string, until context.Context, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(until, t.program, arguments...)
	command.Dir = place
	command.Env = t.environment(command.Environ())
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 5 * time.Second
	return command
}

// environment of go. The user's own choice of another toolchain is left alone; without one, none is
// downloaded.
func (t *toolchain) environment(given []string) []string {
	if os.Getenv("GOTOOLCHAIN") == "" && !bytes.Contains(readGoEnv(), []byte("GOTOOLCHAIN=")) {
		given = append(given, "GOTOOLCHAIN=local")
	}
	if t.shadow != "" {
		given = append(given, "GOROOT="+t.shadow)
	}
	return append(given, t.target...)
}

// readGoEnv reads what `go env -w` has written.
func readGoEnv() []byte {
	text, _ := os.ReadFile(goEnvFile())
	return text
}

func goEnvFile() string {
	if file := os.Getenv("GOENV"); file != "" {
		return file
	}
	folder, _ := os.UserConfigDir()
	return filepath.Join(folder, "go", "env")
}

func (t *toolchain) stdPackages() map[string][]string {
	found := map[string][]string{}
	source := filepath.Join(t.root(), "src")
	filepath.WalkDir(source, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		name := entry.Name()
		if entry.IsDir() {
			if slices.Contains([]string{"internal", "vendor", "testdata", "cmd", "builtin"}, name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		path, err := filepath.Rel(source, filepath.Dir(file))
		name = nameOfPath(path)
		if paths := found[name]; err == nil && path != "." && !slices.Contains(paths, path) {
			found[name] = append(paths, path)
		}
		return nil
	})
	for _, own := range t.ownPackages() {
		if !slices.Contains(hidden, own) {
			found[nameOfPath(own)] = append(found[nameOfPath(own)], own)
		}
	}
	for _, paths := range found {
		slices.SortFunc(paths, func(a, b string) int { return len(a) - len(b) })
	}
	return found
}

// inStd: whether std, or we, have a package of this path.
func (t *toolchain) inStd(path string) bool {
	return path == "unsafe" || slices.Contains(t.std()[nameOfPath(path)], path)
}

// loader is the path of Go's own script that runs a program in a browser.
func (t *toolchain) loader() string {
	for _, folder := range []string{"lib", "misc"} { // lib since Go 1.24
		path := filepath.Join(t.root(), folder, "wasm", "wasm_exec.js")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}
