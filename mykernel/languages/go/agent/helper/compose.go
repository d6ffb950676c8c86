package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// checked is a program that went through go/types.
type checked struct {
	files    *token.FileSet
	file     *ast.File
	pkg      *types.Package
	info     *types.Info
	problems []problem
	unused   []string // imports, by their keys
}

// variable is one that a cell leaves. Type: "" for one that cannot be written outside of its package.
type variable struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Uses   []string `json:"uses"`
	Lost   string   `json:"lost"` // why its value cannot be carried; "" where it may
	Line   int      `json:"line"`
	Column int      `json:"column"`
}

// compose makes the program of a cell, and says what is wrong with it.
func compose(t *toolchain, asked request) map[string]any {
	chunks, _ := cut(asked.Code)
	parts, problems := parse(chunks, asked.Label)
	if len(problems) > 0 {
		return map[string]any{"problems": problems}
	}
	defer t.take(asked)()
	t.failed = map[string]string{}
	if err := t.need(runtimePath); err != nil {
		return map[string]any{"problems": []problem{{Message: err.Error()}}}
	}
	p, found := t.settle(asked, parts)
	if len(found.problems) > 0 {
		return map[string]any{"problems": found.problems}
	}
	p.show = len(parts) > 0 && p.hasValue(parts[len(parts)-1], found.info, found.file)
	p.images = p.show && knowsImages(found.pkg, map[*types.Package]bool{})
	for path, wanted := range map[string]bool{showPath: p.show, picturePath: p.images} {
		if !wanted {
			continue
		}
		if err := t.need(path); err != nil {
			return map[string]any{"problems": []problem{{Message: err.Error()}}}
		}
	}
	source := p.text()
	how, err := t.recipe(p)
	if err != nil {
		return map[string]any{"problems": []problem{{Message: err.Error()}}}
	}
	answer := map[string]any{"recipe": how, "variables": p.variables(found)}
	if asked.Cover {
		source, answer["blocks"] = counted(source)
	}
	if asked.Wasm {
		answer["loader"] = t.loader()
	}
	answer["source"] = source
	return answer
}

// knowsImages: whether values of the package may be of types of the package image.
func knowsImages(pkg *types.Package, seen map[*types.Package]bool) bool {
	if seen[pkg] || pkg.Path() == "image" {
		return !seen[pkg]
	}
	seen[pkg] = true
	return slices.ContainsFunc(pkg.Imports(), func(one *types.Package) bool { return knowsImages(one, seen) })
}

// settle finds the program's imports and the types of its variables.
func (t *toolchain) settle(asked request, parts []part) (*program, checked) {
	p := &program{known: asked.Known, parts: parts, label: asked.Label, imports: map[string]string{}, outside: map[string]string{}, from: map[string]bool{}, tests: asked.Tests}
	t.findImports(p)
	t.compiled(append(p.paths(), runtimePath)) // what cannot be is told where it is imported
	if p.importsC {
		if problems := t.findTypesOfC(p); problems != nil {
			return p, checked{problems: problems}
		}
	}
	found := t.check(p)
	defined := p.usedOutside()
	if len(defined) == 0 {
		return p, found
	}
	// As variables of main they have shown their types; what uses them was looked at in vain.
	if problems := slices.DeleteFunc(slices.Clone(found.problems), func(one problem) bool { return !p.inStatements(one) }); len(problems) > 0 {
		found.problems = problems
		return p, found
	}
	for ident, object := range found.info.Defs {
		if object != nil && defined[ident.Name] && object.Parent() == bodyScope(found) {
			p.outside[ident.Name] = typeText(object.Type())
			constant, is := found.pkg.Scope().Lookup(ident.Name).(*types.Const)
			p.from[ident.Name] = is && types.AssignableTo(constant.Type(), object.Type())
		}
	}
	return p, t.check(p)
}

func bodyScope(found checked) *types.Scope {
	for _, declaration := range found.file.Decls {
		if function, is := declaration.(*ast.FuncDecl); is && function.Recv == nil && function.Name.Name == "cell__body" {
			return found.info.Scopes[function.Type]
		}
	}
	return nil
}

