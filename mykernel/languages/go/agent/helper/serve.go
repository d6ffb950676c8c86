package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// grace is how long a program has to end after each signal.
const grace = 2 * time.Second

// background is the program that %serve has left running, if there is one.
type background struct {
	mutex    sync.Mutex
	command  *exec.Cmd
	cell     string // whose program it is
	ended    chan struct{}
	stopping bool
}

// run runs the program until it ends or its cell does. In that case it lives on in the background.
func (b *background) run(command *exec.Cmd, cell string) (livesOn bool, err error) {
	b.stop()
	reading, writing, err := os.Pipe()
	if err != nil {
		return false, err
	}
	defer reading.Close()
	command.ExtraFiles = []*os.File{writing}
	err = command.Start()
	writing.Close()
	if err != nil {
		return false, err
	}
	if n, _ := reading.Read(make([]byte, 1)); n == 0 { // nobody has it any more
		return false, command.Wait()
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.command, b.cell, b.ended, b.stopping = command, cell, make(chan struct{}), false
	go b.wait(command, b.ended)
	return true, nil
}

// wait says so when the program ends by itself.
func (b *background) wait(command *exec.Cmd, ended chan struct{}) {
	command.Wait()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if !b.stopping {
		fmt.Fprintf(os.Stderr, "mykernel: what %s served has ended (%s)\n", b.cell, command.ProcessState)
	}
	syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // what it has started
	b.command = nil
	close(ended)
}

// stop ends the program. It returns the name of its cell, and by which signal it ended.
func (b *background) stop() (cell, by string) {
	b.mutex.Lock()
	command, cell, ended := b.command, b.cell, b.ended
	b.stopping = true
	b.mutex.Unlock()
	if command == nil {
		return "", ""
	}
	for _, number := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL} {
		syscall.Kill(-command.Process.Pid, number)
		select {
		case <-ended:
			return cell, map[syscall.Signal]string{syscall.SIGINT: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGKILL: "SIGKILL"}[number]
		case <-time.After(grace):
		}
	}
	return cell, "nothing"
}

// jobs is its process, as the prompt's mark has it.
func (b *background) jobs() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.command == nil {
		return ""
	}
	return strconv.Itoa(b.command.Process.Pid)
}
