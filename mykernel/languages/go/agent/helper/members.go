package main

import (
	"go/ast"
	"go/types"
)

// member of a package or a value. depth: how many embedded fields lie between.
type member struct {
	object types.Object
	depth  int
}

// members of what stands before a dot.
func (v *view) members(of ast.Expr) (found []member) {
	if name, is := of.(*ast.Ident); is {
		if pkg, is := v.info.Uses[name].(*types.PkgName); is {
			scope := pkg.Imported().Scope()
			for _, one := range scope.Names() {
				found = append(found, member{scope.Lookup(one), 0})
			}
			return
		}
	}
	value := v.info.Types[of]
	if value.Type == nil {
		return
	}
	found = methods(value.Type)
	if !value.IsType() {
		found = append(found, fields(value.Type)...)
	}
	return
}

// methods of a value, as one that can be addressed has them.
func methods(of types.Type) (found []member) {
	if _, pointer := of.Underlying().(*types.Pointer); !pointer && !types.IsInterface(of) {
		of = types.NewPointer(of)
	}
	set := types.NewMethodSet(of)
	for i := range set.Len() {
		found = append(found, member{set.At(i).Obj(), len(set.At(i).Index()) - 1})
	}
	return
}

// fields of a struct, or of what points to one, with those of what it embeds.
func fields(of types.Type) (found []member) {
	seen, visited := map[string]bool{}, map[types.Type]bool{}
	level := []types.Type{of}
	for depth := 0; len(level) > 0; depth++ {
		var next []types.Type
		for _, one := range level {
			if pointer, is := one.Underlying().(*types.Pointer); is {
				one = pointer.Elem()
			}
			structure, is := one.Underlying().(*types.Struct)
			if !is || visited[one] {
				continue
			}
			visited[one] = true
			for i := range structure.NumFields() {
				field := structure.Field(i)
				if !seen[field.Name()] {
					found = append(found, member{field, depth})
				}
				if field.Embedded() {
					next = append(next, field.Type())
				}
			}
		}
		for _, one := range found {
			seen[one.object.Name()] = true
		}
		level = next
	}
	return
}
