package main

import (
	"go/scanner"
	"go/token"
	"strings"
)

// completeness of a cell, as is_complete_reply has it.
func completeness(code string) map[string]any {
	chunks, open := cut(code)
	if open { // what stands before the part that is open cannot be mended by what follows
		chunks = chunks[:max(len(chunks)-1, 0)]
	}
	if _, errors := parse(chunks, "cell"); len(errors) > 0 {
		return map[string]any{"status": "invalid"}
	}
	if open {
		return map[string]any{"status": "incomplete", "indent": indentAfter(code)}
	}
	return map[string]any{"status": "complete"}
}

// indentAfter is what the next line begins with: as the last one that is not empty, and one step deeper
// where that opens more than it closes, or goes on from a line that is whole.
func indentAfter(code string) string {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(code))
	inRaw := false
	s.Init(file, []byte(code), func(_ token.Position, message string) {
		inRaw = inRaw || strings.Contains(message, "raw string")
	}, scanner.ScanComments)
	var here, before struct { // a line, and the one with tokens before it
		number, opened int
		last           token.Token
	}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		number := file.PositionFor(pos, false).Line
		if tok == token.SEMICOLON && literal == "\n" || tok == token.COMMENT {
			continue
		}
		if number != here.number {
			before, here = here, before
			here.number, here.opened, here.last = number, 0, token.ILLEGAL
		}
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			here.opened++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			here.opened--
		}
		here.last = tok
	}
	if inRaw {
		return "" // it would be of the text
	}
	line := ""
	if lines := strings.Split(code, "\n"); here.number > 0 {
		line = lines[here.number-1]
	}
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	continues := goesOn(here.last) && here.last != token.COMMA && !(before.number > 0 && goesOn(before.last) && before.opened <= 0 && before.last != token.COMMA && before.last != token.COLON)
	if here.opened > 0 || continues {
		if strings.HasPrefix(indent, " ") {
			return indent + "    "
		}
		return indent + "\t"
	}
	return indent
}
