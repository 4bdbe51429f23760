package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2/lexers"
)

// TestEditorIsBuilt finds sources of the editor that were changed without
// making its bundle again. It needs no Node: the bundle says what it was made of.
func TestEditorIsBuilt(t *testing.T) {
	t.Parallel()
	modules, err := filepath.Glob("editor/src/*")
	if err != nil || len(modules) == 0 {
		t.Fatal("no sources:", err)
	}
	sources := append(modules, "editor/build.mjs", "editor/package-lock.json", "editor/package.json")
	slices.Sort(sources)
	digest := sha256.New()
	for _, name := range sources {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		digest.Write([]byte(strings.TrimPrefix(filepath.ToSlash(name), "editor/") + "\n"))
		digest.Write(content)
	}
	bundle, err := os.ReadFile("static/editor.js")
	if err != nil {
		t.Fatal(err)
	}
	if want := hex.EncodeToString(digest.Sum(nil)); !strings.Contains(string(bundle[:min(len(bundle), 200)]), want) {
		t.Errorf("web/static/editor.js is not of these sources, %s: run make editor", want)
	}
}

// TestEditorLanguages finds languages that the editor offers for code and
// nobody highlights.
func TestEditorLanguages(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("editor/src/languages.js")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "export")
	var names []string
	for _, line := range regexp.MustCompile(`"([^"]+ )"|"([^"]+ [^"]+)"`).FindAllString(list, -1) {
		names = append(names, strings.Fields(strings.Trim(line, `"`))...)
	}
	if len(names) < 50 {
		t.Fatalf("got %q, want the editor's list", names)
	}
	for _, name := range names {
		if lexers.Get(name) == nil {
			t.Errorf("the editor offers %q, which nobody highlights", name)
		}
	}
}

// TestEditorLock keeps the lock file free of the addresses of registries,
// which differ from machine to machine.
func TestEditorLock(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("editor/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("web/editor/package-lock.json names where packages were taken from: install with omit-lockfile-registry-resolved=true")
	}
}
