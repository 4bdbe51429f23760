package admin

import (
	"net/http"
	"time"

	"broadsheet/internal/page"
	"broadsheet/internal/posts"
	"broadsheet/internal/texts"
)

type calendarPage struct {
	base
	Month time.Time // its first moment in the blog's time zone
	Weeks [][]calendarDay
	Days  []calendarDay // those with posts
	Full  bool          // whether there are more posts than are shown
}

// calendarDay is a day of the month; outside it, in its first and last week,
// Date is zero.
type calendarDay struct {
	Date  time.Time
	Today bool
	Posts []calendarPost
}

// Day is the number of the day.
func (d calendarDay) Day() int { return d.Date.Day() }

// calendarPost is a post on its day.
type calendarPost struct {
	posts.CalendarPost
	voice voice
}

// EditURL leads to the post's form.
func (p calendarPost) EditURL() string { return postPath(p.ID) }

// Clock is the time of day.
func (p calendarPost) Clock() string { return p.PublishedAt.In(p.voice.zone).Format("15:04") }

// State returns what became of the post.
func (p calendarPost) State() posts.State {
	if p.Scheduled {
		return posts.StateScheduled
	}
	return posts.StatePublished
}

var calendarTemplate = page.Parse[calendarPage]("admin/calendar.html")

const monthLayout = "2006-01"

// Weekdays are the names of the table's columns.
func (p calendarPage) Weekdays() (names []string) {
	for day := range time.Weekday(7) {
		names = append(names, p.Weekday((day+1)%7))
	}
	return names
}

// Weekday is the name of a day.
func (p calendarPage) Weekday(day time.Weekday) string { return texts.In(p.Lang()).Weekday(day) }

// Name is the month as people say it.
func (p calendarPage) Name() string { return texts.In(p.Lang()).Month(p.Month.Year(), p.Month.Month()) }

// Empty tells whether the month has no post.
func (p calendarPage) Empty() bool { return len(p.Days) == 0 }

// BeforeURL and AfterURL lead to the months around this one, "" at the ends of time.
func (p calendarPage) BeforeURL() string { return monthURL(p.Month, -1) }
func (p calendarPage) AfterURL() string  { return monthURL(p.Month, 1) }

func monthURL(month time.Time, step int) string {
	to := time.Date(month.Year(), month.Month()+time.Month(step), 1, 0, 0, 0, 0, time.UTC)
	if to.Year() < 1 || to.Year() > 9999 {
		return ""
	}
	return "/admin/calendar?month=" + to.Format(monthLayout)
}

// Calendar shows what is scheduled and published in a month.
func (a *Admin) Calendar(w http.ResponseWriter, r *http.Request) error {
	var p calendarPage
	var err error
	if p.base, err = a.base(w, r, "admin.nav.calendar", "calendar"); err != nil {
		return err
	}
	location := p.Site.Location()
	today := time.Now().In(location)
	p.Month = time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, location)
	if asked := r.URL.Query().Get("month"); asked != "" {
		month, err := time.Parse(monthLayout, asked)
		if err != nil || month.Year() < 1 || month.Format(monthLayout) != asked {
			return page.BadRequest("calendar.no-month")
		}
		p.Month = time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, location)
	}
	end := time.Date(p.Month.Year(), p.Month.Month()+1, 1, 0, 0, 0, 0, location)
	found, err := a.posts.Calendar(r.Context(), p.Month, end)
	if err != nil {
		return err
	}
	p.Full = len(found) == posts.CalendarMost
	byDay := map[int][]calendarPost{}
	for _, f := range found {
		day := f.PublishedAt.In(location).Day()
		byDay[day] = append(byDay[day], calendarPost{f, p.voice()})
	}
	column := (int(p.Month.Weekday()) + 6) % 7 // weeks begin on Monday (ISO 8601)
	week := make([]calendarDay, 7)
	for day := 1; day <= end.AddDate(0, 0, -1).Day(); day++ {
		d := calendarDay{Date: time.Date(p.Month.Year(), p.Month.Month(), day, 12, 0, 0, 0, location), Posts: byDay[day]}
		d.Today = d.Date.Format(time.DateOnly) == today.Format(time.DateOnly)
		if week[column] = d; len(d.Posts) > 0 {
			p.Days = append(p.Days, d)
		}
		if column++; column == 7 {
			p.Weeks, week, column = append(p.Weeks, week), make([]calendarDay, 7), 0
		}
	}
	if column > 0 {
		p.Weeks = append(p.Weeks, week)
	}
	return calendarTemplate.Write(w, r, http.StatusOK, p)
}
