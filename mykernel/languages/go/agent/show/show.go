// Package show shows things in the notebook, in their place among the text.
package show

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"mykernel/bundle"
	"mykernel/cell"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// What docs/display-protocol.md has of sizes, in bytes.
const (
	mostShown = 1 << 25 // of a message's parts, decoded
	mostPiece = 600     // of a piece, which becomes a mark of less than 1,024
)

// terminal is where marks go, also when the program's stdout is another file later.
var terminal = os.Stdout

var messages atomic.Int64

// Show makes the values of an expression the cell's result.
func Show(values ...any) { Send("execute_result", "", bundle.Of(values...)) }

// Send shows a bundle in its place among the text, as a message of that type. id: its display_id, or "".
// Without a kernel its text is printed. A bundle without data shows nothing.
func Send(kind, id string, shown bundle.Bundle) {
	for _, line := range shown.Told {
		fmt.Fprintf(os.Stderr, "mykernel: %s\n", line)
	}
	if len(shown.Data) == 0 {
		return
	}
	if cell.Nonce() == "" {
		fmt.Printf("%s\n", strings.TrimSuffix(string(shown.Data["text/plain"]), "\n"))
		return
	}
	m := begin()
	for _, mime := range small(shown.Data) {
		m.part(mime, shown.Data[mime])
	}
	if len(shown.Metadata) > 0 {
		metadata, err := json.Marshal(shown.Metadata)
		if err != nil {
			fmt.Fprintf(os.Stderr, "mykernel: the metadata of a display is no JSON: %v\n", err)
		} else {
			m.part("metadata", metadata)
		}
	}
	if id != "" {
		m.part("display_id", []byte(id))
	}
	m.end(kind)
}

// ClearOutput takes away what the cell has shown so far, or, if it is to wait, when something new comes.
func ClearOutput(wait bool) {
	if cell.Nonce() == "" {
		return
	}
	m := begin()
	m.part("content", fmt.Appendf(nil, `{"wait":%t}`, wait))
	m.end("clear_output")
}

// small are the forms that can be sent together: the largest are left out where they cannot, and told.
func small(data map[string][]byte) []string {
	forms := slices.SortedFunc(maps.Keys(data), func(a, b string) int { return len(data[a]) - len(data[b]) })
	size := 0
	for i, mime := range forms {
		if size += len(data[mime]); size > mostShown {
			fmt.Fprintf(os.Stderr, "mykernel: not shown as %s: more than %d MiB are not\n", strings.Join(forms[i:], ", "), mostShown>>20)
			if i == 0 {
				data["text/plain"] = fmt.Appendf(nil, "[%s, %d bytes]", mime, len(data[mime]))
				return []string{"text/plain"}
			}
			return forms[:i]
		}
	}
	return forms
}

// message is one that is sent piece by piece. What others write between pieces does no harm.
type message struct {
	name   string
	pieces int
}

// begin one with a name that no other program of the session has.
func begin() *message {
	return &message{name: fmt.Sprintf("%d.%d", os.Getpid(), messages.Add(1))}
}

func (m *message) part(of string, data []byte) {
	for piece := range slices.Chunk(data, mostPiece) {
		m.mark("p=" + of + ";base64=" + base64.StdEncoding.EncodeToString(piece))
	}
	if len(data) == 0 {
		m.mark("p=" + of + ";base64=")
	}
}

func (m *message) end(kind string) { m.mark("t=" + kind) }

var failing sync.Once

func (m *message) mark(fields string) {
	_, err := terminal.WriteString("\x1b]133;J;k=" + cell.Nonce() + ";i=" + m.name + ";n=" + strconv.Itoa(m.pieces) + ";" + fields + "\a")
	m.pieces++
	if err != nil {
		failing.Do(func() { fmt.Fprintf(os.Stderr, "mykernel: nothing can be shown: %v\n", err) })
	}
}
