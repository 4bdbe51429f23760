package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A lab is a folder and the processes that were started for measuring.
type lab struct {
	Options
	dir      string
	server   string // the program
	self     int    // our own process
	database int    // that of PostgreSQL, 0 when it runs elsewhere
	running  []*process
}

func newLab(ctx context.Context, o Options) (*lab, error) {
	dir, err := os.MkdirTemp("", "broadsheet-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	l := &lab{Options: o, dir: dir, server: o.Server, self: os.Getpid()}
	if l.server == "" {
		l.server = filepath.Join(dir, "broadsheet")
		o.Log.Info("building the server")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", l.server, "broadsheet/cmd/broadsheet")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, errors.Join(fmt.Errorf("building the server: %w: %s", err, out), l.close())
		}
	}
	if l.database, err = postmaster(ctx, o.Database); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

// close stops what runs and removes the folder.
func (l *lab) close() error {
	var errs []error
	for len(l.running) > 0 {
		errs = append(errs, l.stop(l.running[len(l.running)-1]))
	}
	return errors.Join(append(errs, os.RemoveAll(l.dir))...)
}

// A process is one that was started for measuring.
type process struct {
	name string
	cmd  *exec.Cmd
	base string   // of its addresses, such as http://127.0.0.1:1234
	log  *os.File // what it prints
	done chan struct{}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// start runs a program that is to listen at address. Its surroundings are
// ours, without the settings that a person has made for a blog.
func (l *lab) start(name, address string, env []string, command ...string) (*process, error) {
	log, err := os.CreateTemp(l.dir, "log-")
	if err != nil {
		return nil, fmt.Errorf("making a log: %w", err)
	}
	defer log.Close()
	// Appending lets the log be emptied between measurements.
	p := &process{name: name, base: "http://" + address, done: make(chan struct{})}
	if p.log, err = os.OpenFile(log.Name(), os.O_RDWR|os.O_APPEND, 0); err != nil {
		return nil, fmt.Errorf("opening a log: %w", err)
	}
	p.cmd = exec.Command(command[0], command[1:]...)
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "BROADSHEET_") && !strings.HasPrefix(setting, "DATABASE_") {
			p.cmd.Env = append(p.cmd.Env, setting)
		}
	}
	p.cmd.Env = append(p.cmd.Env, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		p.log.Close()
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.cmd.Wait() // how it ended is in ProcessState
		close(p.done)
	}()
	l.running = append(l.running, p)
	return p, nil
}

// stop ends a process and waits until it has ended.
func (l *lab) stop(p *process) error {
	for i, other := range l.running {
		if other == p {
			l.running = append(l.running[:i:i], l.running[i+1:]...)
		}
	}
	defer p.log.Close()
	p.cmd.Process.Signal(syscall.SIGTERM) // fails when it has ended, which done tells
	select {
	case <-p.done:
		return nil
	case <-time.After(10 * time.Second):
		p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end when it was told to", p.name)
	}
}

// ready waits for the first answer of status 200.
func (l *lab) ready(ctx context.Context, p *process, path string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		answer, err := get(ctx, p.base+path)
		if err == nil && answer.Status == http.StatusOK {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s ended: %s: %s", p.name, p.cmd.ProcessState, p.said())
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w: %s", p.name, errors.Join(ctx.Err(), err), p.said())
		case <-time.After(time.Millisecond):
		}
	}
}

// said returns how the log begins.
func (p *process) said() string {
	text, err := io.ReadAll(io.NewSectionReader(p.log, 0, 2000))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// freeAddress returns an address of this machine that nobody listens at.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// startServer starts the program with everything that is on in production:
// the access log, its metrics, and the headers of a blog behind HTTPS. It
// returns when the first page was there, and how long that took from exec on.
func (l *lab) startServer(ctx context.Context, name string, settings ...string) (*process, time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	ops, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	env := append([]string{
		"DATABASE_URL=" + l.Database, "BROADSHEET_LISTEN=" + address, "BROADSHEET_OPS_LISTEN=" + ops,
		"BROADSHEET_BASE_URL=https://blog.example.org", "BROADSHEET_LOG=json",
	}, settings...)
	started := time.Now()
	p, err := l.start(name, address, env, l.server, "serve")
	if err != nil {
		return nil, 0, err
	}
	err = l.ready(ctx, p, "/")
	return p, time.Since(started), err
}
