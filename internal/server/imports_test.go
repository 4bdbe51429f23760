package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "broadsheet/"

// The nouns know neither each other nor HTTP; pages know no SQL. A noun may
// use what is listed here of ours, and nothing else.
var nouns = map[string][]string{
	"internal/posts":    {"internal/markdown", "internal/merge", "internal/texts"},
	"internal/merge":    nil,
	"internal/accounts": {"internal/texts"},
	"internal/site":     {"internal/texts"},
	"internal/changes":  {"internal/postgres"},
	"internal/markdown": {"internal/texts", "internal/markdown/tex"},
	"internal/texts":    {"web"},
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	for path, imports := range packages(t) {
		name := strings.TrimPrefix(path, module)
		if allowed, ok := nouns[name]; ok {
			for _, i := range imports {
				if ours, found := strings.CutPrefix(i, module); found && !slices.Contains(allowed, ours) {
					t.Errorf("%s imports %s", name, ours)
				}
				if i == "net/http" || i == "html/template" && name != "internal/markdown" {
					t.Errorf("%s imports %s: nouns know no HTTP", name, i)
				}
			}
		}
		switch name {
		case "internal/reader", "internal/admin", "internal/page":
			for _, i := range imports {
				if strings.HasPrefix(i, "github.com/jackc/") {
					t.Errorf("%s imports %s: pages know no SQL", name, i)
				}
			}
		}
		if slices.Contains(imports, module+"internal/server") && !strings.HasPrefix(name, "cmd/") {
			t.Errorf("%s imports the server", name)
		}
	}
}

// packages returns what each package of the program imports, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		found[p.ImportPath] = p.Imports
	}
	if len(found) < 10 {
		t.Fatalf("got %d packages", len(found))
	}
	return found
}
