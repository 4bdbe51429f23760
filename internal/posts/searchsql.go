package posts

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"broadsheet/internal/markdown"
)

// asked is the words in each configuration that posts are indexed in. marks is
// what is marked in a text: looking for a place that has all of many words, or
// phrases of them, takes time that grows with the square of the text and more,
// so that any of them will do then.
const asked = `
	asked AS MATERIALIZED (
		SELECT config, query, CASE
			WHEN numnode(query) <= 7 OR querytree(query) IN ('', 'T') THEN query
			ELSE regexp_replace(querytree(query), '&|<(-|\d+)>', '|', 'g')::tsquery END AS marks
		FROM (SELECT config, websearch_to_tsquery(config::regconfig, @words) AS query FROM search_configs) words
	)`

// loose is what an index of words can be asked instead, of which asked finds a
// part: neither phrases, which PostgreSQL would look up in every post that has
// their words, nor what must not be there. open says that posts are asked for
// only by what they do not contain.
const loose = `
	loose AS MATERIALIZED (
		SELECT (string_agg('(' || tree || ')', '|') FILTER (WHERE tree NOT IN ('', 'T')))::tsquery AS query,
			coalesce(bool_or(tree = 'T'), false) AS open
		FROM (SELECT DISTINCT regexp_replace(querytree(query), '<(-|\d+)>', '&', 'g') AS tree FROM asked) trees
	)`

// candidate is what it takes of a post p to filter and rank it. A post that
// has no lexemes yet is found by the column that was there before.
const candidate = `p.id, p.published_at, p.author_id, p.coauthor_ids, p.series_id, p.tag_ids,
	coalesce(p.lexemes, p.search) AS lexemes,
	CASE WHEN p.lexemes IS NULL THEN 'simple' ELSE text_config(p.language) END AS config`

const inHeadline = `StartSel="` + markdown.MarkBegin + `", StopSel="` + markdown.MarkEnd + `"`

// sql returns the query for a page and one row more.
func (f Search) sql(w window) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{}
	beyond, order := "true", w.order("r.rank", "r.id")
	if w.from != nil {
		args["from_rank"], args["from_id"] = w.from.rank(), w.from.id
		beyond = "(r.rank, r.id) < (@from_rank::real, @from_id)"
		if w.backward {
			beyond = "(r.rank, r.id) > (@from_rank::real, @from_id)"
		}
	}
	limit := " LIMIT " + strconv.Itoa(w.limit+1)
	gathered := f.gather(args, visible, func(only ...string) string { return f.newest(args, window{}, only...) })
	if f.Words == "" {
		return gathered + "SELECT " + cardColumns + `, r.rank, p.title AS heading, p.description AS lines
			FROM (SELECT * FROM ranked r WHERE ` + beyond + order + limit + ") r JOIN posts p ON p.id = r.id" + order, args
	}
	return gathered + "SELECT " + cardColumns + `, r.rank,
			ts_headline(r.config::regconfig, p.title, r.marks, 'HighlightAll=true, ` + inHeadline + `') AS heading,
			ts_headline(r.config::regconfig, left(p.plain, ` + strconv.Itoa(headlined) + `), r.marks,
				'MaxFragments=2, MinWords=12, MaxWords=28, FragmentDelimiter=" … ", ` + inHeadline + `') AS lines
		FROM (SELECT * FROM ranked r JOIN asked USING (config) WHERE ` + beyond + order + limit + `) r
		JOIN posts p ON p.id = r.id` + order, args
}

// sqlByDate does the same for a list by date. What it walks begins at the
// window, so that it leads to all posts with a common word, page by page.
func (f Search) sqlByDate(w window) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{}
	where := listed
	if w.from != nil {
		where += " AND " + w.beyond("p.published_at", "p.id", args)
	}
	return f.gather(args, visible, func(only ...string) string { return f.newest(args, w, only...) }) +
		"SELECT " + cardColumns + " FROM " + gatheredPosts + " WHERE " + where +
		w.order("p.published_at", "p.id") + " LIMIT " + strconv.Itoa(w.limit+1), args
}

// gatheredPosts are the posts p of the table ranked, looked up one by one:
// PostgreSQL might otherwise walk all posts in the order of the list.
const gatheredPosts = `(SELECT DISTINCT id FROM ranked) r CROSS JOIN LATERAL (SELECT * FROM posts WHERE id = r.id LIMIT 1) p`

