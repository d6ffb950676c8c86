package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath, Name, Dir, Export string
	Standard                      bool
	Imports, CgoFiles, EmbedFiles []string
	Module                        *struct{ GoMod string }
	Error                         *listError
	DepsErrors                    []*listError

	stamp string // of its files; "" where these do not change
}

type listError struct{ Pos, Err string }

const pkgFields = "-json=ImportPath,Name,Dir,Export,Standard,Imports,CgoFiles,EmbedFiles,Module,Error,DepsErrors"

// forget packages, and what was made of their types.
func (t *toolchain) forget(which func(*pkg) bool) {
	packages := map[string]*pkg{}
	for path, one := range t.packages {
		if !which(one) {
			packages[path] = one
		}
	}
	t.packages, t.failed = packages, map[string]string{}
	t.catalogue.tell(packages, true)
	t.importer = importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if err := t.need(path); err != nil {
			return nil, err
		}
		return os.Open(t.packages[path].Export)
	})
}

// need has packages compiled, with all that they import, where that was not done.
func (t *toolchain) need(paths ...string) error {
	var missing []string
	for _, path := range paths {
		if t.failed[path] == "" && !t.there(path) {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		t.find(missing)
	}
	for _, path := range paths {
		if t.failed[path] != "" {
			return errors.New(t.failed[path])
		}
	}
	return nil
}

func (t *toolchain) there(path string) bool {
	return path == "unsafe" || path == "C" || t.packages[path] != nil
}

func (t *toolchain) find(paths []string) {
	var sound []string
	for _, path := range paths {
		if slices.Contains([]string{"all", "cmd", "std", "tool", "work"}, path) || strings.Contains(path, "...") || strings.ContainsAny(path[:1], "./-") {
			t.failed[path] = "this is not the path of a package in a module or of the standard library"
		} else {
			sound = append(sound, path)
		}
	}
	if len(sound) == 0 {
		return
	}
	t.warming.pause()
	defer t.warming.goOn()
	var found []*pkg
	command, err := t.listing(t.context, sound)
	if err == nil {
		stop := t.counting(sound)
		found, err = list(command, t.progress, 0)
		stop()
	}
	if t.context.Err() != nil {
		found, err = nil, errors.New("it was interrupted")
	}
	t.learn(found)
	for _, path := range sound {
		switch one := t.packages[path]; {
		case one != nil:
		case err != nil:
			t.failed[path] = err.Error()
		default:
			t.failed[path] = whyNot(path, found)
		}
	}
}

// learn what go has told.
func (t *toolchain) learn(found []*pkg) {
	defer t.remember()
	for _, one := range found {
		if one.Export != "" && one.Name != "main" {
			t.packages[one.ImportPath] = one
		}
	}
	t.catalogue.tell(t.packages, false)
}

func whyNot(path string, found []*pkg) string {
	for _, one := range found {
		if one.ImportPath == path && one.Error != nil {
			return strings.TrimSpace(one.Error.Err)
		}
		if one.ImportPath == path && len(one.DepsErrors) > 0 {
			return strings.TrimSpace(one.DepsErrors[0].Err)
		}
		if one.ImportPath == path && one.Name == "main" {
			return "it is a program, not an importable package"
		}
	}
	return "go does not know it"
}

// listing is the command that tells of packages and all that they import. It compiles them.
func (t *toolchain) listing(until context.Context, paths []string) (*exec.Cmd, error) {
	return t.listed(until, paths, "-export", "-v", pkgFields)
}

// counting looks at how many packages are to be compiled where that takes long, until it is stopped.
func (t *toolchain) counting(paths []string) (stop func()) {
	until, cancel := context.WithCancel(t.context)
	command, err := t.listed(until, paths, "-f", "{{if .Stale}}{{.ImportPath}}{{end}}")
	if err != nil {
		return cancel
	}
	begin := time.AfterFunc(uncounted, func() { t.progress.count(command) })
	return func() { begin.Stop(); cancel() }
}

func (t *toolchain) listed(until context.Context, paths []string, what ...string) (*exec.Cmd, error) {
	if t.setting.wrong != "" {
		return nil, errors.New(t.setting.wrong)
	}
	overlay, err := t.overlay()
	if err != nil {
		return nil, err
	}
	arguments := append(append([]string{"list", "-e", "-deps"}, what...), t.packageFlags()...)
	return t.command(until, append(append(arguments, "-overlay", overlay, "--"), paths...)...), nil
}

// list runs such a command. nice: its priority, 0 for that of all else.
func list(command *exec.Cmd, progress *progress, nice int) (found []*pkg, err error) {
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, progress.begin()
	if err = command.Start(); err == nil {
		syscall.Setpriority(syscall.PRIO_PROCESS, command.Process.Pid, nice)
		err = command.Wait()
	}
	if said := progress.end(); err != nil && said != "" {
		err = errors.New(said)
	}
	for decoder := json.NewDecoder(&out); ; {
		one := new(pkg)
		if decoder.Decode(one) != nil {
			return
		}
		if !one.Standard {
			one.stamp = one.stampNow()
		}
		found = append(found, one)
	}
}

// stampNow changes with the package's files.
func (p *pkg) stampNow() string {
	var b strings.Builder
	entries, _ := os.ReadDir(p.Dir)
	for _, entry := range entries {
		if status, err := entry.Info(); err == nil && isSource(entry.Name()) {
			fmt.Fprintln(&b, entry.Name(), status.Size(), status.ModTime().UnixNano())
		}
	}
	for _, name := range p.EmbedFiles {
		b.WriteString(stampOf(filepath.Join(p.Dir, name)))
	}
	if p.Module != nil {
		b.WriteString(stampOf(p.Module.GoMod))
	}
	return b.String()
}

func isSource(name string) bool {
	return slices.Contains([]string{".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx", ".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso"}, filepath.Ext(name))
}

// nameOf a package, which is not always the last word of its path.
func (t *toolchain) nameOf(path string) string {
	if one := t.packages[path]; one != nil {
		return one.Name
	}
	return nameOfPath(path)
}

// closure is these packages with all that they import.
func (t *toolchain) closure(paths []string) (found []*pkg) {
	seen := map[string]bool{}
	for wanted := slices.Clone(paths); len(wanted) > 0; {
		path := wanted[0]
		wanted = wanted[1:]
		if path == "C" {
			path = "runtime/cgo"
		}
		if one := t.packages[path]; one != nil && !seen[path] {
			seen[path] = true
			found = append(found, one)
			wanted = append(wanted, one.Imports...)
		}
	}
	slices.SortFunc(found, func(a, b *pkg) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return
}

// compiled has what these packages were compiled to anew where that was removed.
func (t *toolchain) compiled(paths []string) error {
	for _, one := range t.closure(paths) {
		if _, err := os.Stat(one.Export); err != nil {
			t.forget(func(*pkg) bool { return true })
			break
		}
	}
	return t.need(paths...)
}

// importcfg is a file that tells compiler and linker where the packages are. Its name says what is in it.
func (t *toolchain) importcfg(paths []string) (string, error) {
	var text strings.Builder
	for _, one := range t.closure(paths) {
		fmt.Fprintf(&text, "packagefile %s=%s\n", one.ImportPath, one.Export)
	}
	path := filepath.Join(t.folder, fmt.Sprintf("importcfg-%x", sha256.Sum256([]byte(text.String()))))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}

// uncounted is how long go may take before it is worth to know how many packages there are.
const uncounted = time.Second

// progress of a go command that compiles packages and names them on stderr.
type progress struct {
	mutex sync.Mutex
	since time.Time // zero where none runs
	begun map[string]bool
	all   int             // 0 where that is not known
	said  strings.Builder // but for these names
	rest  string
}

func (p *progress) begin() io.Writer {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.since, p.begun, p.all, p.rest = time.Now(), map[string]bool{}, 0, ""
	p.said.Reset()
	return p
}

// count by a command that names the packages which are not compiled yet.
func (p *progress) count(command *exec.Cmd) {
	p.mutex.Lock()
	since := p.since
	p.mutex.Unlock()
	out, err := command.Output()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if err != nil || since.IsZero() || since != p.since {
		return
	}
	left := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		left[path] = true
	}
	maps.Copy(left, p.begun)
	p.all = len(left)
}

func (p *progress) end() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.since = time.Time{}
	return strings.TrimSpace(p.said.String() + p.rest)
}

func (p *progress) Write(text []byte) (int, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	lines := strings.SplitAfter(p.rest+string(text), "\n")
	p.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		if strings.ContainsAny(line, " \t:") {
			p.said.WriteString(line)
		} else {
			p.begun[strings.TrimSpace(line)] = true
		}
	}
	return len(text), nil
}

// now is how many packages go has begun to compile, and of how many; 0 where no command runs, and where it is not known.
func (p *progress) now() map[string]any {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.since.IsZero() {
		return map[string]any{"packages": 0, "all": 0}
	}
	return map[string]any{"packages": len(p.begun), "all": p.all}
}
