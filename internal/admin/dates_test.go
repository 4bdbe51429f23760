package admin_test

import (
	"testing"
	"time"

	"broadsheet/internal/admin"
)

func TestReadLocal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, zone, typed, want string // want in UTC; "": refused
	}{
		{"winter", "Europe/Berlin", "2024-01-15T09:30", "2024-01-15T08:30:00Z"},
		{"summer", "Europe/Berlin", "2024-07-15T09:30", "2024-07-15T07:30:00Z"},
		{"with seconds", "UTC", "2024-07-15T09:30:15", "2024-07-15T09:30:15Z"},
		{"with a space", "UTC", "2024-07-15 09:30", "2024-07-15T09:30:00Z"},
		{"a day", "America/New_York", "2024-07-15", "2024-07-15T04:00:00Z"},
		{"last minute before the gap", "Europe/Berlin", "2024-03-31T01:59", "2024-03-31T00:59:00Z"},
		{"in the gap", "Europe/Berlin", "2024-03-31T02:30", ""},
		{"first minute after the gap", "Europe/Berlin", "2024-03-31T03:00", "2024-03-31T01:00:00Z"},
		{"in the hour that comes twice", "Europe/Berlin", "2024-10-27T02:30", "2024-10-27T00:30:00Z"},
		{"in New York's gap", "America/New_York", "2024-03-10T02:30", ""},
		{"in New York's hour that comes twice", "America/New_York", "2024-11-03T01:30", "2024-11-03T05:30:00Z"},
		{"a gap of half an hour", "Australia/Lord_Howe", "2024-10-06T02:15", ""},
		{"half an hour that comes twice", "Australia/Lord_Howe", "2024-04-07T01:45", "2024-04-06T14:45:00Z"},
		{"a day that Samoa left out", "Pacific/Apia", "2011-12-30T12:00", ""},
		{"the day after it", "Pacific/Apia", "2011-12-31T12:00", "2011-12-30T22:00:00Z"},
		{"words", "UTC", "tomorrow", ""},
		{"no such day", "UTC", "2023-02-29T10:00", ""},
		{"NUL", "UTC", "2024-01-15T09:30\x00", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, problem := admin.ReadLocal(test.typed, loc)
			if test.want == "" {
				if problem.Key == "" {
					t.Errorf("got %s, want a refusal", got)
				}
				return
			}
			if problem.Key != "" || got.UTC().Format(time.RFC3339) != test.want {
				t.Errorf("got %s, problem %q, want %s", got.UTC().Format(time.RFC3339), problem, test.want)
			}
		})
	}
	if got, problem := admin.ReadLocal("", time.UTC); problem.Key != "" || !got.IsZero() {
		t.Errorf("nothing typed: got %s, problem %q, want the zero time", got, problem)
	}
}

func FuzzReadLocal(f *testing.F) {
	f.Add("2024-01-15T09:30")
	f.Add("2024-03-31T02:30:00")
	f.Add("9999-12-31T23:59")
	f.Add("0000-01-01T00:00")
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		read, problem := admin.ReadLocal(typed, berlin)
		if problem.Key != "" || read.IsZero() {
			return
		}
		shown := admin.ShowLocal(read, berlin)
		again, problem := admin.ReadLocal(shown, berlin)
		if problem.Key != "" || admin.ShowLocal(again, berlin) != shown || read.Sub(again).Abs() >= time.Minute {
			t.Errorf("typed %q: read %s, shown and read again %s, problem %q", typed, read, again, problem)
		}
	})
}

func TestDistance(t *testing.T) {
	t.Parallel()
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	for typed, want := range map[string]string{
		"30s": "in less than a minute", "0s": "just now", "-59s": "just now", "61s": "in 1 min", "3h20m10s": "in 3 h 20 min", "4h": "in 4 h",
		"24h": "in 1 day", "52h10m": "in 2 days 4 h", "744h": "", "743h": "in 30 days 23 h", "-90s": "1 min ago", "-3h50m": "3 h ago", "-25h": "1 day ago",
		"-71h": "2 days ago", "-743h": "30 days ago", "-744h": "",
	} {
		after, err := time.ParseDuration(typed)
		if err != nil {
			t.Fatal(err)
		}
		if got := admin.Distance(now.Add(after), now); got != want {
			t.Errorf("%s: got %q, want %q", typed, got, want)
		}
	}
}
