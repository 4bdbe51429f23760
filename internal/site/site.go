// Package site keeps what an owner may say about the blog as a whole.
package site

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/text/language"

	"broadsheet/internal/texts"
)

// Settings are the blog's own.
type Settings struct {
	Title    string // at most 100 characters
	Tagline  string // one line under the title, at most 200 characters
	Language string // of the pages and of new posts, BCP 47
	TimeZone string // in which dates are shown and typed, IANA
	// Navigation has a line for each link that stands on every page, its words
	// and then its address: "About /about".
	Navigation string
}

// maxLinks is how many links a navigation may have.
const maxLinks = 12

// A NavLink is a link of the navigation.
type NavLink struct{ Text, Address string }

// Links returns the navigation's links. Lines that are none are left out.
func (s Settings) Links() []NavLink {
	var links []NavLink
	for line := range strings.Lines(s.Navigation) {
		if l, problem := parseLink(line); problem.Key == "" && l.Text != "" {
			links = append(links, l)
		}
	}
	return links
}

// parseLink reads a line of the navigation; an empty one is no link and no problem.
func parseLink(line string) (l NavLink, problem texts.Message) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return NavLink{}, texts.Message{}
	}
	l.Text, l.Address = strings.Join(words[:len(words)-1], " "), words[len(words)-1]
	u, err := url.Parse(l.Address)
	switch {
	case l.Text == "":
		return NavLink{}, texts.Message{Key: "problem.navigation.words", Args: []any{words[0]}}
	case err != nil || strings.ContainsAny(l.Address, "\\") || u.User != nil:
		return NavLink{}, texts.Message{Key: "problem.navigation.address", Args: []any{l.Address}}
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(l.Address, "/"), (u.Scheme == "https" || u.Scheme == "http") && u.Host != "", u.Scheme == "mailto":
		return l, texts.Message{}
	}
	return NavLink{}, texts.Message{Key: "problem.navigation.end", Args: []any{strings.Join(words, " ")}}
}

// Default is what a blog has before it is set up.
var Default = Settings{Title: "Broadsheet", Language: "en", TimeZone: "UTC"}

// Location returns the site's time zone, UTC when it is unknown here.
func (s Settings) Location() *time.Location {
	if loc, err := time.LoadLocation(s.TimeZone); err == nil {
		return loc
	}
	return time.UTC
}

// Invalid holds a message for the owner by the name of the field it is about:
// title, tagline, language, time_zone, navigation.
type Invalid map[string]texts.Message

func (e Invalid) say(field, key string, args ...any) { e[field] = texts.Message{Key: key, Args: args} }

func (e Invalid) says(field string) bool { return e[field].Key != "" }

func (e Invalid) Error() string {
	return "site: invalid " + strings.Join(slices.Sorted(maps.Keys(e)), ", ")
}

// Validate returns nil or an Invalid with everything that is wrong.
func (s Settings) Validate() error {
	bad := Invalid{}
	for _, f := range []struct {
		name, text string
		max        int
	}{{"title", s.Title, 100}, {"tagline", s.Tagline, 200}, {"language", s.Language, 35}, {"time_zone", s.TimeZone, 60}, {"navigation", s.Navigation, 4000}} {
		if !utf8.ValidString(f.text) || strings.ContainsRune(f.text, 0) {
			bad.say(f.name, "problem.bytes")
		} else if n := utf8.RuneCountInString(f.text); n > f.max {
			bad.say(f.name, "problem.long", n, f.max)
		}
	}
	if strings.TrimSpace(s.Title) == "" {
		bad.say("title", "problem.title.blog")
	}
	if _, err := language.Parse(s.Language); err != nil && !bad.says("language") {
		bad.say("language", "problem.language")
	}
	if _, err := time.LoadLocation(s.TimeZone); (err != nil || s.TimeZone == "" || s.TimeZone == "Local") && !bad.says("time_zone") {
		bad.say("time_zone", "problem.time-zone")
	}
	if !bad.says("navigation") {
		for line := range strings.Lines(s.Navigation) {
			if _, problem := parseLink(line); problem.Key != "" {
				bad["navigation"] = problem
				break
			}
		}
		if n := len(s.Links()); n > maxLinks {
			bad.say("navigation", "problem.navigation.many", n, maxLinks)
		}
	}
	if len(bad) > 0 {
		return bad
	}
	return nil
}

// Store keeps the settings.
type Store struct {
	pool *pgxpool.Pool
}

// NewStore returns a store on a pool whose schema is migrated.
func NewStore(pool *pgxpool.Pool) *Store { return &Store{pool: pool} }

// Get returns the settings.
func (s *Store) Get(ctx context.Context) (Settings, error) {
	rows, err := s.pool.Query(ctx, "SELECT title, tagline, language, time_zone, navigation FROM site")
	if err != nil {
		return Settings{}, fmt.Errorf("reading the site's settings: %w", err)
	}
	settings, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Settings])
	if err != nil {
		return Settings{}, fmt.Errorf("reading the site's settings: %w", err)
	}
	return settings, nil
}

// Save stores the settings. Errors: Invalid.
func (s *Store) Save(ctx context.Context, settings Settings) error {
	if err := settings.Validate(); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, `
		UPDATE site SET title = @title, tagline = @tagline, language = @language, time_zone = @time_zone,
			navigation = @navigation`,
		pgx.StrictNamedArgs{
			"title":    strings.Join(strings.Fields(settings.Title), " "),
			"tagline":  strings.Join(strings.Fields(settings.Tagline), " "),
			"language": settings.Language, "time_zone": settings.TimeZone,
			"navigation": strings.TrimSpace(strings.ReplaceAll(settings.Navigation, "\r\n", "\n")),
		})
	if err != nil {
		return fmt.Errorf("storing the site's settings: %w", err)
	}
	return nil
}
