package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// recipe is how a program's text becomes a binary.
type recipe struct {
	Key       string   `json:"key"`       // of all that counts beside the text
	Place     string   `json:"place"`     // the folder in which go is run
	Importcfg string   `json:"importcfg"` // for the compiler and the linker
	Target    []string `json:"target"`    // for their environment; what is built for a target does not run here
	Arguments []string `json:"arguments"` // of go, where it is needed; it knows what has changed
	Race      bool     `json:"race"`      // whether the program looks for data races
}

// recipe for a program: by compiler and linker, or by go build where there is more to it.
func (t *toolchain) recipe(p *program) (how recipe, err error) {
	how.Place, how.Target = t.setting.place, t.target
	how.Importcfg, err = t.importcfg(p.paths())
	how.Key = filepath.Base(how.Importcfg) + t.setting.told.GOVERSION
	if err != nil || !t.wantsGo(p) {
		return
	}
	file, overlay, err := t.pretend("build", filepath.Join(t.folder, "cell.go"))
	if err != nil {
		return
	}
	flags := t.buildFlags()
	how.Arguments = append(append([]string{"-overlay", overlay}, flags...), file)
	how.Key += strings.Join(append(flags, file), "\x00")
	how.Race = slices.ContainsFunc(append(words(t.setting.told.GOFLAGS), flags...), func(flag string) bool { return flagName(flag) == "race" })
	return
}

// Flags that say which packages there are, which were compiled when compiler and linker come.
var ofPackages = []string{"buildvcs", "mod", "modcacherw", "modfile", "overlay", "p", "tags", "v"}

func (t *toolchain) wantsGo(p *program) bool {
	ofC := func(one *pkg) bool { return !one.Standard && len(one.CgoFiles) > 0 }
	other := func(flag string) bool { return !slices.Contains(ofPackages, flagName(flag)) }
	return p.importsC || slices.ContainsFunc(p.parts, part.embeds) ||
		slices.ContainsFunc(append(words(t.setting.told.GOFLAGS), t.flags...), other) ||
		slices.ContainsFunc(t.closure(p.paths()), ofC)
}

// flagName of "-name=value" or "--name".
func flagName(flag string) string {
	name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
	return name
}

// where the compiler is told that cells are, since go build would put folders of its own before their names.
const nowhere, compilerFlags = "/mykernel", "-gcflags=-trimpath=/mykernel"

// buildFlags are those of packages, and what makes the compiler speak of cells by their names alone.
func (t *toolchain) buildFlags() []string {
	flags, compiler, links := t.packageFlags(), "", false
	for _, flag := range append(words(t.setting.told.GOFLAGS), flags...) {
		_, value, _ := strings.Cut(flag, "=")
		switch flagName(flag) {
		case "gcflags":
			if pattern, rest, is := strings.Cut(value, "="); is && !strings.HasPrefix(value, "-") {
				if pattern != "all" && pattern != "main" {
					continue
				}
				value = rest
			}
			compiler = value
		case "ldflags":
			links = true
		}
	}
	flags = append(flags, strings.TrimSpace(compilerFlags+" "+compiler))
	if !links && compiler == "" {
		flags = append(flags, "-ldflags=-s -w")
	}
	return flags
}

// words of a variable such as GOFLAGS, of which each may be quoted.
func words(text string) (found []string) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		if quote := text[:1]; quote == "'" || quote == `"` {
			inside, rest, _ := strings.Cut(text[1:], quote)
			found, text = append(found, inside), rest
			continue
		}
		end := strings.IndexAny(text, " \t\r\n")
		if end < 0 {
			end = len(text)
		}
		found, text = append(found, text[:end]), text[end:]
	}
	return
}

// interrupts are those of the helper's own group: of what builds.
var interrupts = make(chan os.Signal, 1)

