// Command broadsheet is a blog server: one binary, one PostgreSQL.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the server knows every time zone, wherever it runs

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"broadsheet/internal/config"
)

// commands is the command line. Settings come from the environment alone.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Serve the blog."`
	Migrate migrateCmd `cmd:"" help:"Move the database's schema."`
	Import  importCmd  `cmd:"" help:"Bring posts in from elsewhere."`
	User    userCmd    `cmd:"" help:"Manage the people who can sign in."`
	Health  healthCmd  `cmd:"" help:"Ask the server on this machine whether it is ready; for container health checks."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// app is what a command is given of the world.
type app struct {
	ctx    context.Context
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(app{ctx, os.Getenv, os.Stdin, os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "broadsheet:", err)
		os.Exit(1)
	}
}

// exited is how the command line's parser says that it has printed the help
// and there is nothing more to do.
type exited struct{ code int }

func run(a app, args []string) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exited:
			if p.code != 0 {
				err = errors.New("bad usage")
			}
		default:
			panic(p)
		}
	}()
	parser, err := kong.New(new(commands),
		kong.Name("broadsheet"),
		kong.Description("A blog server: one binary, one PostgreSQL.\n\n"+settingsHelp("")),
		kong.Writers(a.stdout, a.stderr),
		kong.Exit(func(code int) { panic(exited{code}) }),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (see broadsheet --help)", err)
	}
	return command.Run(&a)
}

// settings reads the environment and makes the logger that it asks for.
func (a *app) settings() (config.Config, *slog.Logger, error) {
	c, err := config.Load(a.getenv)
	if err != nil {
		return config.Config{}, nil, err
	}
	return c, a.logger(c, a.stderr), nil
}

// logger returns the logger that the settings ask for.
func (a *app) logger(c config.Config, w io.Writer) *slog.Logger {
	if a.logsText(c) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}

// logsText tells whether the log is for a person who reads along.
func (a *app) logsText(c config.Config) bool {
	if c.Log != "" {
		return c.Log == "text"
	}
	f, ok := a.stderr.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
