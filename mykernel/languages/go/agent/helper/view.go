package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"time"
)

// view is a cell that may be half typed, with what it uses of earlier ones, checked as far as that goes,
// and what stands at a place in it. The program of a cell is another thing, see compose.go.
type view struct {
	t     *toolchain
	asked request
	pkg   *types.Package
	info  *types.Info
	// From the outermost to what the cursor is in or behind; empty where it is in no code.
	path []ast.Node
	pos  token.Pos // the cursor's

	made    []*token.File
	origins map[string]origin // by the file's name
	// Of what was parsed of the cell:
	decls      []ast.Decl
	statements []ast.Stmt
	imports    map[string]*ast.ImportSpec // by name
	packages   map[string][]string        // what may be packages, with the members that are used
	cursor     *ast.File
}

// origin is where a piece of code comes from: a cell and a line in it, from 1.
type origin struct {
	label  string
	line   int
	column int
	text   string
}

// newView looks at code at a place in it, in bytes. It has to be forgotten when it was used.
func newView(t *toolchain, asked request, code string, at int) *view {
	select { // at the very start
	case <-t.catalogue.begun:
	case <-time.After(patience):
	}
	v := &view{t: t, asked: asked, origins: map[string]origin{}, imports: map[string]*ast.ImportSpec{}, packages: map[string][]string{}}
	v.read(code, at)
	decls := []ast.Decl{}
	for _, one := range asked.Known {
		found := t.outlines.of(one)
		v.origins[found.name] = origin{one.Label, one.Line, one.Column, one.Text}
		for _, spec := range found.imports {
			v.imports[spec.Name.Name] = spec
		}
		if one.Kind == "import" {
			v.importAll(found.decls)
			continue
		}
		decls = append(decls, found.decls...)
		for name, members := range found.packages {
			v.packages[name] = append(v.packages[name], members...)
		}
	}
	v.decls = append(v.decls, decls...) // of two of a name, the first one counts
	v.check()
	return v
}

func (v *view) forget() {
	for _, file := range v.made {
		v.t.catalogue.positions.RemoveFile(file)
	}
}

// read parses the cell. What runs behind the cursor is not seen there.
func (v *view) read(code string, at int) {
	chunks, _ := cut(code)
	for i, one := range chunks {
		if i == 0 && one.keyword == token.PACKAGE {
			continue
		}
		name := fmt.Sprintf("part%d", i)
		v.origins[name] = origin{v.asked.Label, one.line, one.column, one.text}
		inside := one.offset <= at && at <= one.offset+len(one.text)
		if !inside && !one.declares && one.offset > at {
			continue
		}
		parse := func(text string) (*ast.File, scanner.ErrorList) { return v.parse(name, text, one.declares) }
		var file *ast.File
		if inside {
			var there int
			file, there = mended(one.text, at-one.offset, parse)
			v.pos = file.FileStart + token.Pos(len(headOf(one.declares))+there)
			v.cursor = file
		} else {
			file, _ = parse(one.text)
		}
		v.take(file, one.declares, inside)
	}
	if v.cursor != nil {
		v.path = pathTo(v.cursor, v.pos)
		if !v.inStatements() {
			v.decls = append(v.decls, v.variables()...)
		}
	}
}

func headOf(declares bool) string {
	if declares {
		return declarationHead
	}
	return statementHead
}

func (v *view) parse(name, text string, declares bool) (*ast.File, scanner.ErrorList) {
	end := "\n"
	if !declares {
		end = "\n}"
	}
	file, err := parser.ParseFile(v.t.catalogue.positions, name, headOf(declares)+text+end, parser.AllErrors)
	v.made = append(v.made, v.t.catalogue.positions.File(file.FileStart))
	wrong, _ := err.(scanner.ErrorList)
	return file, wrong
}

// take takes what a part of the cell declares and does.
func (v *view) take(file *ast.File, declares, inside bool) {
	if declares {
		for _, decl := range file.Decls {
			if function, is := decl.(*ast.FuncDecl); is && !(inside && function.Pos() <= v.pos && v.pos <= function.End()) {
				withoutBody(decl)
			}
		}
		rest := v.importAll(file.Decls)
		v.decls = append(v.decls, rest...)
		packagesIn(file, rest, v.packages)
		return
	}
	if len(file.Decls) > 0 {
		if function, is := file.Decls[0].(*ast.FuncDecl); is && function.Body != nil {
			v.statements = append(v.statements, function.Body.List...)
			packagesIn(file, function.Body.List, v.packages)
		}
		v.decls = append(v.decls, file.Decls[1:]...) // of a part that is broken
	}
}

