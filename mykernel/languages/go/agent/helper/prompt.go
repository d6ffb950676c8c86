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
	"time"
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
	Source    string   `json:"source"`    // "" where the binary is there
	Recipe    recipe   `json:"recipe"`    // as compose made it
	Compiling []string `json:"compiling"` // options of the compiler
	Binary    string   `json:"binary"`
	Args      []string `json:"args"` // behind the program's name
	Env       []string `json:"env"`
	Tests     bool     `json:"tests"`  // whether it runs tests
	Serve     string   `json:"serve"`  // the name of a cell whose program is to live on; else ""
	Errors    string   `json:"errors"` // the file for what the compiler or linker says
	Go        []string `json:"go"`     // arguments, where go itself is what to run
	Races     string   `json:"races"`  // how the names of files for what is said of data races begin
}

func (p *prompt) loop(folder string, t *toolchain) {
	p.mark("D;k=%s;i=%d;s=start", p.nonce, 0)
	reader := bufio.NewReader(os.Stdin)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		word, name := numbered(line)
		number, err := strconv.Atoi(word)
		if err != nil || number <= p.last {
			continue // typed twice
		}
		p.last = number
		p.mark("C;k=%s;i=%d", p.nonce, number)
		status := t.buildAndRun(filepath.Join(folder, filepath.Base(name)))
		p.mark("D;k=%s;i=%d;j=%s;s=%s", p.nonce, number, t.background.jobs(), strings.Map(printable, status))
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
		command := t.commandIn(what.Recipe.Place, context.Background(), what.Go...)
		command.Stdout = os.Stdout
		return foreground(command, command.Run)
	}
	if what.Source != "" {
		if status := t.build(what); status != "" {
			return status
		}
	}
	if len(what.Recipe.Target) > 0 {
		return "exit 0" // it does not run here
	}
	command := exec.Command(what.Binary)
	command.Args = append([]string{"cell"}, what.Args...)
	command.Env = append(os.Environ(), what.Env...)
	if races := os.Getenv("GORACE"); what.Recipe.Race && !strings.Contains(races, "log_path=") {
		command.Env = append(command.Env, "GORACE="+strings.TrimSpace(races+" log_path="+what.Races))
	}
	command.Stdout = os.Stdout
	if what.Tests {
		command.Args[0] = what.Binary // which a fuzz test starts again
		command.Stdout = framed{os.Stdout}
		command.WaitDelay = time.Second // for what it has left running with the pipe
	}
	if what.Serve == "" {
		return foreground(command, command.Run)
	}
	livesOn := false
	status := foreground(command, func() (err error) {
		livesOn, err = t.background.run(command, what.Serve)
		return
	})
	if livesOn {
		return "exit 0"
	}
	return status
}

// foreground runs a program in the terminal's foreground, by that function.
func foreground(command *exec.Cmd, run func() error) string {
	command.Stdin, command.Stderr = os.Stdin, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: int(os.Stdin.Fd())}
	err := run()
	takeForeground()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return "error " + err.Error()
	}
	if command.ProcessState == nil {
		return "" // it lives on
	}
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return fmt.Sprintf("signal %d", status.Signal())
	}
	return fmt.Sprintf("exit %d", status.ExitStatus())
}

// framed puts characters for private use in the place of those that testing sets its own lines apart
// with, since a terminal takes these for itself.
type framed struct{ out *os.File }

var frames = strings.NewReplacer("\x16", "\U000f0016", "\x0f", "\U000f000f", "\x0e", "")

func (f framed) Write(text []byte) (int, error) {
	_, err := frames.WriteString(f.out, string(text))
	return len(text), err
}

func takeForeground() {
	group := int32(syscall.Getpgrp())
	syscall.Syscall(syscall.SYS_IOCTL, os.Stdin.Fd(), syscall.TIOCSPGRP, uintptr(unsafe.Pointer(&group)))
}
