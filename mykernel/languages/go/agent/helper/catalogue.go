package main

import (
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"sync"
)

// catalogue is what questions know of packages. Cells tell it what they learn, and hold the toolchain
// while they wait for go; it is held for no longer than a file is read.
type catalogue struct {
	mutex    sync.Mutex
	setting  setting
	packages map[string]*pkg // by path, those that are compiled
	importer types.Importer

	positions *token.FileSet // of all that is imported or looked at
	begun     chan struct{}  // closed when there is a setting
	begin     sync.Once
}

func (c *catalogue) tellSetting(told setting) {
	c.mutex.Lock()
	c.setting = told
	c.mutex.Unlock()
	c.begin.Do(func() { close(c.begun) })
}

// tell which packages there are now. afresh: what was known before may be wrong.
func (c *catalogue) tell(packages map[string]*pkg, afresh bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if afresh {
		c.packages = map[string]*pkg{}
		c.importer = importer.ForCompiler(c.positions, "gc", func(path string) (io.ReadCloser, error) {
			return os.Open(c.packages[path].Export)
		})
	}
	for path, one := range packages {
		c.packages[path] = one
	}
}

// find a package that is compiled; nil where there is none.
func (c *catalogue) find(path string) *pkg {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.packages[path]
}

// take imports a package that is compiled. is: whether there is such a one.
func (c *catalogue) take(path string) (found *types.Package, is bool, err error) {
	if path == "unsafe" {
		return types.Unsafe, true, nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.packages[path] == nil {
		return nil, false, nil
	}
	found, err = c.importer.Import(path)
	return found, true, err
}

func (c *catalogue) now() setting {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.setting
}

// root of the toolchain's own files.
func (t *toolchain) root() string {
	if root := t.catalogue.now().told.GOROOT; root != "" {
		return root
	}
	return build.Default.GOROOT
}
