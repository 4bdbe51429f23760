package admin

import "net/http"

// What the next page says of what was just done. The cookie holds the key
// alone: nobody can put words into our mouth.
var flashes = map[string]string{
	"draft":          "Draft saved.",
	"published":      "Published.",
	"scheduled":      "Scheduled. The post appears by itself when its time comes.",
	"updated":        "Updated.",
	"unpublished":    "Unpublished. The post is a draft again, and readers no longer see it.",
	"deleted":        "The post was deleted.",
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

func (a *Admin) setFlash(w http.ResponseWriter, key string) {
	a.setCookie(w, a.flashCookie(), key, 60)
}

func (a *Admin) takeFlash(w http.ResponseWriter, r *http.Request) string {
	cookie, err := r.Cookie(a.flashCookie())
	if err != nil {
		return ""
	}
	a.setCookie(w, a.flashCookie(), "", -1)
	return flashes[cookie.Value]
}
