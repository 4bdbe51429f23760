package posts

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 80 // characters of a slug that we make; authors may type longer ones

// plainLetters spells Latin letters that Unicode does not decompose.
var plainLetters = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ı", "i",
)

// tagSigns spells the signs that tell tags apart which letters do not.
var tagSigns = strings.NewReplacer("+", " plus ", "#", " sharp ", "&", " and ", "@", " at ", "%", " percent ")

// Slugify makes the last part of an address from a title or a file name:
// lower-case letters and digits of any script, joined by hyphens, without the
// accents of Latin letters. It is "" when there is neither letter nor digit,
// and cut at a hyphen when it is longer than a title makes a good address.
func Slugify(s string) string { return shorten(spell(s)) }

// decompose writes letters and digits that are drawn in a special way (bold,
// full-width, as a ligature) as the plain ones, in lower case, and takes all
// apart into letters and marks. Signs stay as they are: ™ is no “TM”.
func decompose(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteString(norm.NFKD.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return plainLetters.Replace(norm.NFD.String(strings.ToLower(b.String())))
}

// spell is Slugify without a bound, for addresses that authors chose.
func spell(s string) string {
	var b strings.Builder
	var latin, gap bool
	for _, r := range decompose(s) {
		switch {
		case unicode.Is(unicode.Mark, r):
			// In other scripts a mark is a vowel, not an accent.
			if !latin && b.Len() > 0 && !gap {
				b.WriteRune(r)
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			latin = unicode.In(r, unicode.Latin, unicode.Greek)
			b.WriteRune(r)
		case r == '\'' || r == '’':
			// don't → dont
		default:
			gap = true
		}
	}
	return norm.NFC.String(b.String())
}

// shorten cuts a slug at the last hyphen that fits.
func shorten(slug string) string {
	runes := []rune(slug)
	if len(runes) <= maxSlug {
		return slug
	}
	cut := string(runes[:maxSlug])
	if i := strings.LastIndexByte(cut, '-'); i > 0 {
		return cut[:i]
	}
	return cut
}

// TagSlug makes a tag's slug. Signs that tell tags apart are spelled out: C is
// "c", C# "c-sharp", C/C++ "c-c-plus-plus", .NET "dot-net"; a name without
// any letter, such as an emoji, is spelled by its code points.
func TagSlug(name string) string {
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, ".") {
		name = "dot " + name[1:]
	}
	if slug := Slugify(tagSigns.Replace(name)); slug != "" {
		return slug
	}
	var codes []string
	for _, r := range name {
		if !unicode.IsSpace(r) && len(codes) < 12 {
			codes = append(codes, fmt.Sprintf("%x", r))
		}
	}
	return "u-" + strings.Join(codes, "-")
}
