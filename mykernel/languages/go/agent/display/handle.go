package display

import (
	"fmt"
	"math/rand/v2"
	"mykernel/bundle"
	"mykernel/show"
	"sync"
)

// Handle is the place of something that was shown, where something else can be shown instead: by Update,
// or by its other methods. It may be kept in a variable for later cells.
type Handle struct {
	silent // as the last expression of a cell
	id     string
	form   string // what it shows, as far as Update has to know
	begun  bool
}

type silent = bundle.Silent

// mutex over all handles. It is not in them, which live on from cell to cell.
var mutex sync.Mutex

// named are those of this program that have the user's names.
var named = map[string]*Handle{}

// fresh is one with a name that there is nowhere else.
func fresh() *Handle { return &Handle{id: fmt.Sprintf("go-%016x", rand.Uint64())} }

// ID is a place by a name. In each program the first call of its methods shows something, and later ones
// take its place; Update always takes the place of what has that name, in the output of earlier cells, too.
func ID(name string) *Handle {
	mutex.Lock()
	defer mutex.Unlock()
	if named[name] == nil {
		named[name] = &Handle{id: name}
	}
	return named[name]
}

// Update shows something in the place of what the handle has shown, a string or JSON in the same form as
// that, all else as Show does.
func (h *Handle) Update(value any) *Handle {
	mutex.Lock()
	form := h.form
	h.begun = true
	mutex.Unlock()
	_, text := value.(string)
	_, bytes := value.([]byte)
	switch {
	case form == "application/json":
		return h.JSON(value)
	case form == vegaLite(""):
		return h.VegaLite(value)
	case form == pictures && (text || bytes):
		return h.Image(value)
	case !text || form == "":
		return h.Show(value)
	}
	return h.again(form, value.(string))
}

// again shows a text in the form that was shown before.
func (h *Handle) again(form, text string) *Handle {
	switch form {
	case "text/html":
		return h.HTML(text)
	case "text/markdown":
		return h.Markdown(text)
	case "text/latex":
		return h.LaTeX(text)
	case "application/javascript":
		return h.JavaScript(text)
	case "image/svg+xml":
		return h.SVG(text)
	}
	return h.Text(text)
}

// send shows a bundle: the first time as something new.
func (h *Handle) send(form string, shown bundle.Bundle) *Handle {
	mutex.Lock()
	kind := "display_data"
	if h.begun {
		kind = "update_display_data"
	}
	h.begun, h.form = h.begun || len(shown.Data) > 0, form
	mutex.Unlock()
	show.Send(kind, h.id, shown)
	return h
}
