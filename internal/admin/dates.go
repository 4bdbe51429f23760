package admin

import (
	"fmt"
	"time"

	"broadsheet/internal/texts"
)

// datetimeLocal is the format of <input type="datetime-local">
// (HTML, "local date and time"), with which browsers may send seconds or not.
const datetimeLocal = "2006-01-02T15:04"

// showLocal is what the input shows of a time; "" of the zero time.
func showLocal(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(loc).Format(datetimeLocal)
}

// readLocal reads what was typed as a time in a zone; "" is the zero time. An
// hour that the clock shows twice, when summer time ends, means the first of
// the two. problem is what to tell the author, such as of an hour that the
// clock leaves out, and without a key when there is nothing.
func readLocal(typed string, loc *time.Location) (t time.Time, problem texts.Message) {
	if typed == "" {
		return time.Time{}, texts.Message{}
	}
	wall, ok := parseLocal(typed)
	if !ok {
		return time.Time{}, texts.Message{Key: "problem.date.form"}
	}
	// No zone changes its clock twice within two days: one of the offsets
	// around the time is right, and the one before gives the earlier time.
	for _, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := wall.Add(around).In(loc).Zone()
		candidate := wall.Add(-time.Duration(offset) * time.Second).In(loc)
		if candidate.Format(time.DateTime) == wall.Format(time.DateTime) {
			return candidate, texts.Message{}
		}
	}
	return time.Time{}, texts.Message{Key: "problem.date.skipped", Args: []any{loc.String(), wall.Format("15:04")}}
}

// comesTwice tells whether the clock of a zone shows that time twice, as when
// summer time ends, and whether t is the second of the two.
func comesTwice(t time.Time, loc *time.Location) (is, second bool) {
	if t.IsZero() {
		return false, false
	}
	_, before := t.Add(-24 * time.Hour).In(loc).Zone()
	_, after := t.Add(24 * time.Hour).In(loc).Zone()
	if after >= before {
		return false, false
	}
	other := t.Add(time.Duration(before-after) * time.Second)
	if _, now := t.In(loc).Zone(); now == after {
		other, second = t.Add(-time.Duration(before-after)*time.Second), true
	}
	return other.In(loc).Format(time.DateTime) == t.In(loc).Format(time.DateTime), second
}

// distance says how far away a time is; nothing of one more than 30 days away.
// The editor says the same (web/editor/src/when.js).
func distance(t, now time.Time) string {
	far := t.Sub(now).Abs()
	days, hours, minutes := int(far/(24*time.Hour)), int(far/time.Hour), int(far/time.Minute)
	day := "days"
	if days == 1 {
		day = "day"
	}
	switch {
	case days > 30:
		return ""
	case !t.After(now):
		switch {
		case minutes == 0:
			return "just now"
		case hours == 0:
			return fmt.Sprintf("%d min ago", minutes)
		case days == 0:
			return fmt.Sprintf("%d h ago", hours)
		}
		return fmt.Sprintf("%d %s ago", days, day)
	case minutes == 0:
		return "in less than a minute"
	case hours == 0:
		return fmt.Sprintf("in %d min", minutes)
	case days == 0:
		return "in " + withRest(hours, "h", minutes%60, "min")
	}
	return "in " + withRest(days, day, hours%24, "h")
}

func withRest(n int, unit string, rest int, smaller string) string {
	if rest == 0 {
		return fmt.Sprintf("%d %s", n, unit)
	}
	return fmt.Sprintf("%d %s %d %s", n, unit, rest, smaller)
}

func parseLocal(typed string) (time.Time, bool) {
	for _, layout := range []string{datetimeLocal, datetimeLocal + ":05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, typed); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
