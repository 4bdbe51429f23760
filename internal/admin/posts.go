package admin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/accounts"
	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

type postsPage struct {
	base
	State   posts.State // "" for all
	Sort    posts.Sort
	Author  string // handle, "" for all
	Tag     string // as typed
	Query   string
	Authors []accounts.Author // to choose from
	Rows    []postRow
	page    posts.RowPage

	LateJobs int // of those that the owner should look at
}

// postRow is a line of the list.
type postRow struct {
	posts.Row
	voice voice
}

// tab is one of the states that the list can be narrowed to.
type tab struct {
	Name    string
	Href    string
	Current bool
}

var postsTemplate = page.Parse[postsPage]("admin/posts.html")

// Posts lists posts in any state.
func (a *Admin) Posts(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	p := postsPage{
		State: posts.State(query.Get("state")), Sort: posts.Sort(query.Get("sort")), Author: query.Get("author"),
		Tag: strings.TrimSpace(query.Get("tag")), Query: strings.TrimSpace(query.Get("q")),
	}
	if !slices.ContainsFunc(states, func(t stateTab) bool { return t.state == p.State }) {
		return page.BadRequest("posts.no-state")
	}
	if !slices.ContainsFunc(sorts, func(o SortOption) bool { return o.Value == p.Sort }) {
		return page.BadRequest("posts.no-order")
	}
	for _, text := range []string{p.Query, p.Author, p.Tag} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > maxQuery {
			return page.BadRequest("posts.no-search")
		}
	}
	var err error
	if p.base, err = a.base(w, r, "admin.nav.posts", "posts"); err != nil {
		return err
	}
	if p.Authors, err = a.accounts.Authors(r.Context()); err != nil {
		return err
	}
	location := p.Site.Location()
	p.page, err = a.posts.Rows(r.Context(), posts.RowFilter{
		State: p.State, Sort: p.Sort, Author: p.Author, Tag: p.Tag, Query: p.Query, Zone: location,
		After: query.Get("after"), Before: query.Get("before"),
	})
	if err != nil {
		return err
	}
	if p.page.AtTop {
		redirect(w, p.href(p.State, "", ""))
		return nil
	}
	for _, row := range p.page.Rows {
		p.Rows = append(p.Rows, postRow{row, p.voice()})
	}
	if p.SignedIn.Role == accounts.RoleOwner {
		late, err := a.lateJobs(r.Context())
		if err != nil {
			return err
		}
		p.LateJobs = len(late)
	}
	return postsTemplate.Write(w, r, http.StatusOK, p)
}

const maxQuery = 400 // bytes

type stateTab struct {
	name  string
	state posts.State
}

var states = []stateTab{
	{"posts.all", posts.StateAll}, {"posts.drafts", posts.StateDraft}, {"posts.review", posts.StateReview}, {"posts.changed", posts.StateChanged},
	{"posts.scheduled", posts.StateScheduled}, {"posts.published", posts.StatePublished}, {"posts.unpublished", posts.StateUnpublished}, {"posts.pages", posts.StatePage},
}

// SortOption is an order to choose.
type SortOption struct {
	Name  string
	Value posts.Sort
}

var sorts = []SortOption{
	{"posts.by-default", posts.SortDefault}, {"posts.by-change", posts.SortUpdated}, {"posts.by-date", posts.SortPublished},
	{"posts.by-title", posts.SortTitle},
}

// Sorts returns the orders to choose from.
func (p postsPage) Sorts() []SortOption {
	named := slices.Clone(sorts)
	for i := range named {
		named[i].Name = p.Text(named[i].Name)
	}
	return named
}

// Filtered tells whether more than a state is asked for.
func (p postsPage) Filtered() bool { return p.Query != "" || p.Author != "" || p.Tag != "" }

// Here is the address of the list as it is shown, but for the page of it.
func (p postsPage) Here() string { return p.href(p.State, "", "") }

// Tabs returns the states to choose from. A search stays when the tab changes.
func (p postsPage) Tabs() []tab {
	var tabs []tab
	for _, s := range states {
		tabs = append(tabs, tab{p.Text(s.name), p.href(s.state, "", ""), s.state == p.State})
	}
	return tabs
}

// NewerURL and OlderURL lead to the pages around this one, "" at the ends.
func (p postsPage) NewerURL() string { return p.cursorHref("before", p.page.Newer) }
func (p postsPage) OlderURL() string { return p.cursorHref("after", p.page.Older) }

// Cleared leads to the list without filters.
func (p postsPage) Cleared() string {
	return postsPage{State: p.State}.href(p.State, "", "")
}

func (p postsPage) cursorHref(name, cursor string) string {
	if cursor == "" {
		return ""
	}
	return p.href(p.State, name, cursor)
}

func (p postsPage) href(state posts.State, cursorName, cursor string) string {
	query := url.Values{}
	for name, value := range map[string]string{
		"state": string(state), "sort": string(p.Sort), "author": p.Author, "tag": p.Tag, "q": p.Query, cursorName: cursor,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return (&url.URL{Path: "/admin/posts", RawQuery: query.Encode()}).String()
}

// EditURL leads to the post's form.
func (r postRow) EditURL() string { return postPath(r.ID) }

// Picked is what the row's checkbox sends.
func (r postRow) Picked() string { return formatID(r.ID) + "-" + formatID(r.Version) }

// IsPage tells pages from posts.
func (r postRow) IsPage() bool { return r.Kind == posts.KindPage }

// Visible tells whether readers can see the post.
func (r postRow) Visible() bool { return r.State == posts.StatePublished }

// When returns the time that says most of the post in its state, and what it is the time of.
func (r postRow) When() string {
	switch {
	case r.PublishedAt == nil || r.State != posts.StatePublished && r.State != posts.StateScheduled:
		return r.voice.texts.Text("posts.edited", r.voice.moment(r.UpdatedAt))
	case r.State == posts.StateScheduled:
		return r.voice.texts.Text("posts.appears", r.voice.moment(*r.PublishedAt))
	}
	return r.voice.moment(*r.PublishedAt)
}

// Moment returns the same time as programs read it.
func (r postRow) Moment() string {
	t := r.UpdatedAt
	if r.PublishedAt != nil && (r.State == posts.StatePublished || r.State == posts.StateScheduled) {
		t = *r.PublishedAt
	}
	return t.In(r.voice.zone).Format(time.RFC3339)
}
