package main

import (
	"cmp"
	"context"
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience of a question with packages that have to be compiled first. The next one finds them there.
const patience = 300 * time.Millisecond

// pending are packages that are compiled for questions, and those that could not be.
type pending struct {
	mutex   sync.Mutex
	running map[string]chan struct{} // closed when it is done
	refused map[string]bool
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// importingSoon imports packages for a question: a package that is not compiled in time is taken from
// its sources, without what it imports itself. Nothing is fetched from a network.
func (t *toolchain) importingSoon(context context.Context) types.Importer {
	return importerFunc(func(path string) (*types.Package, error) {
		pkg, is, err := t.catalogue.take(path)
		if !is {
			select {
			case <-t.startCompiling(path):
			case <-context.Done():
			}
			pkg, is, err = t.catalogue.take(path)
		}
		if !is {
			return t.fromSources(path)
		}
		return pkg, err
	})
}

// startCompiling has a package compiled, once, and without a network.
func (t *toolchain) startCompiling(path string) chan struct{} {
	t.pending.mutex.Lock()
	defer t.pending.mutex.Unlock()
	if done, is := t.pending.running[path]; is {
		return done
	}
	done := make(chan struct{})
	if t.pending.refused[path] || t.folderOf(path) == "" {
		close(done)
		return done
	}
	t.pending.running[path] = done
	go func() {
		t.compileOffline(path)
		t.pending.mutex.Lock()
		defer t.pending.mutex.Unlock()
		delete(t.pending.running, path)
		t.pending.refused[path] = t.catalogue.find(path) == nil
		close(done)
	}()
	return done
}

// compileOffline waits for the cell that has the toolchain.
func (t *toolchain) compileOffline(path string) {
	t.warming.pause()
	defer t.warming.goOn()
	t.mutex.Lock()
	t.refresh()
	stamp := t.setting.stamp
	command, err := t.listing(context.Background(), []string{path})
	t.mutex.Unlock()
	if err != nil {
		return
	}
	command.Env = append(command.Env, offline...)
	var unseen progress
	found, _ := list(command, &unseen, 0)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if stamp == t.setting.stamp {
		t.learn(found)
	}
}

// forgetRefused: what could not be compiled may be by now.
func (t *toolchain) forgetRefused() {
	t.pending.mutex.Lock()
	defer t.pending.mutex.Unlock()
	clear(t.pending.refused)
}

// fromSources is a package as far as its own files tell.
func (t *toolchain) fromSources(path string) (*types.Package, error) {
	folder := t.folderOf(path)
	if folder == "" {
		return nil, errors.New("it is not there")
	}
	var files []*ast.File
	for _, name := range sourcesIn(folder) {
		if file, _ := parser.ParseFile(t.catalogue.positions, name, nil, parser.SkipObjectResolution); file != nil {
			for _, decl := range file.Decls {
				withoutBody(decl)
			}
			files = append(files, file)
		}
	}
	compiled := importerFunc(func(path string) (*types.Package, error) {
		pkg, is, err := t.catalogue.take(path)
		if !is {
			return nil, errors.New("it is not compiled")
		}
		return pkg, err
	})
	config := types.Config{Importer: compiled, Error: func(error) {}, FakeImportC: true, DisableUnusedImportCheck: true}
	pkg, _ := config.Check(path, t.catalogue.positions, files, nil)
	return pkg, nil
}

// sourcesIn a package's folder, those for this machine.
func sourcesIn(folder string) (paths []string) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			if matches, err := build.Default.MatchFile(folder, name); err == nil && matches {
				paths = append(paths, filepath.Join(folder, name))
			}
		}
	}
	return
}

// importNameOf a package is the name by which code speaks of it.
func (t *toolchain) importNameOf(path string) string {
	if one := t.catalogue.find(path); one != nil {
		return one.Name
	}
	if t.inStd(path) {
		return nameOfPath(path)
	}
	for name, paths := range t.others.all() {
		if slices.Contains(paths, path) {
			return name
		}
	}
	return nameOfPath(path)
}

// packageWith is the package of that name that has all of these, for code that does not import it: the
// shortest path wins. "" where there is none.
func (t *toolchain) packageWith(name string, members []string) string {
	paths := slices.Clone(t.std()[name])
	slices.SortFunc(paths, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	for _, path := range paths {
		if len(paths) == 1 || len(members) == 0 {
			return path
		}
		context, cancel := context.WithTimeout(context.Background(), patience)
		pkg, err := t.importingSoon(context).Import(path)
		cancel()
		if err == nil && !slices.ContainsFunc(members, func(member string) bool { return pkg.Scope().Lookup(member) == nil }) {
			return path
		}
	}
	if own := t.others.named(name); len(own) > 0 && len(paths) == 0 {
		return own[0]
	}
	return slices.Concat(paths, []string{""})[0]
}

// folderOf a package's sources; "" where it is not known.
func (t *toolchain) folderOf(path string) string {
	if !filepath.IsLocal(path) || strings.HasPrefix(path, "-") {
		return ""
	}
	if own, is := strings.CutPrefix(path, "mykernel/"); is {
		return filepath.Join(t.agent, own)
	}
	for _, folder := range []string{filepath.Join(t.root(), "src", path), filepath.Join(t.root(), "src", "vendor", path)} {
		if status, err := os.Stat(folder); err == nil && status.IsDir() {
			return folder
		}
	}
	if one := t.catalogue.find(path); one != nil {
		return one.Dir
	}
	return t.others.folder(path)
}
