package reader

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/pagecache"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

// archivePage lists the years and months that have posts.
type archivePage struct {
	page.Base
	Years []year
}

// year is a year that has posts.
type year struct {
	Name, URL string
	Posts     int64
	Months    []month // newest first
}

// month is a month that has posts.
type month struct {
	Name, URL string
	Posts     int64
}

// period is the year or the month that a listing shows.
type period struct {
	Name          string
	UpName, UpURL string  // of the year that a month belongs to
	Months        []month // of a year, on its first page
}

var archiveTemplate = page.Parse[archivePage]("pages/archive.html")

// Archive serves /archive.
func (rd *Reader) Archive(w http.ResponseWriter, r *http.Request) error {
	months, err := rd.posts.Archive(r.Context())
	if err != nil {
		return err
	}
	base, err := rd.pages.Base(r.Context())
	if err != nil {
		return err
	}
	p := archivePage{Base: base, Years: years(months, base.Lang())}
	p.Title = p.Text("archive.title")
	p.Description = p.Text("archive.about", base.Site.Title)
	p.Canonical = base.BaseURL + "/archive"
	pagecache.Show(r.Context(), pagecache.On("archive"))
	return archiveTemplate.Write(w, r, http.StatusOK, p)
}

// years groups months, newest first, by their years.
func years(months []posts.Month, lang string) []year {
	var all []year
	for _, m := range months {
		name := strconv.Itoa(m.Month.Year())
		if n := len(all); n == 0 || all[n-1].Name != name {
			all = append(all, year{Name: name, URL: yearURL(m.Month.Year())})
		}
		y := &all[len(all)-1]
		y.Posts += m.Posts
		y.Months = append(y.Months, month{texts.In(lang).MonthName(m.Month.Month()), monthURL(m.Month.Year(), m.Month.Month()), m.Posts})
	}
	return all
}

func yearURL(year int) string { return fmt.Sprintf("/archive/%04d", year) }

func monthURL(year int, month time.Month) string {
	return fmt.Sprintf("/archive/%04d/%02d", year, month)
}

var (
	yearForm  = regexp.MustCompile(`^[0-9]{4}$`)
	monthForm = regexp.MustCompile(`^[0-9]{1,2}$`)
)

// Year serves /archive/{year}.
func (rd *Reader) Year(w http.ResponseWriter, r *http.Request) error {
	y, ok := yearParam(r)
	if !ok {
		return page.NotFound("error.period")
	}
	l, err := rd.newListing(r, yearURL(y))
	if err != nil {
		return err
	}
	l.Period = &period{Name: strconv.Itoa(y)}
	l.Title = l.Text("archive.of", l.Period.Name)
	from := time.Date(y, time.January, 1, 0, 0, 0, 0, l.Zone())
	return rd.list(w, r, l, posts.Filter{From: from, To: from.AddDate(1, 0, 0)})
}

// Month serves /archive/{year}/{month}. The month has two digits; one is led to
// its address.
func (rd *Reader) Month(w http.ResponseWriter, r *http.Request) error {
	y, ok := yearParam(r)
	m, _ := strconv.Atoi(r.PathValue("month"))
	if !ok || !monthForm.MatchString(r.PathValue("month")) || m < 1 || m > 12 {
		return page.NotFound("error.period")
	}
	path := monthURL(y, time.Month(m))
	if len(r.PathValue("month")) == 1 {
		return redirect(w, r, address(path, cursors(r.URL.Query())), http.StatusMovedPermanently)
	}
	l, err := rd.newListing(r, path)
	if err != nil {
		return err
	}
	l.Period = &period{Name: texts.In(l.Lang()).Month(y, time.Month(m)), UpName: strconv.Itoa(y), UpURL: yearURL(y)}
	l.Title = l.Text("archive.of", l.Period.Name)
	from := time.Date(y, time.Month(m), 1, 0, 0, 0, 0, l.Zone())
	return rd.list(w, r, l, posts.Filter{From: from, To: from.AddDate(0, 1, 0)})
}

// yearParam reads the {year} of the route.
func yearParam(r *http.Request) (y int, ok bool) {
	y, err := strconv.Atoi(r.PathValue("year"))
	return y, err == nil && y > 0 && yearForm.MatchString(r.PathValue("year"))
}
