package transfer_test

import (
	"os"
	"path/filepath"
	"testing"

	"broadsheet/internal/transfer"
)

func TestSite(t *testing.T) {
	t.Parallel()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"hugo/content/posts", "plain/notes", "unmarked/content/posts", "jekyll/_posts"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(base, "hugo/hugo.toml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ folder, root, inside string }{
		{"hugo", "hugo", "."},
		{"hugo/content/posts", "hugo", "content/posts"},
		{"unmarked/content/posts", "unmarked", "content/posts"},
		{"unmarked", "unmarked", "."},
		{"jekyll/_posts", "jekyll", "_posts"},
		{"plain/notes", "plain/notes", "."},
	} {
		root, inside, err := transfer.Site(filepath.Join(base, tt.folder))
		if err != nil || root != filepath.Join(base, tt.root) || inside != tt.inside {
			t.Errorf("%s: got %s, %s, %v, want %s, %s", tt.folder, root, inside, err, tt.root, tt.inside)
		}
	}
	for _, folder := range []string{"nowhere", "hugo/hugo.toml"} {
		if _, _, err := transfer.Site(filepath.Join(base, folder)); err == nil {
			t.Errorf("%s: got no error", folder)
		}
	}
}
