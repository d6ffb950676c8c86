package main

import (
	"encoding/hex"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"sync"
)

// outline is a declaration of an earlier cell without the bodies of functions: all that code which
// speaks of it can see.
type outline struct {
	name  string // of its file
	decls []ast.Decl
	// Packages that it speaks of, by their names, with the members.
	packages map[string][]string
	// Imports that the types of variables need.
	imports []*ast.ImportSpec
}

// outlines are kept while they are asked for. Many a question speaks of the same declarations.
type outlines struct {
	mutex sync.Mutex
	files *token.FileSet
	found map[string]*outline
	count int
}

// mostOutlines that are kept.
const mostOutlines = 4000

func (o *outlines) of(one known) *outline {
	text, imports := one.source()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if found, is := o.found[text]; is {
		return found
	}
	if len(o.found) >= mostOutlines {
		for text, old := range o.found {
			delete(o.found, text)
			o.forget(old)
		}
	}
	o.count++
	made := &outline{name: fmt.Sprintf("known%d", o.count), imports: imports, packages: map[string][]string{}}
	file, _ := parser.ParseFile(o.files, made.name, declarationHead+text, parser.AllErrors)
	for _, decl := range file.Decls {
		withoutBody(decl)
	}
	made.decls = file.Decls
	packagesIn(file, file.Decls, made.packages)
	o.found[text] = made
	return made
}

// source is the declaration as code, with the imports that the type of a variable needs.
func (k known) source() (string, []*ast.ImportSpec) {
	if k.Kind == "var" {
		text, imports := plainType(k.Text)
		return "var " + k.Names[0] + " " + text, imports
	}
	return unhidden(k.Text, k.Hidden), nil
}

func (o *outlines) forget(old *outline) {
	if len(old.decls) > 0 {
		if file := o.files.File(old.decls[0].Pos()); file != nil {
			o.files.RemoveFile(file)
		}
	}
}

func withoutBody(decl ast.Decl) {
	if function, is := decl.(*ast.FuncDecl); is {
		function.Body = nil
	}
}

// packagesIn gathers what the declarations of the file speak of that may be packages.
func packagesIn[N ast.Node](file *ast.File, nodes []N, into map[string][]string) {
	free := map[*ast.Ident]bool{}
	for _, name := range file.Unresolved {
		free[name] = true
	}
	for _, node := range nodes {
		ast.Inspect(node, func(n ast.Node) bool {
			if selector, is := n.(*ast.SelectorExpr); is {
				if name, is := selector.X.(*ast.Ident); is && free[name] {
					into[name.Name] = append(into[name.Name], selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// plainType is the type of a variable with names in place of its packages' paths, and their imports.
func plainType(text string) (string, []*ast.ImportSpec) {
	imports := map[string]*ast.ImportSpec{}
	text = packagePath.ReplaceAllStringFunc(text, func(found string) string {
		path, err := strconv.Unquote(found[:len(found)-1])
		if err != nil {
			return found
		}
		name := "p__" + hex.EncodeToString([]byte(path))
		imports[name] = importOf(name, path)
		return name + "."
	})
	specs := []*ast.ImportSpec{}
	for _, spec := range imports {
		specs = append(specs, spec)
	}
	return text, specs
}

// importOf a path. name: "" for the package's own.
func importOf(name, path string) *ast.ImportSpec {
	spec := &ast.ImportSpec{Path: &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(path)}}
	if name != "" {
		spec.Name = ast.NewIdent(name)
	}
	return spec
}
