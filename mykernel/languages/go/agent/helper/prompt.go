package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// prompt reads lines from the terminal, builds and runs what they name, and writes the marks around it.
type prompt struct {
	nonce string
	outs  []*os.File
	last  int
}

// run is what a line's file says.
type run struct {
	Source string   `json:"source"` // "" where the binary is there
	Recipe recipe   `json:"recipe"` // as compose made it
	Binary string   `json:"binary"`
	Env    []string `json:"env"`
	Errors string   `json:"errors"` // the file for what the compiler or linker says
	Go     []string `json:"go"`     // arguments, where go itself is what to run
}

func (p *prompt) loop(folder string, t *toolchain) {
	p.mark("D;k=%s;i=%d;s=start", p.nonce, 0)
	reader := bufio.NewReader(os.Stdin)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		word, name := words(line)
		number, err := strconv.Atoi(word)
		if err != nil || number <= p.last {
			continue // typed twice
		}
		p.last = number
		p.mark("C;k=%s;i=%d", p.nonce, number)
		status := t.buildAndRun(filepath.Join(folder, filepath.Base(name)))
		p.mark("D;k=%s;i=%d;s=%s", p.nonce, number, strings.Map(printable, status))
	}
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

func (p *prompt) mark(format string, values ...any) {
	for _, out := range p.outs {
		fmt.Fprintf(out, "\x1b]133;"+format+"\a", values...)
	}
}

// buildAndRun says how it went: "exit N" and "signal N" of the program, "build", with what is wrong
// in the file for that, "interrupted" in the build, or "error TEXT".
func (t *toolchain) buildAndRun(path string) string {
	var what run
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &what)
	}
	if err != nil {
		return "error " + err.Error()
	}
	if len(what.Go) > 0 {
		return foreground(t.commandIn(what.Recipe.Place, context.Background(), what.Go...))
	}
	if what.Source != "" {
		if status := t.build(what); status != "" {
			return status
		}
	}
	command := exec.Command(what.Binary)
	command.Args[0] = "cell"
	command.Env = append(os.Environ(), what.Env...)
	return foreground(command)
}

// foreground runs a program in the terminal's foreground.
func foreground(command *exec.Cmd) string {
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: int(os.Stdin.Fd())}
	err := command.Run()
	takeForeground()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "error " + err.Error()
	}
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return fmt.Sprintf("signal %d", status.Signal())
	}
	return fmt.Sprintf("exit %d", status.ExitStatus())
}

func takeForeground() {
	group := int32(syscall.Getpgrp())
	syscall.Syscall(syscall.SYS_IOCTL, os.Stdin.Fd(), syscall.TIOCSPGRP, uintptr(unsafe.Pointer(&group)))
}
