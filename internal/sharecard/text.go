package sharecard

import (
	"slices"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// longest is how many characters of a text are looked at: no card holds more.
const longest = 400

// mostMarks is how many marks may stand on one letter. Languages need two or
// three; heaps of them would reach into other lines.
const mostMarks = 3

// text is what can be drawn of a text that somebody typed.
type text struct {
	runes []rune
	faces []*typeface
	lang  language.Language
	rtl   bool // whether it reads from right to left as a whole
}

// prepare returns what the typefaces can show of s. Signs that they do not
// have, such as emoji, are left out; where letters or digits are missing
// nothing is left, as a word with holes says something else.
func prepare(s, lang string, faces []*typeface) text {
	t := text{faces: faces, lang: language.NewLanguage(lang)}
	directed, space, marks := false, false, 0
	for _, r := range s {
		if len(t.runes) >= longest {
			break
		}
		if marks++; !unicode.Is(unicode.Mn, r) {
			marks = 0
		}
		switch {
		case unicode.IsSpace(r) && r != '\u00A0' && r != '\u202F':
			space = len(t.runes) > 0
			continue
		case r == '\u200C' || r == '\u200D': // they join and part letters where those change their form
			if len(t.runes) == 0 || !unicode.In(t.runes[len(t.runes)-1], unicode.Arabic, unicode.Devanagari) {
				continue
			}
		case marks > mostMarks || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		case typeOf(faces, r) == nil:
			if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) && !unicode.Is(unicode.Me, r) {
				return text{}
			}
			continue
		}
		if !directed && unicode.IsLetter(r) {
			directed, t.rtl = true, unicode.In(r, unicode.Arabic, unicode.Hebrew)
		}
		if space {
			t.runes = append(t.runes, ' ')
			space = false
		}
		t.runes = append(t.runes, r)
	}
	if !slices.ContainsFunc(t.runes, unicode.IsGraphic) {
		return text{}
	}
	return t
}

func (t text) empty() bool { return len(t.runes) == 0 }

func (t text) direction() di.Direction {
	if t.rtl {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}

// leading is the distance of lines, in sizes: that of the tallest script.
func (t text) leading() float64 {
	most := 1.0
	for _, r := range t.runes {
		if f := typeOf(t.faces, r); f != nil {
			most = max(most, f.leading)
		}
	}
	return most
}

// setter shapes text and breaks it into lines. It is not for several
// goroutines at once.
type setter struct {
	faces     map[*typeface]*font.Face
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
	wrapper   shaping.LineWrapper
}

func newSetter() *setter { return &setter{faces: map[*typeface]*font.Face{}} }

func (s *setter) face(t *typeface) *font.Face {
	if s.faces[t] == nil {
		s.faces[t] = font.NewFace(t.font())
	}
	return s.faces[t]
}

// choice is a [shaping.Fontmap].
type choice struct {
	setter *setter
	faces  []*typeface
}

func (c choice) ResolveFace(r rune) *font.Face {
	t := typeOf(c.faces, r)
	if t == nil {
		t = c.faces[0]
	}
	return c.setter.face(t)
}

// shape returns the glyphs of a text in a size in pixels.
func (s *setter) shape(t text, size float64) []shaping.Output {
	runs := slices.Clone(s.segmenter.Split(shaping.Input{
		Text: t.runes, RunEnd: len(t.runes), Direction: t.direction(), Size: points(size), Language: t.lang,
	}, choice{s, t.faces}))
	shaped := make([]shaping.Output, len(runs))
	for i, run := range runs {
		shaped[i] = s.shaper.Shape(run)
		for _, f := range t.faces {
			if f.tracking != 0 && run.Face == s.faces[f] {
				shaped[i].AddLetterSpacing(points(f.tracking*size), i == 0, i == len(runs)-1)
			}
		}
	}
	return shaped
}

// paragraph is a text set in lines.
type paragraph struct {
	lines   []shaping.Line
	size    float64
	leading float64 // in pixels
	cut     bool    // whether it ends with an ellipsis
	rtl     bool
}

// wrap breaks shaped text into lines of a width, and ends it with an ellipsis
// where it needs more than a number of them.
func (s *setter) wrap(t text, shaped []shaping.Output, size, width float64, lines int, policy shaping.LineBreakPolicy) paragraph {
	runs := slices.Clone(shaped)
	for i := range runs { // wrapping changes the space at the end of a line
		runs[i].Glyphs = slices.Clone(runs[i].Glyphs)
	}
	dots := s.shape(text{runes: []rune("…"), faces: t.faces, lang: t.lang, rtl: t.rtl}, size)
	set, left := s.wrapper.WrapParagraphF(shaping.WrapConfig{
		Direction: t.direction(), TruncateAfterLines: lines, Truncator: dots[0], BreakPolicy: policy,
	}, points(width), t.runes, shaping.NewSliceIterator(runs))
	p := paragraph{size: size, leading: size * t.leading(), cut: left > 0, rtl: t.rtl, lines: make([]shaping.Line, len(set))}
	for i, line := range set { // the wrapper uses its lines again
		p.lines[i] = slices.Clone(line)
		slices.SortFunc(p.lines[i], func(a, b shaping.Output) int { return int(a.VisualIndex - b.VisualIndex) })
	}
	return p
}

// fit sets a text in the largest of the sizes in which it has room, with lines
// of about one length. What has no room in the smallest one is cut.
func (s *setter) fit(t text, width, height float64, sizes ...float64) paragraph {
	if t.empty() {
		return paragraph{}
	}
	leading := t.leading()
	for i, size := range sizes {
		lines := max(1, int((height-size)/(size*leading))+1)
		shaped := s.shape(t, size)
		p := s.wrap(t, shaped, size, width, lines, shaping.Never)
		if !p.cut && p.width() <= width {
			return s.balance(t, shaped, p, width)
		}
		if i == len(sizes)-1 {
			if p.width() <= width {
				return p
			}
			return s.wrap(t, shaped, size, width, lines, shaping.WhenNecessary)
		}
	}
	panic("sharecard: no sizes")
}

// balance makes the lines as short as they can be without there being more.
func (s *setter) balance(t text, shaped []shaping.Output, p paragraph, width float64) paragraph {
	tooShort := width / 2
	for range 6 {
		between := (tooShort + width) / 2
		q := s.wrap(t, shaped, p.size, between, len(p.lines), shaping.Never)
		if q.cut || q.width() > between {
			tooShort = between
		} else {
			p, width = q, between
		}
	}
	return p
}

func (p paragraph) width() float64 {
	widest := 0.0
	for _, line := range p.lines {
		widest = max(widest, lineWidth(line))
	}
	return widest
}

func lineWidth(line shaping.Line) float64 {
	sum := fixed.Int26_6(0)
	for _, run := range line {
		sum += run.Advance
	}
	return float64(sum) / 64
}

func points(f float64) fixed.Int26_6 { return fixed.Int26_6(f * 64) }
