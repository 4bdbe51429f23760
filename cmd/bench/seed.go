package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"broadsheet/internal/markdown"
)

// seeding fills an empty, migrated database the way a restore does: rows
// first, then what is derived from them. Indexes, foreign keys and triggers
// are away meanwhile.
type seeding struct {
	pool *pgxpool.Pool
	size int64
	log  *slog.Logger

	shed []shed
}

// shed is an index or a foreign key: how to drop it and how to have it back.
type shed struct {
	Key           bool
	Drop, Restore string
}

func (s *seeding) run(ctx context.Context) error {
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"dropping indexes", s.dropIndexes},
		{"making tags, authors and texts", s.prepare},
		{"making posts", s.makePosts},
		{"making words", s.makeWords},
		{"making indexes and listings of tags", s.derive},
		{"comparing with what triggers make", s.compare},
		{"analyzing", s.settle},
	} {
		started := time.Now()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("seeding: %s: %w", step.name, err)
		}
		if took := time.Since(started); took > time.Second {
			s.log.Info(step.name, "took", took.Round(100*time.Millisecond))
		}
	}
	return nil
}

func (s *seeding) exec(ctx context.Context, sql string, args ...any) error {
	_, err := s.pool.Exec(ctx, sql, args...)
	return err
}

func (s *seeding) dropIndexes(ctx context.Context) error {
	rows, err := s.pool.Query(ctx, `
		SELECT true AS key, format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
			format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS restore
		FROM pg_constraint WHERE contype = 'f' AND conrelid IN ('posts'::regclass, 'post_tags'::regclass)
		UNION ALL
		SELECT false, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
		FROM pg_index WHERE indrelid = 'posts'::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)`)
	if err != nil {
		return err
	}
	if s.shed, err = pgx.CollectRows(rows, pgx.RowToStructByName[shed]); err != nil {
		return err
	}
	for _, each := range s.shed {
		if err := s.exec(ctx, each.Drop); err != nil {
			return err
		}
	}
	return s.exec(ctx, "ALTER TABLE posts DISABLE TRIGGER USER; ALTER TABLE post_tags DISABLE TRIGGER USER")
}

func (s *seeding) prepare(ctx context.Context) error {
	err := s.exec(ctx, `
		INSERT INTO users (id, handle, name) OVERRIDING SYSTEM VALUE VALUES (1, 'ada', 'Ada'), (2, 'bob', 'Bob'), (3, 'cy', 'Cy');
		CREATE UNLOGGED TABLE bench_paragraphs (n int PRIMARY KEY, title text, plain text, source text, html text);
		CREATE FUNCTION bench_chance(n bigint, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
			'SELECT (hashint8extended(n, k) & 1073741823) / 1073741824.0::float8';`+insertTags)
	if err != nil {
		return err
	}
	all, err := compose()
	if err != nil {
		return err
	}
	_, err = s.pool.CopyFrom(ctx, pgx.Identifier{"bench_paragraphs"}, []string{"n", "title", "plain", "source", "html"},
		pgx.CopyFromSlice(len(all), func(i int) ([]any, error) {
			return []any{i, all[i].title, all[i].text, all[i].source, string(all[i].html)}, nil
		}))
	if err != nil {
		return err
	}
	return s.exec(ctx, "ANALYZE bench_paragraphs")
}

// makePosts inserts chunks side by side: computing the words to search for is
// work for one processor each.
func (s *seeding) makePosts(ctx context.Context) error {
	const chunk = 5000
	later, drafts := scheduled(s.size), 10+s.size/1000
	end := s.size + later + drafts
	same := pgx.StrictNamedArgs{
		"size": s.size, "scheduled": later, "step": 9 * 365 * 24 * time.Hour / time.Duration(s.size),
		"tag_weights": tagWeights(), "paragraphs": paragraphs, "parts": seriesParts, "render_version": markdown.Version,
	}
	var done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(min(4, runtime.NumCPU()))
	for from := int64(1); from <= end; from += chunk {
		group.Go(func() error {
			args := maps.Clone(same)
			args["from"], args["to"] = from, min(from+chunk-1, end)
			if err := s.exec(ctx, insertPosts, args); err != nil {
				return err
			}
			if n := done.Add(chunk); n%100_000 == 0 {
				s.log.Info("making posts", "done", n, "of", end)
			}
			return nil
		})
	}
	return group.Wait()
}

// keptWords is how many words the table of words holds at most.
const keptWords = 50_000

