package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// setting is what decides which packages there are and how they are compiled, but for their content.
type setting struct {
	stamp string // changes with it
	place string // the folder whose module counts, in which go is run
	own   bool   // whether that is the session's own module
	told  struct {
		GOROOT, GOTOOLDIR, GOMOD, GOWORK, GOFLAGS, GOVERSION, CGO_ENABLED, CC string
	}
	wrong string // what go says is wrong with it
}

// refresh notices a change: of the folder, the environment, flags, go.mod, or go itself, and of the
// files of packages that are not in the module cache.
func (t *toolchain) refresh() {
	if stamp := t.stamp(); stamp != t.setting.stamp {
		t.setting = t.findSetting(stamp)
		t.catalogue.tellSetting(t.setting)
		t.forget(func(*pkg) bool { return true })
		if t.setting.wrong == "" {
			t.recall()
		}
		return
	}
	stale := func(one *pkg) bool { return one.stamp != "" && one.stamp != one.stampNow() }
	for _, one := range t.packages {
		if stale(one) {
			// What imports it is compiled anew, too.
			t.forget(func(one *pkg) bool { return !one.Standard })
			return
		}
	}
}

// mark is the stamp in short.
func (s setting) mark() string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s.stamp))) }

func (t *toolchain) stamp() string {
	folder, _ := os.Getwd()
	found := []string{folder, stampOf(t.program), stampOf(goEnvFile()), strings.Join(t.flags, "\x00")}
	for _, one := range os.Environ() {
		if decides(one) {
			found = append(found, one)
		}
	}
	for ; folder != ""; folder = filepath.Dir(folder) {
		for _, name := range []string{"go.mod", "go.sum", "go.work", "go.work.sum", "vendor/modules.txt"} {
			if stamp := stampOf(filepath.Join(folder, name)); stamp != "" {
				found = append(found, stamp)
			}
		}
		if folder == filepath.Dir(folder) {
			break
		}
	}
	if own := t.ownModule(); own != "" {
		found = append(found, stampOf(filepath.Join(own, "go.mod")), stampOf(filepath.Join(own, "go.sum")))
	}
	return strings.Join(found, "\n")
}

// decides: whether the variable of the environment is one that go heeds.
func decides(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") || strings.HasPrefix(name, "PKG_CONFIG") ||
		slices.Contains([]string{"AR", "CC", "CXX", "FC", "HOME", "PATH", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}, name)
}

// stampOf a file changes when the file does. "" where there is none.
func stampOf(path string) string {
	status, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d", path, status.Size(), status.ModTime().UnixNano())
}

// ownModule is the folder of the module for cells that are in no other.
func (t *toolchain) ownModule() string { return filepath.Join(t.folder, "module") }

func (t *toolchain) findSetting(stamp string) (found setting) {
	found.stamp = stamp
	folder, err := os.Getwd()
	if err == nil {
		found.place = folder
	} else { // it was removed
		found.place = t.ownModule()
	}
	t.setting = found
	if err := t.makeOwnModule(); err != nil {
		found.wrong = err.Error()
		return
	}
	command := t.command(context.Background(), "env", "-json", "GOROOT", "GOTOOLDIR", "GOMOD", "GOWORK", "GOFLAGS", "GOVERSION", "CGO_ENABLED", "CC")
	out, err := command.Output()
	if err != nil {
		found.wrong = saidBy(err)
		if _, gone := os.Stat(t.program); gone != nil {
			found.wrong = fmt.Sprintf("%s is not there any more; install Go and restart the kernel", t.program)
		}
		return
	}
	json.Unmarshal(out, &found.told)
	if t.shadow != "" {
		found.told.GOROOT = t.realRoot
	}
	inWork := found.told.GOWORK != "" && found.told.GOWORK != "off"
	if found.told.GOMOD == os.DevNull && !inWork {
		found.place, found.own = t.ownModule(), true
	}
	return
}

func (t *toolchain) makeOwnModule() error {
	file := filepath.Join(t.ownModule(), "go.mod")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	if err := os.MkdirAll(t.ownModule(), 0o700); err != nil {
		return err
	}
	version := strings.SplitN(strings.TrimPrefix(runtime.Version(), "go"), ".", 3)
	text := "module cells\n"
	if len(version) > 1 {
		text += fmt.Sprintf("\ngo %s.%s\n", version[0], version[1])
	}
	return os.WriteFile(file, []byte(text), 0o600)
}

// saidBy a command that failed, or why it could not be run.
func saidBy(err error) string {
	if exit, is := err.(*exec.ExitError); is && len(exit.Stderr) > 0 {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return err.Error()
}

// packageFlags are those of %goflags and what the place asks for.
func (t *toolchain) packageFlags() []string {
	flags := slices.Clone(t.flags)
	given := strings.Join(append([]string{t.setting.told.GOFLAGS}, flags...), " ")
	if t.setting.own && strings.Contains(given, "-mod=vendor") {
		flags = append(flags, "-mod=readonly") // nothing can be vendored there
	}
	return flags
}
