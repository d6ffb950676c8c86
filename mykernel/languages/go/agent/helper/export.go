package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// cellText is a cell that ran. Name: how the user knows it, such as "In[3]".
type cellText struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

// export makes a module of a session: files by their path in it, and what had to be left out.
func export(t *toolchain, asked request) map[string]any {
	defer t.take(asked)()
	e := &exported{toolchain: t, module: asked.Code, variables: map[string]string{}}
	e.gather(asked)
	for e.leaveOut() || e.leaveOutOfC() {
	}
	files, err := e.files()
	if err != nil {
		return map[string]any{"failure": err.Error()}
	}
	leftOut := []string{}
	for _, one := range e.pieces {
		if one.why != "" {
			leftOut = append(leftOut, one.title+": "+one.why)
		}
	}
	return map[string]any{"files": files, "left_out": leftOut}
}

// exported is a session on its way to be a module.
type exported struct {
	toolchain *toolchain
	module    string
	imports   map[string]string // by name, the import's declaration
	pieces    []*piece
	variables map[string]string // types by name; packages are quoted paths
	preamble  string            // the C above import "C", "" where there is none
}

// piece is a declaration, or the function that a cell's statements become.
type piece struct {
	title string // how the user knows it
	text  string
	call  string // of the cell's function, "" for a declaration
	test  bool
	why   string // it is left out
}

// gather takes what the session has: declarations that live, and the cells in the order in which they ran.
func (e *exported) gather(asked request) {
	all := &program{imports: map[string]string{}, outside: map[string]string{}}
	for _, one := range asked.Known {
		all.known = append(all.known, one)
		switch one.Kind {
		case "var":
			e.variables[one.Names[0]] = one.Text
		case "import":
		default:
			text := strings.TrimLeft(one.Doc+"\n", "\n") + unhidden(one.Text, one.Hidden)
			e.pieces = append(e.pieces, &piece{title: strings.Join(one.Names, ", "), text: text, test: isTest(one.Text)})
		}
	}
	for i, cell := range asked.Cells {
		chunks, _ := cut(cell.Code)
		parts, problems := parse(chunks, fmt.Sprint("cell", i+1))
		if len(problems) > 0 {
			continue
		}
		// What it imports of C is known.
		p, found := e.toolchain.settle(request{Known: asked.Known, Label: fmt.Sprint("cell", i+1)}, slices.DeleteFunc(slices.Clone(parts), part.importsC))
		p.parts = parts
		if found.file != nil { // it is nil where C does not compile any more
			for _, one := range p.variables(found) {
				e.variables[one.Name] = cmp.Or(one.Type, e.variables[one.Name])
			}
			p.show = len(parts) > 0 && p.hasValue(parts[len(parts)-1], found.info, found.file)
		}
		all.parts = append(all.parts, slices.DeleteFunc(slices.Clone(parts), part.importsC)...)
		if one := e.function(cell, i+1, p); one != nil {
			e.pieces = append(e.pieces, one)
		}
	}
	e.toolchain.findImports(all)
	e.imports, e.preamble = all.imports, ofCells.ReplaceAllString(all.preambles, "")
	if e.imports["fmt"] == "" { // for what cells show
		e.imports["fmt"] = `import "fmt"`
	}
}

// function is the one that a cell's statements become; nil where it has none.
func (e *exported) function(cell cellText, number int, p *program) *piece {
	name := fmt.Sprint("cell", number)
	var body, beside strings.Builder
	end := 0
	for i, one := range p.parts {
		start := offsetOf(cell.Code, one.line, one.column)
		if at, isMain := mainOf(one); isMain {
			fmt.Fprintf(&beside, "%s%sMain%s\n", one.text[:at], name, one.text[at+len("main"):])
			fmt.Fprintf(&body, "%sMain()\n", name)
		} else if isInit(one) {
			beside.WriteString(one.text + "\n")
		} else if one.statement != nil || one.keyword == token.VAR {
			body.WriteString(comments(cell.Code[end:start]))
			switch {
			case p.show && i == len(p.parts)-1:
				fmt.Fprintf(&body, "fmt.Println(%s)\n", one.source(one.statement))
			case len(one.definitions()) == 0:
				body.WriteString(one.text + "\n")
			default:
				body.WriteString(e.defining(one))
			}
		}
		end = start + len(one.text)
	}
	if body.Len() == 0 && beside.Len() == 0 {
		return nil
	}
	text := fmt.Sprintf("// %s is %s.\nfunc %s() {\n%s}\n%s", name, cell.Name, name, body.String(), beside.String())
	return &piece{title: cell.Name, text: text, call: name + "()"}
}

