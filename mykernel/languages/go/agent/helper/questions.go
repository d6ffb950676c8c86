package main

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hole stands at the cursor. A name that begins with it is no user's.
const hole = "hole__"

// completion is one way to go on.
type completion struct {
	Text      string `json:"text"`
	Kind      string `json:"kind"`
	Signature string `json:"signature"`
}

// complete answers from the types alone; nothing runs.
func complete(t *toolchain, asked request) map[string]any {
	prefix := tail(asked.Before)
	found := map[string]completion{}
	add := func(object types.Object) {
		if name := object.Name(); strings.HasPrefix(name, prefix) && !strings.Contains(name, "__") && name != "_" {
			if object.Pkg() == nil || object.Pkg().Path() == "main" || object.Exported() {
				found[name] = completion{name, kindOf(object), described(object)}
			}
		}
	}
	defer t.take(asked)()
	what, member := t.around(asked, prefix+hole)
	if member != nil {
		for _, object := range what.members(member) {
			add(object)
		}
	} else if what.file != nil {
		ast.Inspect(what.file, func(n ast.Node) bool {
			if name, is := n.(*ast.Ident); is && strings.HasSuffix(name.Name, hole) {
				for scope := what.innermost(name.Pos()); scope != nil; scope = scope.Parent() {
					for _, one := range scope.Names() {
						object := scope.Lookup(one)
						inside := scope != what.pkg.Scope() && scope != types.Universe
						if _, known := found[one]; !known && (!inside || object.Pos() < name.Pos()) {
							add(object)
						}
					}
				}
			}
			return true
		})
		for name, paths := range t.std() {
			if _, known := found[name]; !known && prefix != "" && strings.HasPrefix(name, prefix) {
				found[name] = completion{name, "module", fmt.Sprintf("import %q", paths[0])}
			}
		}
		for word := token.BREAK; word <= token.VAR; word++ {
			if text := word.String(); prefix != "" && strings.HasPrefix(text, prefix) {
				found[text] = completion{text, "keyword", ""}
			}
		}
	}
	items := []completion{}
	for _, one := range found {
		items = append(items, one)
	}
	slices.SortFunc(items, func(a, b completion) int { return strings.Compare(a.Text, b.Text) })
	return map[string]any{"items": items, "prefix": prefix}
}

// inspect describes the name that the cursor is in or behind; nil when nothing is known of it.
func inspect(t *toolchain, asked request) any {
	before := asked.Before + head(asked.After)
	name := tail(before)
	if name == "" {
		return nil
	}
	defer t.take(asked)()
	asked.Before, asked.After = before[:len(before)-len(name)], asked.After[len(head(asked.After)):]
	what, member := t.around(asked, name+hole)
	var object types.Object
	if member != nil {
		for _, one := range what.members(member) {
			if one.Name() == name {
				object = one
			}
		}
	} else if what.file != nil {
		ast.Inspect(what.file, func(n ast.Node) bool {
			if found, is := n.(*ast.Ident); is && found.Name == name+hole {
				_, object = what.innermost(found.Pos()).LookupParent(name, token.NoPos)
			}
			return true
		})
		if object == nil {
			if path := t.stdWith(name, nil); path != "" {
				object = types.NewPkgName(token.NoPos, what.pkg, name, types.NewPackage(path, name))
			}
		}
	}
	if object == nil {
		return nil
	}
	return described(object)
}

// around checks the cell with a name in place of what stands at the cursor. member: what stands before
// the dot, where there is one. A cell that is half typed is taken up to the cursor and closed there.
func (t *toolchain) around(asked request, name string) (what checked, member ast.Expr) {
	before := asked.Before[:len(asked.Before)-len(tail(asked.Before))]
	for _, code := range []string{before + name + asked.After[len(head(asked.After)):], before + name + closing(before)} {
		chunks, _ := cut(code)
		parts, _ := parse(chunks, asked.Label)
		if !slices.ContainsFunc(parts, func(p part) bool { return p.uses[name] || strings.Contains(p.text, name) }) {
			continue
		}
		p := &program{known: asked.Known, parts: parts, label: asked.Label, imports: map[string]string{}, outside: map[string]string{}}
		t.findImports(p)
		t.importBefore(p, name)
		what = t.checkOnce(p)
		ast.Inspect(what.file, func(n ast.Node) bool {
			if selector, is := n.(*ast.SelectorExpr); is && selector.Sel.Name == name {
				member = selector.X
			}
			return true
		})
		return
	}
	return
}

