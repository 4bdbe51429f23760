package sharecard

import (
	"bytes"
	"embed"
	"io"
	"path"
	"sync"
	"unicode"

	"github.com/andybalholm/brotli"
	"github.com/go-text/typesetting/font"
)

// Fonts are compressed: most blogs need one script or two. fonts/README.md
// says where they come from, and fonts/OFL.txt what may be done with them.
//
//go:embed fonts/*.br
var fontFiles embed.FS

// typeface is a font with the scripts that it is there for.
type typeface struct {
	font    func() *font.Font // read when it is first needed
	scripts []*unicode.RangeTable
	leading float64 // distance of lines, in sizes
	// Letters of display sizes stand closer, where they do not join.
	tracking float64
}

var (
	european = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Common, unicode.Inherited}
	semitic  = []*unicode.RangeTable{block(0x0600, 0x06FF), block(0x0750, 0x077F), block(0xFB50, 0xFDFF), block(0xFE70, 0xFEFC)}

	serif      = &typeface{readFont("NotoSerif-Bold.ttf"), european, 1.14, -0.012}
	sans       = &typeface{readFont("NotoSans-Regular.ttf"), european, 1.2, 0}
	hebrew     = &typeface{readFont("NotoSerifHebrew-Bold.ttf"), []*unicode.RangeTable{unicode.Hebrew}, 1.2, 0}
	arabic     = &typeface{readFont("NotoNaskhArabic-Bold.ttf"), semitic, 1.4, 0}
	devanagari = &typeface{readFont("NotoSerifDevanagari-Bold.ttf"), []*unicode.RangeTable{unicode.Devanagari, block(0x0964, 0x0965)}, 1.36, 0}
)

// Typefaces in the order in which they are asked for a character.
var (
	headlines = []*typeface{serif, hebrew, arabic, devanagari}
	notes     = []*typeface{sans, hebrew, arabic, devanagari}
)

func block(first, last uint16) *unicode.RangeTable {
	return &unicode.RangeTable{R16: []unicode.Range16{{Lo: first, Hi: last, Stride: 1}}}
}

// readFont panics when it cannot: what it reads is inside the binary.
func readFont(name string) func() *font.Font {
	return sync.OnceValue(func() *font.Font {
		packed, err := fontFiles.ReadFile(path.Join("fonts", name+".br"))
		if err != nil {
			panic(err)
		}
		data, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
		if err != nil {
			panic("sharecard: " + name + ": " + err.Error())
		}
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			panic("sharecard: " + name + ": " + err.Error())
		}
		return face.Font
	})
}

// typeOf returns the first of the typefaces that has the character, nil when
// none has.
func typeOf(faces []*typeface, r rune) *typeface {
	for _, t := range faces {
		if unicode.In(r, t.scripts...) {
			if _, ok := t.font().NominalGlyph(r); ok {
				return t
			}
		}
	}
	return nil
}
