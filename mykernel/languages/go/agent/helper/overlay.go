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

// pretend makes an overlay in which what is in a private file is a file of the current folder, and says
// which. name: of the overlay.
func (t *toolchain) pretend(name, private string) (file, overlay string, err error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	replaced, err := t.replaced()
	if err != nil {
		return "", "", err
	}
	file = filepath.Join(folder, pretended)
	replaced[file] = private
	overlay, err = t.write(name, replaced)
	return
}

const pretended = "cell__.go"

// overlay makes the file for go's -overlay with which our packages are found as those of std are:
// in any module, with its packages vendored or not, and in none.
func (t *toolchain) overlay() (path string, err error) {
	replaced, err := t.replaced()
	if err != nil {
		return "", err
	}
	return t.write("overlay", replaced)
}

// copyOwn copies our files, so that they are there when the user's cache folder is emptied.
func (t *toolchain) copyOwn() (copies map[string]string, err error) {
	copies = map[string]string{}
	for _, file := range t.ownFiles() {
		name, _ := filepath.Rel(t.agent, file)
		copies[name] = filepath.Join(t.folder, "own", name)
		os.MkdirAll(filepath.Dir(copies[name]), 0o700)
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(copies[name], text, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	return
}

// replaced are our files, by what they are to be called.
func (t *toolchain) replaced() (map[string]string, error) {
	copies, err := t.own()
	replaced := map[string]string{}
	if t.shadow != "" {
		return replaced, err // they are there
	}
	for name, file := range copies {
		replaced[filepath.Join(t.root(), "src", place(filepath.Dir(name)), filepath.Base(name))] = file
	}
	return replaced, err
}

func (t *toolchain) write(name string, replaced map[string]string) (path string, err error) {
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	path = filepath.Join(t.folder, name+".json")
	return path, os.WriteFile(path, text, 0o600)
}