var lineDirective = regexp.MustCompile(`/\*line \w+:\d+(:\d+)?\*/`)
var clearing = regexp.MustCompile(`cell__\.Clear\(&(\w+)\);`)

// defining is a definition of variables that stand outside of the cell's function, where that can be.
func (e *exported) defining(one part) string {
	for _, name := range one.definitions() {
		if e.variables[name] == "" {
			text := one.text + "\n"
			for _, name := range one.definitions() {
				text += "_ = " + name + "\n"
			}
			return text
		}
	}
	text := clearing.ReplaceAllString(one.assigning("cell"), "")
	return lineDirective.ReplaceAllString(text, "") + "\n"
}

func isInit(one part) bool {
	for _, node := range one.nodes {
		if node, is := node.(*ast.FuncDecl); is && node.Recv == nil && node.Name.Name == "init" {
			return true
		}
	}
	return false
}

var testHead = regexp.MustCompile(`^func (Test|Benchmark|Fuzz|Example)(\w*)\s*\(`)

// isTest: whether it is a function that `go test` runs.
func isTest(text string) bool {
	found := testHead.FindStringSubmatch(text)
	if found == nil {
		return false
	}
	first, _ := utf8.DecodeRuneInString(found[2])
	return found[2] == "" || !unicode.IsLower(first)
}

// offsetOf a place in the code, in bytes.
func offsetOf(code string, line, column int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(code[at:], '\n') + 1
	}
	return at + column - 1
}

// comments are those in what stands between two statements.
func comments(between string) string {
	text := strings.Trim(between, " \t\r\n;")
	if text == "" {
		return ""
	}
	return text + "\n"
}

