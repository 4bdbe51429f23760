package posts

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
)

const (
	nearAtOnce = 2  // how many look for near addresses at once; others do without
	nearLooked = 20 // how many addresses on either side are looked at
	nearShown  = 3
	nearEnough = 0.4 // likeness from which an address may be what was meant
)

// Near returns posts and pages whose address or title is like an address that
// nothing has, best first: it was mistyped, or cut when it was copied. It looks
// at the addresses that stand next to it in their order alone, so that it costs
// the same on any blog, and returns nothing while others look.
func (s *Store) Near(ctx context.Context, slug string) ([]CardLink, error) {
	slug = Slugify(slug)
	if utf8.RuneCountInString(slug) < 4 {
		return nil, nil
	}
	select {
	case s.near <- struct{}{}:
		defer func() { <-s.near }()
	default:
		return nil, nil
	}
	const columns = "SELECT p.kind, p.slug, p.title, p.language, " + visible + " AS visible FROM posts p WHERE p.slug "
	found, err := collect[nearPost](ctx, s.pool,
		"SELECT * FROM ("+columns+"> @slug ORDER BY p.slug LIMIT "+strconv.Itoa(nearLooked)+") behind UNION ALL SELECT * FROM ("+
			columns+"< @slug ORDER BY p.slug DESC LIMIT "+strconv.Itoa(nearLooked)+") before",
		pgx.StrictNamedArgs{"slug": slug})
	if err != nil {
		return nil, fmt.Errorf("finding addresses near %q: %w", slug, err)
	}
	asked := trigrams(slug)
	for i := range found {
		p := &found[i]
		p.likeness = max(likeness(asked, trigrams(p.Slug)), likeness(asked, trigrams(Slugify(p.Title))))
	}
	found = slices.DeleteFunc(found, func(p nearPost) bool { return p.Visible == nil || !*p.Visible || p.likeness < nearEnough })
	slices.SortStableFunc(found, func(a, b nearPost) int { return cmp.Compare(b.likeness, a.likeness) })
	var links []CardLink
	for _, p := range found[:min(len(found), nearShown)] {
		links = append(links, p.CardLink)
	}
	return links, nil
}

type nearPost struct {
	CardLink
	Visible  *bool // null for a draft without a date
	likeness float64
}

// trigrams returns every three characters in a row of each word, with two
// spaces before the word and one behind.
func trigrams(slug string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.SplitSeq(slug, "-") {
		letters := []rune("  " + word + " ")
		for i := range len(letters) - 2 {
			set[string(letters[i:i+3])] = true
		}
	}
	return set
}

// likeness is the share of trigrams that two texts have in common, from 0 to 1.
func likeness(a, b map[string]bool) float64 {
	common := 0
	for t := range a {
		if b[t] {
			common++
		}
	}
	return float64(common) / float64(max(1, len(a)+len(b)-common))
}
