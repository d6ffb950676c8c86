package main

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"strings"
	"unicode/utf8"
)

// opensArgument: whether an argument would begin behind this code.
func opensArgument(code string) bool {
	text := strings.TrimRight(code, " \t\r\n")
	return strings.HasSuffix(text, "(") || strings.HasSuffix(text, ",")
}

// call is the innermost call whose arguments the cursor is among, and the name of what it calls; nil
// where there is none. A function's body that is an argument is a place of its own.
func (v *view) call() (*ast.CallExpr, *ast.Ident) {
	for level := 0; ; level++ {
		switch node := v.above(level).(type) {
		case nil:
			return nil, nil
		case *ast.BlockStmt:
			if node.Lbrace < v.pos && v.pos <= node.Rbrace {
				return nil, nil
			}
		case *ast.CallExpr:
			if node.Lparen < v.pos && (v.pos <= node.Rparen || !node.Rparen.IsValid()) {
				return node, called(node.Fun)
			}
		}
	}
}

// called is the name of a function that is called.
func called(function ast.Expr) *ast.Ident {
	switch function := function.(type) {
	case *ast.SelectorExpr:
		return function.Sel
	case *ast.IndexExpr:
		return called(function.X)
	case *ast.IndexListExpr:
		return called(function.X)
	case *ast.ParenExpr:
		return called(function.X)
	case *ast.Ident:
		return function
	}
	return ast.NewIdent("_")
}

// argument is the number, from 0, of the argument that the cursor is in. code: before the cursor.
func argument(code string, call *ast.CallExpr, pos token.Pos) int {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0)
	type bracket struct {
		opened token.Token
		commas int
	}
	open := []bracket{{}}
	for {
		switch _, tok, _ := s.Scan(); tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, bracket{tok, 0})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open = open[:max(len(open)-1, 1)]
		case token.COMMA:
			open[len(open)-1].commas++
		case token.EOF:
			if inner := open[len(open)-1]; inner.opened == token.LPAREN {
				return inner.commas
			}
			for i, one := range call.Args { // in the brackets of one of them
				if pos <= one.End() {
					return i
				}
			}
			return max(len(call.Args)-1, 0)
		}
	}
}

// signature of what is called, and marks below that parameter; "" where it has none.
func (v *view) signature(call *ast.CallExpr, argument int) (text, marks string) {
	of, is := v.info.TypeOf(call.Fun).(*types.Signature)
	if object := v.info.ObjectOf(called(call.Fun)); !is && object != nil {
		of, is = object.Type().(*types.Signature)
	}
	if !is {
		return v.builtin(called(call.Fun), argument)
	}
	text = types.ExprString(call.Fun)
	if of.TypeParams().Len() > 0 {
		text += "[" + v.typeParams(of.TypeParams()) + "]"
	}
	var params []string
	for i := range of.Params().Len() {
		one := of.Params().At(i)
		shown := types.TypeString(one.Type(), v.qualifier)
		if slice, is := one.Type().(*types.Slice); is && of.Variadic() && i == of.Params().Len()-1 {
			shown = "..." + types.TypeString(slice.Elem(), v.qualifier)
		}
		params = append(params, strings.TrimSpace(one.Name()+" "+shown))
	}
	if of.Variadic() {
		argument = min(argument, len(params)-1)
	}
	text, marks = marked(text, params, argument)
	results := strings.TrimPrefix(types.TypeString(types.NewSignatureType(nil, nil, nil, nil, of.Results(), false), v.qualifier), "func()")
	return text + results, marks
}

func (v *view) typeParams(list *types.TypeParamList) string {
	var shown []string
	for i := range list.Len() {
		one := list.At(i)
		shown = append(shown, one.Obj().Name()+" "+types.TypeString(one.Constraint(), v.qualifier))
	}
	return strings.Join(shown, ", ")
}

// marked is a call with its parameters, and marks below one of them.
func marked(name string, params []string, argument int) (text, marks string) {
	text = name + "("
	for i, one := range params {
		if i > 0 {
			text += ", "
		}
		if i == argument {
			marks = strings.Repeat(" ", utf8.RuneCountInString(text)) + strings.Repeat("^", utf8.RuneCountInString(one))
		}
		text += one
	}
	return text + ")", marks
}

// builtin is the signature of a function of the language, as its documentation has it.
func (v *view) builtin(name *ast.Ident, argument int) (text, marks string) {
	if _, is := v.info.ObjectOf(name).(*types.Builtin); !is {
		return "", ""
	}
	var found description
	v.document(v.info.ObjectOf(name), &found)
	whole := declarationIn("package p;"+found.Declared, name.Name, 0)
	function, is := whole.node.(*ast.FuncDecl)
	if !is {
		return "", ""
	}
	var params []string
	for _, field := range function.Type.Params.List {
		for _, one := range field.Names {
			params = append(params, one.Name+" "+types.ExprString(field.Type))
		}
		if _, variadic := field.Type.(*ast.Ellipsis); variadic {
			argument = min(argument, len(params)-1)
		}
	}
	text, marks = marked(name.Name, params, argument)
	if results := function.Type.Results; results != nil {
		text += " " + whole.slice(results.Pos(), results.End())
	}
	return text, marks
}
