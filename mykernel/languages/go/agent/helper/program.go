package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// known is what an earlier cell has left, as far as this one reaches it. The text of a variable is its
// type, in which a package is a quoted path; the text of all else is its declaration.
type known struct {
	Kind   string   `json:"kind"`
	Names  []string `json:"names"`
	Hidden []string `json:"hidden"`
	Text   string   `json:"text"`
	Label  string   `json:"label"`
	Line   int      `json:"line"`
	Column int      `json:"column"`
	Types  []string `json:"types"` // of the values that a variable holds in interfaces
	Doc    string   `json:"doc"`   // the comment above it, for an export
}

// program is what a cell becomes.
type program struct {
	known   []known
	parts   []part
	label   string
	imports map[string]string // by name, the import's declaration
	aliases map[string]string // by path, the name by which types of variables speak of it
	// Variables of statements that declarations use, and their types: these stand outside of main.
	outside map[string]string
	// Of these, the ones that begin with the value of a constant of an earlier cell.
	from   map[string]bool
	show   bool // the value of the last part
	tests  []string
	images bool // the value may be an image
	// The C above all import "C", and whether there is any.
	preambles string
	importsC  bool
	// What cgo has made of the names of C, where the program has any.
	typesOfC string
}

const runtimePath, showPath, picturePath = "mykernel/cell", "mykernel/show", "mykernel/picture"

// hidden are packages of ours that are not for users.
var hidden = []string{runtimePath, testsPath, showPath, picturePath, "mykernel/bundle"}

// text is the program's source.
func (p *program) text() string {
	p.aliases = map[string]string{runtimePath: "cell__"}
	if p.show { // what shows a value is linked into the programs alone that have one
		p.aliases[showPath] = "show__"
	}
	if p.images {
		p.aliases[picturePath] = "_"
	}
	var declared, types, loads strings.Builder
	var kept, was []string
	for _, one := range p.known {
		if one.Kind == "var" {
			name := one.Names[0]
			if p.declares(name) {
				continue
			}
			for _, of := range one.Types {
				if !p.canName(of) {
					continue // what holds it says that it is not there any more
				}
				if like := likes[strings.TrimPrefix(of, "*")]; like != "" {
					fmt.Fprintf(&types, "cell__.Like(%s),", p.written(like))
				} else {
					fmt.Fprintf(&types, "cell__.Of[%s](),", p.written(of))
				}
			}
			variable := name
			if of := p.outside[name]; of != "" && of != one.Text {
				variable = formerly + name
				was = append(was, name)
			} else {
				kept = append(kept, name)
			}
			fmt.Fprintf(&declared, "/*line mykernel:1*/var %s %s\n", variable, p.written(one.Text))
			fmt.Fprintf(&loads, "var _ = cell__.Load(cell__types,%q,&%s)\n", name, variable)
		} else if names := p.constantsBefore(one); len(names) > 0 {
			was = append(was, names...)
			fmt.Fprintf(&declared, "%s\n", renamed(unhidden(one.Text, one.Hidden), names, one.Label, one.Line, one.Column))
		} else if one.Kind != "import" {
			declared.WriteString(placed(one.Label, one.Line, one.Column, unhidden(one.Text, one.Hidden)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.outside)) {
		if !slices.Contains(kept, name) {
			value := ""
			if p.from[name] { // what the constant was, until the cell sets it
				value = "=" + formerly + name
			}
			fmt.Fprintf(&declared, "/*line mykernel:1*/var %s %s%s\n", name, p.written(p.outside[name]), value)
			kept = append(kept, name)
		}
	}
	var body strings.Builder
	runsMain := false
	for i, one := range p.parts {
		switch {
		case isStatement(p.parts, i):
			one.was = was
			body.WriteString(p.statement(one, p.show && i == len(p.parts)-1))
			names := one.definitions()
			was = slices.DeleteFunc(slices.Clone(was), func(name string) bool { return slices.Contains(names, name) })
		case one.keyword != token.IMPORT:
			text := one.text
			if at, found := mainOf(one); found {
				runsMain = true
				after := at + len("main")
				line, column := one.lineAt(after)
				text = text[:at] + "cell__main" + directive(p.label, line, column) + text[after:]
			}
			declared.WriteString(placed(p.label, one.line, one.column, text))
			kept = append(kept, one.definitions()...)
		}
	}
	var b strings.Builder
	// In front of all that may use what is loaded: variables are set in their order.
	fmt.Fprintf(&b, "package main\n/*line mykernel:1*/var cell__types = cell__.Known(%s)\n%s", types.String(), loads.String())
	b.WriteString(declared.String() + "/*line mykernel:1*/func main() {\n")
	if names := p.declaredTypes(); len(names) > 0 {
		fmt.Fprintf(&b, "cell__.Declared(%s);", strings.Join(names, ","))
	}
	slices.Sort(kept)
	for _, name := range slices.Compact(kept) {
		fmt.Fprintf(&b, "cell__.Keep(%q,&%s);", name, name)
	}
	end := "cell__.End()"
	if len(p.tests) > 0 {
		end = p.testMain()
	}
	b.WriteString("cell__body();" + end + "\n}\nfunc cell__body() {\n" + body.String() + "/*line mykernel:1*/")
	if runsMain {
		b.WriteString("cell__main()")
	}
	b.WriteString("\n}\n")
	var head strings.Builder
	for _, path := range slices.Sorted(maps.Keys(p.aliases)) {
		fmt.Fprintf(&head, "/*line mykernel:1*/import %s %q\n", p.aliases[path], path)
	}
	for _, name := range slices.Sorted(maps.Keys(p.imports)) {
		head.WriteString(p.imports[name] + "\n")
	}
	if p.importsC {
		head.WriteString("\n" + p.preambles + importOfC + "\n")
	}
	return strings.Replace(b.String(), "\n", "\n"+head.String(), 1)
}

// declaredTypes are the names of the types at the program's top, in quotes.
func (p *program) declaredTypes() (names []string) {
	for _, one := range p.known {
		if one.Kind == "type" {
			names = append(names, strconv.Quote(one.Names[0]))
		}
	}
	for _, one := range p.parts {
		for _, node := range one.nodes {
			if node, is := node.(*ast.GenDecl); is && node.Tok == token.TYPE {
				for _, spec := range node.Specs {
					names = append(names, strconv.Quote(spec.(*ast.TypeSpec).Name.Name))
				}
			}
		}
	}
	for _, found := range typeOfC.FindAllStringSubmatch(p.typesOfC, -1) {
		names = append(names, strconv.Quote(found[1]))
	}
	return
}

// placed is a declaration on lines of its own. A comment above it has to begin its line to be heeded.
func placed(label string, line, column int, text string) string {
	if strings.HasPrefix(text, "//") {
		return fmt.Sprintf("//line %s:%d:%d\n%s\n", label, line, max(column, 1), text)
	}
	return directive(label, line, column) + text + "\n"
}

// canName: whether the session's types that occur in a type are in the program.
func (p *program) canName(of string) bool {
	expression, err := parser.ParseExpr(packagePath.ReplaceAllString(of, "p."))
	if err != nil {
		return false
	}
	declared, known := p.declaredTypes(), true
	ast.Inspect(expression, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			return false
		case *ast.Field: // but not its name
			node.Names = nil
		case *ast.Ident:
			known = known && (gotypes.Universe.Lookup(node.Name) != nil || slices.Contains(declared, strconv.Quote(node.Name)))
		}
		return true
	})
	return known
}