// importBefore imports what stands before the dot, of which no member is known yet.
func (t *toolchain) importBefore(p *program, member string) {
	for _, one := range p.parts {
		look := func(n ast.Node) bool {
			selector, is := n.(*ast.SelectorExpr)
			if !is || selector.Sel.Name != member {
				return true
			}
			if name, is := selector.X.(*ast.Ident); is && p.imports[name.Name] == "" {
				if paths := t.std()[name.Name]; len(paths) > 0 {
					p.imports[name.Name] = fmt.Sprintf("/*line mykernel:1*/import %q", paths[0])
				}
			}
			return true
		}
		for _, node := range one.nodes {
			ast.Inspect(node, look)
		}
		if one.statement != nil {
			ast.Inspect(one.statement, look)
		}
	}
}

// members of a package or a value.
func (c checked) members(of ast.Expr) (found []types.Object) {
	if name, is := of.(*ast.Ident); is {
		if pkg, is := c.info.Uses[name].(*types.PkgName); is {
			for _, one := range pkg.Imported().Scope().Names() {
				found = append(found, pkg.Imported().Scope().Lookup(one))
			}
			return
		}
	}
	t := c.info.TypeOf(of)
	if t == nil {
		return
	}
	if _, pointer := t.Underlying().(*types.Pointer); !pointer && !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	methods := types.NewMethodSet(t)
	for i := range methods.Len() {
		found = append(found, methods.At(i).Obj())
	}
	var fields func(types.Type, int)
	fields = func(t types.Type, depth int) {
		if pointer, is := t.Underlying().(*types.Pointer); is {
			t = pointer.Elem()
		}
		if structure, is := t.Underlying().(*types.Struct); is && depth < 5 {
			for i := range structure.NumFields() {
				found = append(found, structure.Field(i))
				if structure.Field(i).Embedded() {
					fields(structure.Field(i).Type(), depth+1)
				}
			}
		}
	}
	fields(t, 0)
	return
}

func (c checked) innermost(at token.Pos) *types.Scope {
	best := c.pkg.Scope()
	for _, scope := range c.info.Scopes {
		if scope.Contains(at) && (best == c.pkg.Scope() || scope.End()-scope.Pos() <= best.End()-best.Pos()) {
			best = scope
		}
	}
	return best
}

// closing is what closes the brackets that are open.
func closing(code string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), nil, 0)
	var open []string
	for {
		switch _, tok, _ := s.Scan(); tok {
		case token.LPAREN:
			open = append(open, ")")
		case token.LBRACK:
			open = append(open, "]")
		case token.LBRACE:
			open = append(open, "\n}")
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open = open[:max(len(open)-1, 0)]
		case token.EOF:
			slices.Reverse(open)
			return strings.Join(open, "")
		}
	}
}

func isName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// tail is the name that a text ends with, head the one that it begins with.
func tail(text string) string {
	rest := strings.TrimRightFunc(text, isName)
	return text[len(rest):]
}

func head(text string) string {
	return text[:len(text)-len(strings.TrimLeftFunc(text, isName))]
}

func kindOf(object types.Object) string {
	switch object := object.(type) {
	case *types.Func, *types.Builtin:
		return "function"
	case *types.TypeName:
		return "class"
	case *types.PkgName:
		return "module"
	case *types.Var:
		if object.IsField() {
			return "property"
		}
		return "variable"
	}
	return "constant"
}

// described is an object as its declaration would have it.
func described(object types.Object) string {
	if builtin, is := object.(*types.Builtin); is {
		return "func " + builtin.Name() + " (builtin)"
	}
	text := types.ObjectString(object, func(pkg *types.Package) string {
		if pkg.Path() == "main" {
			return ""
		}
		return pkg.Name()
	})
	if r, _ := utf8.DecodeRuneInString(text); r == utf8.RuneError {
		return object.Name()
	}
	return text
}
