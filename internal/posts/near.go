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
// at the addresses that stand next to it in their order, and when none of them
// is like it at those that begin with it once a mistake in its first letters is
// mended. So it costs the same on any blog. It returns nothing while others look.
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
	const columns = "SELECT p.kind, p.slug, p.title, p.language, " + visible + " AS visible FROM "
	most := " LIMIT " + strconv.Itoa(nearLooked) + ") "
	links, err := s.likest(ctx, slug, columns+"(SELECT * FROM posts p WHERE p.slug > @slug ORDER BY p.slug"+most+
		"p UNION ALL "+columns+"(SELECT * FROM posts p WHERE p.slug < @slug ORDER BY p.slug DESC"+most+"p",
		pgx.StrictNamedArgs{"slug": slug})
	likely, possible := mended(slug)
	for _, slugs := range [][]string{likely, possible} {
		if err == nil && len(links) == 0 {
			links, err = s.likest(ctx, slug, columns+`unnest(@slugs::text[]) m (slug)
				CROSS JOIN LATERAL (SELECT * FROM posts p WHERE p.slug >= m.slug ORDER BY p.slug LIMIT 1) p
				WHERE starts_with(p.slug, m.slug)`, pgx.StrictNamedArgs{"slugs": slugs})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("finding addresses near %q: %w", slug, err)
	}
	return links, nil
}

// likest returns those posts that a query finds which are most like an address.
func (s *Store) likest(ctx context.Context, slug, sql string, args pgx.StrictNamedArgs) ([]CardLink, error) {
	found, err := collect[nearPost](ctx, s.pool, sql, args)
	if err != nil {
		return nil, err
	}
	asked := trigrams(slug)
	for i := range found {
		p := &found[i]
		p.likeness = max(likeness(asked, trigrams(p.Slug)), likeness(asked, trigrams(Slugify(p.Title))))
		if distance([]rune(slug), []rune(p.Slug)) == 1 {
			p.likeness = 1 // few trigrams are left of a short word
		}
	}
	found = slices.DeleteFunc(found, func(p nearPost) bool { return p.Visible == nil || !*p.Visible || p.likeness < nearEnough })
	slices.SortStableFunc(found, func(a, b nearPost) int { return cmp.Compare(b.likeness, a.likeness) })
	found = slices.CompactFunc(found, func(a, b nearPost) bool { return a.Slug == b.Slug })
	var links []CardLink
	for _, p := range found[:min(len(found), nearShown)] {
		links = append(links, p.CardLink)
	}
	return links, nil
}

// mended returns a slug with one of the mistakes of people who type mended in
// its first letters: likely are those with two letters swapped or one too many,
// possible those with a Latin letter that is missing or another one.
func mended(slug string) (likely, possible []string) {
	const first, anyFirst = 6, 3
	r := []rune(slug)
	for i := range min(first, len(r)-1) {
		likely = append(likely, string(r[:i])+string(r[i+1:]))
		if r[i] != r[i+1] {
			likely = append(likely, string(r[:i])+string([]rune{r[i+1], r[i]})+string(r[i+2:]))
		}
	}
	for i := range min(anyFirst, len(r)) {
		for letter := 'a'; letter <= 'z'; letter++ {
			possible = append(possible, string(r[:i])+string(letter)+string(r[i:]), string(r[:i])+string(letter)+string(r[i+1:]))
		}
	}
	return likely, possible
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
