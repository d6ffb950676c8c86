package main

import (
	"encoding/json"
	"fmt"
	"go/build/constraint"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// Flags of go build that would have it do something else than to build a program.
var notForCells = []string{"C", "c", "exec", "json", "n", "o", "overlay"}

// setFlags takes flags of go build for all that is built from now on.
func setFlags(t *toolchain, asked request) map[string]any {
	defer t.take(asked)()
	for _, flag := range asked.Flags {
		if name := flagName(flag); !strings.HasPrefix(flag, "-") || slices.Contains(notForCells, name) {
			return map[string]any{"failure": fmt.Sprintf("%s is no flag that cells can be built with", flag)}
		}
	}
	before := t.flags
	t.flags = asked.Flags
	t.refresh()
	arguments := append([]string{"list"}, t.packageFlags()...)
	if _, err := t.command(t.context, append(arguments, "-f", "", "unsafe")...).Output(); err != nil {
		t.flags = before
		t.refresh()
		return map[string]any{"failure": saidBy(err)}
	}
	return map[string]any{}
}

// constraintOf a cell is the "//go:build" at its head, "" where there is none.
func constraintOf(code string) string {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(code)), []byte(code), nil, scanner.ScanComments)
	for {
		_, tok, text := s.Scan()
		if tok != token.COMMENT {
			return ""
		}
		if constraint.IsGoBuild(text) {
			return text
		}
	}
}

// excluded says which constraint leaves the cell out; "" where none does.
func (t *toolchain) excluded(code string) (string, error) {
	line := constraintOf(code)
	if line == "" {
		return "", nil
	}
	wanted, err := constraint.Parse(line)
	if err != nil {
		return "", err
	}
	format := `{{with context}}{"on": ["{{.GOOS}}", "{{.GOARCH}}", "{{.Compiler}}"], "cgo": {{.CgoEnabled}}, "tags": "{{join .BuildTags ","}},{{join .ToolTags ","}},{{join .ReleaseTags ","}}"}{{end}}`
	arguments := append([]string{"list"}, t.packageFlags()...)
	out, err := t.command(t.context, append(arguments, "-f", format, "unsafe")...).Output()
	if err != nil {
		return "", fmt.Errorf("%s", saidBy(err))
	}
	var told struct {
		On   []string
		Cgo  bool
		Tags string
	}
	if err := json.Unmarshal(out, &told); err != nil {
		return "", err
	}
	tags := append(told.On, strings.Split(told.Tags, ",")...)
	if told.Cgo {
		tags = append(tags, "cgo")
	}
	if !slices.Contains([]string{"windows", "plan9", "js", "wasip1"}, told.On[0]) {
		tags = append(tags, "unix")
	}
	if wanted.Eval(func(tag string) bool { return slices.Contains(tags, tag) }) {
		return "", nil
	}
	return line, nil
}
