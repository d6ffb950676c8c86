package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// recipe is how a program's text becomes a binary.
type recipe struct {
	Key       string   `json:"key"`       // of all that counts beside the text
	Place     string   `json:"place"`     // the folder in which go is run
	Importcfg string   `json:"importcfg"` // for the compiler and the linker
	Target    []string `json:"target"`    // for their environment; what is built for a target does not run here
}

// build compiles and links as `go build` does, which would take twice as long to find out how.
func (t *toolchain) build(what run) string {
	object := what.Source + ".a"
	defer os.Remove(object)
	compile := []string{"tool", "compile", "-o", object, "-p", "main", "-trimpath", filepath.Dir(what.Source),
		"-importcfg", what.Recipe.Importcfg, "-pack", "-complete"}
	compile = append(append(compile, what.Compiling...), what.Source)
	link := []string{"tool", "link", "-o", what.Binary, "-importcfg", what.Recipe.Importcfg, "-buildmode=exe", "-s", "-w", object}
	for _, arguments := range [][]string{compile, link} {
		command := t.commandIn(what.Recipe.Place, context.Background(), arguments...)
		command.Env = append(command.Env, what.Recipe.Target...)
		out, err := command.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return "error " + err.Error()
		}
		if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() && status.Signal() == syscall.SIGINT {
			return "interrupted"
		}
		if err != nil {
			if err := os.WriteFile(what.Errors, out, 0o600); err != nil {
				return "error " + err.Error()
			}
			return "build"
		}
	}
	return ""
}
