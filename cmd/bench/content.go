package main

// commonTags is how many tags the posts share out by chance.
const commonTags = 500

// Words to search for.
const (
	wordEverywhere = "everywhere" // in each post
	wordSometimes  = "sometimes"  // in every 200th
	wordSeldom     = "seldom"     // in 20 posts
	wordFormerly   = "formerly"   // in the oldest 2 % alone
)

// scheduled is how many posts a blog of that size has for later.
func scheduled(size int64) int64 { return 10 + size/10_000 }

// seriesParts is how many parts the long series has.
const seriesParts = 120

// edition is raised when something else than the SQL below changes what is seeded.
const edition = 2

// smallest is how many posts it takes for the tags to be what they are for.
const smallest = 1000

// insertTags makes tag-1, the most common tag, to tag-500 (the n-th is about
// 1/n as common), and the tags of certain posts: old of the oldest 2 %, early
// of the oldest 15 %, even and odd in turn of the newest 20 %, so that these
// two never meet, and rare of 20. The long series has its parts among the newest.
const insertTags = `
	INSERT INTO tags (id, key, slug, name) OVERRIDING SYSTEM VALUE
	SELECT n, lower(name), replace(lower(name), ' ', '-'), name
	FROM (SELECT n, 'Tag ' || n AS name FROM generate_series(1, 500) n
		UNION ALL VALUES (501, 'Old'), (502, 'Early'), (503, 'Even'), (504, 'Odd'), (505, 'Rare')) t;
	INSERT INTO series (id, key, slug, title) OVERRIDING SYSTEM VALUE VALUES (1, 'a long series', 'a-long-series', 'A long series')`

// insertPosts makes the posts numbered @from to @to: @size that were published
// at even distances from 2016 to 2024, then those that are scheduled, then
// drafts. Each has up to three of the common tags and four paragraphs.
// Everything follows from the number: bench_chance is the same at every run.
const insertPosts = `
	INSERT INTO posts (id, slug, title, status, published_at, created_at, updated_at, author_id, tag_ids,
		markdown, html, excerpt, more, description, plain, words, minutes, render_version, lexemes,
		series_id, series_place, related_ids)
	OVERRIDING SYSTEM VALUE
	SELECT p.n, 'post-' || p.n, a.title, p.status,
		CASE WHEN p.n <= @size::bigint THEN p.at WHEN p.status = 'published' THEN p.at + interval '200 years' END, p.at, p.at, 1 + p.n % 3,
		ARRAY(SELECT DISTINCT 1 + width_bucket(bench_chance(p.n, k), @tag_weights::float8[])::bigint FROM generate_series(1, 3) k)
			|| p.special,
		concat_ws(E'\n\n', a.source, b.source, c.source, d.source, p.last), concat(a.html, b.html, c.html, d.html, '<p>', p.last, '</p>'),
		a.html, true, left(a.plain, 155), concat_ws(' ', a.plain, b.plain, c.plain, d.plain, p.last), 180, 1, @render_version::int,
		post_lexemes('en', a.title, '', '{}', concat_ws(' ', a.plain, b.plain, c.plain, d.plain, p.last)),
		CASE WHEN p.part > 0 THEN 1 END, p.part, ARRAY[p.n - 1, p.n - 2, p.n - 3, p.n - 5, p.n - 8, p.n - 13, p.n - 21, p.n - 34]
	FROM (
		SELECT n, timestamptz '2016-01-01 00:00Z' + n * @step::interval AS at,
			CASE WHEN n <= @size::bigint + @scheduled::bigint THEN 'published' ELSE 'draft' END AS status,
			CASE WHEN n <= @size::bigint / 50 THEN '{501}'::bigint[] ELSE '{}' END ||
			CASE WHEN n <= @size::bigint * 15 / 100 THEN '{502}'::bigint[] ELSE '{}' END ||
			CASE WHEN n BETWEEN @size::bigint * 80 / 100 + 1 AND @size::bigint THEN ARRAY[503 + n % 2] ELSE '{}' END ||
			CASE WHEN n <= @size::bigint AND n % (@size::bigint / 20) = 7 THEN '{505}'::bigint[] ELSE '{}' END AS special,
			concat_ws(' ', 'This is said everywhere',
				CASE WHEN n % 200 = 0 THEN 'sometimes' END,
				CASE WHEN n % (@size::bigint / 20) = 11 THEN 'seldom' END,
				CASE WHEN n <= @size::bigint / 50 THEN 'formerly' END) || '.' AS last,
			CASE WHEN n <= @size::bigint AND n % 5 = 3 THEN greatest(n - @size::bigint + 5 * @parts::int + 5, 0) / 5 ELSE 0 END AS part
		FROM generate_series(@from::bigint, @to::bigint) n
	) p
	JOIN bench_paragraphs a ON a.n = floor(bench_chance(p.n, 11) * @paragraphs::int)::int
	JOIN bench_paragraphs b ON b.n = floor(bench_chance(p.n, 12) * @paragraphs::int)::int
	JOIN bench_paragraphs c ON c.n = floor(bench_chance(p.n, 13) * @paragraphs::int)::int
	JOIN bench_paragraphs d ON d.n = floor(bench_chance(p.n, 14) * @paragraphs::int)::int`
