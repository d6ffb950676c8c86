package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unsafe"
)

// preamble is the C that stands above an import "C", as lines of comments, in which C code with any
// comments of its own can stand. Columns stay as they are.
func (p part) preamble(all *ast.GenDecl, spec *ast.ImportSpec) (text string, line, column int) {
	end := p.at(spec.Pos())
	if !all.Lparen.IsValid() {
		end = p.at(all.Pos())
	}
	var s scanner.Scanner
	above := p.text[:end]
	s.Init(token.NewFileSet().AddFile("", -1, len(above)), []byte(above), nil, scanner.ScanComments)
	var lines []string
	next := 0
	for {
		pos, tok, comment := s.Scan()
		if tok == token.EOF {
			break
		} else if tok != token.COMMENT {
			lines = nil // what stands above something else
			continue
		}
		at, from := p.lineAt(int(pos) - 1)
		if lines == nil || at != next {
			lines, line, column = nil, at, from
		}
		inside := "  " + comment[2:]
		if comment[1] == '*' {
			inside = strings.TrimSuffix(inside, "*/")
		}
		lines = append(lines, strings.Split(inside, "\n")...)
		next = at + strings.Count(comment, "\n") + 1
	}
	for _, one := range lines {
		if strings.HasPrefix(one, "line ") || strings.HasPrefix(one, "go:") || strings.HasPrefix(one, "export ") {
			one = " " + one // it would be a directive of Go's
		}
		text += "//" + strings.TrimRight(one, "\r") + "\n"
	}
	return
}

const importOfC = `import "C"`

// importC has the program import C with this above it, and above all that it imports of C already.
func (p *program) importC(label string, line int, preamble string) {
	p.importsC = true
	text := ""
	if preamble = strings.TrimSuffix(preamble, importOfC); preamble != "" {
		folder, _ := os.Getwd()
		text += fmt.Sprintf("//#line %d %q\n%s", line, label, preamble)
		if headers := headersOf(preamble, folder, map[string]bool{}); headers != "" {
			text += fmt.Sprintf("///* %x */\n", sha256.Sum256([]byte(headers)))
		}
	}
	p.preambles += text
}

// pointsToC: whether values of the type may point to C's memory.
func pointsToC(of types.Type, seen map[types.Type]bool) bool {
	if of == nil || seen[of] {
		return false
	}
	seen[of] = true
	switch under := of.Underlying().(type) {
	case *types.Pointer:
		named, is := types.Unalias(under.Elem()).(*types.Named)
		return is && ofC.MatchString(named.Obj().Name()) || pointsToC(under.Elem(), seen)
	case *types.Struct:
		for i := range under.NumFields() {
			if pointsToC(under.Field(i).Type(), seen) {
				return true
			}
		}
	case *types.Map:
		return pointsToC(under.Key(), seen) || pointsToC(under.Elem(), seen)
	case interface{ Elem() types.Type }: // slices and arrays
		return pointsToC(under.Elem(), seen)
	}
	return false
}

var included = regexp.MustCompile(`(?m)^[/ \t]*#[ \t]*include[ \t]*"([^"\n]+)"`)

// headersOf is what the files that C code includes by "" hold, which go does not look at.
func headersOf(code, folder string, seen map[string]bool) (text string) {
	for _, found := range included.FindAllStringSubmatch(code, -1) {
		path := filepath.Join(folder, found[1])
		if inside, err := os.ReadFile(path); err == nil && !seen[path] {
			seen[path] = true
			text += path + "\n" + string(inside) + headersOf(string(inside), filepath.Dir(path), seen)
		}
	}
	return
}

var (
	notCode   = regexp.MustCompile(`(?s)/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`)
	toEnd     = regexp.MustCompile(`//[^\n]*`)
	macro     = regexp.MustCompile(`(?m)^[ \t]*#[ \t]*define[ \t]+(\w+)`)
	forCpp    = regexp.MustCompile(`(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*`)
	calledInC = regexp.MustCompile(`(\w+)\s*\([^()]*\)\s*$`)
	tagged    = regexp.MustCompile(`^\s*(?:typedef\s+)?(?:struct|union|enum)\s+(\w+)\s*$`)
	ending    = regexp.MustCompile(`(\w+)\s*(?:\[[^\]]*\]\s*)*$`)
)

