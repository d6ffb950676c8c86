package main

import (
	"errors"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// heedsOverlay is the first go that looks for packages of std in an overlay.
const heedsOverlay = "go1.26"

// makeShadow makes, for a go before that, a GOROOT with links to all that is in its own, and with our
// packages among std's.
func (t *toolchain) makeShadow() error {
	if version.Compare(runtime.Version(), heedsOverlay) >= 0 {
		return nil
	}
	out, err := t.commandIn(t.folder, t.cancelled, "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	root, shadow := strings.TrimSpace(string(out)), filepath.Join(t.folder, "goroot")
	if err := links(root, shadow, "src"); err != nil {
		return err
	}
	if err := links(filepath.Join(root, "src"), filepath.Join(shadow, "src"), "testing"); err != nil {
		return err
	}
	if err := links(filepath.Join(root, "src", "testing"), filepath.Join(shadow, "src", "testing"), ""); err != nil {
		return err
	}
	copies, err := t.own()
	for name, file := range copies {
		own := filepath.Join(shadow, "src", place(filepath.Dir(name)), filepath.Base(name))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(own), 0o700)
		}
		if err == nil {
			err = link(file, own)
		}
	}
	t.realRoot, t.shadow = root, shadow
	return err
}

// links to all that is in a folder, but for one.
func links(from, to, except string) error {
	entries, err := os.ReadDir(from)
	if err == nil {
		err = os.MkdirAll(to, 0o700)
	}
	for _, entry := range entries {
		if err == nil && entry.Name() != except {
			err = link(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name()))
		}
	}
	return err
}

// link may be there, of the same helper.
func link(from, to string) error {
	if err := os.Symlink(from, to); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