// build makes the binary; "" when it is there.
func (t *toolchain) build(what run) string {
	select {
	case <-interrupts: // of a cell before
	default:
	}
	if len(what.Recipe.Arguments) > 0 {
		return t.buildByGo(what)
	}
	return t.compileAndLink(what)
}

// compileAndLink does as `go build` does, which would take twice as long to find out how.
func (t *toolchain) compileAndLink(what run) string {
	object := what.Source + ".a"
	defer os.Remove(object)
	compile := []string{"tool", "compile", "-o", object, "-p", "main", "-trimpath", filepath.Dir(what.Source),
		"-importcfg", what.Recipe.Importcfg, "-pack", "-complete"}
	compile = append(append(compile, what.Compiling...), what.Source)
	link := []string{"tool", "link", "-o", what.Binary, "-importcfg", what.Recipe.Importcfg, "-buildmode=exe", "-s", "-w", object}
	for _, arguments := range [][]string{compile, link} {
		if status := t.step(what, arguments, ""); status != "" {
			return status
		}
	}
	return ""
}

var cellDirective = regexp.MustCompile(`(?m)^(//line |#line )(\w+:)|(/\*line )(\w+:)`)

// buildByGo has go build the text as if it stood in the notebook's folder.
func (t *toolchain) buildByGo(what run) string {
	text, err := os.ReadFile(what.Source)
	if err == nil {
		moved := cellDirective.ReplaceAllString(string(text), "$1$3"+nowhere+"/$2$4")
		err = os.WriteFile(what.Source, []byte(moved), 0o600)
	}
	if err != nil {
		return "error " + err.Error()
	}
	arguments := []string{"build", "-o", what.Binary}
	for _, one := range what.Recipe.Arguments {
		if strings.HasPrefix(one, compilerFlags) {
			one = strings.Join(append([]string{one}, what.Compiling...), " ")
		}
		arguments = append(arguments, one)
	}
	return t.step(what, arguments, string(text))
}

// step of a build. source: of what go calls cell__.go.
func (t *toolchain) step(what run, arguments []string, source string) string {
	command := t.commandIn(what.Recipe.Place, context.Background(), arguments...)
	if arguments[0] == "tool" {
		// Not by way of go, which takes 10 ms to find it.
		if tool := filepath.Join(t.setting.told.GOTOOLDIR, arguments[1]); stampOf(tool) != "" {
			command.Path, command.Args = tool, append([]string{tool}, arguments[2:]...)
		}
	}
	command.Env = append(command.Env, what.Recipe.Target...)
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "error " + err.Error()
	}
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	interrupted := status.Signaled() && status.Signal() == syscall.SIGINT
	select {
	case <-interrupts: // which go build makes an exit of its own
		interrupted = true
	default:
	}
	if err != nil && interrupted {
		return "interrupted"
	}
	if len(out) > 0 {
		if err := os.WriteFile(what.Errors, []byte(translated(string(out), source)), 0o600); err != nil {
			return "error " + err.Error()
		}
	}
	if err != nil {
		return "build"
	}
	return ""
}

var ofPretended = regexp.MustCompile(`(?m)^.*?` + regexp.QuoteMeta(pretended) + `:(\d+):(\d+)`)

// translated is what go says of the program's text with the places of cells instead.
func translated(text, source string) string {
	files := token.NewFileSet()
	file, _ := parser.ParseFile(files, pretended, source, parser.SkipObjectResolution)
	if source == "" || file == nil {
		return text
	}
	return ofPretended.ReplaceAllStringFunc(text, func(found string) string {
		place := ofPretended.FindStringSubmatch(found)
		line, _ := strconv.Atoi(place[1])
		column, _ := strconv.Atoi(place[2])
		lines := files.File(file.FileStart)
		if line < 1 || line > lines.LineCount() {
			return found
		}
		at := lines.Position(lines.LineStart(line) + token.Pos(column-1))
		return fmt.Sprintf("%s:%d:%d", at.Filename, at.Line, at.Column)
	})
}
