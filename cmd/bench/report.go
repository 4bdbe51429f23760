package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"broadsheet/cmd/bench/load"
)

// What a page may touch at most, in buffers of 8 kB, whichever plan PostgreSQL
// takes. The number of posts is in none of them: an index is three blocks
// deep at a million rows, and four at fifty times as many. A page reads one
// post more than it shows, 11. The settings, the names of their authors and
// tags, and the tags asked for, are remembered.
const (
	// A descent of the index of dates and its next blocks (5), and the posts (11).
	boundAll = 5 + 11
	// The index of posts by tags, which is larger (9), and each post with its
	// key (4); some lie across two blocks.
	boundTag = 60
	// Of the posts that the two rarest of three tags share, 2,000 at most are
	// read by their keys to see whether they carry the third, and walked once
	// more to learn where the search stopped.
	boundScan = boundTag + 2000*4 + 100
	// A search gathers 1,000 posts at most in each of three ways. Their words
	// may be in blocks of their own, three deep and one to read. So are the
	// texts of the posts on the page, which are found by their keys.
	boundSearch = 3*1000*5 + 11*10 + 40
	// A search that few posts answer looks each of them up, once more those on
	// the page, and the words that are like its own.
	boundRare = 20*5 + 11*10 + 40 + boundSpelling
	// A table of 50,000 words, all of it read, and the index of their trigrams.
	boundSpelling = 700
	// Sixteen words that begin alike, each with a post that has it; and 200
	// titles.
	boundSuggest = 40 + 16*8 + 200 + 40
	// A feed has twenty posts, and their texts by their keys (4).
	boundFeed    = boundAll + 10 + 20*5
	boundTagFeed = boundFeed + 20*4
	// The sitemap looks for the next of its parts and for the newest change of
	// each, in an index of four levels at most; a part has ten batches of posts.
	boundSitemap     = 20
	boundSitemapPart = 10*5 + 10_000/2
	// The row of the author, and the index of authors' posts.
	boundAuthor = boundAll + 10
	// One row a month, which is remembered.
	boundArchive = 20
	// The posts of a series with their places, and the cards of a page.
	boundSeries = 120*4 + 60*4 + 20
	// A post, its tags and author, and the posts beside it and related to it.
	boundPost = boundAll + 8*4 + 20
	// Twenty addresses on either side, and where an address led before.
	boundNear = 2*20*4 + 60
	// The table of tags, with five hundred of them. Each post that is scheduled
	// adds another block.
	boundTags = 225
)

// describeMachine says in a line on what was measured.
func describeMachine(ctx context.Context, b blog) (string, error) {
	var version, buffers, size string
	err := b.pool.QueryRow(ctx, `
		SELECT current_setting('server_version'), current_setting('shared_buffers'),
			pg_size_pretty(pg_database_size(current_database()))`).Scan(&version, &buffers, &size)
	if err != nil {
		return "", fmt.Errorf("describing the database: %w", err)
	}
	return fmt.Sprintf("%s posts; %d cores, %s/%s, %s; PostgreSQL %s with %s of shared buffers; database of %s.",
		group(int64(b.size)), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), version, buffers, size), nil
}

// measured is everything that is reported; a part that was left out is empty.
type measured struct {
	machine string
	pages   []result
	writes  []write
	load    load.Result
}

// report prints everything as Markdown and returns an error when a page
// touches more than its bound or gave no answer, or a goal is far away.
func (r measured) report(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.machine)
	var errs []error
	if len(r.load.Cells) > 0 {
		b.WriteString("\n")
		errs = append(errs, goalTable(&b, r.goals()))
		b.WriteString("\n")
		loadTables(&b, r.load)
	}
	if len(r.pages) > 0 {
		b.WriteString("\n")
		pageTable(&b, r.pages)
		b.WriteString("\nRequests go through the whole server, in the same process; pages are not cached. Buffers are the blocks of 8 kB\n" +
			"that all queries of a request touch, in memory or not, by the worse of PostgreSQL's custom and generic plans.\n\n")
		writeTable(&b, r.writes)
		b.WriteString("\n")
		errs = append(errs, verdict(&b, r.pages))
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		errs = append(errs, fmt.Errorf("printing the report: %w", err))
	}
	return errors.Join(errs...)
}

func pageTable(b *strings.Builder, results []result) {
	base := results[0].quantile(0.5)
	b.WriteString("| page | median | p99 | × newest | requests | queries | buffers | at most | worse plan | rows |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: |\n")
	for _, r := range results {
		median, p99, ratio := ms(r.quantile(0.5)), ms(r.quantile(0.99)), fmt.Sprintf("%.2f", float64(r.quantile(0.5))/float64(base))
		if r.failed != "" {
			median, p99, ratio = r.failed, "", ""
		}
		buffers := group(r.buffers)
		if r.unknown {
			buffers = "timed out"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %d | %d | %s | %s | %s | %s |\n", r.name, median, p99, ratio, len(r.times),
			r.queries, buffers, group(r.most), strings.TrimSuffix(strings.TrimPrefix(string(r.mode), "force_"), "_plan"), group(r.rows))
	}
}

func writeTable(b *strings.Builder, writes []write) {
	fmt.Fprintf(b, "| publishing | median | with %s posts | × | statements | buffers | with %[1]s posts | × |\n", group(smallPosts))
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, w := range writes {
		fmt.Fprintf(b, "| %s | %s | %s | %.2f | %d | %s | %s | %.2f |\n", w.name,
			ms(w.big.median), ms(w.small.median), float64(w.big.median)/float64(w.small.median), w.statements,
			group(w.big.buffers), group(w.small.buffers), float64(w.big.buffers)/float64(w.small.buffers))
	}
}

// verdict says which goals hold. Work decides; time, which another program on
// the same machine can spoil, is only told.
func verdict(b *strings.Builder, results []result) error {
	var silent, over, slow []string
	var plans strings.Builder
	base := results[0].quantile(0.5)
	for _, r := range results {
		switch {
		case r.failed != "" || r.unknown:
			silent = append(silent, r.name)
		case r.buffers > r.most:
			over = append(over, r.name)
		case r.rated && r.quantile(0.5) > 2*base:
			slow = append(slow, r.name)
			continue
		default:
			continue
		}
		fmt.Fprintf(&plans, "\n%s (%s):\n\n```\n%s\n```\n", r.name, r.mode, strings.TrimSpace(r.worst))
	}
	holds(b, "Every page gives an answer, by either plan", silent)
	holds(b, "Every page touches at most as many buffers as its bound", over)
	holds(b, "Deep pages and pages of one or two tags take at most twice the time of the newest page", slow)
	b.WriteString(plans.String())
	if missed := slices.Concat(silent, over); len(missed) > 0 {
		return errors.New("pages without an answer or over their bound: " + strings.Join(missed, ", "))
	}
	return nil
}

func holds(b *strings.Builder, name string, missed []string) {
	if len(missed) == 0 {
		fmt.Fprintf(b, "- %s: yes\n", name)
		return
	}
	fmt.Fprintf(b, "- %s: no (%s)\n", name, strings.Join(missed, ", "))
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// group writes a number with commas between thousands.
func group(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
