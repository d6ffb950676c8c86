package main

import (
	"go/token"
	"regexp"
)

var embedding = regexp.MustCompile(`(?m)^[ \t]*//go:embed[ \t]`)

// embeds: whether the part has variables that hold files of the notebook's folder. They are set before
// anything runs, wherever they stand.
func (p part) embeds() bool {
	return p.keyword == token.VAR && embedding.MatchString(p.text)
}
