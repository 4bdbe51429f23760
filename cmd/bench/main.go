// Command bench measures Broadsheet on a blog of a million posts: how long
// its pages take, how much of the database they touch, what publishing costs,
// and how the whole program does under load beside others. It prints Markdown,
// and fails when a page gives no answer or touches more than its bound, or when
// a goal is missed by more than a busy machine explains.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"broadsheet/cmd/bench/load"
)

type options struct {
	posts   int           // that readers may see
	data    string        // folder of the private PostgreSQL
	patient time.Duration // given to timing pages
	saves   int           // posts written for each number on publishing
	only    string        // pages or load; "" for both
	server  string        // the program to load; "" to build it
	rounds  int           // of loading every server once
	run     time.Duration // of loading one server
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if load.IsBaseline(os.Args[1:]) {
		if err := load.Baseline(ctx, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "baseline:", err)
			os.Exit(1)
		}
		return
	}
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) (err error) {
	o, err := readOptions(args, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	url, release, err := database(ctx, o, getenv("DATABASE_URL"), log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	return bench(ctx, url, o, stdout, log)
}

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.posts, "posts", 1_000_000, fmt.Sprintf("how many posts the blog has, at least %d", smallest))
	flags.StringVar(&o.data, "data", ".bench", "folder of the database, which the next run uses again;\nwith DATABASE_URL set, that database instead")
	seconds := flags.Int("seconds", 60, "how long to time pages")
	flags.IntVar(&o.saves, "saves", 50, "how many posts to publish, edit and delete")
	flags.StringVar(&o.only, "only", "", "one part alone: pages, in this process, or load, on the program that is run")
	flags.StringVar(&o.server, "server", "", "program to load (default: built from this module)")
	flags.IntVar(&o.rounds, "rounds", 5, "how often to load every server with every page")
	runSeconds := flags.Int("run", 2, "for how many seconds each time")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 || o.posts < smallest || *seconds < 1 || o.saves < 1 || o.rounds < 1 || *runSeconds < 1 {
		return options{}, fmt.Errorf("want at least %d posts, 1 second, 1 save, 1 round of 1 second and no further arguments", smallest)
	}
	if o.only != "" && o.only != "pages" && o.only != "load" {
		return options{}, fmt.Errorf("-only is %q: want pages or load", o.only)
	}
	o.patient = time.Duration(*seconds) * time.Second
	o.run = time.Duration(*runSeconds) * time.Second
	return o, nil
}

// bench seeds the database where that was not done yet, measures, and prints
// the report. It fails after printing when something is wrong that is not
// noise.
func bench(ctx context.Context, url string, o options, stdout io.Writer, log *slog.Logger) error {
	big, err := openBlog(ctx, url, o.posts, log)
	if err != nil {
		return err
	}
	defer big.close()
	kinds, err := big.kinds(ctx, log)
	if err != nil {
		return err
	}
	var r measured
	if r.machine, err = describeMachine(ctx, big); err != nil {
		return err
	}
	if o.only != "load" {
		if r.pages, r.writes, err = measurePages(ctx, url, big, kinds, o, log); err != nil {
			return err
		}
	}
	if o.only != "pages" {
		if r.load, err = measureLoad(ctx, url, big, kinds, o, log); err != nil {
			return err
		}
	}
	return r.report(stdout)
}

// measurePages measures the pages of the large blog and publishing on it, in
// this process, beside a small blog.
func measurePages(ctx context.Context, url string, big blog, kinds []kind, o options, log *slog.Logger) (pages []result, writes []write, err error) {
	smallURL, drop, err := sideDatabase(ctx, big.pool, url)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, drop()) }()
	small, err := openBlog(ctx, smallURL, smallPosts, log)
	if err != nil {
		return nil, nil, err
	}
	defer small.close()

	kinds = append(kinds, kind{name: "newest page, blog of " + group(smallPosts) + " posts", path: "/", blog: small, most: boundAll})
	if pages, err = measure(ctx, kinds, o.patient, log); err != nil {
		return nil, nil, err
	}
	writes, err = measureWrites(ctx, big, small, o.saves, log)
	return pages, writes, err
}
