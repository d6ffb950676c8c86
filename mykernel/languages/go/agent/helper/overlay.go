package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ownPackages are the paths of what programs may import of mykernel.
func (t *toolchain) ownPackages() (found []string) {
	for _, file := range t.ownFiles() {
		path := place(filepath.Dir(file))
		if !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	return
}

// place is the path of the package whose files are in a folder of our module.
func place(folder string) string {
	if name := filepath.Base(folder); name != "tests" {
		return "mykernel/" + name
	}
	return testsPath
}

// ownFiles are the files of these packages.
func (t *toolchain) ownFiles() (found []string) {
	files, _ := filepath.Glob(filepath.Join(t.agent, "*", "*.go"))
	helper := filepath.Join(t.agent, "helper")
	return slices.DeleteFunc(files, func(file string) bool {
		return filepath.Dir(file) == helper || strings.HasSuffix(file, "_test.go")
	})
}

// writeOverlay makes the file for go's -overlay with which our packages are found as those of std are:
// in any module, with its packages vendored or not, and in none.
func (t *toolchain) writeOverlay() (path string, err error) {
	replaced := map[string]string{}
	for _, file := range t.ownFiles() {
		replaced[filepath.Join(t.root(), "src", place(filepath.Dir(file)), filepath.Base(file))] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path = filepath.Join(t.folder, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}
