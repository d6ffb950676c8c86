package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// problem is something that is wrong at a place of the program, by its line directives.
type problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// declaration is one thing that a cell declares; see mykernel/drivers/compiled/memory.py.
type declaration struct {
	Kind   string   `json:"kind"`
	Keys   []string `json:"keys"`
	Names  []string `json:"names"`
	Uses   []string `json:"uses"`
	Text   string   `json:"text"`
	Line   int      `json:"line"`
	Column int      `json:"column"`
}

// part is a chunk that was parsed: declarations, or one statement.
type part struct {
	chunk
	file      *ast.File
	nodes     []ast.Decl
	statement ast.Stmt
	uses      map[string]bool
	was       []string // names that stand for what they were before the cell; see `piece`
	// At of a node, how many bytes into the chunk it begins.
	at func(token.Pos) int
}

func (p part) source(node ast.Node) string { return p.text[p.at(node.Pos()):p.at(node.End())] }

const declarationHead, statementHead = "package main;", "package main;func _(){"

func parse(chunks []chunk, label string) (parts []part, problems []problem) {
	for i, one := range chunks {
		if i == 0 && one.keyword == token.PACKAGE && strings.Join(strings.Fields(one.text), " ") == "package main" {
			continue // of a whole program
		}
		head, tail := declarationHead, "\n"
		if !one.declares {
			head, tail = statementHead, "\n}"
		}
		directive := fmt.Sprintf("/*line %s:%d:%d*/", label, one.line, one.column)
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "", head+directive+one.text+tail, 0)
		if list, wrong := err.(scanner.ErrorList); wrong {
			problems = append(problems, wrongIn(one, label, list[0]))
			continue
		}
		base := len(head) + len(directive)
		p := part{chunk: one, file: file, uses: map[string]bool{}, at: func(pos token.Pos) int { return files.PositionFor(pos, false).Offset - base }}
		if one.declares {
			p.nodes = file.Decls
		} else if list := file.Decls[0].(*ast.FuncDecl).Body.List; len(list) == 1 {
			p.statement = list[0]
		} else {
			problems = append(problems, problem{label, one.line, one.column, "syntax error: this is no single statement"})
			continue
		}
		free(file, file, p.uses)
		for _, spec := range p.specs() { // what is set anew may be set from what it was
			for _, name := range spec.Names {
				used := map[string]bool{}
				for _, value := range spec.Values {
					collect(value, used)
				}
				p.uses[name.Name] = p.uses[name.Name] || used[name.Name]
			}
		}
		parts = append(parts, p)
	}
	return
}

// wrongIn a chunk. What stands behind it is ours, and is not spoken of.
func wrongIn(one chunk, label string, wrong *scanner.Error) problem {
	p := part{chunk: one}
	line, column := p.lineAt(len(one.text))
	at := wrong.Pos
	if at.Line < line || at.Line == line && at.Column < column {
		return problem{at.Filename, at.Line, at.Column, wrong.Msg}
	}
	expected, _, _ := strings.Cut(wrong.Msg, ", found ")
	return problem{label, line, column, expected + ", found the end of the statement"}
}

// free gathers the names that a node of the file uses and that nothing in the file declares.
func free(file *ast.File, node ast.Node, into map[string]bool) {
	for _, name := range file.Unresolved {
		if node.Pos() <= name.Pos() && name.Pos() < node.End() && name.Name != "_" {
			into[name.Name] = true
		}
	}
	// The parser does not say of these whether they are fields.
	ast.Inspect(node, func(n ast.Node) bool {
		if pair, is := n.(*ast.KeyValueExpr); is {
			if name, is := pair.Key.(*ast.Ident); is && name.Obj == nil {
				into[name.Name] = true
			}
		}
		return true
	})
}

// freeIn gathers those of a declaration.
func freeIn(text string, into map[string]bool) {
	if file, err := parser.ParseFile(token.NewFileSet(), "", declarationHead+text, 0); err == nil {
		free(file, file, into)
	}
}

// collect gathers the names that a node uses: all but what stands behind a dot.
func collect(node ast.Node, into map[string]bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			collect(n.X, into)
			return false
		case *ast.Ident:
			into[n.Name] = true
		}
		return true
	})
}

