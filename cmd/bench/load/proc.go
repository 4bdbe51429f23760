package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// tick is the unit of processor time in /proc: USER_HZ, 100 on every Linux
// (proc(5), sysconf(_SC_CLK_TCK)).
const tick = 10 * time.Millisecond

// A stat is what /proc/PID/stat says of a process.
type stat struct {
	name   string
	parent int
	used   time.Duration // by itself and by those of its children that have ended
}

// parseStat reads /proc/PID/stat (proc(5)). The name can hold anything, a
// closing parenthesis too.
func parseStat(text string) (stat, error) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("got %q, want a process's stat", text)
	}
	fields := strings.Fields(text[end+1:]) // from the third on
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("got %q, want a process's stat", text)
	}
	s := stat{name: text[open+1 : end]}
	var err error
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return stat{}, fmt.Errorf("reading a process's parent: %w", err)
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("reading a process's time: %w", err)
		}
		s.used += time.Duration(ticks) * tick
	}
	return s, nil
}

// processes returns all that run on this machine.
func processes() (map[int]stat, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return nil, errors.New("there is no /proc to read processor time from: this part of the benchmark needs Linux")
	}
	all := map[int]stat{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		s, err := parseStat(string(text))
		if err != nil {
			return nil, err
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		all[pid] = s
	}
	return all, nil
}

// used returns the processor time of a process and all below it.
func used(all map[int]stat, root int) time.Duration {
	if root == 0 {
		return 0
	}
	sum := time.Duration(0)
	for pid, s := range all {
		for p := pid; p > 0; p = all[p].parent {
			if p == root {
				sum += s.used
				break
			}
		}
	}
	return sum
}

// busy returns the processor time of the whole machine.
func busy() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("reading the machine's time: %w", err)
	}
	return parseBusy(string(text))
}

// parseBusy reads /proc/stat: all but what was idle, waiting, or a guest's.
func parseBusy(text string) (time.Duration, error) {
	line, _, _ := strings.Cut(text, "\n")
	fields := strings.Fields(line)
	if len(fields) < 8 || fields[0] != "cpu" {
		return 0, fmt.Errorf("got %q, want the machine's time", line)
	}
	sum := time.Duration(0)
	for i, field := range fields[1:8] { // user nice system idle iowait irq softirq
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("reading the machine's time: %w", err)
		}
		if i != 3 && i != 4 {
			sum += time.Duration(ticks) * tick
		}
	}
	return sum, nil
}

// A footprint is the memory of a process, in bytes.
type footprint struct{ resident, proportional, peak int64 }

func footprintOf(pid int) (f footprint, err error) {
	folder := filepath.Join("/proc", strconv.Itoa(pid))
	for _, from := range []struct {
		file, field string
		to          *int64
	}{
		{"status", "VmRSS:", &f.resident}, {"status", "VmHWM:", &f.peak}, {"smaps_rollup", "Pss:", &f.proportional},
	} {
		text, err := os.ReadFile(filepath.Join(folder, from.file))
		if err != nil {
			return footprint{}, fmt.Errorf("reading the memory of a process: %w", err)
		}
		if *from.to, err = parseKB(string(text), from.field); err != nil {
			return footprint{}, err
		}
	}
	return f, nil
}

// parseKB returns a field of /proc/PID/status or smaps_rollup in bytes.
func parseKB(text, field string) (int64, error) {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == field && fields[2] == "kB" {
			kb, err := strconv.ParseInt(fields[1], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("got no %s in\n%s", field, text)
}

// postmaster returns the process of the PostgreSQL at url, 0 when it does not
// run on this machine.
func postmaster(ctx context.Context, url string) (int, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, fmt.Errorf("looking for the database's process: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	all, err := processes()
	if err != nil {
		return 0, err
	}
	var backend int
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return 0, fmt.Errorf("looking for the database's process: %w", err)
	}
	parent := all[backend].parent
	if all[backend].name != "postgres" || all[parent].name != "postgres" {
		return 0, nil
	}
	return parent, nil
}
