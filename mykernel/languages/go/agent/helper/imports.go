package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// findImports takes the imports that the program's code names, and those of std that it would need.
func (t *toolchain) findImports(p *program) {
	p.preambles, p.importsC = "", false
	selected, declared := map[string][]string{}, map[string]bool{}
	for _, one := range p.known {
		if one.Kind == "import" && one.Names[0] == "C" {
			if len(one.Hidden) == 0 { // else a later one takes its place
				p.importC(one.Label, one.Line, one.Text)
			}
			continue
		}
		if one.Kind == "import" {
			p.imports[importKey(one.Names[0], pathOf(one.Text))] = directive(one.Label, one.Line, one.Column) + one.Text
			continue
		}
		for _, name := range one.Names {
			declared[name] = true
		}
		if one.Kind != "var" {
			if file, err := parser.ParseFile(token.NewFileSet(), "", declarationHead+one.Text, parser.SkipObjectResolution); err == nil {
				selectors(file, selected)
			}
		}
	}
	outside := p.usedOutside()
	for i, one := range p.parts {
		for _, name := range one.definitions() { // those of the body hide a package from there on alone
			declared[name] = declared[name] || outside[name] || !isStatement(p.parts, i)
		}
		for _, node := range one.nodes {
			if node, is := node.(*ast.GenDecl); is && node.Tok == token.IMPORT {
				for _, spec := range node.Specs {
					if spec := spec.(*ast.ImportSpec); spec.Path.Value == `"C"` {
						text, line, _ := one.preamble(node, spec)
						p.importC(p.label, line, text)
						continue
					}
					line, column := one.lineAt(one.at(spec.Pos()))
					text := "import " + directive(p.label, line, column) + one.source(spec)
					p.imports[importKey(importName(spec.(*ast.ImportSpec), t.nameOf), pathOf(text))] = text
				}
			}
			for _, what := range remembered(one, node, t.nameOf) {
				for _, name := range what.Names {
					declared[name] = declared[name] || what.Kind != "import"
				}
			}
			selectors(node, selected)
		}
		if one.statement != nil {
			selectors(one.statement, selected)
		}
	}
	if slices.ContainsFunc(p.parts, part.embeds) && selected["embed"] == nil {
		p.imports[importKey("_", "embed")] = `/*line mykernel:1*/import _ "embed"`
	}
	delete(selected, "C")
	for name, members := range selected {
		if _, given := p.imports[name]; !given && !declared[name] {
			if path := t.stdWith(name, members); path != "" {
				p.imports[name] = "/*line mykernel:1*/import " + strconv.Quote(path)
			}
		}
	}
}

// imported are the paths that a cell imports.
func imported(parts []part) (paths []string) {
	for _, one := range parts {
		for _, spec := range one.file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			paths = append(paths, path)
		}
	}
	return
}

var toGet = regexp.MustCompile(`(?m)^\s*go get (?:-t )?(\S+\.\S*)$`)

// missing are those of the paths, and of what their packages import, for which go advises "go get".
func (t *toolchain) missing(paths []string) []string {
	found := []string{}
	t.failed = map[string]string{}
	t.need(slices.DeleteFunc(paths, t.inStd)...)
	for _, why := range t.failed {
		for _, advice := range toGet.FindAllStringSubmatch(why, -1) {
			if !slices.Contains(found, advice[1]) {
				found = append(found, advice[1])
			}
		}
	}
	slices.Sort(found)
	return found
}

// importKey: of the names . and _ there may be many.
func importKey(name, path string) string {
	if name == "." || name == "_" {
		return name + " " + path
	}
	return name
}

// pathOf an import's declaration.
func pathOf(text string) string {
	words := strings.Fields(text)
	last := words[len(words)-1]
	if _, behind, is := strings.Cut(last, "*/"); is { // a line directive
		last = behind
	}
	path, _ := strconv.Unquote(last)
	return path
}

// selectors gathers what stands behind the dot, by the name before it.
func selectors(node ast.Node, into map[string][]string) {
	ast.Inspect(node, func(n ast.Node) bool {
		if selector, is := n.(*ast.SelectorExpr); is && selector.Sel.IsExported() {
			if name, is := selector.X.(*ast.Ident); is && !slices.Contains(into[name.Name], selector.Sel.Name) {
				into[name.Name] = append(into[name.Name], selector.Sel.Name)
			}
		}
		return true
	})
}

// stdWith is the package of std of that name that has all of these; the shortest path wins.
func (t *toolchain) stdWith(name string, members []string) string {
	paths := t.std()[name]
	for _, path := range paths {
		pkg, err := t.importer.Import(path)
		if err == nil && !slices.ContainsFunc(members, func(member string) bool { return pkg.Scope().Lookup(member) == nil }) {
			return path
		}
	}
	if len(paths) == 1 {
		return paths[0] // it is told what is not in it
	}
	return ""
}
