// Package embedded runs a private PostgreSQL for one server: for development,
// for the demo, and for a blog on a machine of its own.
//
// Under the data folder it keeps
//
//	postgres/data          the cluster
//	postgres/run           its only socket; nothing listens on the network
//	postgres/postgres.log  what it says, and postgres.log.1, older
//	postgres/lock          held by the server that uses the folder
//
// Who may enter the socket's folder, that is the folder's owner and root, is
// let in without a password.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

var (
	// ErrNoBinaries means that no PostgreSQL that can be used is installed.
	ErrNoBinaries = errors.New("PostgreSQL is not installed here")
	// ErrInUse means that another server uses the data folder.
	ErrInUse = errors.New("the data folder is in use")
)

// Options say where the cluster lives.
type Options struct {
	Dir string // the data folder; made when missing
	Log *slog.Logger

	// Search lists folders to look for PostgreSQL's binaries in; nil means
	// PATH and where the packages of the usual systems put them.
	Search []string

	// Settings of postgresql.conf that replace or add to the package's own.
	Settings map[string]string
}

// A Server is a private PostgreSQL. When its postgres dies it is started again.
type Server struct {
	dir      string
	log      *slog.Logger
	cluster  cluster
	settings map[string]string
	logFile  *logFile
	lock     *lock

	stop    context.CancelFunc // nil until it was started
	stopped chan struct{}      // closed when postgres has ended after stop
	stopErr error              // valid once stopped is closed
	closed  bool
}

// Start is [Open] and [Server.Start] in one.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := Open(o)
	if err != nil {
		return nil, err
	}
	if err := s.Start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Open takes the data folder for a server that is yet to be started, and finds
// the binaries to run it with. It fails with [ErrInUse] when another server
// uses the folder, and leaves that alone, and with [ErrNoBinaries]. Stop ends
// what Open began.
func Open(o Options) (*Server, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the data folder: %w", err)
	}
	base, owner, err := prepareBase(dir, o.Log)
	if err != nil {
		return nil, err
	}
	lock, err := acquireLock(filepath.Join(base, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	s := &Server{dir: dir, log: o.Log, lock: lock, settings: o.Settings, stopped: make(chan struct{})}
	s.logFile, err = openLog(filepath.Join(base, "postgres.log"))
	if err == nil {
		s.cluster, err = openCluster(base, owner, o.Search)
	}
	if err != nil {
		s.close()
		return nil, s.failed(err)
	}
	return s, nil
}

// Start makes the cluster where there is none, starts it and waits until it
// answers, at most until ctx ends; ctx has no say afterwards. It recovers what
// a killed server, a killed postgres or a killed initdb left behind. It must
// not be called twice.
func (s *Server) Start(ctx context.Context) error {
	if err := s.start(ctx); err != nil {
		return s.failed(err)
	}
	return nil
}

func (s *Server) failed(err error) error {
	return fmt.Errorf("starting the embedded PostgreSQL in %s: %w", s.dir, err)
}

func (s *Server) start(ctx context.Context) error {
	if err := s.cluster.ensureFiles(ctx, s.log); err != nil {
		return err
	}
	if err := s.cluster.endOrphan(ctx, s.log); err != nil {
		return err
	}
	postgres, err := s.launchPatiently(ctx)
	if err != nil {
		return err
	}
	if err := s.cluster.ensureDatabase(ctx); err != nil {
		return errors.Join(err, postgres.end())
	}
	if err := s.lock.announce(s.URL()); err != nil {
		return errors.Join(err, postgres.end())
	}
	running, stop := context.WithCancel(context.Background())
	s.stop = stop
	go s.supervise(running, postgres)
	return nil
}

// URL is the connection string of the database, for a pool and for psql. It is
// known before the database is there.
func (s *Server) URL() string { return s.cluster.url(databaseName) }

// Stop ends postgres, which rolls back what is open and writes everything to
// disk; one that does not within 15 seconds is ended as by a power cut, from
// which it recovers at the next start. A server that did not start gives the
// folder back. Calling it again does nothing.
func (s *Server) Stop() error {
	if s.stop == nil {
		s.close()
		return nil
	}
	s.stop()
	<-s.stopped
	return s.stopErr
}

func (s *Server) close() {
	if s.closed {
		return
	}
	s.closed = true
	if s.logFile != nil {
		s.logFile.Close()
	}
	if s.cluster.socket != "" {
		os.Remove(s.cluster.socket) // empty now; if not, it is used again
	}
	s.lock.release()
}

// supervise starts postgres again whenever it ends, until running is done.
func (s *Server) supervise(running context.Context, postgres *process) {
	const firstPause, longPause, healthy = 100 * time.Millisecond, 10 * time.Second, time.Minute
	defer close(s.stopped)
	defer s.close()
	pause := firstPause
	for {
		started := time.Now()
		select {
		case <-running.Done():
			s.stopErr = postgres.end()
			return
		case <-postgres.done:
		}
		s.log.Error("the embedded PostgreSQL ended by itself: starting it again",
			"state", postgres.state(), "log", s.logFile.path)
		if time.Since(started) > healthy {
			pause = firstPause
		}
		for {
			select {
			case <-running.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, longPause)
			again, err := s.launchPatiently(running)
			if err == nil {
				s.log.Info("the embedded PostgreSQL is back")
				postgres = again
				break
			}
			if running.Err() == nil {
				s.log.Error("the embedded PostgreSQL does not start", "error", err)
			}
		}
	}
}

// Running returns the connection string of the database of the server that
// uses the data folder, for another command to work beside it. ok is false
// when there is none, or when it is still starting.
func Running(dir string) (url string, ok bool) {
	held, err := readLock(filepath.Join(dir, baseName, lockName))
	if err != nil || held.URL == "" {
		return "", false
	}
	return held.URL, true
}

// prepareBase makes the folder of the cluster under the data folder, or
// elsewhere when postgres could not enter it there, and says whose it is.
func prepareBase(dir string, log *slog.Logger) (string, account, error) {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", account{}, fmt.Errorf("making the data folder: %w", err)
	}
	owner, err := ownerOf(filepath.Join(dir, baseName, dataName))
	if err != nil {
		return "", account{}, err
	}
	base := filepath.Join(dir, baseName)
	if !owner.dropped {
		if err := os.MkdirAll(base, 0o700); err != nil {
			return "", account{}, fmt.Errorf("making the cluster's folder: %w", err)
		}
	} else if base, err = prepareForeignBase(dir, owner, log); err != nil {
		return "", account{}, err
	}
	base, err = filepath.EvalSymlinks(base)
	if err != nil {
		return "", account{}, fmt.Errorf("finding the cluster's folder: %w", err)
	}
	return base, owner, nil
}

// escape makes text fit a connection string's query, in which + is no space.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
