package main

import (
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// hole stands at the cursor where no name does. One that ends with it is no user's.
const hole = "hole__"

func isName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// tail is the name that a text ends with, head the one that it begins with. Both may be numbers.
func tail(text string) string {
	rest := strings.TrimRightFunc(text, isName)
	return text[len(rest):]
}

func head(text string) string {
	return text[:len(text)-len(strings.TrimLeftFunc(text, isName))]
}

func isNumber(name string) bool { return name != "" && name[0] >= '0' && name[0] <= '9' }

// typed is what stands before the cursor, as far as tokens tell.
type typed struct {
	silent bool   // in a comment, a text or a number, where no name can stand
	path   string // as far as it is typed, where the cursor is in the path of an import
	inPath bool
}

// before says where a cursor behind this code is.
func before(code string) (at typed) {
	name := tail(code)
	if isNumber(name) {
		return typed{silent: true}
	}
	chunks, _ := cut(code)
	imports := len(chunks) > 0 && chunks[len(chunks)-1].keyword == token.IMPORT
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(token.Position, string) {}, scanner.ScanComments)
	last, number := token.ILLEGAL, false
	for {
		pos, tok, literal := s.Scan()
		end := file.Offset(pos) + len(literal)
		switch {
		case tok == token.EOF:
			return
		case tok == token.SEMICOLON:
		case end < len(code):
			number = tok == token.INT || tok == token.FLOAT
		case tok == token.COMMENT:
			at.silent = strings.HasPrefix(literal, "//") || len(literal) < 4 || !strings.HasSuffix(literal, "*/")
		case tok == token.STRING || tok == token.CHAR:
			_, err := strconv.Unquote(literal)
			at.silent = err != nil
			at.inPath = at.silent && imports && tok == token.STRING
			at.path = strings.TrimLeft(literal, "\"`")
		case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
			at.silent = true
		case tok == token.PERIOD:
			at.silent = number && last == token.INT
		}
		last = tok
	}
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
			open = append(open, "}")
		case token.RPAREN, token.RBRACK, token.RBRACE:
			open = open[:max(len(open)-1, 0)]
		case token.EOF:
			slices.Reverse(open)
			return strings.Join(open, "")
		}
	}
}
