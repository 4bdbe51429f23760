package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// endOrphan ends the postgres that a killed server left running. The caller
// holds the lock, so no living server owns it.
//
// Two things must not happen: a signal to a process that got the number of one
// that is gone, and a second postmaster beside backends that still write.
func (c cluster) endOrphan(ctx context.Context, log *slog.Logger) error {
	pidFile := filepath.Join(c.data, "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for an orphaned postgres: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || postmaster <= 0 {
		return nil // cut off while it was written: postgres sorts that out
	}
	if len(c.processes(postmaster)) > 0 {
		log.Warn("ending the PostgreSQL that a killed server left running", "pid", postmaster)
	}
	for _, step := range endSteps {
		for waited := time.Duration(0); ; waited += 50 * time.Millisecond {
			left := c.processes(postmaster)
			if len(left) == 0 {
				return removeStale(pidFile, postmaster)
			}
			if waited == 0 {
				signalOrphans(left, postmaster, step)
			}
			if waited > step.patience {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("ending an orphaned postgres: %w", ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("the PostgreSQL that a killed server left running (pid %d) cannot be ended", postmaster)
}

// signalOrphans tells the postmaster, who tells its backends; without it, the
// backends themselves, to which SIGINT would only mean to cancel a query.
func signalOrphans(left []int, postmaster int, step endStep) {
	if slices.Contains(left, postmaster) {
		signalProcess(postmaster, step.signal)
		return
	}
	for _, backend := range left {
		signalProcess(backend, os.Kill)
	}
}

// removeStale removes the file of a postmaster that is gone but whose number
// is another process's now: postgres would take that for itself and refuse.
func removeStale(pidFile string, postmaster int) error {
	if !exists(postmaster) {
		return nil // postgres sees that itself
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing a stale file: %w", err)
	}
	return nil
}

// processes lists this cluster's postgres processes: on Linux by name and
// working folder, which is the cluster for each of them; elsewhere the
// postmaster alone, by its command.
func (c cluster) processes(postmaster int) []int {
	folders, _ := filepath.Glob("/proc/[0-9]*") // fails for a bad pattern alone
	if folders == nil {
		out, err := exec.Command("ps", "-p", strconv.Itoa(postmaster), "-o", "command=").Output()
		if err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), c.data) {
			return []int{postmaster}
		}
		return nil
	}
	var found []int
	for _, folder := range folders {
		cwd, err := os.Readlink(filepath.Join(folder, "cwd"))
		if err != nil || cwd != c.data {
			continue // gone, a zombie, or of somebody else
		}
		name, err := os.ReadFile(filepath.Join(folder, "comm"))
		if err != nil || strings.TrimSpace(string(name)) != "postgres" {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil {
			found = append(found, pid)
		}
	}
	return found
}