func directive(label string, line, column int) string {
	return fmt.Sprintf("/*line %s:%d:%d*/", label, line, max(column, 1))
}

// declares: whether the cell declares it, outside of its statements.
func (p *program) declares(name string) bool {
	for i, one := range p.parts {
		if !isStatement(p.parts, i) && slices.Contains(one.definitions(), name) {
			return true
		}
	}
	return false
}

// statement in the body, and its variables kept, which makes them used, too.
func (p *program) statement(one part, show bool) string {
	at := directive(p.label, one.line, one.column)
	if show {
		text := one.piece(p.label, one.at(one.statement.Pos()), one.at(one.statement.End()))
		return "show__.Show(" + at + text + ")\n" // without a comment behind it
	}
	names, text := one.definitions(), one.piece(p.label, 0, len(one.text))
	if slices.ContainsFunc(names, func(name string) bool { return p.outside[name] != "" }) {
		return one.assigning(p.label) + "\n"
	}
	text = at + text + "\n"
	for _, name := range names {
		text += fmt.Sprintf("/*line mykernel:1*/cell__.Keep(%q,&%s)\n", name, name)
	}
	return text
}

// assigning is a definition as an assignment to what is declared elsewhere.
func (p part) assigning(label string) string {
	at := func(offset int) string {
		line, column := p.lineAt(offset)
		return directive(label, line, column)
	}
	if assignment, is := p.statement.(*ast.AssignStmt); is {
		define := p.at(assignment.TokPos)
		return at(0) + p.text[:define] + " =" + p.piece(label, define+2, len(p.text))
	}
	text := ""
	for _, spec := range p.specs() {
		start, end := p.at(spec.Names[0].Pos()), p.at(spec.Names[len(spec.Names)-1].End())
		if len(spec.Values) == 0 {
			for _, name := range spec.Names {
				text += fmt.Sprintf("cell__.Clear(&%s);", name.Name)
			}
			continue
		}
		value := p.at(spec.Values[0].Pos())
		text += at(start) + p.text[start:end] + "=" + at(value) + p.piece(label, value, p.at(spec.End())) + ";"
	}
	return text
}

