package bundle

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"html"
	"image"
	"image/png"
	"math"
	"reflect"
)

// A larger picture is shown smaller.
const (
	mostPixels  = 8 << 20
	mostEncoded = 24 << 20 // bytes
	mostSide    = 1 << 20  // of no image, but of what has no end, such as image.Uniform
)

// picture is an image as PNG. There is no Data where it has no size, or cannot be drawn.
func (p *printer) picture(from image.Image) (found Bundle) {
	name := typeName(reflect.TypeOf(from))
	encoded, ok := p.call(from, "At", func() any {
		bounds := from.Bounds()
		if bounds.Empty() || bounds.Dx() > mostSide || bounds.Dy() > mostSide {
			return nil
		}
		step := math.Ceil(math.Sqrt(float64(bounds.Dx()) * float64(bounds.Dy()) / mostPixels))
		shown, raw := smaller(from, int(step))
		if len(raw) > mostEncoded {
			shown, raw = smaller(from, int(math.Ceil(step*math.Sqrt(float64(len(raw))/mostEncoded))))
		}
		name = fmt.Sprintf("%s %d×%d", name, bounds.Dx(), bounds.Dy())
		if shown != bounds.Size() {
			name += fmt.Sprintf(", shown as %d×%d", shown.X, shown.Y)
		}
		return raw
	})
	if raw, is := encoded.([]byte); ok && is {
		found.Data = map[string][]byte{"image/png": raw, "text/plain": []byte(name)}
	}
	return
}

// smaller is an image as PNG, of one pixel in so many of each side, and its size.
func smaller(from image.Image, step int) (size image.Point, raw []byte) {
	bounds := from.Bounds()
	encoder := png.Encoder{}
	if step > 1 {
		drawn := image.NewNRGBA(image.Rect(0, 0, max(bounds.Dx()/step, 1), max(bounds.Dy()/step, 1)))
		for y := range drawn.Rect.Dy() {
			for x := range drawn.Rect.Dx() {
				drawn.Set(x, y, from.At(bounds.Min.X+x*step, bounds.Min.Y+y*step))
			}
		}
		from, encoder.CompressionLevel = drawn, png.BestSpeed
	}
	var out bytes.Buffer
	if err := encoder.Encode(&out, from); err != nil {
		panic(err)
	}
	return from.Bounds().Size(), out.Bytes()
}

// asHTML is the bundle as HTML; rich where it is more than its text.
func asHTML(one Bundle) (text string, rich bool) {
	if text, is := one.Data["text/html"]; is {
		return string(text), true
	}
	for _, kind := range []string{"image/svg+xml", "image/png", "image/jpeg"} {
		if raw, is := one.Data[kind]; is {
			return fmt.Sprintf(`<div><img src="data:%s;base64,%s"></div>`, kind, base64.StdEncoding.EncodeToString(raw)), true
		}
	}
	if text, is := one.Data["text/plain"]; is {
		return "<pre>" + html.EscapeString(string(text)) + "</pre>", false
	}
	return "", false
}