// written are the texts of main.go and main_test.go, which is "" where there are no tests. marked: with
// line directives that number the pieces.
func (e *exported) written(marked bool) (main, test string) {
	var declared, calls, tests, variables strings.Builder
	for i, one := range e.pieces {
		text := one.text + "\n\n"
		if marked {
			text = fmt.Sprintf("/*line %d:1:1*/%s", i, text)
		}
		switch {
		case one.why != "":
			fmt.Fprintf(&declared, "// %s is left out: %s\n%s\n\n", one.title, one.why, commented(one.text))
		case one.test:
			tests.WriteString(text)
		default:
			declared.WriteString(text)
			if one.call != "" {
				calls.WriteString(one.call + "\n")
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.variables)) {
		if of := e.variables[name]; of != "" {
			fmt.Fprintf(&variables, "var %s %s\n", name, e.named(of))
		}
	}
	if marked {
		calls.WriteString("/*line main:1:1*/")
	}
	body := variables.String() + "\nfunc main() {\n" + calls.String() + "}\n\n" + declared.String()
	main = e.file(body, true)
	if tests.Len() > 0 {
		test = e.file(tests.String(), false)
	}
	return
}

// named is a type with its packages by their names, which are imported by these.
func (e *exported) named(of string) string {
	return packagePath.ReplaceAllStringFunc(ofC.ReplaceAllString(of, "C."), func(found string) string {
		path, _ := strconv.Unquote(found[:len(found)-1])
		for key, text := range e.imports {
			if pathOf(text) == path && token.IsIdentifier(key) && key != "_" {
				return key + "."
			}
		}
		name := nameOfPath(path)
		for e.imports[name] != "" {
			name += "_"
		}
		e.imports[name] = fmt.Sprintf("import %s %q", name, path)
		return name + "."
	})
}

// commented is a text in which nothing is code.
func commented(text string) string {
	return "// " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n// ")
}

// file is a whole one, with the imports that its code names. effects: and with those that it does not.
func (e *exported) file(body string, effects bool) string {
	used := map[string][]string{}
	if parsed, err := parser.ParseFile(token.NewFileSet(), "", declarationHead+body, parser.SkipObjectResolution); err == nil {
		selectors(parsed, used)
	}
	var head strings.Builder
	for _, key := range slices.Sorted(maps.Keys(e.imports)) {
		nameless := strings.HasPrefix(key, "_ ") || strings.HasPrefix(key, ". ")
		if nameless && effects || len(used[key]) > 0 {
			head.WriteString(lineDirective.ReplaceAllString(e.imports[key], "") + "\n")
		}
	}
	if e.preamble != "" && usesC(body) {
		head.WriteString("\n" + e.preamble + importOfC + "\n")
	}
	return "package main\n\n" + head.String() + "\n" + body
}

// leaveOut takes the pieces out that do not fit the others; whether there was one.
func (e *exported) leaveOut() bool {
	files := token.NewFileSet()
	var parsed []*ast.File
	main, test := e.written(true)
	for _, text := range []string{main, test} {
		if file, err := parser.ParseFile(files, "", text, parser.SkipObjectResolution); err == nil && text != "" {
			parsed = append(parsed, file)
		}
	}
	changed := false
	config := types.Config{Importer: e.toolchain.importer, FakeImportC: true, Error: func(err error) {
		var wrong types.Error
		if !errors.As(err, &wrong) {
			return
		}
		number, err := strconv.Atoi(files.Position(wrong.Pos).Filename)
		if err != nil || e.pieces[number].why != "" {
			return
		}
		e.pieces[number].why = strings.ReplaceAll(wrong.Msg, "\n", " ")
		changed = true
	}}
	config.Check("main", files, parsed, nil)
	return changed
}

var (
	moduleLine   = regexp.MustCompile(`(?m)^module\s+(\S+).*$`)
	relativePath = regexp.MustCompile(`(=>\s+)(\.\.?/\S*)`)
)

// require adds go.mod and go.sum, which ask for the modules that the session has; and for the one that
// the notebook is in, which is found where it is.
func (e *exported) require(files map[string]string) {
	setting := e.toolchain.setting
	folder := e.toolchain.ownModule()
	if !setting.own {
		folder = filepath.Dir(setting.told.GOMOD)
	}
	text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil { // a workspace
		text = []byte("module none\n\ngo " + regexp.MustCompile(`\d+\.\d+`).FindString(runtime.Version()) + "\n")
	}
	mod := relativePath.ReplaceAllStringFunc(string(text), func(found string) string {
		parts := relativePath.FindStringSubmatch(found)
		return parts[1] + filepath.Join(folder, parts[2])
	})
	if given := moduleLine.FindStringSubmatch(mod); given != nil && err == nil && !setting.own {
		mod += fmt.Sprintf("\nrequire %[1]s v0.0.0\n\nreplace %[1]s => %[2]s\n", given[1], folder)
	}
	files["go.mod"] = moduleLine.ReplaceAllString(mod, "module "+e.module)
	if sum, err := os.ReadFile(filepath.Join(folder, "go.sum")); err == nil {
		files["go.sum"] = string(sum)
	}
}

// ownImport is one of mykernel's packages, which go with the module.
var ownImport = regexp.MustCompile(`"(mykernel/\w+)"`)

// files are those of the module, by their path in it.
func (e *exported) files() (map[string]string, error) {
	main, test := e.written(false)
	found := map[string]string{"main.go": main}
	e.require(found)
	e.include(found)
	if test != "" {
		found["main_test.go"] = test
	}
	if ownImport.MatchString(main + test) {
		for _, file := range e.toolchain.ownFiles() {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			name, _ := filepath.Rel(e.toolchain.agent, file)
			found["mykernel/"+filepath.ToSlash(name)] = string(text)
		}
	}
	for path, text := range found {
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		text = ownImport.ReplaceAllString(text, fmt.Sprintf(`"%s/$1"`, e.module))
		formatted, err := format.Source([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		found[path] = string(formatted)
	}
	return found, nil
}
