// Command bench measures Broadsheet on a blog of a million posts: how long
// its pages take, how much of the database they touch, and what publishing
// costs. It prints Markdown, and fails when a page gives no answer or touches
// more than its bound.
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
)

type options struct {
	posts   int           // that readers may see
	data    string        // folder of the private PostgreSQL
	patient time.Duration // given to timing pages
	saves   int           // posts written for each number on publishing
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
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
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if flags.NArg() > 0 || o.posts < smallest || *seconds < 1 || o.saves < 1 {
		return options{}, fmt.Errorf("want at least %d posts, 1 second, 1 save and no further arguments", smallest)
	}
	o.patient = time.Duration(*seconds) * time.Second
	return o, nil
}

// bench seeds the database where that was not done yet, measures, and prints
// the report. It fails after printing when a page gives no answer or touches
// more than its bound.
func bench(ctx context.Context, url string, o options, stdout io.Writer, log *slog.Logger) (err error) {
	big, err := openBlog(ctx, url, o.posts, log)
	if err != nil {
		return err
	}
	defer big.pool.Close()
	smallURL, drop, err := sideDatabase(ctx, big.pool, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	small, err := openBlog(ctx, smallURL, smallPosts, log)
	if err != nil {
		return err
	}
	defer small.pool.Close()

	kinds, err := big.kinds(ctx, log)
	if err != nil {
		return err
	}
	kinds = append(kinds, kind{name: "newest page, blog of " + group(smallPosts) + " posts", path: "/", blog: small, most: boundAll})
	results, err := measure(ctx, kinds, o.patient, log)
	if err != nil {
		return err
	}
	writes, err := measureWrites(ctx, big, small, o.saves, log)
	if err != nil {
		return err
	}
	machine, err := describeMachine(ctx, big)
	if err != nil {
		return err
	}
	return report(stdout, machine, results, writes)
}
