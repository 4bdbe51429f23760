package transfer

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// skippedFolders never hold posts, wherever they are.
var skippedFolders = []string{
	"node_modules", "_site", "_includes", "_layouts", "_sass", "_data", "_plugins",
}

// hugoFolders stand beside Hugo's content folder and are not content; themes
// and archetypes hold files that look like posts.
var hugoFolders = []string{
	"archetypes", "assets", "data", "exampleSite", "i18n", "layouts", "public", "resources", "static", "themes",
}

var (
	markdownFile = regexp.MustCompile(`(?i)\.(md|markdown|mkdn|mkd|mdown)$`)
	htmlFile     = regexp.MustCompile(`(?i)\.html?$`)
	datedName    = regexp.MustCompile(`^(\d{4}-\d{1,2}-\d{1,2})(?:[-_ ]+(.*))?$`)
	languageName = regexp.MustCompile(`^[a-z]{2}(?:[-_][A-Za-z]{2,4})?$`)
	repository   = regexp.MustCompile(`^(?:README|LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|SOURCE|CONTRIBUTING|CHANGELOG|` +
		`CODE_OF_CONDUCT|SECURITY|SUPPORT|AUTHORS|MAINTAINERS|GOVERNANCE|readme|Readme|ReadMe)(?:[-_. ].*)?$`)
)

// folder is what is to be imported and what its layout says about the files.
type folder struct {
	fsys    fs.FS
	root    string   // "." or a path in fsys
	files   []string // that may be posts, in the order of their paths
	skipped []Skipped

	hugo      bool            // the site keeps its posts in content/
	sections  map[string]bool // content or content/en → whether there are folders in it for posts
	jekyll    bool            // the site keeps its posts in _posts/
	languages map[string]bool // the folders below content/ that are translations
	main      string          // the language that the others are translations from
}

// file is one of the files and what its path says about it.
type file struct {
	path     string
	name     string // of the file, or of its folder when that is a Hugo bundle; without date, language and extension
	date     string // at the beginning of the name, or ""
	language string // by folder or name, or ""
	original string // the path of the text that this is a translation of, or ""
	parent   string // the folder it stands in; of a bundle, the one the bundle stands in
	html     bool
	posts    bool // below _posts
	drafts   bool // below _drafts or drafts
}

// survey finds the files that may be posts. The error is about the folder as
// a whole; parts of it that cannot be read are noted.
func survey(ctx context.Context, fsys fs.FS, root, siteLanguage string) (*folder, error) {
	f := &folder{fsys: fsys, root: path.Clean("./" + root), main: siteLanguage, sections: map[string]bool{}, languages: map[string]bool{}}
	if info, err := fs.Stat(fsys, f.root); err != nil {
		return nil, fmt.Errorf("reading the folder: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("reading the folder: %s is not a folder", f.root)
	}
	f.surveyContent()
	err := fs.WalkDir(fsys, f.root, func(at string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && at == f.root:
			return fmt.Errorf("reading the folder: %w", err)
		case err != nil:
			f.skipped = append(f.skipped, Skipped{File: at, Kind: Unreadable, Reason: plainPathError(err)})
			return nil
		case entry.IsDir():
			if at != f.root && f.ignores(at) {
				return fs.SkipDir
			}
			return nil
		case !markdownFile.MatchString(at) && !(htmlFile.MatchString(at) && datedName.MatchString(stem(at))):
			return nil
		case !entry.Type().IsRegular():
			f.skipped = append(f.skipped, Skipped{File: at, Kind: Unreadable, Reason: "not a regular file; links are not followed"})
			return nil
		}
		f.files = append(f.files, at)
		f.jekyll = f.jekyll || slices.Contains(elements(at), "_posts")
		return nil
	})
	return f, err
}

