package admin

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
)

// seriesPart is a part of a series around the one that is being written.
type seriesPart struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	URL    string `json:"url"` // of its form, "" of the one that is being written
	Draft  bool   `json:"draft"`
}

// partsAround is how many parts are shown before and after.
const partsAround = 4

// SeriesParts answers where in a series a post comes, by the fields of its form
// ("series", "series_place", "published_at", …) and its id ("post").
func (a *Admin) SeriesParts(w http.ResponseWriter, r *http.Request) error {
	answer := struct {
		Known  bool         `json:"known"` // whether there is such a series
		Many   bool         `json:"many"`  // whether it has too many parts to be numbered
		Number int          `json:"number"`
		Total  int          `json:"total"`
		Parts  []seriesPart `json:"parts"`
		URL    string       `json:"url"` // where the series is put in order
	}{Number: 1, Total: 1, Parts: []seriesPart{}}
	form := readPostForm(r.URL.Query())
	id, _ := strconv.ParseInt(r.URL.Query().Get("post"), 10, 64)
	series, parts, err := a.posts.SeriesParts(r.Context(), form.Series, id)
	if errors.Is(err, posts.ErrNotFound) {
		return page.WriteJSON(w, r, http.StatusOK, answer)
	}
	if err != nil {
		return err
	}
	answer.Known, answer.URL = true, seriesPath(series.ID)
	if answer.Many = len(parts) > posts.SeriesPlaces-1; answer.Many {
		return page.WriteJSON(w, r, http.StatusOK, answer)
	}
	settings, err := a.site.Get(r.Context())
	if err != nil {
		return err
	}
	place, _ := readPlace(form.SeriesPlace)
	at, _ := form.publishedAt(form.location(settings.Location()))
	this := posts.SeriesPost{ID: id, Title: form.Title, Place: place, Status: posts.StatusDraft}
	if !at.IsZero() {
		this.PublishedAt = &at
	}
	before, _ := slices.BinarySearchFunc(parts, this, comesBefore)
	parts = slices.Insert(parts, before, this)
	answer.Number, answer.Total = before+1, len(parts)
	for i := max(0, before-partsAround); i < min(len(parts), before+partsAround+1); i++ {
		part := seriesPart{Number: i + 1, Title: strings.TrimSpace(parts[i].Title), Draft: parts[i].Status != posts.StatusPublished}
		if i != before {
			part.URL = postPath(parts[i].ID)
		}
		answer.Parts = append(answer.Parts, part)
	}
	return page.WriteJSON(w, r, http.StatusOK, answer)
}

// comesBefore orders the parts of a series: those with a place, then the others
// by date, those without one last. A part in the place of another comes after it.
func comesBefore(a, b posts.SeriesPost) int {
	switch {
	case a.Place != b.Place && (a.Place == 0 || b.Place == 0):
		return int(b.Place) - int(a.Place)
	case a.Place != b.Place:
		return int(a.Place) - int(b.Place)
	}
	if when := moment(a).Compare(moment(b)); when != 0 {
		return when
	}
	return -1
}

func moment(p posts.SeriesPost) time.Time {
	if p.PublishedAt == nil {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return *p.PublishedAt
}