// makeWords keeps the words of the newest titles, and fills the table up.
func (s *seeding) makeWords(ctx context.Context) error {
	if err := s.exec(ctx, "INSERT INTO search_configs VALUES ('english') ON CONFLICT DO NOTHING"); err != nil {
		return err
	}
	err := s.exec(ctx, `
		INSERT INTO words (word, post_id)
		SELECT word, max(id) FROM posts, unnest(tsvector_to_array(to_tsvector('simple', title))) word
		WHERE id BETWEEN $1 - 20000 AND $1 AND char_length(word) > 2 GROUP BY word ORDER BY word`, s.size)
	if err != nil {
		return err
	}
	all := make([]string, keptWords)
	for i := range all {
		all[i] = word(i * 7)
	}
	return s.exec(ctx, `
		INSERT INTO words (word, post_id)
		SELECT DISTINCT word, $2::bigint FROM unnest($1::text[]) word WHERE char_length(word) BETWEEN 3 AND 40
		ORDER BY word LIMIT $3 - (SELECT count(*) FROM words) ON CONFLICT DO NOTHING`, all, s.size, keptWords)
}

// tagWeights returns the chance of each of the common tags and all before it.
func tagWeights() []float64 {
	weights, sum := make([]float64, commonTags), 0.0
	for i := range weights {
		sum += 1 / float64(i+1)
		weights[i] = sum
	}
	for i := range weights {
		weights[i] /= sum
	}
	return weights
}

func (s *seeding) derive(ctx context.Context) error {
	group, shared := errgroup.WithContext(ctx)
	group.SetLimit(min(4, runtime.NumCPU()))
	group.Go(func() error {
		// What is written to a table that the same transaction emptied needs
		// no write-ahead log.
		return s.exec(shared, `
			TRUNCATE post_tags;
			INSERT INTO post_tags (tag_id, with_id, published_at, post_id)
			SELECT a, b, p.published_at, p.id
			FROM posts p, unnest(p.tag_ids) a, unnest(p.tag_ids) b
			WHERE p.status = 'published' AND a <= b
			ORDER BY 1, 2, 3, 4;
			UPDATE tags SET post_count = c.posts
			FROM (SELECT tag_id, count(*) AS posts FROM post_tags WHERE tag_id = with_id GROUP BY tag_id) c
			WHERE tags.id = c.tag_id`)
	})
	for _, each := range s.shed {
		if !each.Key {
			group.Go(func() error { return s.exec(shared, each.Restore) })
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, each := range s.shed {
		if !each.Key {
			continue
		}
		if err := s.exec(ctx, each.Restore); err != nil {
			return err
		}
	}
	return s.exec(ctx, `
		ALTER TABLE posts ENABLE TRIGGER USER;
		ALTER TABLE post_tags ENABLE TRIGGER USER;
		SELECT archive_count();
		SELECT setval(pg_get_serial_sequence('posts', 'id'), max(id)) FROM posts;
		SELECT setval(pg_get_serial_sequence('tags', 'id'), max(id)) FROM tags;
		SELECT setval(pg_get_serial_sequence('users', 'id'), max(id)) FROM users;
		SELECT setval(pg_get_serial_sequence('series', 'id'), max(id)) FROM series;
		DROP TABLE bench_paragraphs;
		DROP FUNCTION bench_chance`)
}

// compare takes the tags away from some posts and gives them back, which makes
// the triggers do their work, and undoes that: before and after, the listings
// and counters must be the same, and nothing may be left in between.
func (s *seeding) compare(ctx context.Context) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	_, err = tx.Exec(ctx, "CREATE TEMP TABLE sample ON COMMIT DROP AS SELECT id, tag_ids FROM posts WHERE id % greatest($1::bigint / 500, 1) = 0", s.size)
	if err != nil {
		return err
	}
	seeded, err := listings(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE posts SET tag_ids = '{}' FROM sample WHERE posts.id = sample.id"); err != nil {
		return err
	}
	var left int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM post_tags WHERE post_id IN (SELECT id FROM sample)").Scan(&left); err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("got %d rows in post_tags of posts without tags, want 0", left)
	}
	if _, err := tx.Exec(ctx, "UPDATE posts SET tag_ids = sample.tag_ids FROM sample WHERE posts.id = sample.id"); err != nil {
		return err
	}
	triggered, err := listings(ctx, tx)
	if err != nil {
		return err
	}
	if seeded != triggered {
		return fmt.Errorf("got listings %s, want those that triggers make, %s", seeded, triggered)
	}
	return nil
}

// listings sums up what is derived from the posts in the sample.
func listings(ctx context.Context, tx pgx.Tx) (sum string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT (SELECT count(*) || ' rows ' || md5(string_agg(t::text, ' ' ORDER BY t))
			FROM post_tags t WHERE post_id IN (SELECT id FROM sample)) ||
			(SELECT ', counters ' || md5(string_agg(id || ' ' || post_count, ' ' ORDER BY id)) FROM tags)`).Scan(&sum)
	return sum, err
}

// settle leaves nothing for the time when pages are measured.
func (s *seeding) settle(ctx context.Context) error {
	if err := s.exec(ctx, "VACUUM (ANALYZE)"); err != nil {
		return err
	}
	if err := s.exec(ctx, "CHECKPOINT"); err != nil {
		s.log.Warn("the first measurements will also wait for seeding to reach the disk", "error", err)
	}
	return nil
}
