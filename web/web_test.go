package web_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"broadsheet/internal/markdown/codestyle"
	"broadsheet/web"
)

var update = flag.Bool("update", false, "write chroma.css anew")

func TestCodeStyle(t *testing.T) {
	want := codestyle.CSS("github", "github-dark")
	const file = "static/css/chroma.css"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what codestyle.CSS gives: run go generate ./web", file)
	}
}

func get(t *testing.T, method, path string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header = header
	w := httptest.NewRecorder()
	if !web.Static(w, r) {
		t.Fatalf("there is no %s", path)
	}
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStatic(t *testing.T) {
	t.Parallel()
	for name, contentType := range map[string]string{
		"site.css":             "text/css; charset=utf-8",
		"admin.css":            "text/css; charset=utf-8",
		"favicon.svg":          "image/svg+xml",
		"favicon.ico":          "image/x-icon",
		"apple-touch-icon.png": "image/png",
	} {
		res := get(t, "GET", web.Asset(name), nil)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != contentType {
			t.Errorf("%s: got %d %q, want 200 %q", name, res.StatusCode, res.Header.Get("Content-Type"), contentType)
		}
		if got, want := res.Header.Get("Cache-Control"), "public, max-age=31536000, immutable"; got != want {
			t.Errorf("%s: got Cache-Control %q, want %q", name, got, want)
		}
		if got := body(t, res.Body); strconv.Itoa(len(got)) != res.Header.Get("Content-Length") || got == "" {
			t.Errorf("%s: got %d bytes, want Content-Length %s", name, len(got), res.Header.Get("Content-Length"))
		}
	}
}

func TestStaticEncodings(t *testing.T) {
	t.Parallel()
	path := web.Asset("site.css")
	plain := body(t, get(t, "GET", path, nil).Body)
	decode := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
	}
	etags := map[string]bool{}
	for _, tt := range []struct{ accept, coding string }{
		{"identity", ""}, {"gzip", "gzip"}, {"gzip, deflate, br, zstd", "br"},
	} {
		h := http.Header{"Accept-Encoding": {tt.accept}}
		res := get(t, "GET", path, h)
		if got := res.Header.Get("Content-Encoding"); got != tt.coding {
			t.Errorf("%s: got Content-Encoding %q, want %q", tt.accept, got, tt.coding)
		}
		if got := res.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%s: got Vary %q, want Accept-Encoding", tt.accept, got)
		}
		r, err := decode[tt.coding](res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body(t, r) != plain {
			t.Errorf("%s: the decoded body is not the plain one", tt.accept)
		}
		etag := res.Header.Get("ETag")
		if etags[etag] {
			t.Errorf("%s: got ETag %s, which another encoding has", tt.accept, etag)
		}
		etags[etag] = true

		head := get(t, "HEAD", path, h)
		if b := body(t, head.Body); b != "" || head.Header.Get("Content-Length") != res.Header.Get("Content-Length") {
			t.Errorf("%s: HEAD got %d bytes, Content-Length %s, want none and %s",
				tt.accept, len(b), head.Header.Get("Content-Length"), res.Header.Get("Content-Length"))
		}
		h.Set("If-None-Match", etag)
		if res := get(t, "GET", path, h); res.StatusCode != 304 || body(t, res.Body) != "" || res.Header.Get("ETag") != etag {
			t.Errorf("%s: got %d with If-None-Match, want an empty 304", tt.accept, res.StatusCode)
		}
	}
}

func TestStaticUnknown(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		"/static/site.css", "/static/site.0000000000000000.css", "/static/", "/static/css/tokens.css", "/static/../web.go",
	} {
		w := httptest.NewRecorder()
		if web.Static(w, httptest.NewRequest("GET", path, nil)) || w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%s: got %q, want nothing", path, w.Body)
		}
	}
}

func TestAssetUnknown(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("Asset of a file that is not there: got an address, want a panic")
		}
	}()
	web.Asset("nothing.css")
}

// TestStylesheet finds parts that were forgotten when site.css was put
// together, and keeps it small: every reader waits for it.
func TestStylesheet(t *testing.T) {
	t.Parallel()
	sheet := body(t, get(t, "GET", web.Asset("site.css"), nil).Body)
	parts, err := filepath.Glob("static/css/*.css")
	if err != nil || len(parts) == 0 {
		t.Fatal("no stylesheets:", err)
	}
	for _, part := range parts {
		b, err := os.ReadFile(part)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains([]byte(sheet), b) {
			t.Errorf("%s is not in site.css", part)
		}
	}
	compressed := body(t, get(t, "GET", web.Asset("site.css"), http.Header{"Accept-Encoding": {"br"}}).Body)
	if len(compressed) > 8<<10 {
		t.Errorf("site.css: got %d bytes compressed, want at most 8 kB", len(compressed))
	}
}

// TestDemoFiles finds addresses in the demo posts that hold an old hash.
func TestDemoFiles(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(web.Demo, "demo/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		post, err := fs.ReadFile(web.Demo, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range regexp.MustCompile(`/static/[^\s)"]+`).FindAllString(string(post), -1) {
			found++
			if got := get(t, "GET", address, nil).StatusCode; got != http.StatusOK {
				t.Errorf("%s: got status %d for %s, want 200", name, got, address)
			}
		}
	}
	if found == 0 {
		t.Error("got no address of a file in the demo posts, want one")
	}
}

// TestContrast computes what WCAG 2.2 asks of text (1.4.3) and of the lines
// around controls (1.4.11), in both colour schemes.
func TestContrast(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("static/css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	lightCSS, darkCSS, found := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("tokens.css has no dark scheme")
	}
	light, dark := colours(lightCSS), colours(darkCSS)
	if light["tint"] != codestyle.LightBackground || dark["tint"] != codestyle.DarkBackground {
		t.Errorf("got backgrounds of code %s and %s, want those that chroma.css is made for, %s and %s",
			light["tint"], dark["tint"], codestyle.LightBackground, codestyle.DarkBackground)
	}
	pairs := []struct {
		over, under string
		want        float64
	}{
		{"ink", "paper", 7}, {"ink", "tint", 7}, {"ink", "mark", 4.5},
		{"soft", "paper", 7}, {"soft", "tint", 7}, {"soft", "mark", 4.5},
		{"accent", "paper", 7}, {"accent", "tint", 7}, {"accent", "mark", 4.5},
		{"blue", "tint", 7}, {"green", "tint", 7}, {"violet", "tint", 7}, {"amber", "tint", 7},
		{"paper", "ink", 4.5}, {"paper", "accent", 4.5},
		{"edge", "paper", 3}, {"edge", "tint", 3},
	}
	for name, scheme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if got := contrast(t, scheme[p.over], scheme[p.under]); got < p.want {
				t.Errorf("%s: %s on %s: got %.2f, want %.1f", name, p.over, p.under, got, p.want)
			}
		}
	}
}

var token = regexp.MustCompile(`--([a-z]+): (#[0-9a-f]{6});`)

func colours(css string) map[string]string {
	m := map[string]string{}
	for _, match := range token.FindAllStringSubmatch(css, -1) {
		m[match[1]] = match[2]
	}
	return m
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("got colour %q, want #rrggbb", colour)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}