// keysOfC are the names that C code defines, as far as can be seen of it, by which code that defines
// one of them takes its place. What defines none is its own key.
func keysOfC(preamble string) []string {
	code := regexp.MustCompile(`(?m)^//`).ReplaceAllString(strings.TrimSuffix(preamble, importOfC), "")
	names := map[string]bool{}
	code = toEnd.ReplaceAllString(notCode.ReplaceAllString(code, " "), "")
	for _, found := range macro.FindAllStringSubmatch(code, -1) {
		names["C."+found[1]] = true
	}
	code = forCpp.ReplaceAllString(code, "")
	depth, start := 0, 0
	note := func(text string, ends ...*regexp.Regexp) {
		for _, one := range ends {
			if found := one.FindStringSubmatch(text); found != nil {
				names["C."+found[1]] = true
				return
			}
		}
	}
	for i, r := range code {
		switch r {
		case '{':
			if depth == 0 {
				note(code[start:i], calledInC, tagged)
			}
			depth++
		case '}':
			depth--
			start = i + 1
		case ';':
			if text, _, _ := strings.Cut(code[start:i], "="); depth == 0 && !calledInC.MatchString(text) {
				note(text, ending)
			}
			if depth == 0 {
				start = i + 1
			}
		}
	}
	if len(names) == 0 {
		return []string{"C " + strings.Join(strings.Fields(preamble), " ")}
	}
	return sorted(names)
}

// findTypesOfC has cgo find out what the program's names of C are.
func (t *toolchain) findTypesOfC(p *program) (problems []problem) {
	p.typesOfC, problems = t.namesOfC(p.text())
	return
}

// namesOfC has cgo find out what the names of C in a source are: declarations in Go.
func (t *toolchain) namesOfC(text string) (made string, problems []problem) {
	if wrong := t.withoutC(); wrong != "" {
		return "", []problem{{Message: wrong}}
	}
	if err := t.need("runtime/cgo", "syscall"); err != nil {
		return "", []problem{{Message: err.Error()}}
	}
	file, overlay, err := t.pretend("types", filepath.Join(t.folder, "types.go"))
	if err == nil {
		err = os.WriteFile(filepath.Join(t.folder, "types.go"), []byte(text), 0o600)
	}
	if err != nil {
		return "", []problem{{Message: err.Error()}}
	}
	arguments := append([]string{"list", "-e", "-compiled", "-json=CompiledGoFiles,Error", "-overlay", overlay}, t.packageFlags()...)
	out, err := t.command(t.context, append(arguments, file)...).Output()
	var told struct {
		CompiledGoFiles []string
		Error           *listError
	}
	if err != nil || json.Unmarshal(out, &told) != nil {
		return "", []problem{{Message: saidBy(err)}}
	}
	if told.Error != nil {
		return "", problemsIn(translated(told.Error.Err, text))
	}
	for _, path := range told.CompiledGoFiles {
		if made, err := os.ReadFile(path); err == nil && strings.Contains(string(made), "_cgopackage.Incomplete") {
			return string(made), nil
		}
	}
	return "", []problem{{Message: "cgo has told nothing of the names of C"}}
}

// withoutC says why no C can be compiled; "" where it can.
func (t *toolchain) withoutC() string {
	told := t.setting.told
	compiler, _, _ := strings.Cut(told.CC, " ")
	if _, err := exec.LookPath(compiler); errors.Is(err, exec.ErrNotFound) {
		return fmt.Sprintf("import \"C\" needs a C compiler, and there is no %s: install the package gcc (on macOS: xcode-select --install), or name another in CC", compiler)
	}
	if told.CGO_ENABLED == "0" {
		return "import \"C\" is not possible where CGO_ENABLED is 0: %env CGO_ENABLED=1"
	}
	return ""
}

// withTypesOfC parses what cgo has made, without the bodies of its functions.
func (p *program) withTypesOfC(files *token.FileSet, file *ast.File, config *types.Config) []*ast.File {
	if p.typesOfC == "" {
		config.FakeImportC = true
		return []*ast.File{file}
	}
	made, err := parser.ParseFile(files, "cgo", p.typesOfC, parser.SkipObjectResolution)
	if err != nil {
		return []*ast.File{file}
	}
	for _, declaration := range made.Decls {
		if function, is := declaration.(*ast.FuncDecl); is {
			function.Body = nil
		}
	}
	// There is no other way than that of golang.org/x/tools/internal/typesinternal.SetUsesCgo.
	field := reflect.ValueOf(config).Elem().FieldByName("go115UsesCgo")
	*(*bool)(unsafe.Pointer(field.UnsafeAddr())) = true
	return []*ast.File{file, made}
}

// ofC: the name that cgo gives to a type, and that by which code speaks of it.
var ofC = regexp.MustCompile(`\b_Ctype_`)

var typeOfC = regexp.MustCompile(`(?m)^type (_Ctype_\w+)`)

var said = regexp.MustCompile(`(?m)^(?:.*?/)??(\w+):(\d+)(?::(\d+))?: (.*)$`)

// problemsIn what go says of a program.
func problemsIn(text string) (found []problem) {
	for _, one := range said.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(one[4], "note: ") || strings.HasPrefix(one[4], "In ") {
			continue
		}
		var at problem
		fmt.Sscan(one[2], &at.Line)
		fmt.Sscan(one[3], &at.Column)
		at.File, at.Message = one[1], strings.TrimPrefix(one[4], "error: ")
		if !slices.Contains(found, at) {
			found = append(found, at)
		}
	}
	if found == nil {
		found = []problem{{Message: strings.TrimSpace(text)}}
	}
	return
}
