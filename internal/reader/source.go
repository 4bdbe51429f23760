package reader

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v3"

	"broadsheet/internal/markdown"
	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

const markdownType = "text/markdown; charset=utf-8"

// frontMatter stands above a post's Markdown.
type frontMatter struct {
	Title       string   `yaml:"title"`
	Date        string   `yaml:"date"` // RFC 3339
	Author      string   `yaml:"author,omitempty"`
	Authors     []string `yaml:"authors,omitempty,flow"` // where there are several
	Language    string   `yaml:"language"`
	Tags        []string `yaml:"tags,omitempty,flow"`
	Description string   `yaml:"description,omitempty"`
	Canonical   string   `yaml:"canonical"`
}

// PostSource serves /posts/{slug}.md, the post as its author wrote it but for
// comments, which are not for readers.
func (rd *Reader) PostSource(w http.ResponseWriter, r *http.Request) error {
	slug, ok := slugParam(r, "slug")
	if !ok {
		return posts.ErrNotFound
	}
	post, err := rd.posts.Original(r.Context(), slug)
	var moved *posts.MovedError
	if errors.As(err, &moved) && moved.Kind == posts.KindPost {
		pagecache.Show(r.Context(), pagecache.On("slug:"+slug), pagecache.On("slug:"+moved.Slug))
		return redirect(w, r, page.PostURL(moved.Slug)+".md", http.StatusMovedPermanently)
	} else if moved != nil {
		return posts.ErrNotFound
	}
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	text, err := markdown.WithoutComments(post.Markdown, post.Language)
	if err != nil {
		return fmt.Errorf("reading the Markdown of post %d: %w", post.ID, err)
	}
	var out bytes.Buffer
	out.WriteString("---\n")
	front := frontMatter{
		Title: post.Title, Date: base.ISO(post.PublishedAt), Author: post.AuthorName, Language: post.Language,
		Tags: post.TagNames, Description: post.Summary, Canonical: cmp.Or(post.Canonical, base.BaseURL+page.PostURL(post.Slug)),
	}
	if len(post.Coauthors) > 0 {
		front.Author, front.Authors = "", post.AuthorNames()
	}
	if err := yaml.NewEncoder(&out).Encode(front); err != nil {
		return err
	}
	out.WriteString("---\n\n" + strings.TrimSpace(text) + "\n")
	pagecache.Show(r.Context(), pagecache.On(postKey(post.ID)), pagecache.On("slug:"+post.Slug))
	page.Send(w, r, http.StatusOK, markdownType, page.Revalidate, out.Bytes())
	return nil
}

// llmsPosts is how many posts /llms.txt names.
const llmsPosts = 50

// markdownMark are the characters that would end a link's words.
var markdownMark = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `<`, `\<`, "`", "\\`", `*`, `\*`, `_`, `\_`)

// LLMs serves /llms.txt, the blog for programs that read Markdown.
func (rd *Reader) LLMs(w http.ResponseWriter, r *http.Request) error {
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	l, err := rd.posts.Listing(r.Context(), posts.Filter{Limit: llmsPosts})
	if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString("# " + markdownMark.Replace(base.Site.Title) + "\n")
	if base.Site.Tagline != "" {
		out.WriteString("\n> " + markdownMark.Replace(base.Site.Tagline) + "\n")
	}
	out.WriteString("\nThe address of every post with .md behind it is its text as Markdown.\n")
	if len(l.Posts) > 0 {
		out.WriteString("\n## Newest posts\n\n")
	}
	for _, p := range l.Posts {
		fmt.Fprintf(&out, "- [%s](%s.md): %s, by %s\n", markdownMark.Replace(p.Title), base.BaseURL+page.PostURL(p.Slug),
			p.PublishedAt.UTC().Format("2006-01-02"), markdownMark.Replace(texts.In(texts.Reference).List(p.AuthorNames())))
		pagecache.Show(r.Context(), pagecache.On(postKey(p.ID)))
	}
	fmt.Fprintf(&out, "\n## More\n\n- [All posts](%[1]s/sitemap.xml): sitemap\n- [Newest posts, whole](%[1]s/feed.json): JSON Feed\n- [Tags](%[1]s/tags)\n", base.BaseURL)
	pagecache.Show(r.Context(), between("posts", l.Oldest, l.Newest))
	page.Send(w, r, http.StatusOK, markdownType, page.Revalidate, []byte(out.String()))
	return nil
}
