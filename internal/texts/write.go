package texts

import (
	"strconv"
	"time"
)

// Number writes a whole number with its thousands marked: 12,345 or 12.345.
func (t *Texts) Number(n int64) string {
	if -t.from < n && n < t.from {
		return strconv.FormatInt(n, 10)
	}
	digits := strconv.FormatInt(n, 10)
	written := make([]byte, 0, 2*len(digits))
	for i := range len(digits) {
		if left := len(digits) - i; i > 0 && left%3 == 0 && digits[i-1] != '-' {
			written = append(written, t.group...)
		}
		written = append(written, digits[i])
	}
	return string(written)
}

// Date writes a day as a person reads it: October 3, 2024 or 3. Oktober 2024.
func (t *Texts) Date(at time.Time) string {
	year, month, day := at.Date()
	b := make([]byte, 0, 40)
	for _, p := range t.day {
		switch p.Arg {
		case 0:
			b = append(b, p.Text...)
		case 1:
			b = strconv.AppendInt(b, int64(day), 10)
		case 2:
			b = append(b, t.months[month-1]...)
		case 3:
			b = strconv.AppendInt(b, int64(year), 10)
		}
	}
	return string(b)
}

// Month writes a month of a year: October 2024.
func (t *Texts) Month(year int, month time.Month) string {
	return t.Text("date.month", t.MonthName(month), strconv.Itoa(year))
}

// MonthName returns the name of a month as it stands alone.
func (t *Texts) MonthName(month time.Month) string { return t.months[month-1] }

// Weekday returns the name of a day as it stands alone.
func (t *Texts) Weekday(day time.Weekday) string { return t.weekdays[(day+6)%7] }

// ShortDate writes a day for lists: 3 Oct 2024.
func (t *Texts) ShortDate(at time.Time) string {
	return t.Text("date.short", strconv.Itoa(at.Day()), t.short[at.Month()-1], strconv.Itoa(at.Year()))
}

// Moment writes a day and the time of it for lists: 3 Oct 2024, 09:30.
func (t *Texts) Moment(at time.Time) string {
	return t.Text("date.moment", t.ShortDate(at), at.Format("15:04"))
}
