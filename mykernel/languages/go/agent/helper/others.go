package main

import (
	"cmp"
	"context"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// others are the packages that modules have and need, as `go list` knows them. It runs nothing of them,
// and fetches nothing.
type others struct {
	t *toolchain

	mutex   sync.Mutex
	key     string // the stamp of the setting that the packages are of
	read    time.Time
	folders map[string]string   // of packages, by path
	names   map[string][]string // paths, by name
	reading chan struct{}       // closed when the list that is made is there; nil where none is
}

// fresh is how long a list of packages is good while the files of the module do not change.
const fresh = 30 * time.Second

// named are the paths of the packages of that name.
func (o *others) named(name string) []string {
	o.look()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.names[name]
}

// all names, with paths.
func (o *others) all() map[string][]string {
	o.look()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.names
}

// folder of a package; "" where there is none of that path.
func (o *others) folder(path string) string {
	o.look()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.folders[path]
}

// look waits for a list where there is none yet, and has an old one made anew.
func (o *others) look() {
	setting, first := o.t.catalogue.now(), false
	key := setting.stamp
	o.mutex.Lock()
	if key != o.key {
		o.key, o.folders, o.names, o.read, first = key, nil, nil, time.Time{}, true
	}
	if key == "" || o.reading == nil && time.Since(o.read) < fresh {
		o.mutex.Unlock()
		return
	}
	if o.reading == nil {
		o.reading = make(chan struct{})
		go o.list(setting, o.reading)
	}
	done := o.reading
	first = first || o.names == nil
	o.mutex.Unlock()
	if first {
		select {
		case <-done:
		case <-time.After(patience):
		}
	}
}

func (o *others) list(from setting, done chan struct{}) {
	context, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	command := exec.CommandContext(context, o.t.program, "list", "-e", "-f", "{{if not .Standard}}{{.ImportPath}}\t{{.Name}}\t{{.Dir}}{{end}}", "all")
	command.Dir = from.place
	command.Env = append(o.t.environment(command.Environ()), offline...)
	out, _ := command.Output()
	folders, names := map[string]string{}, map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSpace(line), "\t")
		if len(words) == 3 && words[2] != "" {
			folders[words[0]] = words[2]
			if !strings.Contains("/"+words[0]+"/", "/internal/") && words[1] != "main" {
				names[words[1]] = append(names[words[1]], words[0])
			}
		}
	}
	for _, paths := range names {
		slices.SortFunc(paths, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.key == from.stamp {
		o.folders, o.names, o.read = folders, names, time.Now()
	}
	o.reading = nil
	close(done)
}

// offline keeps go from fetching anything for a question.
var offline = []string{"GOPROXY=off", "GOSUMDB=off", "GOVCS=*:off"}
