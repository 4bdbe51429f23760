package main

import (
	"fmt"
	"slices"
	"strings"
)

// environment is what the help says about each setting; config.Config says
// more.
var environment = []struct{ name, meaning string }{
	{"DATABASE_URL", "postgres://user:password@host:5432/database"},
	{"DATABASE_URL_FILE", "file that holds it"},
	{"DATABASE_PASSWORD", "the password, for a URL that has none"},
	{"DATABASE_PASSWORD_FILE", "file that holds it"},
	{"BROADSHEET_DATA", "without a URL: folder of a private PostgreSQL"},
	{"BROADSHEET_DB_MAX_CONNS", "most connections to PostgreSQL"},
	{"BROADSHEET_MIGRATE", "true: bring the schema up to date before serving"},
	{"BROADSHEET_LISTEN", "address to serve on, :8080"},
	{"BROADSHEET_OPS_LISTEN", "address for metrics and profiles, none"},
	{"BROADSHEET_BASE_URL", "address that readers use"},
	{"BROADSHEET_TRUSTED_PROXIES", "networks whose X-Forwarded-For is believed"},
	{"BROADSHEET_DEMO", "true: fill an empty blog with demo posts"},
	{"BROADSHEET_CACHE_SIZE", "memory for pages kept ready, 64MB; 0: none"},
	{"BROADSHEET_CACHE_FILE", "file in which they survive a restart"},
	{"BROADSHEET_WEBSUB_HUB", "address of the WebSub hub that feeds name, and that is told when they change"},
	{"BROADSHEET_CDN", "true: tell a CDN in front what it may keep"},
	{"BROADSHEET_READY_WITHOUT_DATABASE", "true: ready while kept pages can be served"},
	{"BROADSHEET_LOG", "json or text"},
}

// settingsHelp lists the settings whose names begin with one of prefixes.
func settingsHelp(prefixes ...string) string {
	var b strings.Builder
	b.WriteString("Settings, from the environment:\n\n")
	for _, s := range environment {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s.name, p) }) {
			fmt.Fprintf(&b, "  %-33s  %s\n", s.name, s.meaning)
		}
	}
	return b.String()
}

// usesDatabase is embedded by commands that work on the database.
type usesDatabase struct{}

// Help is what the command's help ends with.
func (usesDatabase) Help() string {
	return settingsHelp("DATABASE_", "BROADSHEET_DATA", "BROADSHEET_DB_MAX_CONNS", "BROADSHEET_LOG")
}

func (serveCmd) Help() string { return settingsHelp("") }

func (healthCmd) Help() string { return settingsHelp("BROADSHEET_LISTEN") }
