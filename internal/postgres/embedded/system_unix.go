//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// foreignBase is where the cluster lives when its user cannot enter the data
// folder.
const foreignBase = "/var/lib/broadsheet"

// An account is the user whom the cluster belongs to and postgres runs as.
type account struct {
	name     string
	uid, gid uint32
	dropped  bool // from root, as whom postgres refuses to run
}

// ownerOf is this process's user; for root it is the owner of the cluster, or
// when there is none, the user that packages of PostgreSQL make, or nobody.
func ownerOf(data string) (account, error) {
	if os.Geteuid() != 0 {
		uid := strconv.Itoa(os.Geteuid())
		return account{name: "user " + uid, uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}, nil
	}
	if info, err := os.Stat(data); err == nil {
		if stat := info.Sys().(*syscall.Stat_t); stat.Uid != 0 {
			name := "user " + strconv.Itoa(int(stat.Uid))
			return account{name: name, uid: stat.Uid, gid: stat.Gid, dropped: true}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			continue
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			continue
		}
		return account{name: name, uid: uint32(uid), gid: uint32(gid), dropped: true}, nil
	}
	return account{}, errors.New("postgres must not run as root, and there is no user postgres or nobody: " +
		"start broadsheet as another user, or set DATABASE_URL")
}

// own gives a folder to the account.
func (a account) own(path string) error {
	if !a.dropped {
		return nil
	}
	if err := os.Lchown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("giving a folder to %s: %w", a.name, err)
	}
	return nil
}

func (a account) owns(info fs.FileInfo) bool {
	return info.Sys().(*syscall.Stat_t).Uid == a.uid
}

// run makes cmd run as the account, with nothing of this process's surroundings
// that could hold a secret, and in a process group of its own: a Ctrl-C in the
// terminal is for the server, which still needs its database to finish.
func (a account) run(cmd *exec.Cmd, dir string) {
	cmd.Dir = dir // the current folder may be closed to the account
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.dropped {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
}

// canEnter tells whether the account may pass through every folder down to dir.
func (a account) canEnter(dir string) (bool, error) {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return false, fmt.Errorf("looking at the data folder: %w", err)
		}
		stat := info.Sys().(*syscall.Stat_t)
		needed := fs.FileMode(0o001)
		switch {
		case stat.Uid == a.uid:
			needed = 0o100
		case stat.Gid == a.gid:
			needed = 0o010
		}
		if info.Mode().Perm()&needed == 0 {
			return false, nil
		}
		if dir == filepath.Dir(dir) {
			return true, nil
		}
	}
}

// prepareForeignBase makes the cluster's folder for an account that root
// drops to. Root owns the folder itself: what root writes there (the lock, the
// log) must not be exchanged for a link by anybody else.
func prepareForeignBase(dir string, owner account, log *slog.Logger) (string, error) {
	base := filepath.Join(dir, baseName)
	info, err := os.Lstat(base)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return followLink(base)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("looking at the cluster's folder: %w", err)
	}
	there := err == nil
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", fmt.Errorf("looking at the data folder: %w", err)
	}
	enters, err := owner.canEnter(real)
	if err != nil {
		return "", err
	}
	switch {
	case enters:
		if err := os.MkdirAll(base, 0o711); err != nil {
			return "", fmt.Errorf("making the cluster's folder: %w", err)
		}
		return base, os.Chmod(base, 0o711)
	case there && !emptyFolder(base):
		return "", fmt.Errorf("%s, as whom postgres runs, cannot enter %s: let it pass with \"chmod o+x\" on the folders "+
			"above, or move the data folder and set BROADSHEET_DATA", owner.name, base)
	}
	elsewhere, err := linkElsewhere(base)
	if err == nil {
		log.Warn("the database lives outside of the data folder, which its user cannot enter",
			"user", owner.name, "data", real, "database", elsewhere)
	}
	return elsewhere, err
}

// linkElsewhere puts the cluster where its user gets to, as below /root it
// would not, and leaves a link to it in the data folder. The name is new each
// time: who removed the data folder wants to begin anew.
func linkElsewhere(base string) (string, error) {
	if err := os.MkdirAll(foreignBase, 0o711); err != nil {
		return "", fmt.Errorf("making the cluster's folder: %w", err)
	}
	elsewhere, err := os.MkdirTemp(foreignBase, "cluster-")
	if err != nil {
		return "", fmt.Errorf("making the cluster's folder: %w", err)
	}
	if err := os.Chmod(elsewhere, 0o711); err != nil {
		return "", fmt.Errorf("making the cluster's folder: %w", err)
	}
	if err := os.Remove(base); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("making the cluster's folder: %w", err)
	}
	if err := os.Symlink(elsewhere, base); err != nil {
		return "", fmt.Errorf("linking the cluster's folder: %w", err)
	}
	return elsewhere, nil
}

func followLink(base string) (string, error) {
	target, err := filepath.EvalSymlinks(base)
	if err != nil {
		return "", fmt.Errorf("the cluster's folder %s is a link to one that is gone; "+
			"bring that back, or remove the link to begin anew: %w", base, err)
	}
	return target, nil
}

func emptyFolder(path string) bool {
	entries, err := os.ReadDir(path)
	return err == nil && len(entries) == 0
}

// tryLock locks a file for this process alone, or together with other readers.
func tryLock(file *os.File, alone bool) error {
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

func exists(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

func signalProcess(pid int, signal os.Signal) {
	if process, err := os.FindProcess(pid); err == nil {
		process.Signal(signal) // fails when it has ended, which the caller looks for
	}
}
