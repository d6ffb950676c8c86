package main

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// unit is what the vet tool is told of a program, as `go vet` tells it. Source: x/tools,
// go/analysis/unitchecker, Config.
type unit struct {
	ID, Compiler, Dir, ImportPath, GoVersion string
	GoFiles                                  []string
	ImportMap, PackageFile                   map[string]string
	VetxOutput                               string
	SucceedOnTypecheckFailure                bool
}

var finding = regexp.MustCompile(`(?m)^(?:# .*\n)*(?:.*/)?(\w+):(\d+):(\d+): (.*)$`)

// vet has the toolchain's own vet look at a program, and says what it found in the cell of that label.
// It does not take the toolchain: it needs nothing but the files of packages.
func vet(t *toolchain, asked request) map[string]any {
	problems := []problem{}
	folder, err := os.MkdirTemp(t.folder, "vet-")
	if err != nil {
		return map[string]any{"problems": problems}
	}
	defer os.RemoveAll(folder)
	source, config := filepath.Join(folder, "cell.go"), filepath.Join(folder, "vet.cfg")
	about := unit{
		ID: "main", Compiler: "gc", Dir: folder, ImportPath: "main", GoVersion: languageVersion(),
		GoFiles: []string{source}, ImportMap: map[string]string{}, PackageFile: map[string]string{},
		VetxOutput: filepath.Join(folder, "vetx"), SucceedOnTypecheckFailure: true,
	}
	importcfg, _ := os.ReadFile(asked.Importcfg)
	for line := range strings.Lines(string(importcfg)) {
		if path, file, is := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "packagefile ")), "="); is {
			about.ImportMap[path], about.PackageFile[path] = path, file
		}
	}
	text, _ := json.Marshal(about)
	if os.WriteFile(config, text, 0o600) != nil || os.WriteFile(source, []byte(asked.Code), 0o600) != nil {
		return map[string]any{"problems": problems}
	}
	said, _ := t.commandIn(folder, asked.context, "tool", "vet", config).CombinedOutput()
	for _, one := range finding.FindAllStringSubmatch(string(said), -1) {
		line, _ := strconv.Atoi(one[2])
		column, _ := strconv.Atoi(one[3])
		// What we have added is no fault of the user's.
		if one[1] == asked.Label && !strings.Contains(one[4], "cell__") {
			problems = append(problems, problem{one[1], line, column, one[4]})
		}
	}
	slices.SortStableFunc(problems, func(a, b problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return map[string]any{"problems": problems}
}

// languageVersion is that of our own toolchain, as go.mod has it.
func languageVersion() string {
	words := strings.SplitN(strings.Fields(runtime.Version())[0], ".", 3)
	return strings.Join(words[:min(2, len(words))], ".")
}
