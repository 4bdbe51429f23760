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

// endOrphan ends the postgres that a killed server left running, and clears
// away its marks. The caller holds the lock, so no living server owns it.
//
// Two things must not happen: a signal to a process that got the number of one
// that is gone, and a second postmaster beside backends that still write.
func (c cluster) endOrphan(ctx context.Context, log *slog.Logger) error {
	pidFile := filepath.Join(c.data, "postmaster.pid")
	postmaster, err := pidIn(pidFile)
	if err != nil {
		return err
	}
	if len(c.processes(postmaster)) > 0 {
		log.Warn("ending the PostgreSQL that a killed server left running", "pid", postmaster)
		if err := c.endProcesses(ctx, postmaster); err != nil {
			return err
		}
	}
	return errors.Join(removeStale(pidFile), removeStale(filepath.Join(c.socket, ".s.PGSQL.5432.lock")))
}

func (c cluster) endProcesses(ctx context.Context, postmaster int) error {
	for _, step := range endSteps {
		signalOrphans(c.processes(postmaster), postmaster, step.signal)
		for ends := time.Now().Add(step.patience); time.Now().Before(ends); {
			if len(c.processes(postmaster)) == 0 {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("ending an orphaned postgres: %w", ctx.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("the PostgreSQL that a killed server left running (process %d) cannot be ended", postmaster)
}

// pidIn reads the process id that postgres writes on the first line of its
// lock files; 0 means that there is none, or that it was cut off.
func pidIn(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("looking for an orphaned postgres: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid < 0 {
		return 0, nil
	}
	return pid, nil
}

// signalOrphans tells the postmaster, who tells its backends; without it, the
// backends themselves, to which SIGINT would only mean to cancel a query.
func signalOrphans(left []int, postmaster int, signal os.Signal) {
	if slices.Contains(left, postmaster) {
		signalProcess(postmaster, signal)
		return
	}
	for _, backend := range left {
		signalProcess(backend, os.Kill)
	}
}

// removeStale removes a lock file of a postmaster that is gone but whose number
// is a process's again, or a zombie's still: postgres would take that for the
// postmaster and refuse. One whose number is free it removes itself.
func removeStale(file string) error {
	pid, err := pidIn(file)
	if err != nil || pid == 0 || !exists(pid) {
		return err
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
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
