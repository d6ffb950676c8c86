package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// For how long kernels believe what go has told another one of std. Go removes what it has compiled
// when it was not asked for that in five days.
const believed = 24 * time.Hour

// memory is the file of what go has told of std under settings such as this.
func (t *toolchain) memory() string {
	what := []string{t.program, t.setting.told.GOVERSION, t.setting.told.GOFLAGS, strings.Join(t.flags, "\x00"), strings.Join(t.target, " ")}
	for _, one := range os.Environ() {
		if decides(one) {
			what = append(what, one)
		}
	}
	digest := sha256.Sum256([]byte(strings.Join(what, "\n")))
	return filepath.Join(t.agent, fmt.Sprintf("std-%x.json", digest[:8]))
}

// remember what go has told of std, for the next kernel. That cannot be had where the folder is read-only.
func (t *toolchain) remember() {
	var std []*pkg
	for _, one := range t.packages {
		if one.Standard {
			std = append(std, one)
		}
	}
	if len(std) == t.remembered {
		return
	}
	t.remembered = len(std)
	text, err := json.Marshal(std)
	if err != nil {
		return
	}
	if file, err := os.CreateTemp(t.agent, "new-"); err == nil {
		_, err := file.Write(text)
		file.Close()
		if err != nil || os.Rename(file.Name(), t.memory()) != nil {
			os.Remove(file.Name())
		}
	}
}

// recall what another kernel has written down.
func (t *toolchain) recall() {
	status, err := os.Stat(t.memory())
	if err != nil || time.Since(status.ModTime()) > believed {
		return
	}
	var std []*pkg
	if text, err := os.ReadFile(t.memory()); err != nil || json.Unmarshal(text, &std) != nil {
		return
	}
	for _, one := range std {
		if _, err := os.Stat(one.Export); err != nil {
			return
		}
	}
	for _, one := range std {
		t.packages[one.ImportPath] = one
	}
	t.remembered = len(std)
}