func sorted(names map[string]bool) []string {
	found := []string{}
	for name := range names {
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}

// split says what a cell declares and uses. Variables are not among it: they are known by their types.
// missing: the paths of packages that it imports and that are in no module yet.
func split(t *toolchain, asked request) map[string]any {
	chunks, _ := cut(asked.Code)
	parts, problems := parse(chunks, "cell1")
	missing := []string{}
	if constraintOf(asked.Code) != "" {
		release := t.take(asked)
		line, err := t.excluded(asked.Code)
		release()
		if err != nil {
			return map[string]any{"problems": []problem{{Message: err.Error()}}}
		} else if line != "" {
			return map[string]any{"excluded": line}
		}
	}
	if paths := imported(parts); len(paths) > 0 {
		defer t.take(asked)()
		missing = t.missing(paths)
		if asked.context.Err() != nil { // go was, and nothing is known of what it was asked
			problems = append(problems, problem{Message: "it was interrupted"})
		}
	}
	declared := []declaration{}
	for _, p := range parts {
		for _, node := range p.nodes {
			declared = append(declared, remembered(p, node, t.nameOf)...)
		}
	}
	return map[string]any{"declarations": declared, "uses": sorted(wanted(parts)), "problems": problems, "missing": missing}
}

// wanted are the names that a cell uses before its own statements define them.
func wanted(parts []part) map[string]bool {
	uses := map[string]bool{".": true, "_": true} // imports of these names have effects
	defined := map[string]bool{}
	all := definedBy(parts)
	for i, p := range parts {
		names := p.definitions()
		if !isStatement(parts, i) {
			defined, names = all, nil
		}
		for name, used := range p.uses {
			if used && !defined[name] {
				uses[name] = true
			}
		}
		if !isStatement(parts, i) {
			defined = map[string]bool{}
			for _, before := range parts[:i] {
				for _, name := range before.definitions() {
					defined[name] = true
				}
			}
		}
		for _, name := range names {
			defined[name] = true
		}
	}
	return uses
}

// isStatement: whether the part runs in its turn. A variable that is declared before the first
// statement is set before anything runs, as Go has it.
func isStatement(parts []part, i int) bool {
	if parts[i].statement != nil {
		return true
	}
	return parts[i].keyword == token.VAR && !parts[i].embeds() && slices.ContainsFunc(parts[:i], func(p part) bool { return p.statement != nil })
}

func definedBy(parts []part) map[string]bool {
	found := map[string]bool{}
	for i, p := range parts {
		if isStatement(parts, i) {
			for _, name := range p.definitions() {
				found[name] = true
			}
		}
	}
	return found
}

// definitions are the names that the part gives variables to, but for _.
func (p part) definitions() (names []string) {
	add := func(found ast.Expr) {
		if name, is := found.(*ast.Ident); is && name.Name != "_" {
			names = append(names, name.Name)
		}
	}
	if assignment, is := p.statement.(*ast.AssignStmt); is && assignment.Tok == token.DEFINE {
		for _, one := range assignment.Lhs {
			add(one)
		}
	}
	for _, spec := range p.specs() {
		for _, one := range spec.Names {
			add(one)
		}
	}
	return
}

// specs of a declaration of variables.
func (p part) specs() (found []*ast.ValueSpec) {
	for _, node := range p.nodes {
		if node, is := node.(*ast.GenDecl); is && node.Tok == token.VAR {
			for _, spec := range node.Specs {
				found = append(found, spec.(*ast.ValueSpec))
			}
		}
	}
	return
}

// remembered is what a node declares. nameOf: the name of a package of that path.
func remembered(p part, node ast.Decl, nameOf func(path string) string) (found []declaration) {
	add := func(kind string, node ast.Node, head string, keys []string, names ...string) {
		uses := map[string]bool{}
		free(p.file, node, uses)
		if len(names) == 0 {
			names = keys
		}
		start := p.at(node.Pos())
		if function, is := node.(*ast.FuncDecl); is && function == p.nodes[0] {
			start = 0 // with directives such as //go:noinline
		}
		line, column := p.lineAt(start)
		text := p.text[start:p.at(node.End())]
		found = append(found, declaration{kind, keys, names, sorted(uses), head + text, line, column - len(head)})
	}
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv != nil && len(node.Recv.List) > 0 {
			owner := receiver(node.Recv.List[0].Type)
			add("func", node, "", []string{owner + "." + node.Name.Name}, owner)
		} else if name := node.Name.Name; name != "init" && name != "main" && name != "_" {
			add("func", node, "", []string{name})
		}
	case *ast.GenDecl:
		if node.Tok == token.CONST { // for iota, as a whole
			names := map[string]bool{}
			for _, spec := range node.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					names[name.Name] = true
				}
			}
			delete(names, "_")
			if len(names) > 0 {
				add("const", node, "", sorted(names))
			}
			return
		}
		for _, spec := range node.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				add("type", spec, "type ", []string{spec.Name.Name})
			case *ast.ImportSpec:
				if spec.Path.Value == `"C"` {
					text, line, column := p.preamble(node, spec)
					keys := keysOfC(text)
					found = append(found, declaration{"import", keys, []string{"C"}, []string{}, text + `import "C"`, line, column})
					continue
				}
				name := importName(spec, nameOf)
				key := importKey(name, pathOf(p.source(spec)))
				add("import", spec, "import ", []string{"import " + key}, name)
			}
		}
	}
	return
}

func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.ParenExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.IndexListExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}

func importName(spec *ast.ImportSpec, nameOf func(path string) string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	full, _ := strconv.Unquote(spec.Path.Value)
	return nameOf(full)
}

// nameOfPath is the name that a package of this path has most likely: not that of a version.
func nameOfPath(full string) string {
	name := path.Base(full)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		name = path.Base(path.Dir(full))
	}
	return name
}
