package browsertest_test

import (
	"testing"
	"time"

	"broadsheet/internal/texts"
)

// TestDatesAndNumbers compares what package texts writes with what the browser
// does, which has the data of Unicode's CLDR.
func TestDatesAndNumbers(t *testing.T) {
	t.Parallel()
	p := newBlog(t).visitor(t)
	var days []int64
	for day := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() == 2024; day = day.AddDate(0, 0, 9) {
		days = append(days, day.UnixMilli())
	}
	numbers := []int64{0, 7, 999, 1000, 1234, 9999, 10_000, 123_456, 1_000_000, 9_876_543_210}
	for _, lang := range []string{"en", "en-GB", "de", "fr", "es", "ja", "ar"} {
		in := texts.In(lang)
		dates := js[[]string](p, `(lang, days) => days.map(day => new Intl.DateTimeFormat(lang, {dateStyle: "long", timeZone: "UTC"}).format(day))`, lang, days)
		months := js[[]string](p, `(lang, days) => days.map(day => new Intl.DateTimeFormat(lang, {year: "numeric", month: "long", timeZone: "UTC"}).format(day))`, lang, days)
		for i, day := range days {
			at := time.UnixMilli(day).UTC()
			if got := in.Date(at); got != dates[i] {
				t.Errorf("%s: got date %q, the browser %q", lang, got, dates[i])
			}
			if got := in.Month(at.Year(), at.Month()); got != months[i] {
				t.Errorf("%s: got month %q, the browser %q", lang, got, months[i])
			}
		}
		for i, want := range js[[]string](p, `(lang, numbers) => numbers.map(n => new Intl.NumberFormat(lang).format(n))`, lang, numbers) {
			if got := in.Number(numbers[i]); got != want {
				t.Errorf("%s: got number %q, the browser %q", lang, got, want)
			}
		}
	}
}
