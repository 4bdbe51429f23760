package admin

import (
	"net/http"
	"strings"

	"broadsheet/internal/posts"
)

// What the next page says of what was just done. The cookie holds the key, and
// of which post it can be undone: nobody can put words into our mouth.
var flashes = map[string]string{
	"draft":          "Draft saved.",
	"review":         "Asked for review. Who may publish it finds it on the first page.",
	"kept":           "Kept. Readers see your changes when somebody who may publish has looked at them.",
	"published":      "Published.",
	"scheduled":      "Scheduled. The post appears by itself when its time comes.",
	"updated":        "Updated.",
	"unpublished":    "Unpublished. The post is a draft again, and readers no longer see it.",
	"deleted":        "The post is in the trash. It stays there for 30 days.",
	"purged":         "The post was deleted for good.",
	"restored":       "The post is out of the trash. It is a draft now.",
	"undone":         "Undone. The post is what it was before.",
	"discarded":      "The changes are discarded. They are still in the history.",
	"brought back":   "It is in the form now, and not saved yet. Look at it, and save.",
	"named":          "Name saved.",
	"withdrawn":      "The link is withdrawn. Nobody can use it any more.",
	"tag":            "Tag saved.",
	"merged":         "Merged. All posts of the other tag have this one now, and its address leads here.",
	"tag deleted":    "The tag was deleted. Its posts are still there.",
	"series":         "Series saved.",
	"series deleted": "The series was deleted. Its posts are still there.",
	"job":            "The job is tried again now.",
	"job dropped":    "The job was dropped. It is not done any more.",
	"settings":       "Settings saved.",
	"account":        "Account saved.",
	"password":       "Password changed. Other browsers that were signed in are signed out.",
	"welcome":        "Welcome! The blog is yours. Write the first post.",
}

func (a *Admin) flashCookie() string {
	if a.https {
		return "__Host-broadsheet_flash"
	}
	return "broadsheet_flash"
}

// An undo names what can be undone: what made a post that version.
type undo struct{ ID, Version int64 }

// Path is where the button sends to.
func (u undo) Path() string { return postPath(u.ID) + "/undo" }

// undoOf returns what the next page offers to undo, nil for nothing.
func undoOf(key string, stored posts.Stored) *undo {
	switch strings.TrimSuffix(key, mergedToo) {
	case "published", "scheduled", "unpublished", "deleted":
		return &undo{stored.ID, stored.Version}
	}
	return nil
}

// mergedToo stands behind the key of a save that merged.
const mergedToo = " merged"

func (a *Admin) setFlash(w http.ResponseWriter, key string, undo ...*undo) {
	for _, u := range undo {
		if u != nil {
			key += "/" + formatID(u.ID) + "/" + formatID(u.Version)
		}
	}
	a.setCookie(w, a.flashCookie(), key, 60)
}

func (a *Admin) takeFlash(w http.ResponseWriter, r *http.Request) (text string, _ *undo) {
	cookie, err := r.Cookie(a.flashCookie())
	if err != nil {
		return "", nil
	}
	a.setCookie(w, a.flashCookie(), "", -1)
	key, of, _ := strings.Cut(cookie.Value, "/")
	text = flashes[key]
	if plain, ok := strings.CutSuffix(key, mergedToo); ok && text == "" && flashes[plain] != "" {
		text = flashes[plain] + " What was written meanwhile is in it, too."
	}
	id, version, _ := strings.Cut(of, "/")
	if action, ok := strings.CutPrefix(key, "bulk "); ok {
		n, err := parseID(id)
		if bulk, known := bulkActions[action]; known && err == nil {
			text = (base{}).CountPosts(n) + " " + bulk.done + "."
		}
		return text, nil
	}
	var u undo
	if u.ID, err = parseID(id); err != nil || text == "" || u.ID < 1 {
		return text, nil
	}
	if u.Version, err = parseID(version); err != nil {
		return text, nil
	}
	return text, &u
}
