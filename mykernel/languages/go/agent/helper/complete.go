package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// completion is one way to go on. The lower its rank, the nearer it is.
type completion struct {
	Text      string `json:"text"`
	Kind      string `json:"kind"`
	Signature string `json:"signature"`
	rank      int
}

// Ranks behind those of scopes and of what is embedded.
const (
	ranked         = 1000
	rankedImport   = ranked + 1
	rankedKeyword  = ranked + 2
	rankedUniverse = ranked + 3
	rankedPackage  = ranked + 4
)

// complete answers from the types alone; nothing runs.
func complete(t *toolchain, asked request) map[string]any {
	at, prefix := before(asked.Before), tail(asked.Before)
	found := found{prefix: prefix, items: map[string]completion{}}
	answer := map[string]any{}
	switch {
	case at.inPath:
		found.prefix = at.path
		for _, names := range []map[string][]string{t.std(), t.others.all()} {
			for name, paths := range names {
				for _, path := range paths {
					found.add(completion{path, "module", "package " + name, strings.Count(path, "/")})
				}
			}
		}
	case !at.silent:
		start := asked.Before[:len(asked.Before)-len(prefix)]
		name := prefix + hole
		v := newView(t, asked, start+name+asked.After[len(head(asked.After)):], len(start)+len(name))
		defer v.forget()
		v.complete(&found)
		if asked.Served && (prefix != "" || strings.HasSuffix(asked.Before, ".")) {
			answer["document"] = v.served()
		}
	}
	answer["items"], answer["prefix"] = found.sorted(), found.prefix
	return answer
}

// found is what begins as the prefix does, or would if case did not count.
type found struct {
	prefix string
	items  map[string]completion
}

func (f *found) add(one completion) {
	if len(one.Text) < len(f.prefix) || !strings.EqualFold(one.Text[:len(f.prefix)], f.prefix) {
		return
	}
	if old, is := f.items[one.Text]; !is || one.rank < old.rank {
		f.items[one.Text] = one
	}
}

func (f *found) sorted() []completion {
	items := []completion{}
	for _, one := range f.items {
		if !strings.HasPrefix(one.Text, f.prefix) {
			one.rank += 2 * ranked
		}
		items = append(items, one)
	}
	slices.SortFunc(items, func(a, b completion) int { return cmp.Or(a.rank-b.rank, strings.Compare(a.Text, b.Text)) })
	return items
}

// complete finds what may stand at the cursor, in the place of the name there.
func (v *view) complete(into *found) {
	name, is := last(v.path).(*ast.Ident)
	if !is || v.info.Defs[name] != nil || v.isNew(name) {
		return
	}
	onlyTypes := v.wantsType()
	add := func(object types.Object, rank int) {
		_, isType := object.(*types.TypeName)
		_, isPackage := object.(*types.PkgName)
		if onlyTypes && !isType && !isPackage || !v.sees(object) {
			return
		}
		into.add(completion{object.Name(), kindOf(object), v.described(object), rank})
	}
	if selector, is := v.above(1).(*ast.SelectorExpr); is && selector.Sel == name {
		for _, one := range v.members(selector.X) {
			add(one.object, one.depth)
		}
		return
	}
	fields, only := v.literalFields()
	for _, field := range fields {
		add(field, 0)
	}
	if only {
		return
	}
	v.namesInScope(name.Pos(), add)
	if into.prefix == "" {
		return
	}
	for _, word := range v.keywords(onlyTypes) {
		into.add(completion{word.String(), "keyword", "", rankedKeyword})
	}
	for _, packages := range []map[string][]string{v.t.std(), v.t.others.all()} {
		for name, paths := range packages {
			into.add(completion{name, "module", fmt.Sprintf("import %q", paths[0]), rankedPackage})
		}
	}
}

// above is what stands that many levels above what the cursor is in; nil for nothing.
func (v *view) above(levels int) ast.Node {
	if at := len(v.path) - 1 - levels; at >= 0 {
		return v.path[at]
	}
	return nil
}

// isNew: whether the name is one that code gives, and not one that it uses.
func (v *view) isNew(name *ast.Ident) bool {
	switch above := v.above(1).(type) {
	case *ast.FuncDecl:
		return above.Name == name
	case *ast.TypeSpec:
		return above.Name == name
	case *ast.ValueSpec:
		return slices.Contains(above.Names, name)
	case *ast.Field:
		return slices.Contains(above.Names, name)
	case *ast.ImportSpec, *ast.LabeledStmt, *ast.BranchStmt:
		return true
	}
	return false
}

