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
		path, _ := filepath.Rel(t.agent, filepath.Dir(file))
		path = "mykernel/" + filepath.ToSlash(path)
		if !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	return
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
		name, err := filepath.Rel(t.agent, file)
		if err != nil {
			return "", err
		}
		replaced[filepath.Join(t.root(), "src", "mykernel", name)] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path = filepath.Join(t.folder, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}
