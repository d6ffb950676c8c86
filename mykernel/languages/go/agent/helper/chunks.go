package main

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// chunk is one declaration or statement at the top of a cell. A comment right above it is within where
// it is more than a comment: a directive such as //go:embed, or what import "C" imports.
type chunk struct {
	text         string
	offset       int // in the cell, in bytes
	line, column int // from 1, the column in bytes
	declares     bool
	keyword      token.Token
}

// cut cuts a cell at the semicolons outside of all brackets, those that the scanner puts at the ends of
// lines included. open: whether more has to come.
func cut(code string) (chunks []chunk, open bool) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	s.Init(file, []byte(code), func(_ token.Position, message string) {
		if strings.Contains(message, "not terminated") && (strings.Contains(message, "raw string") || strings.Contains(message, "comment")) {
			open = true
		}
	}, scanner.ScanComments)
	start, depth, header := -1, 0, false
	above := commentsAbove{file: file}
	var tokens []token.Token
	end := func(offset int) {
		if start >= 0 {
			if rest := code[start:offset]; tokens[0] == token.IMPORT && importC.MatchString(rest) || above.direct() && declares(tokens) {
				start = above.start
			}
			at := file.Position(file.Pos(start))
			chunks = append(chunks, chunk{strings.TrimRight(code[start:offset], " \t\r\n"), start, at.Line, at.Column, declares(tokens), tokens[0]})
		}
		start, tokens = -1, nil
	}
	last := token.SEMICOLON
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			open = open || depth > 0 || goesOn(last) || header
			end(len(code))
			return
		}
		offset := file.Offset(pos)
		if tok == token.COMMENT {
			if start < 0 {
				above.add(offset, literal)
			}
			continue
		}
		if tok == token.SEMICOLON && depth <= 0 && !(header && literal == ";") {
			end(offset)
			above = commentsAbove{file: file, after: file.Line(pos)}
			header, last = false, tok
			continue
		}
		if start < 0 {
			start, depth = offset, 0
			above.end(offset)
		}
		switch tok {
		case token.FOR, token.IF, token.SWITCH, token.SELECT:
			header = header || depth == 0
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if tok == token.LBRACE && depth == 0 {
				header = false
			}
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
		tokens = append(tokens, tok)
		last = tok
	}
}

var importC = regexp.MustCompile(`^import\s*\(?\s*"C"`)

// commentsAbove are those right above a chunk.
type commentsAbove struct {
	file  *token.File
	after int // the line of what stands before them
	start int // of the first
	text  string
	next  int // the line after the last
}

func (c *commentsAbove) add(offset int, text string) {
	line := c.file.Line(c.file.Pos(offset))
	if line == c.after {
		return // it belongs to what stands before it
	}
	if c.text == "" || line > c.next {
		c.start, c.text = offset, ""
	}
	c.text += text + "\n"
	c.next = line + strings.Count(text, "\n") + 1
}

// end: what stands at the offset is what they are above of, if nothing is in between.
func (c *commentsAbove) end(offset int) {
	if c.file.Line(c.file.Pos(offset)) > c.next {
		c.text = ""
	}
	if c.text == "" {
		c.start = offset
	}
}

var directs = regexp.MustCompile(`(?m)^//(go:[a-z]|export )`)

// direct: whether one of them is for the compiler.
func (c *commentsAbove) direct() bool { return directs.MatchString(c.text) }

// goesOn: whether a line that ends in this token has to go on in the next.
func goesOn(last token.Token) bool {
	switch last {
	case token.RPAREN, token.RBRACE, token.RBRACK, token.INC, token.DEC, token.SEMICOLON:
		return false
	case token.BREAK, token.CONTINUE, token.FALLTHROUGH, token.RETURN:
		return false
	}
	return last.IsOperator() || last.IsKeyword()
}

func declares(tokens []token.Token) bool {
	switch tokens[0] {
	case token.IMPORT, token.TYPE, token.VAR, token.CONST:
		return true
	case token.FUNC:
		if len(tokens) > 1 && tokens[1] == token.IDENT {
			return true
		}
		depth := 0
		for i, tok := range tokens[1:] {
			switch tok {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				depth--
			}
			if depth == 0 { // behind what may be a receiver
				rest := tokens[i+2:]
				return len(rest) > 1 && rest[0] == token.IDENT && rest[1] == token.LPAREN
			}
		}
	}
	return false
}
