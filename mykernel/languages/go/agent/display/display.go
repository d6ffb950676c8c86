// Package display shows more than text in a notebook: HTML, Markdown, pictures, tables and plots.
//
//	display.HTML("<b>bold</b>")
//	display.Show(points)            // as the last expression of a cell would be
//	d := display.Markdown("*working*")
//	d.Update("**done**")            // in place
//	display.ID("progress").Text("10 %")
//
// Everything appears in its place among what the program prints, and may come from any goroutine. What
// cannot be shown at all (a file that is not there, JSON that is none) panics. Without a notebook, in a
// program that is run by hand, the functions print a text.
package display

import (
	"encoding/json"
	"fmt"
	"mykernel/bundle"
	"mykernel/show"
)

// Show shows values as the last expression of a cell would be: by their methods MIMEBundle, HTML,
// Markdown, Latex, SVG, PNG or JPEG; an image.Image as a picture; a slice of structs as a table; all
// else as text.
func Show(values ...any) *Handle { return fresh().Show(values...) }

// HTML shows HTML. What comes from elsewhere is escaped by html.EscapeString, or by html/template.
func HTML(text string) *Handle { return fresh().HTML(text) }

// Markdown shows Markdown.
func Markdown(text string) *Handle { return fresh().Markdown(text) }

// LaTeX shows a formula or more: `$\sqrt{x}$`.
func LaTeX(text string) *Handle { return fresh().LaTeX(text) }

// JavaScript has the browser run code, in front ends that do.
func JavaScript(code string) *Handle { return fresh().JavaScript(code) }

// Text shows plain text. Unlike what is printed, it can be updated.
func Text(text string) *Handle { return fresh().Text(text) }

// SVG shows an image in SVG.
func SVG(text string) *Handle { return fresh().SVG(text) }

// JSON shows a value as a tree, in front ends that have one. A string, []byte or json.RawMessage holds JSON.
func JSON(value any) *Handle { return fresh().JSON(value) }

// VegaLite shows a chart by its specification: a map, or JSON in a string or []byte.
func VegaLite(specification any) *Handle { return fresh().VegaLite(specification) }

// Image shows a picture: an image.Image; the bytes of a PNG, JPEG, GIF or WebP file; or the path of a file
// of these or an SVG.
func Image(picture any) *Handle { return fresh().Image(picture) }

// Table shows a slice, array or map of structs, or a slice or array of maps or of slices. columns are the
// fields or keys to show, in this order; for slices, the titles.
func Table(rows any, columns ...string) *Handle { return fresh().Table(rows, columns...) }

// MIME shows one thing in several forms, by MIME type. A value is a string or []byte, or for JSON types
// any value; a front end takes the best form that it knows.
func MIME(forms map[string]any) *Handle { return fresh().MIME(forms) }

// Clear takes away what the cell has shown; if it is to wait, when something new comes.
func Clear(wait bool) { show.ClearOutput(wait) }

// Show shows values in the handle's place.
func (h *Handle) Show(values ...any) *Handle {
	return h.send("", bundle.Of(values...))
}

// HTML shows HTML in the handle's place.
func (h *Handle) HTML(text string) *Handle { return h.text("text/html", text, textOf(text)) }

// Markdown shows Markdown in the handle's place.
func (h *Handle) Markdown(text string) *Handle { return h.text("text/markdown", text, text) }

// LaTeX shows a formula in the handle's place.
func (h *Handle) LaTeX(text string) *Handle { return h.text("text/latex", text, text) }

// JavaScript has the browser run code in the handle's place.
func (h *Handle) JavaScript(code string) *Handle {
	return h.text("application/javascript", code, sized("application/javascript", len(code)))
}

// Text shows plain text in the handle's place.
func (h *Handle) Text(text string) *Handle { return h.text("text/plain", text, text) }

// SVG shows an image in SVG in the handle's place.
func (h *Handle) SVG(text string) *Handle {
	return h.text("image/svg+xml", text, sized("image/svg+xml", len(text)))
}

func (h *Handle) text(mime, text, beside string) *Handle {
	shown := bundle.Bundle{Data: map[string][]byte{"text/plain": plain(beside)}}
	shown.Data[mime] = []byte(text)
	return h.send(mime, shown)
}

func sized(what string, size int) string { return fmt.Sprintf("[%s, %d bytes]", what, size) }

// JSON shows a value as a tree in the handle's place.
func (h *Handle) JSON(value any) *Handle {
	raw := rawJSON("JSON", value)
	shown := bundle.Text("application/json", string(raw))
	shown.Data["text/plain"] = plain(indented(raw))
	return h.send("application/json", shown)
}

// VegaLite shows a chart in the handle's place.
func (h *Handle) VegaLite(specification any) *Handle {
	raw := rawJSON("VegaLite", specification)
	var said struct {
		Schema string `json:"$schema"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		panic(fmt.Errorf("display.VegaLite: the specification is no JSON object: %w", err))
	}
	shown := bundle.Text(vegaLite(said.Schema), string(raw))
	shown.Data["text/plain"] = []byte("[a Vega-Lite chart]")
	return h.send(vegaLite(""), shown)
}

// Image shows a picture in the handle's place.
func (h *Handle) Image(picture any) *Handle { return h.send(pictures, pictureOf(picture)) }

// Table shows a table in the handle's place.
func (h *Handle) Table(rows any, columns ...string) *Handle {
	shown, err := bundle.Table(rows, columns...)
	if err != nil {
		panic(fmt.Errorf("display.Table: %w", err))
	}
	return h.send("", shown)
}

// MIME shows one thing in several forms in the handle's place.
func (h *Handle) MIME(forms map[string]any) *Handle {
	shown := bundle.Bundle{Data: map[string][]byte{}}
	for kind, value := range forms {
		raw, err := bundle.Raw(kind, value)
		if err != nil {
			panic(fmt.Errorf("display.MIME: %w", err))
		}
		shown.Data[kind] = raw
	}
	return h.send("", shown)
}
