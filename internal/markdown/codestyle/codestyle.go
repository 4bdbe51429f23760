// Package codestyle makes the stylesheet for highlighted code. It stands apart
// from markdown because chroma's styles take time to load, which a server that
// starts does not have.
package codestyle

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/styles"

	"broadsheet/internal/markdown"
)

// The backgrounds of code that CSS makes every token readable on; the
// page's stylesheet sets them.
const (
	LightBackground = "#f6f4ef"
	DarkBackground  = "#1b1d22"
)

const minContrast = 7 // WCAG 2.2, 1.4.6

// CSS gives the stylesheet for highlighted code: the light style and the
// dark one, each under its prefers-color-scheme. The names are chroma's, see
// chroma's package styles. Colours of a style that would be too faint on the
// background are darkened or lightened until they are not; the backgrounds of
// a style are left out.
func CSS(light, dark string) string {
	// Each in a scheme of its own: a rule that only the light style has must
	// not show through in the dark.
	return "@media (prefers-color-scheme: light) {\n" + styleCSS(styles.Get(light), LightBackground) + "}\n" +
		"@media (prefers-color-scheme: dark) {\n" + styleCSS(styles.Get(dark), DarkBackground) + "}\n"
}

func styleCSS(style *chroma.Style, background string) string {
	paper := chroma.MustParseColour(background)
	ink := chroma.MustParseColour("#000000")
	if luminance(paper) < 0.5 {
		ink = chroma.MustParseColour("#ffffff")
	}
	// Highlighted lines stand on a background of their own, the harder one to read on.
	marked := mix(paper, ink, 0.08)

	var out strings.Builder
	base := readable(style.Get(chroma.Text).Colour, ink, marked)
	fmt.Fprintf(&out, ".chroma { color: %s }\n", base)
	fmt.Fprintf(&out, ".chroma .hl { display: block; background-color: %s }\n", marked)
	for _, token := range tokenTypes() {
		entry := style.Get(token)
		declarations := []string{"color: " + readable(entry.Colour, ink, marked).String()}
		if entry.Bold == chroma.Yes {
			declarations = append(declarations, "font-weight: bold")
		}
		if entry.Italic == chroma.Yes {
			declarations = append(declarations, "font-style: italic")
		}
		if entry.Underline == chroma.Yes {
			declarations = append(declarations, "text-decoration: underline")
		}
		if len(declarations) > 1 || declarations[0] != "color: "+base.String() {
			fmt.Fprintf(&out, ".chroma .%s { %s }\n", markdown.TokenClass(token), strings.Join(declarations, "; "))
		}
	}
	return out.String()
}

// tokenTypes are the types of tokens that get a class, in chroma's order.
func tokenTypes() []chroma.TokenType {
	var types []chroma.TokenType
	for token, class := range chroma.StandardTypes {
		if token > 0 && class != "" {
			types = append(types, token)
		}
	}
	slices.Sort(types)
	return types
}

// readable moves a colour towards the ink until it can be read on the background.
func readable(colour, ink, background chroma.Colour) chroma.Colour {
	if !colour.IsSet() {
		return ink
	}
	for share := 0.0; share < 1; share += 0.04 {
		if mixed := mix(colour, ink, share); contrast(mixed, background) >= minContrast {
			return mixed
		}
	}
	return ink
}

func mix(a, b chroma.Colour, share float64) chroma.Colour {
	channel := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*share)) }
	return chroma.NewColour(channel(a.Red(), b.Red()), channel(a.Green(), b.Green()), channel(a.Blue(), b.Blue()))
}

// contrast is the contrast ratio of WCAG 2.2.
func contrast(a, b chroma.Colour) float64 {
	bright, dim := max(luminance(a), luminance(b)), min(luminance(a), luminance(b))
	return (bright + 0.05) / (dim + 0.05)
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c chroma.Colour) float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.Red()) + 0.7152*linear(c.Green()) + 0.0722*linear(c.Blue())
}
