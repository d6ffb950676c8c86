package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mostLines of a package's text that are shown where not all is asked for.
const mostLines = 40

// document finds what the sources say of an object: its declaration with its comment. Files are read
// when they are asked for, each alone, and are not kept.
func (v *view) document(object types.Object, found *description) {
	at := v.t.catalogue.positions.PositionFor(object.Pos(), false)
	from, own := v.origins[at.Filename]
	language := languageFile(object)
	if language != "" {
		found.Path = filepath.Join(v.t.root(), "src", language)
	}
	source := declarationHead + from.text
	if !own {
		text, err := os.ReadFile(found.Path)
		if err != nil {
			return
		}
		source = string(text)
	}
	declared := declarationIn(source, object.Name(), at.Line)
	if declared.node == nil {
		return
	}
	found.Line = cmp.Or(found.Line, declared.line)
	if own && declared.doc == "" && at.Line == 1 {
		declared.doc = commentAbove(v.asked.Sources[from.label], from.line)
	}
	_, isType := object.(*types.TypeName)
	if isType || language != "" {
		found.Declared = declared.text(own)
	}
	found.Doc, found.Markdown = rendered(declared.doc)
	if v.asked.Detail > 0 {
		found.Source = declared.source()
	}
}

// languageFile is where the language documents what is its own; "" for all else.
func languageFile(object types.Object) string {
	_, isBuiltin := object.(*types.Builtin)
	switch {
	case object.Parent() == types.Universe:
		return "builtin/builtin.go"
	case isBuiltin || object.Pkg() == types.Unsafe:
		return "unsafe/unsafe.go"
	}
	return ""
}

// declared is a declaration in a source.
type declared struct {
	code string
	base token.Pos
	line int
	node ast.Node // an *ast.FuncDecl, *ast.Field or a spec; nil where there is none
	// The group that the spec is the only one of, else nil.
	group *ast.GenDecl
	doc   string
}

// declarationIn a source, of a name at a line, from 1; 0 for any.
func declarationIn(source, name string, line int) (found declared) {
	files := token.NewFileSet()
	file, _ := parser.ParseFile(files, "", source, parser.ParseComments|parser.SkipObjectResolution)
	found.code, found.base = source, file.FileStart
	is := func(names ...*ast.Ident) bool {
		for _, one := range names {
			if one.Name == name && (line == 0 || files.PositionFor(one.Pos(), false).Line == line) {
				found.line = files.PositionFor(one.Pos(), false).Line
				return true
			}
		}
		return false
	}
	var group *ast.GenDecl
	ast.Inspect(file, func(n ast.Node) bool {
		if found.node != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.GenDecl:
			group = n
		case *ast.FuncDecl:
			if is(n.Name) {
				found.node, found.doc = n, n.Doc.Text()
			}
			return false
		case *ast.TypeSpec:
			if is(n.Name) {
				found.inGroup(n, group, n.Doc, n.Comment)
			}
		case *ast.ValueSpec:
			if is(n.Names...) {
				found.inGroup(n, group, n.Doc, n.Comment)
			}
		case *ast.Field:
			if is(n.Names...) || len(n.Names) == 0 && is(embeddedName(n.Type)) {
				found.node, found.doc = n, firstText(n.Doc, n.Comment)
			}
		case *ast.BlockStmt:
			return false
		}
		return true
	})
	return
}

func (d *declared) inGroup(node ast.Node, group *ast.GenDecl, comments ...*ast.CommentGroup) {
	d.node = node
	if group != nil && !group.Lparen.IsValid() {
		d.group = group
		comments = append([]*ast.CommentGroup{group.Doc}, comments...)
	} else if group != nil {
		comments = append(comments, group.Doc)
	}
	d.doc = firstText(comments...)
}

func firstText(comments ...*ast.CommentGroup) string {
	for _, one := range comments {
		if text := one.Text(); text != "" {
			return text
		}
	}
	return ""
}

// embeddedName is the name that an embedded field has.
func embeddedName(of ast.Expr) *ast.Ident {
	switch of := of.(type) {
	case *ast.StarExpr:
		return embeddedName(of.X)
	case *ast.SelectorExpr:
		return of.Sel
	case *ast.IndexExpr:
		return embeddedName(of.X)
	case *ast.IndexListExpr:
		return embeddedName(of.X)
	case *ast.Ident:
		return of
	}
	return ast.NewIdent("")
}

func (d declared) slice(from, to token.Pos) string {
	end := min(int(to-d.base), len(d.code))
	return d.code[min(int(from-d.base), end):end]
}

// source is the whole declaration with its comment.
func (d declared) source() string {
	from, head := d.node.Pos(), ""
	switch node := d.node.(type) {
	case *ast.FuncDecl:
		if node.Doc != nil {
			from = node.Doc.Pos()
		}
	case *ast.TypeSpec:
		head = "type "
	}
	if d.group != nil {
		from, head = d.group.Pos(), ""
		if d.group.Doc != nil {
			from = d.group.Doc.Pos()
		}
	}
	return head + d.slice(from, d.node.End())
}

