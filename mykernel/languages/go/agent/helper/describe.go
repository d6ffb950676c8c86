package main

import (
	"go/types"
	"strings"
)

func kindOf(object types.Object) string {
	switch object := object.(type) {
	case *types.Func:
		if object.Signature().Recv() != nil {
			return "method"
		}
		return "function"
	case *types.Builtin:
		return "function"
	case *types.TypeName:
		if types.IsInterface(object.Type()) {
			return "interface"
		}
		return "class"
	case *types.PkgName:
		return "module"
	case *types.Var:
		if object.IsField() {
			return "property"
		}
		return "variable"
	}
	return "constant"
}

// qualifier writes other packages' names, and none for the user's own.
func (v *view) qualifier(pkg *types.Package) string {
	if pkg == v.pkg {
		return ""
	}
	return pkg.Name()
}

// described is an object as its declaration would have it.
func (v *view) described(object types.Object) string {
	switch object := object.(type) {
	case *types.Builtin:
		return "func " + object.Name()
	case *types.PkgName:
		return "import \"" + object.Imported().Path() + "\""
	case *types.TypeName:
		if object.Parent() == types.Universe {
			return "type " + object.Name()
		}
		if named, is := object.Type().(*types.Named); is {
			switch inside := named.Underlying().(type) {
			case *types.Struct:
				return "type " + types.TypeString(named, v.qualifier) + " struct{...}"
			case *types.Interface:
				if inside.NumMethods() > 0 {
					return "type " + types.TypeString(named, v.qualifier) + " interface{...}"
				}
			}
		}
	}
	text := types.ObjectString(object, v.qualifier)
	return strings.TrimSuffix(text, " invalid type")
}