// usedOutside are the variables of statements that declarations use, with all of their statements.
func (p *program) usedOutside() map[string]bool {
	uses, found := map[string]bool{}, map[string]bool{}
	for i, one := range p.parts {
		if !isStatement(p.parts, i) {
			for name, used := range one.uses {
				uses[name] = uses[name] || used
			}
		}
	}
	for _, one := range p.known {
		if one.Kind != "var" && one.Kind != "import" {
			freeIn(one.Text, uses)
		}
	}
	for i, one := range p.parts {
		names := one.definitions()
		if isStatement(p.parts, i) && slices.ContainsFunc(names, func(name string) bool { return uses[name] }) {
			for _, name := range names {
				found[name] = true
			}
		}
	}
	return found
}

func (p *program) inStatements(one problem) bool {
	if one.File != p.label {
		return false
	}
	for i, part := range p.parts {
		last, _ := part.lineAt(len(part.text))
		after := one.Line > part.line || one.Line == part.line && one.Column >= part.column
		if isStatement(p.parts, i) && after && one.Line <= last {
			return true
		}
	}
	return false
}

// check type-checks the program. Imports that it does not need are taken out of it.
func (t *toolchain) check(p *program) checked {
	for {
		found := t.checkOnce(p)
		if len(found.unused) == 0 {
			return found
		}
		for _, key := range found.unused {
			delete(p.imports, key)
		}
	}
}

// unusedImport is the key of the import that this is said of, "" where it is said of none.
func unusedImport(wrong types.Error, file *ast.File, nameOf func(path string) string) string {
	if !strings.HasSuffix(wrong.Msg, "and not used") || !strings.Contains(wrong.Msg, " imported") {
		return ""
	}
	for _, spec := range file.Imports {
		if spec.Pos() <= wrong.Pos && wrong.Pos < spec.End() {
			path, _ := strconv.Unquote(spec.Path.Value)
			return importKey(importName(spec, nameOf), path)
		}
	}
	return ""
}

func (t *toolchain) checkOnce(p *program) (found checked) {
	note := func(at token.Position, message string) {
		message, _, _ = strings.Cut(message, " in argument to tests__.")
		if one := (problem{at.Filename, at.Line, at.Column, message}); !slices.Contains(found.problems, one) {
			found.problems = append(found.problems, one)
		}
	}
	found.files = token.NewFileSet()
	file, err := parser.ParseFile(found.files, "", p.text(), parser.SkipObjectResolution)
	if err != nil { // the parts are well formed, so this is ours
		note(token.Position{}, err.Error())
	}
	found.file = file
	found.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
	}
	config := types.Config{Importer: t.importer, Error: func(err error) {
		var wrong types.Error
		if !errors.As(err, &wrong) {
			return
		}
		if key := unusedImport(wrong, file, t.nameOf); p.imports[key] != "" {
			found.unused = append(found.unused, key)
		} else if !p.isValue(found.files.Position(wrong.Pos), wrong.Msg) {
			note(found.files.Position(wrong.Pos), wrong.Msg)
		}
	}}
	found.pkg, _ = config.Check("main", found.files, p.withTypesOfC(found.files, file, &config), found.info)
	return
}

// isValue: whether this is the complaint that the cell's last expression is not used.
func (p *program) isValue(at token.Position, message string) bool {
	if len(p.parts) == 0 || !strings.HasSuffix(message, "is not used") || at.Filename != p.label {
		return false
	}
	last := p.parts[len(p.parts)-1]
	_, is := last.statement.(*ast.ExprStmt)
	return is && (at.Line > last.line || at.Line == last.line && at.Column >= last.column)
}

// displayHandle is the type of what has been shown already.
const displayHandle = `*"mykernel/display".Handle`

