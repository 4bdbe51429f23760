package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// oldest is the first major version whose features the schema uses.
const oldest = 15

// usualPlaces are where packages put the server's binaries, which most keep
// out of PATH so that several versions can be installed.
var usualPlaces = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/pgsql-*/bin",                                   // Red Hat, from postgresql.org
	"/usr/lib/postgresql*/bin",                           // SUSE
	"/usr/libexec/postgresql*",                           // Alpine
	"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
	"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	"/usr/local/pgsql/bin",                               // built from source
}

// An installation is a folder of PostgreSQL's binaries and their major version.
type installation struct {
	dir   string
	major int
}

func (i installation) path(name string) string { return filepath.Join(i.dir, name) }

// installations lists what can be used, newest first; of one version, the one
// in PATH.
func installations(search []string) []installation {
	if search == nil {
		search = filepath.SplitList(os.Getenv("PATH"))
		for _, place := range usualPlaces {
			found, _ := filepath.Glob(place) // fails for a bad pattern alone
			search = append(search, found...)
		}
	}
	var found []installation
	for _, dir := range search {
		if major := majorIn(dir); major >= oldest {
			found = append(found, installation{dir, major})
		}
	}
	slices.SortStableFunc(found, func(a, b installation) int { return b.major - a.major })
	return found
}

var versionLine = regexp.MustCompile(`^postgres \(PostgreSQL\) (\d+)`)

// majorIn asks the binaries in dir for their version; 0 means there are none.
func majorIn(dir string) int {
	for _, name := range []string{"postgres", "initdb"} {
		// LookPath with a path does not search; it tells whether it can be run.
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return 0
		}
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(match[1])) // digits by the pattern
	return major
}

// choose picks the binaries for a cluster of a major version, which no other
// version can read; 0 means a cluster that is yet to be made.
func choose(found []installation, major int) (installation, error) {
	if len(found) == 0 {
		return installation{}, fmt.Errorf("%w (%d or newer is needed). There are three ways on:\n"+
			"  1. install it: \"sudo apt install postgresql\", or \"brew install postgresql@17\"\n"+
			"  2. set DATABASE_URL to a PostgreSQL that runs already\n"+
			"  3. run all of it in containers: \"docker compose up\"", ErrNoBinaries, oldest)
	}
	if major == 0 {
		return found[0], nil
	}
	at := slices.IndexFunc(found, func(i installation) bool { return i.major == major })
	if at < 0 {
		return installation{}, fmt.Errorf("%w in version %d, which made this database and alone can read it (found: %d); "+
			"install PostgreSQL %d again, or move the data over with pg_upgrade or with a backup",
			ErrNoBinaries, major, found[0].major, major)
	}
	return found[at], nil
}
