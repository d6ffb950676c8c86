package main

import "cmp"

// module says where go looks for packages of modules: the folder in which it is run for that, and the
// file that says which there are, "" for the session's own. The stamp changes with what decides that.
func module(t *toolchain, asked request) map[string]any {
	defer t.take(asked)()
	if t.setting.wrong != "" {
		return map[string]any{"failure": t.setting.wrong}
	}
	file := cmp.Or(t.setting.told.GOMOD, t.setting.told.GOWORK)
	if t.setting.own {
		file = ""
	}
	return map[string]any{"place": t.setting.place, "file": file, "stamp": t.setting.mark()}
}
