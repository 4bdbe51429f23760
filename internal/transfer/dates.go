package transfer

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// isoDate is a date by numbers, biggest first, in the many ways people and
// programs add a time and a zone: 2013-03-19, 2013-3-19 10:30,
// 2013-03-19T10:30:00.5Z, 2013-03-19 10:30:00 +0100, 2015-03-17 14:00:00 -4.
var isoDate = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})` +
	`(?:(?:\s+|[Tt])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?\s*([AaPp][Mm])?)?` +
	`\s*([A-Za-z]{1,4}|[+-]\d{1,2}(?::?\d{2})?)?$`)

// zones are the ones of RFC 822, with UTC.
var zones = map[string]int{
	"Z": 0, "UTC": 0, "GMT": 0, "UT": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// writtenDates are dates with the name of the month.
var writtenDates = []string{
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon Jan _2 15:04:05 2006",
	"January 2, 2006", "Jan 2, 2006", "January 2 2006", "Jan 2 2006",
	"2 January 2006", "2 Jan 2006", "2-Jan-2006",
	"January 2, 2006 15:04", "Jan 2, 2006 15:04", "January 2, 2006 3:04 PM", "Jan 2, 2006 3:04 PM",
	"2 January 2006 15:04", "2 Jan 2006 15:04",
}

// parseDate reads a date. One without a zone is in loc, one without a time is
// the beginning of that day. Dates such as 03/04/2013, which half of the world
// reads one way and half the other, are not understood.
func parseDate(s string, loc *time.Location) (time.Time, bool) {
	s = strings.Join(strings.Fields(s), " ")
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return numericDate(m, loc)
	}
	for _, layout := range writtenDates {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func numericDate(m []string, loc *time.Location) (time.Time, bool) {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	hour := number(m[4])
	if half := strings.ToLower(m[8]); half != "" {
		if hour < 1 || hour > 12 {
			return time.Time{}, false
		}
		hour %= 12
		if half == "pm" {
			hour += 12
		}
	}
	if m[9] != "" {
		offset, ok := parseZone(m[9])
		if !ok {
			return time.Time{}, false
		}
		loc = time.FixedZone("", offset)
	}
	year, month, day, minute, second := number(m[1]), number(m[2]), number(m[3]), number(m[5]), number(m[6])
	// time.Date would make 3 March of 31 February. Seconds go to 60 once in a while.
	if d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); year < 1 || month > 12 ||
		d.Day() != day || int(d.Month()) != month || hour > 24 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	nanos := number((m[7] + "000000000")[:9])
	return time.Date(year, time.Month(month), day, hour, minute, second, nanos, loc), true
}

// parseZone gives the seconds east of UTC of Z, EST, +0100, +01:00, -4.
func parseZone(s string) (int, bool) {
	if hours, ok := zones[strings.ToUpper(s)]; ok {
		return hours * 3600, true
	}
	sign := 1
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, false
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	hours, minutes := digits, "0"
	if len(digits) > 2 {
		hours, minutes = digits[:len(digits)-2], digits[len(digits)-2:]
	}
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	if h > 14 || m > 59 {
		return 0, false
	}
	return sign * (h*3600 + m*60), true
}
