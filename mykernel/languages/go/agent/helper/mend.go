package main

import (
	"go/ast"
	"go/scanner"
	"math"
	"strings"
)

// repairs that are tried on one part of a cell, and the bytes above which none is.
const mostRepairs, mendable = 8, 100_000

// mended parses a part of a cell in which a cursor stands that many bytes in, so that as much as can
// be is known of what stands there. What is broken may be the line that is typed, which may swallow the
// ones behind it, and any other. It returns the file and where the cursor is in what was parsed.
func mended(text string, at int, parse func(text string) (*ast.File, scanner.ErrorList)) (*ast.File, int) {
	var best *ast.File
	bestAt, fewest := at, math.MaxInt
	try := func(text string, at int) scanner.ErrorList {
		file, wrong := parse(text)
		if len(wrong) < fewest {
			best, bestAt, fewest = file, at, len(wrong)
		}
		return wrong
	}
	if len(try(text, at)) == 0 || len(text) > mendable {
		return best, bestAt
	}
	line, _, _ := strings.Cut(text[at:], "\n")
	for _, end := range []int{at + len(line), at} {
		if len(try(text[:end]+closing(text[:end]), at)) == 0 {
			return best, bestAt
		}
	}
	lines := strings.Split(text[:at], "\n")
	for range mostRepairs {
		text := strings.Join(lines, "\n")
		wrong := try(text+closing(text), len(text))
		if len(wrong) == 0 || !repair(lines, wrong[0].Pos.Line-1) {
			break
		}
	}
	return best, bestAt
}

// repair changes the line that is broken, or the one before it: it closes the brackets that the line
// opens, or else takes the line away.
func repair(lines []string, wrong int) bool {
	for at := min(wrong, len(lines)-1); at >= max(wrong-1, 0); at-- {
		line := strings.TrimSpace(lines[at])
		if line == "" || at == len(lines)-1 || strings.Count(line, "`")%2 == 1 {
			continue
		}
		open := closing(line)
		switch {
		case open != "" && !strings.Contains(open, "}"):
			lines[at] += open
		case strings.Count(line, "{") == strings.Count(line, "}"):
			lines[at] = ""
		default:
			continue
		}
		return true
	}
	return false
}
