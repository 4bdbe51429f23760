//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package embedded

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
)

// An account is the user whom the cluster belongs to and postgres runs as.
type account struct {
	name    string
	dropped bool
}

var errUnsupported = errors.New("there is no embedded PostgreSQL on " + runtime.GOOS +
	": set DATABASE_URL, or run broadsheet with \"docker compose up\"")

// ownerOf comes first of these at every start, and ends it.
func ownerOf(string) (account, error) { return account{}, errUnsupported }

func (account) own(string) error      { return errUnsupported }
func (account) owns(fs.FileInfo) bool { return false }
func (account) run(*exec.Cmd, string) {}
func tryLock(*os.File, bool) error    { return errUnsupported }
func exists(int) bool                 { return false }
func signalProcess(int, os.Signal)    {}

func prepareForeignBase(string, account, *slog.Logger) (string, error) { return "", errUnsupported }
