package admin

import (
	"net/http"
	"strings"

	"broadsheet/internal/posts"
)

// What the next page says of what was just done, by texts. The cookie holds the key, and
// of which post it can be undone: nobody can put words into our mouth.
var flashes = map[string]string{
	"draft":          "flash.draft",
	"review":         "flash.review",
	"kept":           "flash.kept",
	"published":      "flash.published",
	"published past": "flash.published-past",
	"scheduled":      "flash.scheduled",
	"updated":        "flash.updated",
	"unpublished":    "flash.unpublished",
	"deleted":        "flash.deleted",
	"purged":         "flash.purged",
	"restored":       "flash.restored",
	"undone":         "flash.undone",
	"discarded":      "flash.discarded",
	"brought back":   "flash.brought-back",
	"named":          "flash.named",
	"withdrawn":      "flash.withdrawn",
	"tag":            "flash.tag",
	"merged":         "flash.merged",
	"tag deleted":    "flash.tag-deleted",
	"series":         "flash.series",
	"series deleted": "flash.series-deleted",
	"job":            "flash.job",
	"job dropped":    "flash.job-dropped",
	"settings":       "flash.settings",
	"account":        "flash.account",
	"password":       "flash.password",
	"welcome":        "flash.welcome",
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
	case "published", "published past", "scheduled", "unpublished", "deleted":
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
	in := words(r)
	text = in.Text(flashes[key])
	if plain, ok := strings.CutSuffix(key, mergedToo); ok && text == "" && flashes[plain] != "" {
		text = in.Text("flash.merged-too", in.Text(flashes[plain]))
	}
	id, version, _ := strings.Cut(of, "/")
	if action, ok := strings.CutPrefix(key, "bulk "); ok {
		n, err := parseID(id)
		if bulk, known := bulkActions[action]; known && err == nil {
			text = in.Text(bulk.done, n)
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
