//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"broadsheet/internal/postgres/embedded"
)

// Under root postgres runs as another user, else as this one.
func TestPostgresIsUnprivileged(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	start(t, embedded.Options{Dir: dir})
	out, err := exec.Command("ps", "-o", "uid=", "-p", strconv.Itoa(postmaster(t, dir))).Output()
	if err != nil {
		t.Fatalf("asking for the user: %v", err)
	}
	uid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatalf("asking for the user: %v", err)
	}
	if uid == 0 || os.Geteuid() != 0 && uid != os.Geteuid() {
		t.Errorf("got user %d, want neither root nor, unless from root, another than %d", uid, os.Geteuid())
	}
}

// A folder that is closed to all but its owner, like root's home, is closed to
// the user that root drops to; the cluster then lives elsewhere. For anybody
// but root the folder is as good as any.
func TestClosedFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatalf("closing a folder: %v", err)
	}
	forgetForeign(t, dir)
	first := start(t, embedded.Options{Dir: dir})
	makeWords(t, first.URL())
	if _, ok := embedded.Running(dir); !ok {
		t.Error("got nothing running")
	}
	stop(t, first)
	second := start(t, embedded.Options{Dir: dir})
	wantWords(t, second.URL())
	stop(t, second)

	base := filepath.Join(dir, "postgres")
	if info, err := os.Lstat(base); err != nil || (info.Mode().Type() == os.ModeSymlink) != (os.Geteuid() == 0) {
		t.Errorf("got the cluster's folder %v (error %v), want a link under root alone", info, err)
	}
	target, err := filepath.EvalSymlinks(base)
	if err != nil {
		t.Fatalf("following the link: %v", err)
	}
	if err := os.RemoveAll(target); err != nil {
		t.Fatalf("removing the cluster: %v", err)
	}
	third, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Log: discard})
	if err == nil {
		stop(t, third)
	}
	if gone := err != nil && strings.Contains(err.Error(), "a link to one that is gone"); gone != (os.Geteuid() == 0) {
		t.Errorf("got error %v without the cluster's folder, want one about the link under root alone", err)
	}
}

// forgetForeign removes at the end what was made outside of the test's folder.
func forgetForeign(t *testing.T, dir string) {
	t.Helper()
	t.Cleanup(func() {
		if target, err := os.Readlink(filepath.Join(dir, "postgres")); err == nil {
			os.RemoveAll(target)
		}
	})
}
