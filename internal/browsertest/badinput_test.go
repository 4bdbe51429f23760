package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"broadsheet/internal/posts"
)

// written is what stands in the text, with JavaScript and without.
const written = `() => new FormData(document.querySelector("form.editor")).get("markdown").replaceAll("\r\n", "\n")`

// TestBadInput types what cannot be stored, with JavaScript and without: each
// time the page says why, beside the field, and all that was typed is there.
func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %t", script), func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			settings, err := b.site.Get(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			settings.TimeZone = "Europe/Berlin"
			b.settings(t, settings)
			b.save(t, posts.Draft{Title: "Taken", Slug: "taken"})
			p := b.signedIn(t)
			if !script {
				p.withoutScript()
			}
			const text = "All that I *wrote*.\n\nAnd more."
			for _, test := range []struct {
				name, path, field, value, says string
			}{
				{"two posts with one slug", "/admin/posts/new", "slug", "taken", "Another post has the address"},
				{"a slug that is a route", "/admin/posts/new?kind=page", "slug", "search", "Choose another address."},
				{"a date that does not exist", "/admin/posts/new", "published_at", "2024-03-31T02:30", "jumps over 02:30"},
			} {
				p.open(test.path, 200)
				p.fill("title", "Herons")
				p.fill("markdown", text)
				if test.field == "published_at" {
					p.pick(test.field, test.value)
				} else {
					p.fill(test.field, test.value)
				}
				p.click("[value=publish]", 422)
				p.want(test.says)
				if got := js[string](p, `name => document.getElementById(name + "-problem").innerText`, test.field); !strings.Contains(got, test.says) {
					t.Errorf("%s: got %q beside the field, want %q", test.name, got, test.says)
				}
				if got := js[string](p, written); got != text {
					t.Errorf("%s: got %q in the form, want what was typed", test.name, got)
				}
				if got := js[string](p, `name => document.getElementById(name).value`, test.field); got != test.value {
					t.Errorf("%s: got %q in its field, want %q", test.name, got, test.value)
				}
				if script { // and it is on the server, too
					p.until(`() => /^Saved|is in your text/.test(document.querySelector(".saved").innerText)`)
				}
			}
			// What is wrong with it can be mended, and all is stored.
			p.pick("published_at", "2024-10-27T02:30")
			p.click("[value=publish]", 200)
			p.want("Published. Its date is in the past", "shows this time twice on that day", "The first is meant.")
			if got := js[string](p, written); got != text {
				t.Errorf("got %q in the form, want what was typed", got)
			}
		})
	}
}

// TestTwoMegabytesPasted pastes more than a post may have.
func TestTwoMegabytesPasted(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One\n\n", Status: posts.StatusDraft})
	line := strings.Repeat("Sixteen letters ", 64) + "\n"
	long := strings.Repeat(line, 2<<20/len(line))
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.toEnd()
	p.paste(map[string]string{"text/plain": long})
	p.says("This is more than a post may have")
	// The journal has it.
	p.open("/admin/posts", 200)
	p.open(editPath(post), 200)
	p.until(`() => document.querySelector(".come-back") !== null`)
	if got := js[int](p, `() => (`+written+`)().length`); got != len("One\n\n"+long) {
		t.Errorf("got %d characters back, want %d", got, len("One\n\n"+long))
	}
	p.click("[value=save]", 422)
	p.want("kB; a post may have 1,024 kB. Split it")
	if got := js[int](p, `() => (`+written+`)().length`); got != len("One\n\n"+long) {
		t.Errorf("got %d characters in the form, want %d", got, len("One\n\n"+long))
	}

	plain := b.signedIn(t).withoutScript()
	plain.open(editPath(post), 200)
	js[bool](plain, `long => { document.querySelector("[name=markdown]").value = long; return true }`, long)
	plain.click("[value=save]", 422)
	plain.want("kB; a post may have 1,024 kB. Split it")
	if got := js[int](plain, `() => (`+written+`)().length`); got < len(long) {
		t.Errorf("without JavaScript: got %d characters in the form, want %d", got, len(long))
	}
}

// TestSessionEndsInTheMiddle ends the session of who writes.
func TestSessionEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("script %t", script), func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", Status: posts.StatusDraft})
			p := b.signedIn(t)
			if !script {
				p.withoutScript()
			}
			p.open(editPath(post), 200)
			if _, err := b.pool.Exec(t.Context(), "DELETE FROM sessions"); err != nil {
				t.Fatal(err)
			}
			p.fill("markdown", "One two")
			if script {
				p.says("Signed out, kept here")
			}
			p.click("[value=save]", 401)
			p.want("You are signed out, and nothing was saved yet")
			other := p.clickNewTab(".problems a")
			other.fill("email", email)
			other.fill("password", password)
			other.click("main .primary", 200)
			if got := js[string](p, written); got != "One two" {
				t.Errorf("got %q in the form, want what was typed", got)
			}
			p.click("[value=save]", 200)
			p.want("Draft saved.")
			if got := b.working(t, post.ID).Markdown; got != "One two" {
				t.Errorf("got %q kept, want what was typed", got)
			}
		})
	}
}

