package display

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"image"
	"mykernel/bundle"
	_ "mykernel/picture" // so that images are shown
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
)

// pictures is the form of what Image shows.
const pictures = "image/*"

func rawJSON(function string, value any) []byte {
	raw, given := []byte(nil), true
	switch value := value.(type) {
	case string:
		raw = []byte(value)
	case []byte:
		raw = value
	case json.RawMessage:
		raw = value
	default:
		given = false
	}
	if given {
		if !json.Valid(raw) {
			panic(fmt.Errorf("display.%s: this is no JSON: %.50q", function, raw))
		}
		return raw
	}
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("display.%s: %w", function, err))
	}
	return raw
}

func indented(raw []byte) string {
	var out bytes.Buffer
	json.Indent(&out, raw, "", "  ")
	return out.String()
}

// mostPlain are the bytes that the text beside another form has at most, so that there is place for both.
const mostPlain = 1 << 16

func plain(text string) []byte {
	if len(text) > mostPlain {
		text = strings.ToValidUTF8(text[:mostPlain], "") + "…"
	}
	return []byte(text)
}

var vegaSchema = regexp.MustCompile(`/schema/vega-lite/v(\d+)`)

// vegaLite is the MIME type of a chart by the address of its schema.
func vegaLite(schema string) string {
	version := "5"
	if found := vegaSchema.FindStringSubmatch(schema); found != nil {
		version = found[1]
	}
	return "application/vnd.vegalite.v" + version + "+json"
}

func pictureOf(picture any) bundle.Bundle {
	switch picture := picture.(type) {
	case image.Image:
		shown := bundle.Of(picture)
		if shown.Data["image/png"] == nil {
			panic(fmt.Errorf("display.Image: a %T of %v cannot be drawn", picture, picture.Bounds()))
		}
		return shown
	case []byte:
		return encoded("", picture)
	case string:
		raw, err := os.ReadFile(picture)
		if err != nil {
			panic(fmt.Errorf("display.Image: %w", err))
		}
		return encoded(filepath.Base(picture), raw)
	}
	panic(fmt.Errorf("display.Image: a picture is an image.Image, []byte or the path of a file, not %v", reflect.TypeOf(picture)))
}

// magic is how files of pictures begin.
var magic = map[string]string{
	"\x89PNG\r\n": "image/png", "\xff\xd8\xff": "image/jpeg", "GIF8": "image/gif",
}

var svgHead = regexp.MustCompile(`^(?s)\s*(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg.*?>\s*)?<svg[\s>]`)

// kindOf a picture by its bytes: its MIME type, or "".
func kindOf(raw []byte) string {
	for head, kind := range magic {
		if bytes.HasPrefix(raw, []byte(head)) {
			return kind
		}
	}
	switch {
	case len(raw) > 12 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP":
		return "image/webp"
	case svgHead.Match(raw):
		return "image/svg+xml"
	}
	return ""
}

var errNoPicture = errors.New("display.Image: this is no PNG, JPEG, GIF, WebP or SVG")

// encoded is a picture by its bytes. name: of its file, or "".
func encoded(name string, raw []byte) bundle.Bundle {
	kind := kindOf(raw)
	if kind == "" {
		panic(errNoPicture)
	}
	what := kind
	if name != "" {
		what = name + ": " + kind
	}
	shown := bundle.Bundle{Data: map[string][]byte{kind: raw}}
	shown.Data["text/plain"] = []byte(sized(what, len(raw)))
	return shown
}

var tags = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<!--.*?-->|</?[a-z][^>]*>`)

// textOf HTML: what stands between its tags.
func textOf(text string) string {
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(text, "")))
}
