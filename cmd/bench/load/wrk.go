package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// A Sample is one run of wrk.
type Sample struct {
	Requests int
	Errors   int    // answers of another status than 2xx and 3xx, broken connections, timeouts of 2 s
	Problems string // the same as wrk says it
	Rate     float64
	P50, P99 time.Duration
	CPU      time.Duration // of the server and its children, for all requests
	Database time.Duration // the same of PostgreSQL; 0 when it runs elsewhere
	Others   float64       // processors that other programs used meanwhile
}

// perRequest divides a time by the requests.
func (s Sample) perRequest(of time.Duration) float64 {
	return float64(of) / float64(time.Microsecond) / float64(max(s.Requests, 1))
}

// A request is what wrk asks for, and whom.
type request struct {
	server  *process
	path    string
	headers []string
	script  string // of wrk in Lua, which then says what to ask for; "" for none
}

// wrk asks a server for the same page over and over and reads what that cost.
func (l *lab) wrk(ctx context.Context, r request, connections int, long time.Duration) (Sample, error) {
	if err := r.server.log.Truncate(0); err != nil { // an access log grows by 10 MB a second
		return Sample{}, fmt.Errorf("emptying the log: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, long+30*time.Second)
	defer cancel()
	args := []string{"--latency", "-t1", "-c" + strconv.Itoa(connections), "-d" + strconv.Itoa(int(long.Seconds())) + "s"}
	for _, header := range r.headers {
		args = append(args, "-H", header)
	}
	if r.script != "" {
		args = append(args, "-s", r.script)
	}
	before, err := l.meter(r.server.pid())
	if err != nil {
		return Sample{}, err
	}
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, "wrk", append(args, r.server.base+r.path)...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return Sample{}, fmt.Errorf("wrk: %w %s", errors.Join(ctx.Err(), err), &problems)
	}
	after, err := l.meter(r.server.pid())
	if err != nil {
		return Sample{}, err
	}
	s, err := parseWrk(out.String())
	if err != nil {
		return Sample{}, fmt.Errorf("%s%s: %w", r.server.name, r.path, err)
	}
	s.CPU, s.Database = after.server-before.server, after.database-before.database
	ours := s.CPU + s.Database + after.own - before.own + cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.Others = max(0, float64(after.machine-before.machine-ours)/float64(after.at.Sub(before.at)))
	return s, nil
}

// A meter is the processor time that was used up to a moment.
type meter struct {
	at                             time.Time
	server, database, own, machine time.Duration
}

func (l *lab) meter(server int) (m meter, err error) {
	all, err := processes()
	if err != nil {
		return m, err
	}
	m.at, m.server, m.database, m.own = time.Now(), used(all, server), used(all, l.database), all[l.self].used
	m.machine, err = busy()
	return m, err
}

// parseWrk reads what wrk prints with --latency.
func parseWrk(text string) (s Sample, err error) {
	seen := 0
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 2 && fields[0] == "50%":
			s.P50, err = time.ParseDuration(fields[1])
			seen++
		case len(fields) == 2 && fields[0] == "99%":
			s.P99, err = time.ParseDuration(fields[1])
			seen++
		case len(fields) > 3 && fields[1] == "requests" && fields[2] == "in":
			s.Requests, err = strconv.Atoi(fields[0])
			seen++
		case len(fields) == 2 && fields[0] == "Requests/sec:":
			s.Rate, err = strconv.ParseFloat(fields[1], 64)
			seen++
		case strings.HasPrefix(strings.TrimSpace(line), "Non-2xx or 3xx responses:"):
			err = s.addErrors(line, fields[len(fields)-1])
		case strings.HasPrefix(strings.TrimSpace(line), "Socket errors:"):
			var numbers []string
			for i := 3; i < len(fields); i += 2 {
				numbers = append(numbers, strings.TrimSuffix(fields[i], ","))
			}
			err = s.addErrors(line, numbers...)
		}
		if err != nil {
			return Sample{}, fmt.Errorf("reading what wrk printed, %q: %w", strings.TrimSpace(line), err)
		}
	}
	if seen != 4 || s.Requests == 0 {
		return Sample{}, fmt.Errorf("wrk did not get an answer: %s", text)
	}
	return s, nil
}

func (s *Sample) addErrors(line string, numbers ...string) error {
	for _, number := range numbers {
		n, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		s.Errors += n
	}
	s.Problems = strings.TrimSpace(s.Problems + " " + strings.TrimSpace(line))
	return nil
}
