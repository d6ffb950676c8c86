package main

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

const testsPath = "testing/mykernel"

// testMain is what runs these functions, by what their names begin with.
func (p *program) testMain() string {
	p.aliases[testsPath] = "tests__"
	var calls strings.Builder
	main := "nil"
	for _, name := range p.tests {
		label, line, column, text := p.function(name)
		at := directive(label, line, column)
		switch {
		case name == "TestMain":
			main = at + name
		case strings.HasPrefix(name, "Example"):
			if example := exampleOf(text); example != nil && (example.Output != "" || example.EmptyOutput) {
				fmt.Fprintf(&calls, "tests__.Example(%q,%s%s,%q,%t)\n", name, at, name, example.Output, example.Unordered)
			}
		default:
			kind := name[:len(name)-len(strings.TrimLeft(name[1:], "abcdefghijklmnopqrstuvwxyz"))]
			fmt.Fprintf(&calls, "tests__.%s(%q,%s%s)\n", kind, name, at, name)
		}
	}
	return calls.String() + "tests__.Run(" + main + ")"
}

// function is where a function stands, and its text.
func (p *program) function(name string) (label string, line, column int, text string) {
	for _, one := range p.parts {
		for _, node := range one.nodes {
			if function, is := node.(*ast.FuncDecl); is && function.Recv == nil && function.Name.Name == name {
				line, column = one.lineAt(one.at(function.Name.Pos()))
				return p.label, line, column, one.text
			}
		}
	}
	for _, one := range p.known {
		if one.Kind == "func" && slices.Contains(one.Names, name) {
			return one.Label, one.Line, one.Column, one.Text
		}
	}
	return "mykernel", 1, 1, ""
}

// exampleOf finds what an example says that it writes.
func exampleOf(text string) *doc.Example {
	file, err := parser.ParseFile(token.NewFileSet(), "", declarationHead+text, parser.ParseComments)
	if err != nil {
		return nil
	}
	for _, one := range doc.Examples(file) {
		return one
	}
	return nil
}

// block is a statement whose runs are counted.
type block struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Last     int    `json:"last"` // its last line; of one with statements in it, the line on which these begin
	Function string `json:"function"`
}

// counted is the program's source with calls in it that count its statements, but for those of tests.
func counted(source string) (text string, found []block) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	if err != nil {
		return source, nil
	}
	calls := map[int]string{} // by offset
	for _, declaration := range file.Decls {
		function, is := declaration.(*ast.FuncDecl)
		if !is || function.Body == nil || !strings.HasPrefix(files.Position(function.Pos()).Filename, "cell") || isTest("func "+function.Name.Name+"(") || strings.Contains(function.Name.Name, "__") {
			continue
		}
		name := function.Name.Name
		if function.Recv != nil && len(function.Recv.List) > 0 {
			name = receiver(function.Recv.List[0].Type) + "." + name
		}
		ast.Inspect(function.Body, func(node ast.Node) bool {
			for _, statement := range statementsOf(node) {
				statement = behindLabel(statement)
				start := files.Position(statement.Pos())
				if _, empty := statement.(*ast.EmptyStmt); !empty && strings.HasPrefix(start.Filename, "cell") {
					calls[files.PositionFor(statement.Pos(), false).Offset] = fmt.Sprintf("tests__.Reach(%d);", len(found))
					found = append(found, block{start.Filename, start.Line, files.Position(ownEnd(statement)).Line, name})
				}
			}
			return true
		})
	}
	var b strings.Builder
	written := 0
	for _, offset := range slices.Sorted(maps.Keys(calls)) {
		b.WriteString(source[written:offset] + calls[offset])
		written = offset
	}
	fmt.Fprintf(&b, "%s/*line mykernel:1*/var _ = tests__.Blocks(%d)\n", source[written:], len(found))
	return b.String(), found
}

// behindLabel is the statement itself, which goto reaches; but a loop keeps its label, for continue.
func behindLabel(statement ast.Stmt) ast.Stmt {
	labeled, is := statement.(*ast.LabeledStmt)
	if !is {
		return statement
	}
	switch labeled.Stmt.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.LabeledStmt:
		return statement
	}
	return labeled.Stmt
}

func statementsOf(node ast.Node) []ast.Stmt {
	switch node := node.(type) {
	case *ast.BlockStmt:
		if len(node.List) > 0 {
			switch node.List[0].(type) {
			case *ast.CaseClause, *ast.CommClause:
				return nil
			}
		}
		return node.List
	case *ast.CaseClause:
		return node.Body
	case *ast.CommClause:
		return node.Body
	}
	return nil
}

// ownEnd is where the statement ends, or those begin that are in it.
func ownEnd(statement ast.Stmt) token.Pos {
	switch statement := statement.(type) {
	case *ast.IfStmt:
		return statement.Body.Lbrace
	case *ast.ForStmt:
		return statement.Body.Lbrace
	case *ast.RangeStmt:
		return statement.Body.Lbrace
	case *ast.SwitchStmt:
		return statement.Body.Lbrace
	case *ast.TypeSwitchStmt:
		return statement.Body.Lbrace
	case *ast.SelectStmt:
		return statement.Body.Lbrace
	case *ast.BlockStmt:
		return statement.Lbrace
	case *ast.LabeledStmt:
		return statement.Colon
	}
	return statement.End()
}