// hasValue: whether the cell's last part is an expression with a value that is to be shown. That of
// functions such as fmt.Println, which return what io.Writer does, is not.
func (p *program) hasValue(last part, info *types.Info, file *ast.File) bool {
	if _, is := last.statement.(*ast.ExprStmt); !is {
		return false
	}
	var body *ast.BlockStmt
	for _, declaration := range file.Decls {
		if function, is := declaration.(*ast.FuncDecl); is && function.Name.Name == "cell__body" {
			body = function.Body
		}
	}
	for _, statement := range slices.Backward(body.List) {
		expression, is := statement.(*ast.ExprStmt)
		if !is || strings.HasPrefix(types.ExprString(expression.X), "cell__main(") {
			continue
		}
		call, isCall := ast.Unparen(expression.X).(*ast.CallExpr)
		if isCall {
			if signature, is := info.TypeOf(call.Fun).(*types.Signature); is && writes(call.Fun, signature.Results()) {
				return false
			}
		}
		of := info.Types[expression.X]
		if of.IsVoid() || of.Type == nil || of.IsType() {
			return false
		}
		text := typeText(of.Type)
		return text != "C.void" && !(isCall && text == displayHandle)
	}
	return false
}

func writes(function ast.Expr, results *types.Tuple) bool {
	if results.Len() != 2 || results.At(1).Type() != types.Universe.Lookup("error").Type() {
		return false
	}
	name := types.ExprString(function)
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.HasPrefix(name, "Write") || strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fprint") || results.At(0).Name() == "n"
}

// variables are those that the cell leaves.
func (p *program) variables(found checked) []variable {
	left := []variable{}
	scope := bodyScope(found)
	for _, one := range p.parts {
		for _, name := range one.definitions() {
			object := found.pkg.Scope().Lookup(name)
			if scope != nil && scope.Lookup(name) != nil {
				object = scope.Lookup(name)
			}
			if object == nil || slices.ContainsFunc(left, func(other variable) bool { return other.Name == name }) {
				continue
			}
			text := typeText(object.Type())
			found := variable{name, text, typeUses(text), "", one.line, one.column}
			if pointsToC(object.Type(), map[types.Type]bool{}) {
				found.Lost = "it points to memory of C, which belongs to a process"
			}
			left = append(left, found)
		}
	}
	return left
}

// typeText is a type as Go source, packages as quoted paths; "" where it has a name that cannot be
// used outside of its package, or of a function.
func typeText(of types.Type) string {
	nameless := false
	text := types.TypeString(of, func(pkg *types.Package) string {
		if pkg.Path() == "main" {
			return ""
		}
		return strconv.Quote(pkg.Path())
	})
	seen := map[types.Type]bool{}
	var look func(types.Type)
	look = func(of types.Type) {
		if of == nil || seen[of] {
			return
		}
		seen[of] = true
		named := func(object *types.TypeName, arguments *types.TypeList) {
			if pkg := object.Pkg(); pkg != nil {
				own := pkg.Path() == "main" && object.Parent() == pkg.Scope()
				nameless = nameless || !own && (pkg.Path() == "main" || !object.Exported())
			}
			for i := range arguments.Len() {
				look(arguments.At(i))
			}
		}
		switch of := of.(type) {
		case *types.Named:
			named(of.Obj(), of.TypeArgs())
		case *types.Alias:
			named(of.Obj(), of.TypeArgs())
		case *types.Pointer:
			look(of.Elem())
		case *types.Slice:
			look(of.Elem())
		case *types.Array:
			look(of.Elem())
		case *types.Chan:
			look(of.Elem())
		case *types.Map:
			look(of.Key())
			look(of.Elem())
		case *types.Struct:
			for i := range of.NumFields() {
				look(of.Field(i).Type())
			}
		case *types.Signature:
			for _, list := range []*types.Tuple{of.Params(), of.Results()} {
				for i := range list.Len() {
					look(list.At(i).Type())
				}
			}
		}
	}
	look(of)
	text = ofC.ReplaceAllString(text, "C.")
	if nameless || strings.Contains(text, "invalid type") {
		return ""
	}
	return text
}

// typeUses are the names of the session's types in it.
func typeUses(text string) []string {
	uses := map[string]bool{}
	if expression, err := parser.ParseExpr(packagePath.ReplaceAllString(text, "p.")); err == nil {
		collect(expression, uses)
	}
	delete(uses, "p")
	return sorted(uses)
}

// paths that the program imports.
func (p *program) paths() (found []string) {
	if p.importsC {
		found = append(found, "C")
	}
	for path := range p.aliases {
		found = append(found, path)
	}
	for _, text := range p.imports {
		found = append(found, pathOf(text))
	}
	return
}
