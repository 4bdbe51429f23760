// Package config reads the settings from the environment, once, and reports
// every problem with them at once.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Config holds every setting. Each secret can also be given as NAME_FILE, the
// path of a file that holds it.
type Config struct {
	// DATABASE_URL (or DATABASE_URL_FILE): the PostgreSQL to use, as
	// postgres://user:password@host:5432/database. Not set: a private one of
	// our own, under Data.
	DatabaseURL string

	// DATABASE_PASSWORD (or DATABASE_PASSWORD_FILE): the password, where
	// DATABASE_URL has none.
	databasePassword string

	// BROADSHEET_DATA: the folder of the private PostgreSQL. Default ./.broadsheet.
	Data string

	// BROADSHEET_LISTEN: the address to serve on. Default :8080.
	Listen string

	// BROADSHEET_OPS_LISTEN: the address for metrics and profiles, which are for
	// nobody but who runs the server. Default none: they are off.
	OpsListen string

	// BROADSHEET_BASE_URL: the address that readers use, which every absolute
	// link begins with; https makes cookies Secure. Default http://localhost
	// and the port.
	BaseURL *url.URL

	// BROADSHEET_TRUSTED_PROXIES: networks, separated by commas, whose
	// X-Forwarded-For is believed. Default none.
	TrustedProxies []netip.Prefix

	// BROADSHEET_MIGRATE: whether serve migrates the schema when it starts.
	// Default true.
	Migrate bool

	// BROADSHEET_DEMO: whether serve fills an empty blog with the demo posts.
	// Default false.
	Demo bool

	// BROADSHEET_DB_MAX_CONNS: the most connections to PostgreSQL. Default
	// twice the processors, between 4 and 20.
	MaxConns int32

	// BROADSHEET_CACHE_SIZE: the bytes of memory for pages kept ready, such as
	// 64MB or 1GiB. Default 64MB; 0 keeps none.
	CacheSize int64

	// BROADSHEET_CACHE_FILE: the file in which pages kept ready survive a
	// restart. Default none: they do not.
	CacheFile string

	// BROADSHEET_CDN: whether answers carry headers for a CDN in front, which
	// let it keep pages and drop those that changed. Default false.
	CDN bool

	// BROADSHEET_WEBSUB_HUB: the address of the WebSub hub that feeds name, which
	// feed readers can subscribe at. Default none.
	WebSubHub string

	// BROADSHEET_READY_WITHOUT_DATABASE: whether /readyz stays well while the
	// database is away and pages kept ready are served. Default false.
	ReadyWithoutDatabase bool

	// BROADSHEET_LOG: json or text. Default text on a terminal, else json.
	Log string
}

// Load reads the settings. Its error names each problem on a line of its own.
func Load(getenv func(string) string) (Config, error) {
	l := loader{getenv: getenv}
	c := Config{
		DatabaseURL:      l.secret("DATABASE_URL"),
		databasePassword: l.secret("DATABASE_PASSWORD"),
		Data:             l.text("BROADSHEET_DATA", "./.broadsheet"),
		Listen:           l.address("BROADSHEET_LISTEN", ":8080"),
		OpsListen:        l.address("BROADSHEET_OPS_LISTEN", ""),
		TrustedProxies:   l.prefixes("BROADSHEET_TRUSTED_PROXIES"),
		Migrate:          l.boolean("BROADSHEET_MIGRATE", true),
		Demo:             l.boolean("BROADSHEET_DEMO", false),
		MaxConns:         l.conns("BROADSHEET_DB_MAX_CONNS"),
		CacheSize:        l.size("BROADSHEET_CACHE_SIZE", 64e6),
		CacheFile:        l.getenv("BROADSHEET_CACHE_FILE"),
		CDN:              l.boolean("BROADSHEET_CDN", false),
		WebSubHub:        l.webAddress("BROADSHEET_WEBSUB_HUB"),
		Log:              l.oneOf("BROADSHEET_LOG", "json", "text"),

		ReadyWithoutDatabase: l.boolean("BROADSHEET_READY_WITHOUT_DATABASE", false),
	}
	c.BaseURL = l.baseURL("BROADSHEET_BASE_URL", c.Listen)
	if c.DatabaseURL != "" && c.databasePassword != "" {
		c.DatabaseURL = l.withPassword(c.DatabaseURL, c.databasePassword)
	}
	return c, errors.Join(l.problems...)
}

// loader reads single settings and collects what is wrong with them.
type loader struct {
	getenv   func(string) string
	problems []error
}

func (l *loader) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Errorf(format, args...))
}

func (l *loader) text(name, fallback string) string {
	if v := l.getenv(name); v != "" {
		return v
	}
	return fallback
}

// address reads host:port; "" is no address where that is the fallback.
func (l *loader) address(name, fallback string) string {
	v := l.text(name, fallback)
	if _, _, err := net.SplitHostPort(v); err != nil && v != "" {
		l.problem("%s is %q: want host:port or :port", name, v)
	}
	return v
}

func (l *loader) secret(name string) string {
	value, file := l.getenv(name), l.getenv(name+"_FILE")
	if file == "" {
		return value
	}
	if value != "" {
		l.problem("%s and %s_FILE are both set: unset one", name, name)
		return ""
	}
	content, err := os.ReadFile(file)
	if err != nil {
		l.problem("%s_FILE: %w", name, err)
		return ""
	}
	secret := strings.TrimRight(string(content), "\r\n")
	if secret == "" {
		l.problem("%s_FILE: %s is empty", name, file)
	}
	return secret
}

func (l *loader) boolean(name string, fallback bool) bool {
	v := l.getenv(name)
	if v == "" {
		return fallback
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		l.problem("%s is %q: want true or false", name, v)
	}
	return b
}

func (l *loader) oneOf(name string, allowed ...string) string {
	v := l.getenv(name)
	for _, a := range append(allowed, "") {
		if v == a {
			return v
		}
	}
	l.problem("%s is %q: want %s", name, v, strings.Join(allowed, " or "))
	return ""
}

func (l *loader) conns(name string) int32 {
	v := l.getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || n < 2 || n > 1000 {
		l.problem("%s is %q: want a number from 2 to 1000", name, v)
	}
	return int32(n)
}

func (l *loader) prefixes(name string) []netip.Prefix {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(l.getenv(name), ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if addr, err := netip.ParseAddr(part); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			l.problem("%s has %q: want networks such as 10.0.0.0/8, separated by commas", name, part)
			continue
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes
}

func (l *loader) baseURL(name, listen string) *url.URL {
	v := l.getenv(name)
	if v == "" {
		_, port, err := net.SplitHostPort(listen)
		if err != nil {
			return nil // a problem that address has reported
		}
		if port == "80" || port == "" {
			return &url.URL{Scheme: "http", Host: "localhost"}
		}
		return &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", port)}
	}
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		l.problem("%s is not a base address: want scheme and host alone, such as https://blog.example.org", name)
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// webAddress reads a whole address; "" is none.
func (l *loader) webAddress(name string) string {
	v := l.getenv(name)
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
		l.problem("%s is %q: want a whole address such as https://hub.example.org/", name, v)
		return ""
	}
	return u.String()
}

func (l *loader) withPassword(database, password string) string {
	u, err := url.Parse(database)
	if err != nil || u.User == nil || u.User.Username() == "" {
		l.problem("DATABASE_PASSWORD needs a DATABASE_URL with a user, such as postgres://user@host/database")
		return ""
	}
	if _, has := u.User.Password(); has {
		l.problem("DATABASE_PASSWORD is set and DATABASE_URL has a password too: leave one out")
		return ""
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}
