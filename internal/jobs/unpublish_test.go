package jobs_test

import (
	"testing"
	"time"

	"broadsheet/internal/posts"
)

// A post whose time is over becomes a draft, and one whose time was put off stays.
func TestWhatIsOverBecomesADraft(t *testing.T) {
	t.Parallel()
	b := newBlog(t, "", 2)
	ends := func(title string) posts.Stored {
		d := b.draft(title)
		d.UnpublishAt = time.Now().Add(1500 * time.Millisecond)
		return b.save(posts.Stored{}, d)
	}
	over, stays := ends("Over"), ends("Stays")
	d := stays.Draft
	d.UnpublishAt = time.Now().Add(time.Hour)
	stays = b.save(stays, d)
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		now, err := b.Get(t.Context(), over.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now.Status == posts.StatusDraft {
			if now.State != posts.StateUnpublished || now.UnpublishAt.After(time.Now()) || now.Markdown != over.Markdown {
				t.Errorf("got %+v, want it unpublished as it was, after its time", now)
			}
			break
		}
		if time.Now().After(end) {
			t.Fatal("it is no draft after a minute")
		}
	}
	b.wait()
	if now, err := b.Get(t.Context(), stays.ID); err != nil || now.State != posts.StatePublished || now.Version != stays.Version {
		t.Errorf("got %+v and error %v, want it as it was saved", now, err)
	}
}