// importAll takes the imports out of declarations.
func (v *view) importAll(decls []ast.Decl) (rest []ast.Decl) {
	for _, decl := range decls {
		group, is := decl.(*ast.GenDecl)
		if !is || group.Tok != token.IMPORT {
			rest = append(rest, decl)
			continue
		}
		for _, spec := range group.Specs {
			if spec := spec.(*ast.ImportSpec); spec.Path != nil && len(spec.Path.Value) > 2 {
				name := importName(spec, v.t.importNameOf)
				if _, taken := v.imports[importKey(name, spec.Path.Value)]; !taken {
					v.imports[importKey(name, spec.Path.Value)] = spec
				}
			}
		}
	}
	return
}

// inStatements: whether the cursor is in what the cell does, not in what it declares.
func (v *view) inStatements() bool {
	return slices.ContainsFunc(v.statements, func(one ast.Stmt) bool { return one.Pos() <= v.pos && v.pos <= one.End() })
}

// variables that the cell's statements define, as its functions see them.
func (v *view) variables() (found []ast.Decl) {
	for _, one := range v.statements {
		switch one := one.(type) {
		case *ast.AssignStmt:
			if one.Tok == token.DEFINE {
				spec := &ast.ValueSpec{Values: one.Rhs}
				for _, name := range one.Lhs {
					if name, is := name.(*ast.Ident); is {
						spec.Names = append(spec.Names, name)
					}
				}
				found = append(found, &ast.GenDecl{Tok: token.VAR, TokPos: one.Pos(), Specs: []ast.Spec{spec}})
			}
		case *ast.DeclStmt:
			found = append(found, one.Decl)
		}
	}
	return
}

// check type-checks all of it, and goes on after what is wrong.
func (v *view) check() {
	v.findPackages()
	specs := []ast.Decl{}
	for _, spec := range v.imports {
		specs = append(specs, &ast.GenDecl{Tok: token.IMPORT, Specs: []ast.Spec{spec}})
	}
	body := &ast.FuncDecl{
		Name: ast.NewIdent("cell__body"),
		Type: &ast.FuncType{Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{List: v.statements},
	}
	file := &ast.File{Name: ast.NewIdent("main"), Decls: append(append(specs, v.decls...), body)}
	v.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{}, Implicits: map[ast.Node]types.Object{},
	}
	context, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	config := types.Config{Importer: v.t.importingSoon(context), Error: func(error) {}, FakeImportC: true, DisableUnusedImportCheck: true}
	v.pkg, _ = config.Check("main", v.t.catalogue.positions, []*ast.File{file}, v.info)
	if v.cursor != nil && v.inStatements() {
		v.path = append([]ast.Node{file, body}, v.path[min(1, len(v.path)):]...)
	} else {
		v.path = append([]ast.Node{file}, v.path...)
	}
}

// findPackages imports what the code speaks of as packages, and does not import itself.
func (v *view) findPackages() {
	declared := map[string]bool{}
	for _, one := range v.asked.Known {
		for _, name := range one.Names {
			declared[name] = declared[name] || one.Kind != "import"
		}
	}
	for _, decl := range append(v.decls, v.variables()...) {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			declared[decl.Name.Name] = declared[decl.Name.Name] || decl.Recv == nil
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						declared[name.Name] = true
					}
				case *ast.TypeSpec:
					declared[spec.Name.Name] = true
				}
			}
		}
	}
	for name, members := range v.packages {
		if _, given := v.imports[name]; given || declared[name] {
			continue
		}
		members = slices.DeleteFunc(members, func(member string) bool { return strings.HasSuffix(member, hole) || !ast.IsExported(member) })
		if path := v.t.packageWith(name, members); path != "" {
			v.imports[name] = importOf("", path)
		}
	}
}

// pathTo is the way down to what is at a place, or ends there.
func pathTo(file *ast.File, pos token.Pos) (path []ast.Node) {
	for _, decl := range file.Decls {
		var stack []ast.Node
		ast.Inspect(decl, func(n ast.Node) bool {
			if n == nil || n.Pos() > pos || n.End() < pos {
				return false
			}
			// What begins here counts more than what ends here, and a name most of all.
			for len(stack) > 0 && !(stack[len(stack)-1].Pos() <= n.Pos() && n.End() <= stack[len(stack)-1].End()) {
				stack = stack[:len(stack)-1]
			}
			stack = append(stack, n)
			_, named := n.(*ast.Ident)
			_, before := last(path).(*ast.Ident)
			if named || !before {
				path = slices.Clone(stack)
			}
			return true
		})
	}
	return
}

func last(path []ast.Node) ast.Node {
	if len(path) == 0 {
		return nil
	}
	return path[len(path)-1]
}