// text is the declaration without a function's body, and without the fields of a struct that only its
// package can speak of. own: the user's, with all fields.
func (d declared) text(own bool) string {
	switch node := d.node.(type) {
	case *ast.FuncDecl:
		return d.slice(node.Pos(), node.Type.End())
	case *ast.TypeSpec:
		structure, is := node.Type.(*ast.StructType)
		if !is || own {
			return "type " + d.slice(node.Pos(), node.End())
		}
		text := "type " + d.slice(node.Pos(), structure.Fields.Opening) + "{"
		hidden := false
		for _, field := range structure.Fields.List {
			names := field.Names
			if len(names) == 0 {
				names = []*ast.Ident{embeddedName(field.Type)}
			}
			if names[0].IsExported() {
				text += "\n\t" + d.slice(field.Pos(), field.Type.End())
			}
			hidden = hidden || !names[0].IsExported()
		}
		if hidden {
			text += "\n\t// and fields that are not exported"
		}
		return text + "\n}"
	case *ast.ValueSpec:
		if d.group != nil {
			return d.slice(d.group.Pos(), d.group.End())
		}
	}
	return d.slice(d.node.Pos(), d.node.End())
}

// rendered is a comment as text and as Markdown.
func rendered(text string) (plain, markdown string) {
	if text == "" {
		return "", ""
	}
	parsed := new(comment.Parser).Parse(text)
	printer := &comment.Printer{TextWidth: 100, HeadingID: func(*comment.Heading) string { return "" }, DocLinkURL: onPkgSite}
	return strings.TrimRight(string(printer.Text(parsed)), "\n"), strings.TrimRight(string(printer.Markdown(parsed)), "\n")
}

// onPkgSite is where the documentation of another package is; names of the same one are no links.
func onPkgSite(link *comment.DocLink) string {
	if link.ImportPath == "" {
		return ""
	}
	return link.DefaultURL("https://pkg.go.dev")
}

// commentAbove a line of a cell, from 1, without the signs that make it one.
func commentAbove(code string, line int) string {
	lines := strings.Split(code, "\n")
	end := min(line-1, len(lines))
	start := end
	for start > 0 && strings.HasPrefix(strings.TrimSpace(lines[start-1]), "//") {
		start--
	}
	if start == end && end > 0 && strings.HasSuffix(strings.TrimSpace(lines[end-1]), "*/") {
		for start--; start > 0 && !strings.HasPrefix(strings.TrimSpace(lines[start]), "/*"); start-- {
		}
	}
	if start >= end {
		return ""
	}
	group := &ast.CommentGroup{}
	if text := strings.TrimSpace(strings.Join(lines[start:end], "\n")); strings.HasPrefix(text, "/*") {
		group.List = append(group.List, &ast.Comment{Text: text})
	} else {
		for _, line := range lines[start:end] {
			group.List = append(group.List, &ast.Comment{Text: strings.TrimSpace(line)})
		}
	}
	return group.Text()
}

// sourceFile is where a file is that the compiler has named.
func (t *toolchain) sourceFile(name string) string {
	if _, own, is := strings.Cut(name, "/src/mykernel/"); is { // it is there for the compiler alone
		return filepath.Join(t.agent, own)
	}
	if rest, is := strings.CutPrefix(name, "$GOROOT"); is {
		return t.root() + rest
	}
	if filepath.IsAbs(name) {
		return name
	}
	return ""
}

// packageAt describes a package: what its sources say above their package clauses.
func (t *toolchain) packageAt(path string, detail int) description {
	folder := t.folderOf(path)
	if folder == "" {
		return description{}
	}
	found := description{Declared: fmt.Sprintf("package %s // import %q", nameOfPath(path), path), Path: folder}
	text := ""
	sources := sourcesIn(folder)
	slices.SortStableFunc(sources, func(a, b string) int { return cmp.Compare(likely(a, path), likely(b, path)) })
	for _, name := range sources {
		file, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		if file != nil && file.Doc != nil {
			found.Declared = fmt.Sprintf("package %s // import %q", file.Name.Name, path)
			text = file.Doc.Text()
			break
		}
	}
	found.Doc, found.Markdown = rendered(text)
	if lines := strings.Split(found.Doc, "\n"); detail == 0 && len(lines) > mostLines {
		found.Doc = strings.Join(lines[:mostLines], "\n") + "\n..."
		found.Markdown = new(doc.Package).Synopsis(text)
	}
	return found
}

// likely is the lower the more likely the file tells of its package.
func likely(file, path string) int {
	name := filepath.Base(file)
	return slices.Index([]string{"doc.go", nameOfPath(path) + ".go", name}, name)
}
