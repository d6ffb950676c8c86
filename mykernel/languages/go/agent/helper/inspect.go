package main

import (
	"go/ast"
	"go/types"
	"strings"
)

// description is what is known of what stands at the cursor. What is not known is empty.
type description struct {
	Declared string   `json:"declared"`
	Instance string   `json:"instance"` // the type that a generic function has here
	Methods  []string `json:"methods"`  // of a type
	Doc      string   `json:"doc"`
	Markdown string   `json:"markdown"` // the same
	Source   string   `json:"source"`   // where it was asked for
	// Where it was declared: a file or the label of a cell, and the line, from 1.
	Path  string `json:"path"`
	Label string `json:"label"`
	Line  int    `json:"line"`
	// The call that the cursor is in, and marks below its parameter.
	Call  string `json:"call"`
	Marks string `json:"marks"`
}

// mostMethods of a type that are told.
const mostMethods = 40

// inspect describes the name that the cursor is in or behind, and the call that it is an argument of.
// When nothing is known of either, it is nil, or what a language server may know more of.
func inspect(t *toolchain, asked request) any {
	start, after := asked.Before+head(asked.After), asked.After[len(head(asked.After)):]
	at := before(start)
	if at.inPath {
		if end := strings.IndexAny(asked.After, "\"`\n"); end >= 0 {
			return told(t.packageAt(before(asked.Before).path+asked.After[:end], asked.Detail))
		}
		return nil
	}
	if !at.silent && tail(start) == "" && opensArgument(start) {
		start += hole
	}
	v := newView(t, asked, start+after, len(start))
	defer v.forget()
	var found description
	if name, is := last(v.path).(*ast.Ident); is && !at.silent {
		found = v.describe(name)
	}
	if call, function := v.call(); call != nil {
		if found.Declared == "" {
			found = v.describe(function)
		}
		found.Call, found.Marks = v.signature(call, argument(start, call, v.pos))
	}
	if found := told(found); found != nil || !asked.Served {
		return found
	}
	return map[string]any{"document": v.served()}
}

func told(found description) any {
	if found.Declared == "" && found.Call == "" {
		return nil
	}
	return found
}

// describe a name by what it stands for.
func (v *view) describe(name *ast.Ident) description {
	object := v.info.ObjectOf(name)
	if object == nil || name.Name == "_" {
		if _, member := v.above(1).(*ast.SelectorExpr); member || name.Name == "_" {
			return description{}
		}
		if path := v.t.packageWith(name.Name, nil); path != "" {
			return v.t.packageAt(path, v.asked.Detail)
		}
		return description{}
	}
	if pkg, is := object.(*types.PkgName); is {
		return v.t.packageAt(pkg.Imported().Path(), v.asked.Detail)
	}
	found := description{Declared: v.described(object)}
	if constant, is := object.(*types.Const); is && constant.Val() != nil {
		found.Declared += " = " + constant.Val().String()
	}
	v.locate(object, &found)
	v.document(object, &found)
	if of, is := object.(*types.TypeName); is {
		for _, one := range methods(of.Type()) {
			if one.depth == 0 && v.sees(one.object) && len(found.Methods) < mostMethods && !types.IsInterface(of.Type()) {
				found.Methods = append(found.Methods, v.described(one.object))
			}
		}
	}
	if here := v.info.TypeOf(name); here != nil && isGeneric(object) && !types.Identical(here, object.Type()) {
		found.Instance = types.TypeString(here, v.qualifier)
	}
	return found
}

func isGeneric(object types.Object) bool {
	signature, is := object.Type().(*types.Signature)
	return is && signature.TypeParams().Len() > 0
}

// locate says where the object was declared.
func (v *view) locate(object types.Object, found *description) {
	at := v.t.catalogue.positions.PositionFor(object.Pos(), false)
	if from, is := v.origins[at.Filename]; is {
		found.Label, found.Line = from.label, from.line+at.Line-1
	} else if at.IsValid() {
		found.Path, found.Line = v.t.sourceFile(at.Filename), at.Line
	}
}
