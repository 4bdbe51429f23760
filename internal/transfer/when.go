package transfer

import (
	"slices"
	"strings"
	"time"

	"broadsheet/internal/posts"
)

// The names of fields, folded by foldName, best first.
var (
	dateFields    = []string{"date", "publishedat", "publishdate", "pubdate", "published", "created", "createdat"}
	updatedFields = []string{"lastmod", "updated", "updatedat", "modified", "lastmodified", "lastmodifiedat"}
	endFields     = []string{"expirydate", "unpublishdate"}
)

func (r reader) dates(p *imported, f file, fields fields) {
	p.PublishedAt = r.firstDate(p, fields, dateFields)
	// With both, Hugo shows a post under the first and not before the second.
	if s, _ := fields.text("publishdate"); s != "" {
		if t, ok := parseDate(s, r.Location); ok && t.After(p.PublishedAt) {
			p.PublishedAt = t
		}
	}
	if p.PublishedAt.IsZero() && f.date != "" {
		p.PublishedAt, _ = parseDate(f.date, r.Location)
	}
	p.UpdatedAt = r.firstDate(p, fields, updatedFields)
	if p.PublishedAt.IsZero() {
		p.PublishedAt = p.UpdatedAt
	}
	if p.UpdatedAt.Before(p.PublishedAt) {
		p.UpdatedAt = p.PublishedAt
	}
	p.UnpublishAt = r.firstDate(p, fields, endFields)
}

func (r reader) firstDate(p *imported, fields fields, names []string) time.Time {
	for _, name := range names {
		s, _ := fields.text(name)
		if s == "" || name == "published" && (slices.Contains(yes, strings.ToLower(s)) || slices.Contains(no, strings.ToLower(s))) {
			continue
		}
		if t, ok := parseDate(s, r.Location); ok {
			return t
		}
		p.note("a date is not understood", name+": "+s)
	}
	return time.Time{}
}

// status makes a draft of whatever readers of the old blog could not see, or
// could not see any more: an import must not publish what was private.
func (r reader) status(p *imported, f file, fields fields) {
	switch {
	case f.drafts,
		fields.says([]string{"draft"}, yes...),
		fields.says([]string{"published"}, no...),
		fields.says([]string{"status", "visibility"}, "draft", "pending", "private", "trash", "auto-draft", "in progress"):
		p.Status = posts.StatusDraft
	case fields.says([]string{"private", "hidden", "unlisted"}, yes...) || fields.has("password"):
		p.Status = posts.StatusDraft
		p.note("hidden from readers: imported as a draft", "")
	case p.UnpublishAt.IsZero() && slices.ContainsFunc(endFields, fields.has):
		p.Status = posts.StatusDraft
		p.note("has a date to disappear at that is not understood: imported as a draft", "")
	case !p.UnpublishAt.IsZero() && (!p.UnpublishAt.After(time.Now()) || !p.UnpublishAt.After(p.PublishedAt)):
		p.Status = posts.StatusDraft
		p.note("its time is over: imported as a draft", "")
	case p.PublishedAt.IsZero():
		p.Status = posts.StatusDraft
		p.undated = true
		p.note("no date: imported as a draft", "")
	}
}
