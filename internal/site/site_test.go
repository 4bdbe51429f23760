package site_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/postgrestest"
	"broadsheet/internal/site"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	store := site.NewStore(postgrestest.New(t))
	got, err := store.Get(t.Context())
	if err != nil || got != site.Default {
		t.Fatalf("a new blog: got %+v, %v, want %+v", got, err, site.Default)
	}
	err = store.Save(t.Context(), site.Settings{Title: "  Die  Zeitung ", Tagline: "Täglich", Language: "de", TimeZone: "Europe/Berlin"})
	if err != nil {
		t.Fatal(err)
	}
	want := site.Settings{Title: "Die Zeitung", Tagline: "Täglich", Language: "de", TimeZone: "Europe/Berlin"}
	if got, err = store.Get(t.Context()); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if _, offset := time.Date(2026, 7, 1, 0, 0, 0, 0, got.Location()).Zone(); offset != 2*60*60 {
		t.Errorf("got an offset of %d s in summer, want two hours", offset)
	}
}

func TestInvalidSettingsSayWhatToDo(t *testing.T) {
	t.Parallel()
	store := site.NewStore(postgrestest.New(t))
	tests := []struct {
		name   string
		change func(*site.Settings)
		field  string
	}{
		{"no title", func(s *site.Settings) { s.Title = " \t" }, "title"},
		{"long title", func(s *site.Settings) { s.Title = strings.Repeat("é", 101) }, "title"},
		{"NUL in the title", func(s *site.Settings) { s.Title = "a\x00" }, "title"},
		{"long tagline", func(s *site.Settings) { s.Tagline = strings.Repeat("x", 201) }, "tagline"},
		{"invalid UTF-8", func(s *site.Settings) { s.Tagline = "\xff" }, "tagline"},
		{"no language", func(s *site.Settings) { s.Language = "" }, "language"},
		{"unknown zone", func(s *site.Settings) { s.TimeZone = "Mars/Olympus" }, "time_zone"},
		{"the server's own zone", func(s *site.Settings) { s.TimeZone = "Local" }, "time_zone"},
		{"a path as a zone", func(s *site.Settings) { s.TimeZone = "../../etc/passwd" }, "time_zone"},
	}
	for _, tt := range tests {
		settings := site.Default
		tt.change(&settings)
		err := store.Save(t.Context(), settings)
		var invalid site.Invalid
		if !errors.As(err, &invalid) || len(invalid) != 1 || invalid[tt.field].Key == "" {
			t.Errorf("%s: got %v, want a message for %s alone", tt.name, err, tt.field)
		}
	}
	if got, err := store.Get(t.Context()); err != nil || got != site.Default {
		t.Errorf("got %+v, %v: something invalid was stored", got, err)
	}
}

func TestUnknownZoneIsUTC(t *testing.T) {
	t.Parallel()
	if got := (site.Settings{TimeZone: "Mars/Olympus"}).Location(); got != time.UTC {
		t.Errorf("got %v, want UTC", got)
	}
}