// sees: whether the code may speak of it. What we have added is no user's.
func (v *view) sees(object types.Object) bool {
	name := object.Name()
	if name == "_" || strings.Contains(name, "__") && (strings.HasSuffix(name, hole) || strings.HasPrefix(name, "p__") || strings.HasPrefix(name, "cell__")) {
		return false
	}
	return object.Pkg() == nil || object.Pkg() == v.pkg || object.Exported()
}

// wantsType: whether only a type can stand at the cursor.
func (v *view) wantsType() bool {
	inner := last(v.path)
	for level := 1; ; level++ {
		above := v.above(level)
		switch outer := above.(type) {
		case *ast.StarExpr, *ast.Ellipsis, *ast.ParenExpr:
		case *ast.ArrayType:
			if outer.Len == inner {
				return false
			}
			return true
		case *ast.MapType, *ast.ChanType:
			return true
		case *ast.SelectorExpr:
			if outer.Sel != inner {
				return false
			}
		case *ast.Field:
			return outer.Type == inner
		case *ast.ValueSpec:
			return outer.Type == inner
		case *ast.TypeSpec:
			return outer.Type == inner
		case *ast.TypeAssertExpr:
			return outer.Type == inner
		default:
			return false
		}
		inner = above
	}
}

// literalFields are the fields that a struct's literal may still have at the cursor. only: nothing else
// can stand there.
func (v *view) literalFields() (fields []types.Object, only bool) {
	literal, is := v.above(1).(*ast.CompositeLit)
	if pair, isPair := v.above(1).(*ast.KeyValueExpr); isPair && pair.Key == last(v.path) {
		literal, is = v.above(2).(*ast.CompositeLit)
	}
	if !is || literal.Type == last(v.path) {
		return nil, false
	}
	of := v.info.TypeOf(literal)
	if of == nil {
		return nil, false
	}
	if pointer, is := of.Underlying().(*types.Pointer); is {
		of = pointer.Elem()
	}
	structure, is := of.Underlying().(*types.Struct)
	if !is {
		return nil, false
	}
	given := map[string]bool{}
	for _, element := range literal.Elts {
		if pair, is := element.(*ast.KeyValueExpr); is {
			if key, is := pair.Key.(*ast.Ident); is && key != last(v.path) {
				given[key.Name] = true
			}
		}
	}
	for i := range structure.NumFields() {
		if field := structure.Field(i); !given[field.Name()] {
			fields = append(fields, field)
		}
	}
	return fields, len(given) > 0
}

// namesInScope finds all names that mean something at a place, the nearest first.
func (v *view) namesInScope(pos token.Pos, add func(types.Object, int)) {
	rank, seen := 0, map[string]bool{}
	take := func(scope *types.Scope, rank int, all bool) {
		if scope == nil {
			return
		}
		for _, name := range scope.Names() {
			if object := scope.Lookup(name); !seen[name] && (all || object.Pos() < pos) {
				seen[name] = true
				add(object, rank)
			}
		}
	}
	for _, node := range slices.Backward(v.path[1:]) {
		take(v.info.Scopes[node], rank, false)
		switch node := node.(type) {
		case *ast.FuncDecl:
			take(v.info.Scopes[node.Type], rank, false)
		case *ast.FuncLit:
			take(v.info.Scopes[node.Type], rank, false)
		}
		rank++
	}
	take(v.pkg.Scope(), ranked, true)
	take(v.info.Scopes[v.path[0]], rankedImport, true)
	take(types.Universe, rankedUniverse, true)
}

// keywords that may stand at the cursor.
func (v *view) keywords(onlyTypes bool) []token.Token {
	words := []token.Token{token.CHAN, token.FUNC, token.INTERFACE, token.MAP, token.STRUCT}
	if onlyTypes {
		return words
	}
	if statement, is := v.above(1).(*ast.ExprStmt); is && statement.X == last(v.path) {
		words = nil
		for word := token.BREAK; word <= token.VAR; word++ {
			if word != token.RANGE && word != token.PACKAGE {
				words = append(words, word)
			}
		}
		return words
	}
	return append(words, token.RANGE)
}