// surveyContent looks at Hugo's content folder: which folders in it are
// translations (there are several, or one is in the language of the site),
// and which are sections.
func (f *folder) surveyContent() {
	entries, err := fs.ReadDir(f.fsys, "content")
	if err != nil {
		return
	}
	f.hugo = true
	for _, e := range entries {
		if e.IsDir() && isLanguage(e.Name()) {
			f.languages[e.Name()] = true
		}
	}
	if len(f.languages) == 1 && !f.languages[f.main] {
		clear(f.languages)
	}
	languages := slices.Sorted(maps.Keys(f.languages))
	if len(languages) > 0 && !f.languages[f.main] {
		f.main = languages[0]
	}
	for _, top := range append([]string{"."}, languages...) {
		dir := path.Join("content", top)
		entries, _ := fs.ReadDir(f.fsys, dir)
		f.sections[dir] = slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
			return e.IsDir() && !f.languages[e.Name()] && !strings.HasPrefix(e.Name(), ".")
		})
	}
}

func (f *folder) ignores(dir string) bool {
	name := path.Base(dir)
	return strings.HasPrefix(name, ".") || slices.Contains(skippedFolders, name) ||
		f.hugo && path.Dir(dir) == "." && slices.Contains(hugoFolders, name)
}

// file says what a path says.
func (f *folder) file(at string) file {
	dir := path.Dir(at)
	parts := elements(dir)
	v := file{
		path: at, name: stem(at), parent: dir,
		html:   htmlFile.MatchString(at),
		posts:  slices.Contains(parts, "_posts"),
		drafts: slices.Contains(parts, "_drafts") || slices.Contains(parts, "drafts"),
	}
	if len(parts) > 1 && parts[0] == "content" && f.languages[parts[1]] {
		v.language = parts[1]
	}
	f.suffix(&v)
	v.original = f.original(v)
	if v.name == "index" && dir != "." && !v.posts {
		v.name, v.parent = path.Base(dir), path.Dir(dir)
	}
	if m := datedName.FindStringSubmatch(v.name); m != nil {
		v.date, v.name = m[1], m[2]
	}
	return v
}

// suffix reads the language of name.de.md. There must be other versions of
// the file, as "de" might just be a part of the name.
func (f *folder) suffix(v *file) {
	base, tag, ok := cutLast(v.name, ".")
	if !ok || !isLanguage(tag) {
		return
	}
	versions, _ := fs.Glob(f.fsys, escapeGlob(path.Join(path.Dir(v.path), base))+".*")
	others := slices.ContainsFunc(versions, func(other string) bool {
		if other == v.path || !markdownFile.MatchString(other) {
			return false
		}
		name := stem(other)
		_, tag, _ := cutLast(name, ".")
		return name == base || isLanguage(tag)
	})
	if base == "index" || others {
		v.name, v.language = base, tag
	}
}

// original finds the text that a file translates: the same path in the main
// language's folder, or the same name with the main language or none.
func (f *folder) original(v file) string {
	if v.language == "" || v.language == f.main {
		return ""
	}
	dir, name := path.Split(v.path)
	for _, at := range []string{
		strings.Replace(v.path, "content/"+v.language+"/", "content/"+f.main+"/", 1),
		dir + strings.Replace(name, "."+v.language+".", ".", 1),
		dir + strings.Replace(name, "."+v.language+".", "."+f.main+".", 1),
	} {
		if info, err := fs.Stat(f.fsys, at); at != v.path && err == nil && info.Mode().IsRegular() {
			return at
		}
	}
	return ""
}

// originalsFirst returns the files with translations after all that they may
// translate.
func (f *folder) originalsFirst() []string {
	var originals, translations []string
	for _, at := range f.files {
		if f.file(at).original == "" {
			originals = append(originals, at)
		} else {
			translations = append(translations, at)
		}
	}
	return append(originals, translations...)
}

func isLanguage(s string) bool {
	if !languageName.MatchString(s) {
		return false
	}
	_, err := language.Parse(s)
	return err == nil
}

func elements(p string) []string { return strings.Split(p, "/") }

// stem is a file's name without its extension.
func stem(at string) string {
	name := path.Base(at)
	return strings.TrimSuffix(name, path.Ext(name))
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

var escapeGlob = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace
