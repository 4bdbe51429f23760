package sharecard

// Site returns the picture that stands for the blog as a whole, like the head
// of its front page.
func Site(name, tagline, language string) []byte {
	pic := newCanvas()
	front(pic, newSetter(), name, tagline, language)
	return pic.png()
}

func front(pic *canvas, s *setter, name, tagline, language string) {
	site, line := prepare(name, language, headlines), prepare(tagline, language, notes)
	const middle = Height / 2
	if site.empty() {
		mark(pic, Width/2-100, middle-100, 200)
		return
	}
	head := s.fit(site, inner, 290, 168, 144, 124, 106, 90, 76, 64)
	sub := s.fit(line, inner, 100, 40, 36, 32)
	headHeight := head.ascent() + head.leading*float64(len(head.lines)-1)
	subHeight := 0.0
	if !line.empty() {
		subHeight = 44 + sub.ascent() + sub.leading*float64(len(sub.lines)-1)
	}
	gap := 24 + (head.leading - 0.9*head.size) // below the letters that reach lowest
	y := middle - (headHeight+gap+16+subHeight)/2
	centre(pic, inkPen, head, y+head.ascent())
	y += headHeight + gap
	doubleRule(pic, int(y), margin, right)
	if !line.empty() {
		centre(pic, softPen, sub, y+16+44+sub.ascent())
	}
}

// footer says who wrote the post, and when.
func footer(pic *canvas, s *setter, author, date text, rtl bool) {
	const size, square, gap = 32.0, 22, 18
	day := s.fit(date, inner/2, size, size)
	who := s.fit(author, inner-square-gap-day.width()-40, size, size)
	start := func(from, width float64) float64 { // the left end of what begins there, seen from where the card begins
		if rtl {
			return right - from - width
		}
		return margin + from
	}
	left := int(start(0, square))
	pic.fill(accentPen, left, foot-square, left+square, foot)
	from := float64(square + gap)
	for _, part := range []struct {
		pen pen
		set paragraph
	}{{inkPen, who}, {softPen, day}} {
		if len(part.set.lines) > 0 {
			w := part.set.width()
			pic.line(part.pen, part.set.lines[0], start(from, w), foot)
			from += w + 32
		}
	}
}

// doubleRule draws the paper's mark, thick over thin.
func doubleRule(pic *canvas, y, x0, x1 int) {
	pic.fill(inkPen, x0, y, x1, y+8)
	pic.fill(inkPen, x0, y+13, x1, y+16)
}

// mark draws the icon of the program (web/static/favicon.svg), for names that
// cannot be written.
func mark(pic *canvas, x, y, size int) {
	for _, r := range []struct {
		p              pen
		x0, y0, x1, y1 float64
	}{
		{inkPen, 6, 5, 26, 8.5}, {inkPen, 6, 10, 26, 11}, {accentPen, 6, 14, 15, 23},
		{inkPen, 17.5, 14, 26, 15.6}, {inkPen, 17.5, 17.7, 26, 19.3}, {inkPen, 17.5, 21.4, 26, 23}, {inkPen, 6, 25.6, 26, 27.2},
	} {
		at := func(from int, v, origin float64) int { return from + int((v-origin)/22*float64(size)+0.5) }
		pic.fill(r.p, at(x, r.x0, 6), at(y, r.y0, 5), at(x, r.x1, 6), at(y, r.y1, 5))
	}
}

// ascent is how far the first line reaches above its baseline, about.
func (p paragraph) ascent() float64 { return p.size * 0.72 }

// place draws a paragraph along the margin where its card begins.
func place(pic *canvas, p pen, set paragraph, baseline float64, rtl bool) {
	for i, line := range set.lines {
		x := float64(margin)
		if rtl {
			x = right - lineWidth(line)
		}
		pic.line(p, line, x, baseline+float64(i)*set.leading)
	}
}

func centre(pic *canvas, p pen, set paragraph, baseline float64) {
	for i, line := range set.lines {
		pic.line(p, line, (Width-lineWidth(line))/2, baseline+float64(i)*set.leading)
	}
}
