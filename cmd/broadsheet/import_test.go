package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/internal/postgrestest"
)

// folder writes files, given as name and content in turn.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const (
	first  = "---\ntitle: First\ndate: 2024-05-01\n---\nText of the first.\n"
	second = "---\ntitle: Second\ndate: 2024-06-01\nauthor: Grace Hopper\n---\nText of the second.\n"
	broken = "---\ntitle: Third\ntags: [go\n---\nText of the third.\n"
)

func TestImport(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	succeeds(t, e, "user", "add", "ada@example.org", "--name=Ada Lovelace", "--password-file", written(t, "difference engine"))
	dir := folder(t, "posts/first.md", first, "posts/second.md", second, "posts/third.md", broken, "notes.txt", "No post.")

	// A bad file is named, and stops nothing.
	report := func(want []string, args ...string) {
		t.Helper()
		r := broadsheet(t, e, append([]string{"import", "markdown", dir}, args...)...)
		if r.err != nil {
			t.Fatalf("importing: %v\n%s", r.err, r.log)
		}
		for _, w := range append(want, "please look at", "posts/third.md:3: ", "     1 skipped, could not be read") {
			if !strings.Contains(r.out, w) {
				t.Errorf("got report\n%s\nwant %q in it", r.out, w)
			}
		}
		if !strings.Contains(r.log, "of ") || strings.Contains(r.out, "of 3 files") {
			t.Errorf("got log %q and report\n%s\nwant progress in the log alone", r.log, r.out)
		}
	}
	report([]string{"Dry run, nothing was written", "     2 created"}, "--dry-run")
	if got := count(t, e, "SELECT count(*) FROM posts"); got != 0 {
		t.Errorf("got %d posts after a dry run, want none", got)
	}
	report([]string{"     2 created", "     0 updated", "     0 unchanged"})
	report([]string{"     0 created", "     0 updated", "     2 unchanged"})
	if err := os.WriteFile(filepath.Join(dir, "posts", "first.md"), []byte(first+"More.\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	report([]string{"     0 created", "     1 updated", "     1 unchanged"})
	if got := count(t, e, "SELECT count(*) FROM posts"); got != 2 {
		t.Errorf("got %d posts, want 2", got)
	}
	for title, author := range map[string]string{"First": "Ada Lovelace", "Second": "Grace Hopper"} {
		if count(t, e, "SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id WHERE p.title = $1 AND u.name = $2", title, author) != 1 {
			t.Errorf("%s is not by %s", title, author)
		}
	}
}

func TestImportForAnAuthor(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	succeeds(t, e, "import", "markdown", folder(t, "first.md", first), "--author=Mary Somerville")
	succeeds(t, e, "import", "markdown", folder(t, "other.md", strings.ReplaceAll(first, "First", "Other")))
	for title, author := range map[string]string{"First": "Mary Somerville", "Other": "Anonymous"} {
		if count(t, e, "SELECT count(*) FROM posts p JOIN users u ON u.id = p.author_id WHERE p.title = $1 AND u.name = $2", title, author) != 1 {
			t.Errorf("%s is not by %s", title, author)
		}
	}
}

// Two sites have files of the same names, and all that are mounted into a
// container stand in one folder there.
func TestImportOfTwoSites(t *testing.T) {
	t.Parallel()
	e := env{"DATABASE_URL": postgrestest.NewURL(t)}
	brings := func(title, dir, want string, args ...string) {
		t.Helper()
		file := filepath.Join(dir, "content", "posts", "one.md")
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(first, "First", title)), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := succeeds(t, e, append([]string{"import", "markdown", dir}, args...)...); !strings.Contains(got, "     1 "+want) {
			t.Errorf("%s: got report\n%s\nwant one %s", title, got, want)
		}
	}
	garden, harbour, mounted := folder(t, "content/posts/one.md", ""), folder(t, "content/posts/one.md", ""), folder(t, "content/posts/one.md", "")
	for _, want := range []string{"created", "unchanged"} {
		brings("Potatoes", garden, want)
		brings("Tide", harbour, want)
		brings("Fog", mounted, want, "--site=coast")
		brings("Snow", mounted, want, "--site=hills")
	}
	if got := count(t, e, "SELECT count(*) FROM posts"); got != 4 {
		t.Errorf("got %d posts, want 4", got)
	}
}
