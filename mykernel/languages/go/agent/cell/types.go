package cell

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Types are the types that values in interfaces may have, by how `source` writes them.
type Types map[string]reflect.Type

// Of is one of them.
func Of[T any]() reflect.Type { return reflect.TypeFor[T]() }

// Like is the type of what the value is or points to, where it has no name outside of its package.
func Like(value any) reflect.Type {
	if t := reflect.TypeOf(value); t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return reflect.TypeOf(value)
}

// likes are types that programs know by `Like`, of values that the helper knows how to make.
var likes = map[string]bool{`"math/rand".rngSource`: true, `"os".fileStat`: true, `"os".unixDirent`: true}

// FileInfo is what os.Stat returns, of a file that is there.
func FileInfo() fs.FileInfo {
	info, _ := os.Stat("/")
	return info
}

// DirEntry is what os.ReadDir returns, of a folder that has something in it.
func DirEntry() fs.DirEntry {
	entries, _ := os.ReadDir("/")
	return entries[0]
}

// replacers are the types by which a strings.Replacer replaces, once it has.
func replacers() (found []reflect.Type) {
	for _, pairs := range [][]string{{"a", "b"}, {"a", "bc"}, {"ab", "c"}, {"ab", "c", "d", "e"}} {
		replacer := strings.NewReplacer(pairs...)
		replacer.Replace("")
		found = append(found, reflect.ValueOf(replacer).Elem().FieldByName("r").Elem().Type())
	}
	return
}

// Known are those that values may have, besides what needs no program to be known.
func Known(of ...reflect.Type) Types {
	known := Types{}
	for _, one := range append(of, everywhere...) {
		known[source(one)] = one
		if name := source(one); likes[name] { // it is met as what a pointer in an interface points to
			known["*"+name] = reflect.PointerTo(one)
		}
	}
	return known
}

// everywhere: predeclared types, and those of std that have no name outside of their packages.
var everywhere = append([]reflect.Type{
	Of[bool](), Of[string](), Of[int](), Of[int8](), Of[int16](), Of[int32](), Of[int64](), Of[uint](),
	Of[uint8](), Of[uint16](), Of[uint32](), Of[uint64](), Of[uintptr](), Of[float32](), Of[float64](),
	Of[complex64](), Of[complex128](), reflect.TypeOf(errors.New("")), reflect.TypeOf(errors.Join(io.EOF)),
	reflect.TypeOf(fmt.Errorf("%w", io.EOF)), reflect.TypeOf(fmt.Errorf("%w %w", io.EOF, io.EOF)),
	reflect.TypeOf(fmt.Errorf("")), reflect.TypeOf(context.Background()), reflect.TypeOf(context.TODO()),
	reflect.TypeOf(context.WithValue(context.Background(), 0, 0)), reflect.TypeOf(context.DeadlineExceeded),
	Of[*os.File](), Of[*time.Location](), // for those in `single`
}, replacers()...)

var always = Known()

// single: pointers that mean one thing in every program, which is compared by its address.
var single = map[string]any{
	"os.Stdin": os.Stdin, "os.Stdout": os.Stdout, "os.Stderr": os.Stderr,
	"time.UTC": time.UTC, "time.Local": time.Local,
	"io.EOF": io.EOF, "io.ErrUnexpectedEOF": io.ErrUnexpectedEOF, "io.ErrClosedPipe": io.ErrClosedPipe,
	"fs.ErrNotExist": fs.ErrNotExist, "fs.ErrExist": fs.ErrExist, "fs.ErrPermission": fs.ErrPermission,
	"fs.ErrInvalid": fs.ErrInvalid, "fs.ErrClosed": fs.ErrClosed, "context.Canceled": context.Canceled,
}

var singleAt = func() map[unsafe.Pointer]string {
	names := map[unsafe.Pointer]string{}
	for name, one := range single {
		names[reflect.ValueOf(one).UnsafePointer()] = name
	}
	return names
}()

