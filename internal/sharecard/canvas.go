package sharecard

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/vector"
)

// Colours of the light scheme (web/static/css/tokens.css).
var (
	paper  = color.RGBA{0xfd, 0xfc, 0xf9, 0xff}
	ink    = color.RGBA{0x1c, 0x1a, 0x17, 0xff}
	soft   = color.RGBA{0x5c, 0x56, 0x4d, 0xff}
	accent = color.RGBA{0xa3, 0x19, 0x1f, 0xff}
)

// shades is how many steps an edge has between paper and a colour.
const shades = 32

// pen is a colour with its shades, as they follow one another in the palette:
// the last is the colour itself.
type pen uint8

const (
	inkPen    pen = 0
	softPen   pen = shades
	accentPen pen = 2 * shades
)

var palette = func() (p color.Palette) {
	for _, c := range []color.RGBA{ink, soft, accent} {
		for i := range shades {
			mix := func(a, b uint8) uint8 {
				return uint8((int(a)*(shades-1-i) + int(b)*i + (shades-1)/2) / (shades - 1))
			}
			p = append(p, color.RGBA{mix(paper.R, c.R), mix(paper.G, c.G), mix(paper.B, c.B), 0xff})
		}
	}
	return p
}()

// canvas is a picture with few colours: a byte for each pixel, and a file that
// is half as large as that of one with all colours.
type canvas struct {
	img         *image.Paletted
	top, bottom int // between which letters are drawn, whatever stands on them
	raster      vector.Rasterizer
	mask        image.Alpha // of one glyph
}

func newCanvas() *canvas {
	all := image.Rect(0, 0, Width, Height)
	return &canvas{img: image.NewPaletted(all, palette), bottom: Height}
}

func (c *canvas) fill(p pen, x0, y0, x1, y1 int) {
	r := image.Rect(x0, y0, x1, y1).Intersect(c.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c.img.Pix[c.img.PixOffset(x, y)] = uint8(p) + shades - 1
		}
	}
}

// line draws a line of text whose left end is x.
func (c *canvas) line(p pen, line shaping.Line, x, baseline float64) {
	for _, run := range line {
		scale := float64(run.Size) / 64 / float64(run.Face.Upem())
		for _, g := range run.Glyphs {
			if outline, ok := run.Face.GlyphData(g.GlyphID).(font.GlyphOutline); ok {
				c.glyph(p, outline, x+float64(g.XOffset)/64, baseline-float64(g.YOffset)/64, scale)
			}
			x += float64(g.Advance) / 64
		}
	}
}

// glyph draws an outline with its origin at a point.
func (c *canvas) glyph(p pen, outline font.GlyphOutline, x, y, scale float64) {
	minX, minY, maxX, maxY := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range outline.Segments {
		for _, a := range s.ArgsSlice() {
			ax, ay := x+float64(a.X)*scale, y-float64(a.Y)*scale
			minX, maxX, minY, maxY = min(minX, ax), max(maxX, ax), min(minY, ay), max(maxY, ay)
		}
	}
	box := image.Rect(int(math.Floor(minX)), int(math.Floor(minY)), int(math.Ceil(maxX)), int(math.Ceil(maxY)))
	if len(outline.Segments) == 0 || box.Empty() || !box.In(c.img.Rect) || box.Max.Y <= c.top || box.Min.Y >= c.bottom {
		return
	}
	at := func(a opentype.SegmentPoint) (float32, float32) {
		return float32(x + float64(a.X)*scale - float64(box.Min.X)), float32(y - float64(a.Y)*scale - float64(box.Min.Y))
	}
	c.raster.Reset(box.Dx(), box.Dy())
	for i, s := range outline.Segments {
		x0, y0 := at(s.Args[0])
		x1, y1 := at(s.Args[1])
		x2, y2 := at(s.Args[2])
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				c.raster.ClosePath()
			}
			c.raster.MoveTo(x0, y0)
		case opentype.SegmentOpLineTo:
			c.raster.LineTo(x0, y0)
		case opentype.SegmentOpQuadTo:
			c.raster.QuadTo(x0, y0, x1, y1)
		case opentype.SegmentOpCubeTo:
			c.raster.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	c.raster.ClosePath()
	c.stamp(p, box)
}

// stamp puts what the rasterizer holds on the picture.
func (c *canvas) stamp(p pen, box image.Rectangle) {
	w, h := box.Dx(), box.Dy()
	if cap(c.mask.Pix) < w*h {
		c.mask.Pix = make([]uint8, w*h)
	}
	c.mask = image.Alpha{Pix: c.mask.Pix[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
	clear(c.mask.Pix)
	c.raster.Draw(&c.mask, c.mask.Rect, image.Opaque, image.Point{})
	for y := range h {
		if at := box.Min.Y + y; at < c.top || at >= c.bottom {
			continue
		}
		row := c.img.Pix[c.img.PixOffset(box.Min.X, box.Min.Y+y):][:w]
		for x, a := range c.mask.Pix[y*w:][:w] {
			if shade := (int(a)*(shades-1) + 127) / 255; shade > 0 {
				row[x] = max(row[x], uint8(p)+uint8(shade))
			}
		}
	}
}

// png returns the picture as a file.
func (c *canvas) png() []byte {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := encoder.Encode(&b, c.img); err != nil {
		panic("sharecard: " + err.Error()) // into memory, from a picture of a fixed size
	}
	return b.Bytes()
}
