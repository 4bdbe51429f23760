package codestyle_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"

	"broadsheet/internal/markdown/codestyle"
)

var cssRule = regexp.MustCompile(`(?m)^(.+) \{ color: (#[0-9a-f]{6})`)

func TestReadable(t *testing.T) {
	t.Parallel()
	for _, styles := range [][2]string{{"github", "github-dark"}, {"friendly", "monokai"}, {"solarized-light", "solarized-dark"}, {"none", "none"}} {
		t.Run(styles[0], func(t *testing.T) {
			t.Parallel()
			css := codestyle.CSS(styles[0], styles[1])
			light, dark, found := strings.Cut(css, "@media (prefers-color-scheme: dark) {\n")
			if !found {
				t.Fatalf("got %s, want a dark part", css)
			}
			if !strings.HasPrefix(light, "@media (prefers-color-scheme: light)") {
				t.Errorf("got %s, want rules of the light style that end with it", light)
			}
			for sheet, background := range map[string]string{light: codestyle.LightBackground, dark: codestyle.DarkBackground} {
				rules := cssRule.FindAllStringSubmatch(sheet, -1)
				if len(rules) == 0 {
					t.Errorf("got %s, want colours", sheet)
				}
				marked := regexp.MustCompile(`\.hl \{ .*background-color: (#[0-9a-f]{6})`).FindStringSubmatch(sheet)[1]
				for _, rule := range rules {
					for _, behind := range []string{background, marked} {
						if got := contrast(chroma.MustParseColour(rule[2]), chroma.MustParseColour(behind)); got < 7 {
							t.Errorf("%s: got contrast %.2f of %s on %s, want 7", rule[1], got, rule[2], behind)
						}
					}
				}
			}
		})
	}
}

// contrast is WCAG's ratio, computed on its own so that a slip shows.
func contrast(a, b chroma.Colour) float64 {
	luminance := func(c chroma.Colour) float64 {
		var sum float64
		for i, channel := range []uint8{c.Red(), c.Green(), c.Blue()} {
			sum += []float64{0.2126, 0.7152, 0.0722}[i] * linear(float64(channel)/255)
		}
		return sum
	}
	la, lb := luminance(a)+0.05, luminance(b)+0.05
	return max(la/lb, lb/la)
}

func TestContrast(t *testing.T) {
	t.Parallel()
	got := fmt.Sprintf("%.2f", contrast(chroma.MustParseColour("#777777"), chroma.MustParseColour("#ffffff")))
	if got != "4.48" {
		t.Errorf("got contrast %s of #777 on white, want 4.48", got)
	}
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
