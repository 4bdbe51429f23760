package load

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Email is the address of the account that the benchmark publishes with;
// whoever made the blog removes it and its posts.
const Email = "bench@example.org"

const publications = 10

// Visible is how long publishing took, from sending the form on.
type Visible struct {
	Answered []time.Duration // until the author was answered
	Here     []time.Duration // until the blog's first page showed it
	There    []time.Duration // the same on another copy of the server
	Stale    int             // pages that the author was shown without it, after the answer
}

// visible publishes posts while readers look at two copies of the server.
func (l *lab) visible(ctx context.Context, r *Result) error {
	l.Log.Info("publishing posts", "posts", publications)
	password := rand.Text()
	if err := l.addAccount(ctx, password); err != nil {
		return err
	}
	here, _, err := l.startServer(ctx, Broadsheet)
	if err != nil {
		return err
	}
	there, _, err := l.startServer(ctx, Broadsheet+", another copy")
	if err != nil {
		return err
	}
	// A copy that has just started may still be about to follow the database.
	time.Sleep(2 * time.Second)
	if r.Visible, err = Publish(ctx, here.base, there.base, password, publications); err != nil {
		return err
	}
	return errors.Join(l.stop(there), l.stop(here))
}

// Publish signs in with [Email] at one copy of the server and publishes posts
// as an author does, while readers ask for the first page of this copy and of
// another one.
func Publish(ctx context.Context, here, there, password string, posts int) (v Visible, err error) {
	a := author{base: here}
	if err := a.signIn(ctx, password); err != nil {
		return v, err
	}
	for i := range posts {
		if err := publish(ctx, &v, &a, there, fmt.Sprintf("Published by the benchmark %d %s", i, rand.Text())); err != nil {
			return v, err
		}
	}
	return v, nil
}

// publish has one post published and watches it appear.
func publish(ctx context.Context, v *Visible, a *author, there, title string) error {
	form, err := a.newPost(ctx)
	if err != nil {
		return err
	}
	form.Set("title", title)
	form.Set("markdown", strings.Repeat("A *sentence* that says how long a post is. ", 24))
	form.Set("tags", "Tag 1, Tag 2, Tag 3")
	form.Set("action", "publish")
	for _, base := range []string{a.base, there} { // both have the page, without the post
		if _, err := get(ctx, base+"/"); err != nil {
			return err
		}
	}

	watching, ctx := errgroup.WithContext(ctx)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	sent := time.Now()
	var seen [2]time.Duration
	for i, base := range []string{a.base, there} {
		watching.Go(func() error {
			err := appears(ctx, base, title)
			seen[i] = time.Since(sent)
			return err
		})
	}
	watching.Go(func() error {
		if _, err := a.post(ctx, "/admin/posts", form); err != nil {
			return err
		}
		v.Answered = append(v.Answered, time.Since(sent))
		page, err := get(ctx, a.base+"/")
		if err == nil && !bytes.Contains(page.Body, []byte(title)) {
			v.Stale++
		}
		return err
	})
	if err := watching.Wait(); err != nil {
		return err
	}
	v.Here, v.There = append(v.Here, seen[0]), append(v.There, seen[1])
	return nil
}

// appears returns when the blog's first page shows the title.
func appears(ctx context.Context, base, title string) error {
	for {
		page, err := get(ctx, base+"/")
		if err != nil {
			return err
		}
		if bytes.Contains(page.Body, []byte(title)) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not appear at %s: %w", title, base, ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// addAccount adds somebody who can sign in, as an operator does.
func (l *lab) addAccount(ctx context.Context, password string) error {
	file := filepath.Join(l.dir, "password")
	if err := os.WriteFile(file, []byte(password), 0o600); err != nil {
		return fmt.Errorf("writing a password: %w", err)
	}
	cmd := exec.CommandContext(ctx, l.server, "user", "add", Email, "--name", "Bench", "--role", "owner", "--password-file", file)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+l.Database)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("adding an account: %w: %s", err, out)
	}
	return nil
}

// An author is signed in to one copy of the server.
type author struct{ base, cookie string }

func (a *author) signIn(ctx context.Context, password string) error {
	answer, err := a.post(ctx, "/admin/login", url.Values{"email": {Email}, "password": {password}})
	if err != nil {
		return err
	}
	for _, line := range answer.Header.Values("Set-Cookie") {
		// The cookie is for HTTPS alone, which ends before the server: this is
		// the proxy's side, where it is a header as any other.
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		if strings.Contains(cookie.Name, "session") {
			a.cookie = cookie.Name + "=" + cookie.Value
		}
	}
	if a.cookie == "" {
		return errors.New("signing in: got no session")
	}
	return nil
}

// post sends a form, and wants to be sent on to another page as its answer.
func (a *author) post(ctx context.Context, path string, form url.Values) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Cookie", a.cookie)
	got, err := do(request)
	if err != nil {
		return answer{}, err
	}
	if got.Status != http.StatusSeeOther {
		return answer{}, fmt.Errorf("%s: got status %d, want 303: %.2000s", path, got.Status, got.Body)
	}
	return got, nil
}

var inputs = regexp.MustCompile(`<input [^>]*name="([a-z_]+)" value="([^"]*)"[^>]*>`)

// newPost opens the form of a new post and returns what stands in it.
func (a *author) newPost(ctx context.Context) (url.Values, error) {
	page, err := get(ctx, a.base+"/admin/posts/new", "Cookie: "+a.cookie)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for _, input := range inputs.FindAllSubmatch(page.Body, -1) {
		choice := bytes.Contains(input[0], []byte(`type="radio"`)) || bytes.Contains(input[0], []byte(`type="checkbox"`))
		if !choice || bytes.Contains(input[0], []byte(" checked")) {
			form.Set(string(input[1]), html.UnescapeString(string(input[2])))
		}
	}
	if page.Status != http.StatusOK || form.Get("key") == "" {
		return nil, fmt.Errorf("/admin/posts/new: got status %d and the fields %v, want a form with a key", page.Status, form)
	}
	return form, nil
}