// formerly stands before the names of what the cell declares anew as something else, from statements in front of that.
const formerly = "cell__before_"

// piece of the part's text, in which names stand for what they were before the cell.
func (p part) piece(label string, from, to int) string {
	if len(p.was) == 0 {
		return p.text[from:to]
	}
	ends := map[int]int{} // of the names, by where they begin
	for _, ident := range p.file.Unresolved {
		if at := p.at(ident.Pos()); from <= at && at < to && slices.Contains(p.was, ident.Name) {
			ends[at] = at + len(ident.Name)
		}
	}
	var text strings.Builder
	for _, at := range slices.Sorted(maps.Keys(ends)) {
		end := ends[at]
		line, column := p.lineAt(end)
		text.WriteString(p.text[from:at] + formerly + p.text[at:end] + directive(label, line, column))
		from = end
	}
	return text.String() + p.text[from:to]
}

// constantsBefore are those of a group that the cell makes variables.
func (p *program) constantsBefore(one known) (names []string) {
	if one.Kind == "const" {
		for _, name := range one.Names {
			if p.outside[name] != "" && !slices.Contains(one.Hidden, name) {
				names = append(names, name)
			}
		}
	}
	return
}

// renamed is a group of constants of which some have the names that they had before the cell.
func renamed(text string, names []string, label string, line, column int) string {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", declarationHead+text, 0)
	if err != nil {
		return text
	}
	p := part{chunk: chunk{text: text, line: line, column: column}, file: file, was: names}
	p.at = func(pos token.Pos) int { return files.PositionFor(pos, false).Offset - len(declarationHead) }
	for _, spec := range file.Decls[0].(*ast.GenDecl).Specs {
		ast.Inspect(spec, func(node ast.Node) bool {
			if ident, is := node.(*ast.Ident); is {
				file.Unresolved = append(file.Unresolved, ident)
			}
			return true
		})
	}
	return directive(label, line, column) + p.piece(label, 0, len(text))
}

// lineAt is the place in the cell of that many bytes into the part.
func (p part) lineAt(offset int) (line, column int) {
	before := p.text[:offset]
	if newline := strings.LastIndexByte(before, '\n'); newline >= 0 {
		return p.line + strings.Count(before, "\n"), len(before) - newline
	}
	return p.line, p.column + len(before)
}

// mainOf is where the name of func main stands, if the part is that.
func mainOf(p part) (at int, found bool) {
	for _, node := range p.nodes {
		if node, is := node.(*ast.FuncDecl); is && node.Recv == nil && node.Name.Name == "main" {
			return p.at(node.Name.Pos()), true
		}
	}
	return
}

// likes are values of types that have no name outside of their packages; see cell.Like.
var likes = map[string]string{
	`"math/rand".rngSource`: `"math/rand".NewSource(1)`,
	`"os".fileStat`:         `"mykernel/cell".FileInfo()`,
	`"os".unixDirent`:       `"mykernel/cell".DirEntry()`,
}

var packagePath = regexp.MustCompile(`"([^"]+)"\.`)
var noName = regexp.MustCompile(`[^\pL\pN]+`)

// written is a variable's type as the program has it.
func (p *program) written(of string) string {
	return packagePath.ReplaceAllStringFunc(ofC.ReplaceAllString(of, "C."), func(found string) string {
		path, err := strconv.Unquote(found[:len(found)-1])
		if err != nil {
			return found
		}
		if p.aliases[path] == "" {
			p.aliases[path] = fmt.Sprintf("%s__%d", noName.ReplaceAllString(path, "_"), len(p.aliases))
		}
		return p.aliases[path] + "."
	})
}

// unhidden is a group of constants in which later cells have declared some anew.
func unhidden(text string, hidden []string) string {
	if len(hidden) == 0 {
		return text
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", declarationHead+text, parser.SkipObjectResolution)
	if err != nil {
		return text
	}
	raw := []byte(text)
	for _, spec := range file.Decls[0].(*ast.GenDecl).Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			if slices.Contains(hidden, name.Name) {
				at := files.PositionFor(name.Pos(), false).Offset - len(declarationHead)
				copy(raw[at:], "_"+strings.Repeat(" ", len(name.Name)-1))
			}
		}
	}
	return string(raw)
}
