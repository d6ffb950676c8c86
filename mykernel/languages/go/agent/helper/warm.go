package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// usual are the packages that cells import most, in the order in which they are compiled ahead of time.
var usual = [][]string{
	{"errors", "math", "os", "slices", "sort", "strconv", "strings", "sync", "time"},
	{"bufio", "bytes", "encoding/json", "io", "maps", "math/rand", "regexp", "unicode"},
	{"context", "encoding/csv", "path/filepath", "text/tabwriter", "text/template"},
	{"image", "image/color", "image/png", "math/big", "math/rand/v2", "os/exec"},
	{"net/http", "net/http/httptest", "testing"},
}

// modest is the priority of what nobody waits for.
const modest = 15

// warming compiles what cells may need while nobody waits for go.
type warming struct {
	mutex   sync.Mutex
	waiting int // who needs go themselves
	resume  sync.Cond
	cancel  context.CancelFunc
}

// pause ends it until goOn. What it has compiled so far is kept by go.
func (w *warming) pause() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting++
	if w.cancel != nil {
		w.cancel()
	}
}

func (w *warming) goOn() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.waiting--
	w.resume.Broadcast()
}

// begin waits until nobody else needs go.
func (w *warming) begin() (until context.Context) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for w.waiting > 0 {
		w.resume.Wait()
	}
	until, w.cancel = context.WithCancel(context.Background())
	return
}

// warm compiles what every cell needs; and then, while nobody waits for go, what many do.
func (t *toolchain) warm(asked request) string {
	defer t.take(asked)()
	if err := t.need(runtimePath, "fmt"); err != nil {
		return err.Error()
	}
	t.std()
	go t.warmUsual()
	return ""
}

func (t *toolchain) warmUsual() {
	lock, err := os.OpenFile(filepath.Join(t.agent, "warming"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return // another kernel does it
	}
	for _, paths := range usual {
		for !t.warmed(paths) {
		}
	}
}

// warmed: whether nobody came in between.
func (t *toolchain) warmed(paths []string) bool {
	until := t.warming.begin()
	t.mutex.Lock()
	stamp := t.setting.stamp
	there := !slices.ContainsFunc(paths, func(path string) bool { return !t.there(path) })
	command, err := t.listing(until, paths)
	t.mutex.Unlock()
	if there || err != nil {
		return true
	}
	var unseen progress
	found, _ := list(command, &unseen, modest)
	if until.Err() != nil {
		return false
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if stamp == t.setting.stamp {
		t.learn(found)
	}
	return true
}
