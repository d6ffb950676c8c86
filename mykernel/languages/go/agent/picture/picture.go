// Package picture shows images as PNG. It is in programs that know images alone, since it takes time to
// link.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"mykernel/bundle"
)

// A larger picture is shown smaller.
const (
	mostPixels  = 8 << 20
	mostEncoded = 24 << 20 // bytes
	mostSide    = 1 << 20  // of no image, but of what has no end, such as image.Uniform
)

func init() { bundle.Picture = encoded }

// encoded is an image.Image as PNG, and its size as text; nil of all else, and of what has no size.
func encoded(value any) (raw []byte, size string) {
	from, is := value.(image.Image)
	if _, geometry := value.(*image.Rectangle); !is || geometry {
		return nil, ""
	}
	bounds := from.Bounds()
	if bounds.Empty() || bounds.Dx() > mostSide || bounds.Dy() > mostSide {
		return nil, ""
	}
	step := math.Ceil(math.Sqrt(float64(bounds.Dx()) * float64(bounds.Dy()) / mostPixels))
	shown, raw := smaller(from, int(step))
	if len(raw) > mostEncoded {
		shown, raw = smaller(from, int(math.Ceil(step*math.Sqrt(float64(len(raw))/mostEncoded))))
	}
	size = fmt.Sprintf("%d×%d", bounds.Dx(), bounds.Dy())
	if shown != bounds.Size() {
		size += fmt.Sprintf(", shown as %d×%d", shown.X, shown.Y)
	}
	return raw, size
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
