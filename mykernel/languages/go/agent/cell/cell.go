// Package cell is the part of mykernel that is in every cell's program: it brings the values of
// earlier cells in, keeps those that the cell leaves, and shows things in the notebook.
package cell

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"
)

// plan is what mykernel tells the program, in a file that an environment variable names.
type plan struct {
	Values map[string]string `json:"values"` // by a variable's name, the file that its value is in
	Keep   string            `json:"keep"`   // the folder for the values at the end
	Crash  string            `json:"crash"`  // the file for what the runtime says of a crash
	Nonce  string            `json:"nonce"`  // of the session's marks; nothing that the program starts gets it
	Serve  string            `json:"serve"`  // the name of a cell that is to live on; "" for one that is not
	Shared bool              `json:"shared"` // whether others read the plan, too
}

var given plan

// variable is the name of the environment variable with the path of the plan.
const variable = "MYKERNEL_CELL"

func init() {
	path := os.Getenv(variable)
	os.Unsetenv(variable)
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &given)
	}
	if err != nil {
		return // run by hand
	}
	if !given.Shared {
		os.Remove(path)
	}
	if given.Serve != "" {
		syscall.CloseOnExec(ended)
	}
	if crash, err := os.Create(given.Crash); err == nil {
		debug.SetCrashOutput(crash, debug.CrashOptions{})
		crash.Close()
	}
}

// Share has programs that this one starts be a cell, too, with the values of earlier cells. Its plan is
// written to the path.
func Share(path string) error {
	text, err := json.Marshal(plan{Values: given.Values, Shared: true})
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	os.Setenv(variable, path)
	return err
}

// Load sets the variable to the value that an earlier cell has left under that name. It is set where
// it is, since a value may point to itself.
func Load[T any](known Types, name string, variable *T) bool {
	if path := given.Values[name]; path != "" {
		if err := read(path, variable, known); err != nil {
			fmt.Fprintf(os.Stderr, "mykernel: %s has lost its value: %v\n", name, err)
			Clear(variable)
		}
	}
	return true
}

// Clear sets a variable to the zero of its type.
func Clear[T any](variable *T) { *variable = *new(T) }

var kept = map[string]func(path string) ([]string, error){}

// Keep has the variable's value kept, as it is when the cell has run to its end.
func Keep[T any](name string, variable *T) {
	kept[name] = func(path string) ([]string, error) { return write(path, variable) }
}

// outcome of a variable.
type outcome struct {
	Types []string `json:"types"` // that its value holds in interfaces
	Lost  string   `json:"lost"`  // why it is not carried
	Stale string   `json:"stale"` // why it could not be written: what was kept before is still right
}

// End keeps the values. Its file tells that the cell ran to its end. Of one that is to live on it does
// not return.
func End() {
	if given.Keep == "" {
		return // run by hand
	}
	if given.Serve == "" {
		if left := running(); len(left) > 0 {
			runtime.GOMAXPROCS(1) // so that they change next to nothing meanwhile
			writeJSON("running.json", left)
		}
		debug.SetGCPercent(300) // what comes now is the last
	}
	debug.SetPanicOnFault(true) // of what changes meanwhile all the same
	found := map[string]outcome{}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		found[name] = keep(name)
	}
	if err := writeJSON("kept.json", found); err != nil {
		panic(fmt.Errorf("no value of this cell was kept: %w", err))
	}
	if given.Serve != "" {
		stay()
	}
}

// ended is the descriptor of the pipe on which a cell that lives on tells that it has come to its end.
const ended = 3

// stay is there for the cell's goroutines, until a signal ends it or mykernel has ended. It waits for
// nothing, which would be a deadlock.
func stay() {
	parent := os.Getppid()
	pipe := os.NewFile(ended, "")
	pipe.WriteString(".")
	pipe.Close()
	for os.Getppid() == parent {
		time.Sleep(time.Second / 2)
	}
	os.Exit(1)
}

func keep(name string) (one outcome) {
	types, err := kept[name](filepath.Join(given.Keep, name))
	var reason lost
	switch {
	case err == nil:
		slices.Sort(types)
		one.Types = types
	case errors.As(err, &reason):
		one.Lost = string(reason)
	default:
		var inFile *fs.PathError
		if errors.As(err, &inFile) { // whose name means nothing to the user
			err = inFile.Err
		}
		one.Stale = err.Error()
	}
	return
}

func writeJSON(name string, value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		err = os.WriteFile(filepath.Join(given.Keep, name), text, 0o600)
	}
	return err
}