// source is the type as Go source has it, a package's path in quotes where it is not main.
func source(t reflect.Type) string {
	if t.Name() != "" {
		switch t.PkgPath() {
		case "":
			return t.Name()
		case "main":
			return arguments(t.Name())
		}
		return fmt.Sprintf("%q.%s", t.PkgPath(), arguments(t.Name()))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + source(t.Elem())
	case reflect.Slice:
		return "[]" + source(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), source(t.Elem()))
	case reflect.Map:
		return fmt.Sprintf("map[%s]%s", source(t.Key()), source(t.Elem()))
	case reflect.Struct:
		var fields []string
		for i := range t.NumField() {
			field := t.Field(i)
			name := field.Name + " "
			if field.Anonymous {
				name = ""
			}
			tag := ""
			if field.Tag != "" {
				tag = fmt.Sprintf(" %q", string(field.Tag))
			}
			fields = append(fields, name+source(field.Type)+tag)
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return "any"
		}
	}
	return arguments(t.String())
}

// arguments of generic types stand in their names: List[main.P], List[encoding/json.Number].
func arguments(name string) string {
	head, rest, generic := strings.Cut(name, "[")
	if !generic {
		return name
	}
	var b strings.Builder
	b.WriteString(head + "[")
	for rest != "" {
		end := len(rest) - len(strings.TrimLeftFunc(rest, inPath))
		if end == 0 {
			_, end = utf8.DecodeRuneInString(rest)
		}
		b.WriteString(quotedPath(rest[:end]))
		rest = rest[end:]
	}
	return b.String()
}

func inPath(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_./~-", r)
}

// quotedPath is a name with the path of its package before it, as `source` has it.
func quotedPath(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || dot == len(name)-1 {
		return name
	}
	if name[:dot] == "main" {
		return name[dot+1:]
	}
	return fmt.Sprintf("%q%s", name[:dot], name[dot:])
}

// declared are the types that the cell's program has at its top, by which alone later ones can name them.
var declared = map[string]bool{}

// Declared tells of the names of the program's types.
func Declared(names ...string) {
	for _, name := range names {
		declared[name] = true
	}
}

// unwritable is why other programs cannot speak of the type; "" when they can.
func unwritable(t reflect.Type) string {
	if refused(t) {
		return fmt.Sprintf("it holds a %s, which belongs to a process", t)
	}
	if t.Name() != "" {
		name, _, _ := strings.Cut(t.Name(), "[")
		inside := slices.Contains(strings.Split(t.PkgPath(), "/"), "internal")
		switch {
		case t.PkgPath() == "main" && !declared[name], strings.Contains(t.Name(), "·"): // of an argument
			return fmt.Sprintf("it holds a %s, a type that is declared within a function", t)
		case likes[source(t)]:
		case t.PkgPath() != "" && t.PkgPath() != "main" && (inside || !exported(name)):
			return fmt.Sprintf("it holds a %s, which has no name outside of its package", t)
		}
		return ""
	}
	switch t.Kind() {
	case reflect.Map:
		if reason := unwritable(t.Key()); reason != "" {
			return reason
		}
		return unwritable(t.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		return unwritable(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if reason := unwritable(t.Field(i).Type); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// layout is a digest of how a type is built: a value is read back only into the same.
func layout(t reflect.Type) string {
	seen := map[reflect.Type]bool{}
	var text strings.Builder
	var describe func(reflect.Type)
	describe = func(t reflect.Type) {
		text.WriteString(source(t) + " ")
		if seen[t] {
			return
		}
		seen[t] = true
		text.WriteString(t.Kind().String() + "(")
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			describe(t.Elem())
		case reflect.Map:
			describe(t.Key())
			describe(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				text.WriteString(t.Field(i).Name + " ")
				describe(t.Field(i).Type)
			}
		}
		text.WriteString(")")
	}
	describe(t)
	digest := fnv.New128a() // and not of crypto, which would be linked into every cell
	digest.Write([]byte(text.String()))
	return string(digest.Sum(nil))
}

func exported(name string) bool {
	first, _ := utf8.DecodeRuneInString(name)
	return unicode.IsUpper(first)
}
