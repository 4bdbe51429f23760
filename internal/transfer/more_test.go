package transfer_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"broadsheet/internal/posts"
)

func TestSeriesCoverAndWhatSearchEnginesAreTold(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	report := b.bring(fstest.MapFS{
		"hugo.md": {Data: []byte("+++\ntitle = \"Hugo\"\ndate = 2020-01-01\nseries = [\"Wading birds\", \"Water\"]\nseries_order = 3\nfeatured = true\n" +
			"summary = \"In short.\"\ndescription = \"For search engines.\"\ncanonicalURL = \"https://example.org/hugo\"\nrobotsNoIndex = true\n" +
			"[cover]\nimage = \"/media/heron.jpg\"\nalt = \"A heron\"\n+++\nText.")},
		"jekyll.md": {Data: []byte("---\ntitle: Jekyll\ndate: 2020-01-02\nseries: wading birds\nseries_part: first\ndescription: Both.\nimage: /media/a.jpg\n" +
			"image_alt: A bird\ncanonical_url: /elsewhere\nrobots: noindex, follow\nseo_title: Other\nfeatured: no\n---\nText.")},
		"plain.md": {Data: []byte("---\ntitle: Plain\ndate: 2020-01-03\n---\nText.")},
	})
	wantCounts(t, report, "3 created, 0 updated, 0 unchanged, 0 kept")
	if diff := cmp.Diff([]string{
		"hugo.md: only the first series is kept, as a post is in one; the others: Water",
		"jekyll.md: the canonical is left out: Use a whole address such as https://example.org/post.",
		"jekyll.md: the place in the series is no number: seriespart: first",
	}, warnings(report)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	for slug, want := range map[string]posts.Draft{
		"hugo": {Series: "Wading birds", SeriesPlace: 3, Featured: true, Summary: "In short.", MetaDescription: "For search engines.",
			CanonicalURL: "https://example.org/hugo", NoIndex: true, Cover: "/media/heron.jpg", CoverAlt: "A heron", CoverX: 50, CoverY: 50},
		"jekyll": {Series: "Wading birds", Summary: "Both.", NoIndex: true, MetaTitle: "Other", Cover: "/media/a.jpg", CoverAlt: "A bird", CoverX: 50, CoverY: 50},
		"plain":  {CoverX: 50, CoverY: 50},
	} {
		got := b.stored(slug)
		if diff := cmp.Diff(want, posts.Draft{
			Series: got.Series, SeriesPlace: got.SeriesPlace, Featured: got.Featured, Summary: got.Summary, MetaTitle: got.MetaTitle,
			MetaDescription: got.MetaDescription, CanonicalURL: got.CanonicalURL, NoIndex: got.NoIndex, Cover: got.Cover, CoverAlt: got.CoverAlt,
			CoverX: got.CoverX, CoverY: got.CoverY,
		}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", slug, diff)
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	report := b.bring(fstest.MapFS{
		"about.md": {Data: []byte("---\ntitle: About\ndate: 2020-01-01\nkind: page\ntags: [a]\nseries: S\nfeatured: true\n---\n")},
		"admin.md": {Data: []byte("---\ntitle: Mine\ndate: 2020-01-01\nkind: page\n---\n")},
	})
	wantCounts(t, report, "1 created, 0 updated, 0 unchanged, 0 kept")
	if got := skipped(report); len(got) != 1 || !strings.Contains(got[0], "admin.md") {
		t.Errorf("got skipped %q, want the page with an address of the blog's own", got)
	}
	if got := b.stored("about"); got.Kind != posts.KindPage || len(got.Tags) > 0 || got.Series != "" || got.Featured {
		t.Errorf("got a %s with tags %q, series %q, featured %t, want a page without", got.Kind, got.Tags, got.Series, got.Featured)
	}
}
