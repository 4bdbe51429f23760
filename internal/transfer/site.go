package transfer

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// siteMarks are files that stand at the root of a site.
var siteMarks = []string{
	"hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "_config.yml", "_config.yaml", "_config.toml", ".git",
}

// siteFolders are the folders in which generators keep posts.
var siteFolders = []string{"content", "_posts", "_drafts"}

// Site finds the site that a folder is part of: the root of the site, and the
// folder as a slash-separated path inside it, "." for the root itself. A
// folder of no known site is its own root.
func Site(folder string) (root, inside string, err error) {
	folder, err = filepath.Abs(folder)
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		return "", "", fmt.Errorf("finding %s: %w", folder, err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return "", "", fmt.Errorf("finding %s: %w", folder, err)
	}
	if !info.IsDir() {
		return "", "", fmt.Errorf("%s is not a folder", folder)
	}

	root = folder
	for at := folder; ; at = filepath.Dir(at) {
		if marked(at) {
			root = at
			break
		}
		parent := filepath.Dir(at)
		if parent == at {
			break
		}
		if slices.Contains(siteFolders, filepath.Base(at)) {
			root = parent
		}
	}
	inside, err = filepath.Rel(root, folder)
	if err != nil {
		return "", "", fmt.Errorf("finding %s in %s: %w", folder, root, err)
	}
	return root, filepath.ToSlash(inside), nil
}

func marked(folder string) bool {
	return slices.ContainsFunc(siteMarks, func(mark string) bool {
		_, err := os.Lstat(filepath.Join(folder, mark))
		return err == nil
	})
}
