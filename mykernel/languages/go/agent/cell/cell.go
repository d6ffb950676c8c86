// Package cell is the part of mykernel that is in every cell's program: it brings the values of
// earlier cells in, keeps those that the cell leaves, and shows things in the notebook.
package cell

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is what mykernel tells the program, in a file that an environment variable names.
type plan struct {
	Values map[string]string // by a variable's name, the file that its value is in
	Keep   string            // the folder for the values at the end
	Crash  string            // the file for what the runtime says of a crash
	Nonce  string            // of the session's marks; nothing that the program starts gets it
	Serve  string            // the name of a cell that is to live on; "" for one that is not
	Shared bool              // whether others read the plan, too
}

var given plan

// variable is the name of the environment variable with the path of the plan.
const variable = "MYKERNEL_CELL"

func init() {
	path := os.Getenv(variable)
	os.Unsetenv(variable)
	text, err := os.ReadFile(path)
	if err != nil {
		return // run by hand
	}
	given = parsed(string(text))
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

// parsed reads a plan: what it says, each followed by a NUL, a name and a value in turn. No package that
// knows more forms is linked into every cell for it.
func parsed(text string) plan {
	found := plan{Values: map[string]string{}}
	words := strings.Split(text, "\x00")
	for i := 0; i+1 < len(words); i += 2 {
		switch name, value := words[i], words[i+1]; name {
		case "keep":
			found.Keep = value
		case "crash":
			found.Crash = value
		case "nonce":
			found.Nonce = value
		case "serve":
			found.Serve = value
		case "shared":
			found.Shared = true
		default:
			found.Values[strings.TrimPrefix(name, "value ")] = value
		}
	}
	return found
}

// Nonce is that of the session's marks, "" where there is no session.
func Nonce() string { return given.Nonce }

// Share has programs that this one starts be a cell, too, with the values of earlier cells. Its plan is
// written to the path.
func Share(path string) error {
	text := "shared\x00\x00"
	for name, value := range given.Values {
		text += "value " + name + "\x00" + value + "\x00"
	}
	os.Setenv(variable, path)
	return os.WriteFile(path, []byte(text), 0o600)
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
	Types []string // that its value holds in interfaces
	Lost  string   // why it is not carried
	Stale string   // why it could not be written: what was kept before is still right
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
			told := make([]string, len(left))
			for i, one := range left {
				told[i] = fmt.Sprintf(`{"name":%s,"place":%s,"count":%d}`, quoted(one.Name), quoted(one.Place), one.Count)
			}
			tell("running.json", "["+strings.Join(told, ",")+"]")
		}
		debug.SetGCPercent(300) // what comes now is the last
	}
	debug.SetPanicOnFault(true) // of what changes meanwhile all the same
	var found []string
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		one := keep(name)
		types := make([]string, len(one.Types))
		for i, of := range one.Types {
			types[i] = quoted(of)
		}
		found = append(found, fmt.Sprintf(`%s:{"types":[%s],"lost":%s,"stale":%s}`,
			quoted(name), strings.Join(types, ","), quoted(one.Lost), quoted(one.Stale)))
	}
	if err := tell("kept.json", "{"+strings.Join(found, ",")+"}"); err != nil {
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
	types, err := kept[name](given.Keep + "/" + name)
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

// tell mykernel what is in JSON.
func tell(name, text string) error {
	return os.WriteFile(given.Keep+"/"+name, []byte(text), 0o600)
}

// quoted is a string of JSON.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