// TestPostDeletedWhileWriting writes on in a post that is in the trash, or gone
// for good: its form makes a new post, and what the browser kept of it is
// offered in an empty form.
func TestPostDeletedWhileWriting(t *testing.T) {
	t.Parallel()
	for _, purged := range []bool{false, true} {
		t.Run(fmt.Sprintf("purged %t", purged), func(t *testing.T) {
			t.Parallel()
			b := newBlog(t)
			post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", Status: posts.StatusDraft})
			p := b.signedIn(t)
			p.open(editPath(post), 200)
			p.toEnd()
			trashed, err := b.posts.Trash(t.Context(), post.ID, post.Version, b.owner(t))
			if err != nil {
				t.Fatal(err)
			}
			if purged {
				if err := b.posts.Purge(t.Context(), post.ID, trashed.Version); err != nil {
					t.Fatal(err)
				}
			}
			p.typed(" two")
			p.says("saving makes a new post of it")
			p.open("/admin/posts", 200)
			if purged {
				p.open(editPath(post), 404)
			} else {
				p.open(editPath(post), 410)
			}
			p.open("/admin/posts/new", 200)
			p.until(`() => document.querySelector(".come-back") !== null`)
			p.want("that was not saved, of a post that was deleted, “Herons”")
			p.press(".come-back button")
			p.saved()
			p.wantSource("One two")
			p.until(`() => /^\/admin\/posts\/\d+$/.test(location.pathname)`)

			// With the form still open, its buttons make a new post.
			plain := b.save(t, posts.Draft{Title: "Ibis", Markdown: "One", Status: posts.StatusDraft})
			p.open(editPath(plain), 200)
			p.toEnd()
			if _, err := b.posts.Trash(t.Context(), plain.ID, plain.Version, b.owner(t)); err != nil {
				t.Fatal(err)
			}
			p.typed(" three")
			p.click("[value=save]", 409)
			p.want("was deleted while you were writing")
			p.wantSource("One three")
			p.click("[value=save]", 200)
			p.want("Draft saved.")
			p.wantSource("One three")
		})
	}
}

// TestJournalOfAnotherVersion finds records that programs before and after this
// one wrote, and what is none.
func TestJournalOfAnotherVersion(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	post := b.save(t, posts.Draft{Title: "Herons", Markdown: "One", Status: posts.StatusDraft})
	p := b.signedIn(t)
	p.open(editPath(post), 200)
	p.until(`() => document.querySelector(".saved").innerText === "Saved"`)
	p.journal() // there is one
	edit := js[string](p, `() => document.querySelector("form.editor").elements.edit.value`)
	ctx, text := p.ctx, `{ fields: {}, markdown: "One" }`
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](fmt.Sprintf(`(async () => {
		const db = await new Promise(ok => { const r = indexedDB.open("broadsheet"); r.onsuccess = () => ok(r.result) })
		const change = db.transaction(["records", "steps"], "readwrite")
		const records = change.objectStore("records"), steps = change.objectStore("steps")
		const now = Date.now(), of = { account: %q, post: "%d", key: "", edit: %q, at: now }
		// As the first program wrote them: without parts.
		records.put({ ...of, id: "old", schema: 1, base: %[4]s, text: %[4]s })
		steps.add({ record: "old", at: now, changes: [3, [0, " two"]] })
		steps.add({ record: "old", at: now, field: "summary", value: "In short" })
		// By a program to come, of which this one knows nothing; and damaged ones.
		records.put({ ...of, id: "later", schema: 99, words: ["secret"] })
		records.put({ ...of, id: "damaged", schema: 1, text: { markdown: 7 } })
		records.put({ id: "empty" })
		steps.add({ record: "empty", at: now, changes: "x" })
		await new Promise(ok => { change.oncomplete = ok })
		db.close()
		return true
	})()`, ownerName, post.ID, edit, text), chromedp.EvalAwaitPromise)); err != nil {
		t.Fatal(err)
	}
	p.open(editPath(post), 200)
	p.until(`() => document.querySelector(".come-back") !== null`)
	p.press(".come-back button") // "Take it back", as nobody knows the fields that it was made of
	p.wantSource("One two")
	if got := js[string](p, `() => document.querySelector("#summary").value`); got != "In short" {
		t.Errorf("got summary %q back, want what was typed", got)
	}
	p.saved()
	if got := b.working(t, post.ID).Markdown; got != "One two" {
		t.Errorf("got %q kept, want what came back", got)
	}
	for deadline := time.Now().Add(stepTimeout); p.journal() != 3; {
		if time.Now().After(deadline) {
			t.Fatalf("got %d texts in the journal, want the three that this program cannot read, left alone", p.journal())
		}
	}
	p.wantQuiet()
}
