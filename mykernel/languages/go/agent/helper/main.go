// The agent of the Go kernel: at its prompt it runs the programs that cells became, and on a
// socket it answers what is asked of cells, also while a program runs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

func main() {
	folder := os.Getenv("MYKERNEL_DIR")
	prompt := &prompt{nonce: os.Getenv("MYKERNEL_NONCE"), outs: []*os.File{os.Stdout}}
	if os.Getenv("MYKERNEL_MERGED") != "1" {
		prompt.outs = append(prompt.outs, os.Stderr)
	}
	toolchain := newToolchain(os.Getenv("MYKERNEL_GO"), os.Getenv("MYKERNEL_AGENT"), folder)
	json.Unmarshal([]byte(os.Getenv("MYKERNEL_FLAGS")), &toolchain.flags)
	for _, name := range []string{"MYKERNEL_DIR", "MYKERNEL_NONCE", "MYKERNEL_MERGED", "MYKERNEL_GO", "MYKERNEL_AGENT", "MYKERNEL_FLAGS"} {
		os.Unsetenv(name) // not for the user's programs
	}
	socket := filepath.Join(folder, "control")
	os.Remove(socket) // of a helper before this one
	listener, err := net.Listen("unix", socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go serve(listener, toolchain)
	// ^C is for the program that runs. Not ignored, which programs would inherit; but of the terminal's
	// stop signals there is no other way to move a group into the foreground.
	signal.Notify(interrupts, syscall.SIGINT, syscall.SIGQUIT)
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTTIN)
	prompt.loop(folder, toolchain)
}

// request is what the kernel asks, of which each operation takes its part.
type request struct {
	ID     int    `json:"id"`
	Op     string `json:"op"`
	Code   string `json:"code"`
	Label  string `json:"label"`
	Before string `json:"before"`
	After  string `json:"after"`
	// What the cell reaches of earlier ones.
	Known []known `json:"known"`
	// The functions of tests that are to be run, and whether statements are counted.
	Tests []string `json:"tests"`
	Cover bool     `json:"cover"`
	// Whether it is for a browser.
	Wasm bool `json:"wasm"`
	// Of %goflags.
	Flags []string `json:"flags"`
	// All that ran, for an export.
	Cells []cellText `json:"cells"`
	// Of inspect: 1 for all of the source. The cells' whole texts, by label.
	Detail  int               `json:"detail"`
	Sources map[string]string `json:"sources"`
	// Of complete and inspect: whether a language server is there to be asked, too.
	Served bool `json:"served"`
	// Of vet: the compiler's, for the program that is the code.
	Importcfg string `json:"importcfg"`
	// Over when it is cancelled.
	context context.Context
}

func serve(listener net.Listener, toolchain *toolchain) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go answerAll(connection, toolchain)
	}
}

func answerAll(connection net.Conn, toolchain *toolchain) {
	var writing sync.Mutex
	encoder := json.NewEncoder(connection)
	reader := bufio.NewReader(connection)
	for {
		line, err := reader.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			continue
		}
		asked.context = toolchain.current()
		go func() {
			answer := guarded(toolchain, asked)
			if asked.context.Err() != nil {
				answer = map[string]any{"cancelled": true}
			}
			writing.Lock()
			defer writing.Unlock()
			encoder.Encode(map[string]any{"id": asked.ID, "answer": answer})
		}()
	}
}

// guarded answers; a fault of ours (or of go/types, on code that is half typed) is no answer.
func guarded(toolchain *toolchain, asked request) (answer any) {
	defer func() {
		if fault := recover(); fault != nil {
			answer = map[string]any{"fault": fmt.Sprint(fault)}
		}
	}()
	switch asked.Op {
	case "split":
		return split(toolchain, asked)
	case "is_complete":
		return completeness(asked.Code)
	case "compose":
		if asked.Wasm {
			toolchain = toolchain.inBrowser()
		}
		return compose(toolchain, asked)
	case "export":
		return export(toolchain, asked)
	case "vet":
		return vet(toolchain, asked)
	case "cancel":
		toolchain.cancel()
	case "stop":
		cell, by := toolchain.background.stop()
		return map[string]any{"cell": cell, "by": by}
	case "progress":
		return toolchain.progress.now()
	case "goflags":
		return setFlags(toolchain, asked)
	case "module":
		return module(toolchain, asked)
	case "warm":
		return map[string]any{"error": toolchain.warm(asked)}
	case "cd":
		return done(os.Chdir(asked.Code))
	case "setenv":
		name, value, _ := strings.Cut(asked.Code, "=")
		return done(os.Setenv(name, value))
	case "env":
		return map[string]any{"text": strings.Join(os.Environ(), "\x00") + "\x00"}
	case "complete":
		return complete(toolchain, asked)
	case "known":
		return knownFile(toolchain, asked)
	case "inspect":
		return inspect(toolchain, asked)
	}
	return nil
}

func done(err error) map[string]any {
	if err != nil {
		return map[string]any{"failure": err.Error()}
	}
	return map[string]any{"text": ""}
}

// numbered cuts a line that the kernel types: the line's number and the file that says what to run.
func numbered(line string) (number, path string) {
	number, path, _ = strings.Cut(strings.TrimSpace(line), " ")
	return
}
