package embedded

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// settings fit a small machine that also does other things. What keeps data
// safe (fsync, full_page_writes, synchronous_commit) stays on.
var settings = map[string]string{
	"listen_addresses":        "",     // the socket alone
	"port":                    "5432", // part of the socket's name
	"unix_socket_permissions": "0700",
	"cluster_name":            "broadsheet", // in the process list
	"max_connections":         "50",         // one server's pool, its commands, and a psql
	"shared_buffers":          "128MB",      // a blog's working set
	"effective_cache_size":    "512MB",      // what the system's own cache may hold of it
	"work_mem":                "8MB",
	"maintenance_work_mem":    "64MB",
	"random_page_cost":        "1.1",   // solid state disks
	"jit":                     "off",   // compiling costs more than short queries take
	"max_wal_size":            "512MB", // disk given to WAL between checkpoints
	"max_wal_senders":         "0",     // nobody replicates a private cluster
	"max_worker_processes":    "4",
	"timezone":                "UTC",
	"log_timezone":            "UTC",
	"logging_collector":       "off", // this process keeps the log, and bounds it
	"log_destination":         "stderr",
	"log_line_prefix":         "%m [%p] ",
}

// A process is a running postmaster.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

func (p *process) state() string { return p.cmd.ProcessState.String() }

// launchPatiently starts postgres, again and again for as long as an older one
// of the same cluster, told to end or bereft of its parent, still is at it.
func (s *Server) launchPatiently(ctx context.Context) (*process, error) {
	const patience, pause = 30 * time.Second, 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute) // a long recovery after a crash
	defer cancel()
	for started := time.Now(); ; {
		p, err := s.launch(ctx)
		if err == nil {
			return p, nil
		}
		said := s.logFile.recent()
		busy := strings.Contains(said, "lock file") || strings.Contains(said, "pre-existing shared memory")
		if !busy || ctx.Err() != nil || time.Since(started) > patience {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
		if err := s.cluster.endOrphan(ctx, s.log); err != nil {
			return nil, err
		}
	}
}

// launch starts postgres and waits until it answers.
func (s *Server) launch(ctx context.Context) (*process, error) {
	conf := maps.Clone(settings)
	maps.Copy(conf, s.settings)
	conf["unix_socket_directories"] = `"` + s.cluster.socket + `"`
	args := []string{"-D", s.cluster.data}
	for _, name := range slices.Sorted(maps.Keys(conf)) {
		args = append(args, "-c", name+"="+conf[name])
	}
	cmd := exec.Command(s.cluster.bin.path("postgres"), args...)
	s.cluster.owner.run(cmd, s.cluster.data)
	s.logFile.forget()
	cmd.Stdout, cmd.Stderr = s.logFile, s.logFile
	// Backends that outlive a killed postmaster hold on to the log's pipe.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting postgres: %w", err)
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		cmd.Wait() // why it ended is in ProcessState and in the log
		close(p.done)
	}()
	if err := s.waitReady(ctx, p); err != nil {
		return nil, errors.Join(err, p.end())
	}
	return p, nil
}

// waitReady returns when postgres takes connections. While it says that it is
// starting, as it does while it recovers from a crash, only ctx ends the wait.
func (s *Server) waitReady(ctx context.Context, p *process) error {
	const silence = time.Minute
	for heard := time.Now(); ; {
		conn, err := s.cluster.connect(ctx, "postgres")
		if err == nil {
			return conn.Close(ctx)
		}
		if errors.As(err, new(*pgconn.PgError)) {
			heard = time.Now()
		}
		if time.Since(heard) > silence {
			return fmt.Errorf("postgres does not answer: %w", err)
		}
		select {
		case <-p.done:
			return fmt.Errorf("postgres ended (%s); %s ends:\n%s", p.state(), s.logFile.path, s.logFile.recent())
		case <-ctx.Done():
			return fmt.Errorf("waiting for postgres: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

type endStep struct {
	signal   os.Signal
	patience time.Duration
}

// endSteps stop postgres the fast way (open transactions are rolled back,
// everything is written), then the immediate way (it recovers at the next
// start), then like a power cut. See
// https://www.postgresql.org/docs/current/server-shutdown.html.
var endSteps = []endStep{
	{syscall.SIGINT, 15 * time.Second},
	{syscall.SIGQUIT, 5 * time.Second},
	{syscall.SIGKILL, 5 * time.Second},
}

func (p *process) end() error {
	for _, step := range endSteps {
		p.cmd.Process.Signal(step.signal) // fails when it has ended, which done tells
		select {
		case <-p.done:
			return nil
		case <-time.After(step.patience):
		}
	}
	return errors.New("postgres cannot be ended")
}