// gather begins a query with the table ranked: those posts that the filters let
// through and that contain the words, of all that the indexes of words and a
// walk lead to. sees is which posts p are looked for in the indexes; walk
// returns a query for candidates that meet further conditions.
func (f Search) gather(args pgx.StrictNamedArgs, sees string, walk func(only ...string) string) string {
	if f.Words == "" {
		return `
			WITH newest AS (` + walk() + `),
			ranked AS (SELECT c.id, 0::real AS rank FROM newest c WHERE ` + f.condition(args) + `)
			`
	}
	args["words"] = f.Words
	most, few := strconv.Itoa(searchMost), strconv.Itoa(searchMost/4)
	return "WITH" + asked + "," + loose + `, found AS MATERIALIZED (
			SELECT ` + candidate + ` FROM posts p
			WHERE p.lexemes @@ (SELECT query FROM loose) AND ` + sees + ` LIMIT ` + most + `
		), more AS MATERIALIZED (
			SELECT (SELECT count(*) FROM found) = ` + most + ` OR (SELECT open FROM loose) AS many,
				EXISTS (SELECT FROM posts WHERE lexemes IS NULL) AS unfilled
		), titled AS MATERIALIZED (
			SELECT ` + candidate + ` FROM posts p
			WHERE (SELECT many FROM more) AND ts_filter(p.lexemes, '{a}') @@ (SELECT query FROM loose) AND ` + sees + `
			LIMIT ` + most + `
		), newest AS MATERIALIZED (` + walk("(SELECT many FROM more)") + `
		), unfilled AS MATERIALIZED (
			SELECT ` + candidate + ` FROM (
				SELECT * FROM posts p
				WHERE (SELECT unfilled FROM more) AND p.search @@ (SELECT query FROM loose) AND ` + sees + `
				LIMIT ` + most + `) p
			WHERE p.lexemes IS NULL
		), candidates AS (
			(SELECT * FROM found LIMIT (SELECT CASE WHEN many THEN ` + few + ` END FROM more))
			UNION ALL TABLE titled UNION ALL TABLE newest UNION ALL TABLE unfilled
		), flat AS (
			-- Many words are stored apart from their row. They are fetched
			-- once here, not again for each use, which OFFSET sees to.
			SELECT c.id, c.config, c.lexemes || '' AS lexemes FROM candidates c WHERE ` + f.condition(args) + ` OFFSET 0
		), ranked AS MATERIALIZED (
			SELECT DISTINCT c.id, c.config, ts_rank(c.lexemes, k.query) AS rank
			FROM flat c JOIN asked k ON k.config = c.config WHERE c.lexemes @@ k.query
		)
		`
}

// newest is a walk through the newest of the posts p that one filter names, from
// the window's beginning on, by the index that has them in order. The order names the filter's column, which
// as one of a list has no single value for PostgreSQL, so that no other index
// will do: it might otherwise look for an author's few posts among those of all.
// A tag's posts are looked up one by one, for the same reason.
func (f Search) newest(args pgx.StrictNamedArgs, w window, only ...string) string {
	source, end, at, id, within, where := "posts p", "", "p.published_at", "p.id", "", visible
	switch {
	case f.Series != 0:
		where += " AND p.series_id = ANY (ARRAY[@series::bigint])"
		within = "p.series_id"
	case len(f.Tags) > 0:
		source, at, id = "(SELECT t.post_id FROM post_tags t", "t.published_at", "t.post_id"
		end = ") t CROSS JOIN LATERAL (SELECT * FROM posts WHERE id = t.post_id AND unpublish_at > now() LIMIT 1) p"
		where = Filter{Tags: f.Tags}.listed(args)
	case f.Author != 0:
		where += " AND p.author_id = ANY (ARRAY[@author::bigint])"
		within = "p.author_id"
	}
	for _, condition := range only {
		where += " AND " + condition
	}
	where += f.times(at)
	if w.from != nil {
		where += " AND " + w.beyond(at, id, args)
	}
	order, limit := w.order(at, id), " LIMIT "+strconv.Itoa(searchMost)
	if within != "" {
		order = w.orderWithin(within, at, id)
	}
	walk := "SELECT " + candidate + " FROM " + source + " WHERE " + where + order + limit + end
	if within != "p.author_id" {
		return walk
	}
	// Those in which the author is named later, and of both ranges the newest.
	where = strings.Join(append([]string{"a.author_id = @author AND a.published_at <= now()"}, only...), " AND ") + f.times("a.published_at")
	if w.from != nil {
		where += " AND " + w.beyond("a.published_at", "a.post_id", args)
	}
	return "SELECT * FROM ((" + walk + ") UNION ALL (SELECT " + candidate + " FROM (SELECT a.post_id FROM post_authors a WHERE " + where +
		w.order("a.published_at", "a.post_id") + limit + ") a CROSS JOIN LATERAL (SELECT * FROM posts p WHERE p.id = a.post_id AND " + visible + " LIMIT 1) p)) each" +
		w.order("published_at", "id") + limit
}

// times is the further condition for what was published in the times asked for.
func (f Search) times(at string) string {
	if f.From.IsZero() {
		return ""
	}
	return " AND " + at + " >= @from AND " + at + " < @to"
}

// condition is what the filters ask of a candidate c.
func (f Search) condition(args pgx.StrictNamedArgs) string {
	where := "true"
	if len(f.Tags) > 0 {
		args["tags"] = tagIDs(f.Tags)
		where += " AND c.tag_ids @> @tags"
	}
	if f.Author != 0 {
		args["author"] = f.Author
		where += " AND (c.author_id = @author OR c.coauthor_ids @> ARRAY[@author::bigint])"
	}
	if len(f.With) > 0 {
		args["with_authors"] = f.With
		where += " AND c.author_id || c.coauthor_ids @> @with_authors"
	}
	if f.Series != 0 {
		args["series"] = f.Series
		where += " AND c.series_id = @series"
	}
	if !f.From.IsZero() {
		args["from"], args["to"] = f.From, f.To
		where += " AND c.published_at >= @from AND c.published_at < @to"
	}
	return where
}
