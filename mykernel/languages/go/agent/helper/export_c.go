package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ofCells are the lines that the preamble of a cell's program has more than what cells say.
var ofCells = regexp.MustCompile(`(?m)^//(?:#line \d+ .*|/\* [0-9a-f]{64} \*/)\n`)

// importsC: whether it is an import "C".
func (p part) importsC() bool {
	return slices.ContainsFunc(p.file.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"C"` })
}

// usesC: whether the declarations name anything of C.
func usesC(text string) (found bool) {
	file, _ := parser.ParseFile(token.NewFileSet(), "", declarationHead+text, parser.SkipObjectResolution)
	ast.Inspect(file, func(node ast.Node) bool {
		if selector, is := node.(*ast.SelectorExpr); is {
			name, is := selector.X.(*ast.Ident)
			found = found || is && name.Name == "C"
		}
		return !found
	})
	return
}

// leaveOutOfC takes the pieces out that do not fit the C code any more, and tests that use C, which go
// does not allow; whether there was one. Where C cannot be compiled nothing is taken out.
func (e *exported) leaveOutOfC() (changed bool) {
	if e.preamble == "" {
		return false
	}
	leave := func(one *piece, why string) {
		if one.why == "" {
			one.why, changed = why, true
		}
	}
	for _, one := range e.pieces {
		if one.test && usesC(one.text) {
			leave(one, "go has no cgo in tests")
		}
	}
	main, _ := e.written(true)
	if changed || !strings.Contains(main, "\n"+importOfC+"\n") {
		return
	}
	_, problems := e.toolchain.namesOfC(main)
	for _, one := range problems {
		if number, err := strconv.Atoi(one.File); err == nil && number < len(e.pieces) {
			leave(e.pieces[number], one.Message)
		}
	}
	return
}

// include adds the files of the notebook's folder that the C code includes.
func (e *exported) include(files map[string]string) {
	folder, _ := os.Getwd()
	paths := map[string]bool{}
	headersOf(e.preamble, folder, paths)
	for path := range paths {
		if name, err := filepath.Rel(folder, path); err == nil && filepath.IsLocal(name) {
			if text, err := os.ReadFile(path); err == nil {
				files[filepath.ToSlash(name)] = string(text)
			}
		}
	}
}
