package texts_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/net/html"

	"broadsheet/internal/texts"
	"broadsheet/web"
)

// ownKeys are those that package texts itself uses for every language.
var ownKeys = []string{"date.", "number.", "list."}

// templates returns all templates, by file and name.
func templates(t *testing.T) map[string]*parse.Tree {
	t.Helper()
	trees := map[string]*parse.Tree{}
	for _, pattern := range []string{"layout/*.html", "partials/*.html", "pages/*.html", "admin/*.html"} {
		files, err := fs.Glob(web.Templates, "templates/"+pattern)
		if err != nil || len(files) == 0 {
			t.Fatal("no templates:", pattern, err)
		}
		for _, file := range files {
			content, err := web.Templates.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			root := parse.New(file)
			root.Mode = parse.SkipFuncCheck
			set := map[string]*parse.Tree{}
			if _, err := root.Parse(string(content), "", "", set); err != nil {
				t.Fatal(err)
			}
			set[""] = root // all but what it defines
			for name, tree := range set {
				trees[file+" "+name] = tree
			}
		}
	}
	return trees
}

// walk calls visit for every node of a template.
func walk(node parse.Node, visit func(parse.Node)) {
	visit(node)
	branch := func(b parse.BranchNode) {
		walk(b.Pipe, visit)
		walk(b.List, visit)
		if b.ElseList != nil {
			walk(b.ElseList, visit)
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			walk(command, visit)
		}
	case *parse.CommandNode:
		for _, arg := range n.Args {
			walk(arg, visit)
		}
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, visit)
		}
	case *parse.IfNode:
		branch(n.BranchNode)
	case *parse.RangeNode:
		branch(n.BranchNode)
	case *parse.WithNode:
		branch(n.BranchNode)
	}
}

// TestTextsAreUsed finds texts that nobody shows, and those that somebody
// shows and that are none.
func TestTextsAreUsed(t *testing.T) {
	t.Parallel()
	reference := readCatalogue(t, texts.Reference)
	used := map[string]bool{}
	for name, tree := range templates(t) {
		walk(tree.Root, func(n parse.Node) {
			command, ok := n.(*parse.CommandNode)
			if !ok || len(command.Args) == 0 {
				return
			}
			function, ok := command.Args[0].(*parse.IdentifierNode)
			if !ok || function.Ident != "text" && function.Ident != "pieces" {
				return
			}
			if len(command.Args) < 3 {
				t.Errorf("%s: %s has no key", name, command)
				return
			}
			key, ok := command.Args[2].(*parse.StringNode)
			if !ok {
				t.Errorf("%s: %s: want the key as it stands, so that it can be found", name, command)
				return
			}
			used[key.Text] = true
			if reference[key.Text] == nil {
				t.Errorf("%s: %s is no text", name, key.Text)
			}
		})
	}
	for place, literal := range literals(t) {
		for _, text := range literal {
			if looksLikeKey(text, reference) && reference[text] == nil {
				t.Errorf("%s: %s is no text", place, text)
			}
			used[text] = true
		}
	}
	for place, keys := range scriptKeys(t) {
		for _, key := range keys {
			if reference[key] == nil {
				t.Errorf("%s: %s is no text", place, key)
			}
			used[key] = true
		}
	}
	for key := range reference {
		own := slices.ContainsFunc(ownKeys, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !used[key] && !own {
			t.Errorf("%s is used nowhere", key)
		}
	}
}

var keyShape = regexp.MustCompile(`^[a-z]+(\.[a-z0-9-]+)+$`)

// looksLikeKey tells whether a string can be meant as a key: it begins as
// other keys do.
func looksLikeKey(text string, reference catalogue) bool {
	group, _, _ := strings.Cut(text, ".")
	if !keyShape.MatchString(text) || slices.Contains([]string{".html", ".css", ".js", ".png", ".go", ".atom", ".rss", ".json"}, filepath.Ext(text)) {
		return false
	}
	for key := range reference {
		if strings.HasPrefix(key, group+".") {
			return true
		}
	}
	return false
}

// literals returns the strings in the program's source, by file.
func literals(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
				found[path] = append(found[path], text)
			}
			return true
		})
		return nil
	})
	if err != nil || len(found) < 50 {
		t.Fatal("no source:", len(found), err)
	}
	return found
}

var scriptKey = regexp.MustCompile(`"(editor(?:\.[a-z0-9-]+)+)"`)

// scriptKeys returns the keys in the editor's source, by file.
func scriptKeys(t *testing.T) map[string][]string {
	t.Helper()
	modules, err := filepath.Glob("../../web/editor/src/*.js")
	if err != nil || len(modules) == 0 {
		t.Fatal("no source of the editor:", err)
	}
	found := map[string][]string{}
	for _, name := range modules {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range scriptKey.FindAllStringSubmatch(string(content), -1) {
			found[name] = append(found[name], match[1])
		}
	}
	return found
}

// shownAttributes are those whose values people read or hear.
var shownAttributes = []string{"aria-label", "aria-description", "title", "alt", "placeholder", "aria-roledescription"}

// notWords are pieces of templates that look like words and are the same in
// all languages: operators of searches, names of formats.
var notWords = []string{"or", "Atom", "RSS", "JSON"}

// TestTemplatesHoldNoWords finds English words in templates.
func TestTemplatesHoldNoWords(t *testing.T) {
	t.Parallel()
	for name, tree := range templates(t) {
		if strings.HasSuffix(name, " page-class") { // classes of CSS
			continue
		}
		for _, word := range wordsIn(tree) {
			if !slices.Contains(notWords, word) {
				t.Errorf("%s: %q stands in the template: make it a text of web/texts", name, word)
			}
		}
	}
	for source, want := range map[string]string{
		`<p>Hello</p>`: "Hello",
		`<p{{if .X}} lang="en"{{end}}>{{.Y}}</p>`: "",
		`<a aria-label="Go {{.X}}">→ · 1</a>`:     "Go",
		`{{if .X}}{{else}}so{{end}}`:              "so",
		`<img alt="" src="a.png">`:                "",
		`Run <code>make run</code> now`:           "Run now",
		`<span aria-hidden="true">/tags/</span>`:  "",
	} {
		root := parse.New("")
		root.Mode = parse.SkipFuncCheck
		if _, err := root.Parse(source, "", "", map[string]*parse.Tree{}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(wordsIn(root), " "); got != want {
			t.Errorf("%s: got words %q, want %q", source, got, want)
		}
	}
}

var word = regexp.MustCompile(`\pL+`)

// wordsIn returns the words that stand in a template for people to read.
func wordsIn(tree *parse.Tree) (words []string) {
	if tree.Root == nil {
		return nil
	}
	var source strings.Builder // what is left when nothing is filled in, and all branches are taken
	walk(tree.Root, func(n parse.Node) {
		if text, ok := n.(*parse.TextNode); ok {
			source.Write(text.Text)
		}
	})
	same := false // whether what follows is the same in all languages: code, addresses
	for z := html.NewTokenizer(strings.NewReader(source.String())); ; {
		switch z.Next() {
		case html.ErrorToken:
			return words
		case html.TextToken:
			if !same {
				words = append(words, word.FindAllString(z.Token().Data, -1)...)
			}
		case html.EndTagToken:
			same = false
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			same = token.Data == "code" || slices.Contains(token.Attr, html.Attribute{Key: "aria-hidden", Val: "true"})
			for _, a := range token.Attr {
				if slices.Contains(shownAttributes, a.Key) {
					words = append(words, word.FindAllString(a.Val, -1)...)
				}
			}
		}
	}
}
