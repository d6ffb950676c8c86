package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// toolchain is the user's Go, and what it has compiled of packages.
type toolchain struct {
	program string // go
	agent   string // the folder of the module that this is from
	folder  string // private

	mutex    sync.Mutex      // over all below
	context  context.Context // of the request that has it
	exports  map[string]string
	importer types.Importer

	root    func() string              // of the toolchain's own files
	std     func() map[string][]string // by name, the paths of std's packages and of ours
	overlay func() (string, error)     // the file that puts our packages beside std's

	cancelling sync.Mutex
	cancelled  context.Context
	cancelAll  context.CancelFunc
}

func newToolchain(program, agent, folder string) *toolchain {
	t := &toolchain{program: program, agent: agent, folder: folder, exports: map[string]string{}}
	t.root = sync.OnceValue(t.findRoot)
	t.std = sync.OnceValue(t.stdPackages)
	t.overlay = sync.OnceValues(t.writeOverlay)
	t.cancelled, t.cancelAll = context.WithCancel(context.Background())
	t.importer = importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if err := t.need(path); err != nil {
			return nil, err
		}
		return os.Open(t.exports[path])
	})
	return t
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

// take waits until nobody else has the toolchain.
func (t *toolchain) take(asked request) (release func()) {
	t.mutex.Lock()
	t.context = asked.context
	return t.mutex.Unlock
}

// findRoot of the toolchain's own files.
func (t *toolchain) findRoot() string {
	out, err := exec.Command(t.program, "env", "GOROOT").Output()
	if err != nil {
		return build.Default.GOROOT
	}
	return strings.TrimSpace(string(out))
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
		if own != runtimePath {
			found[nameOfPath(own)] = append(found[nameOfPath(own)], own)
		}
	}
	for _, paths := range found {
		slices.SortFunc(paths, func(a, b string) int { return len(a) - len(b) })
	}
	return found
}

// need has packages compiled, with all that they import, where that was not done.
func (t *toolchain) need(paths ...string) error {
	var missing []string
	for _, path := range paths {
		if t.exports[path] == "" && path != "unsafe" {
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	overlay, err := t.overlay()
	if err != nil {
		return err
	}
	arguments := []string{"list", "-export", "-deps", "-overlay", overlay, "-f", "{{if .Export}}{{.ImportPath}}\t{{.Export}}{{end}}", "--"}
	command := exec.CommandContext(t.context, t.program, append(arguments, missing...)...)
	out, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return errors.New(strings.TrimSpace(string(exit.Stderr)))
	} else if err != nil {
		return err
	}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		t.exports[path] = file
	}
	return nil
}

// warm compiles what every cell needs.
func (t *toolchain) warm(asked request) string {
	defer t.take(asked)()
	if err := t.need(runtimePath); err != nil {
		return err.Error()
	}
	if err := t.need("fmt"); err != nil {
		return err.Error()
	}
	return ""
}

// importcfg is a file that tells compiler and linker where packages are. Its name says what is in it.
func (t *toolchain) importcfg() (string, error) {
	var text strings.Builder
	for _, path := range slices.Sorted(maps.Keys(t.exports)) {
		fmt.Fprintf(&text, "packagefile %s=%s\n", path, t.exports[path])
	}
	path := filepath.Join(t.folder, fmt.Sprintf("importcfg-%x", sha256.Sum256([]byte(text.String()))))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}
