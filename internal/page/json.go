package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// WantsJSON tells whether a script of the authors' pages asks, which cannot
// read a page.
func WantsJSON(r *http.Request) bool {
	path := r.URL.Path
	return strings.HasPrefix(path, "/admin/") &&
		(r.Header.Get("Accept") == "application/json" || strings.HasSuffix(path, "/autosave") || strings.HasSuffix(path, "/working"))
}

// WriteJSON answers a script. Nobody keeps the answer. When it returns an
// error, nothing was written.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	Send(w, r, status, "application/json", noStore, body)
	return nil
}
