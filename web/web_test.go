package web_test

import (
	"flag"
	"os"
	"testing"

	"broadsheet/internal/markdown"
)

var update = flag.Bool("update", false, "write chroma.css anew")

func TestChromaCSS(t *testing.T) {
	want := markdown.ChromaCSS("github", "github-dark")
	const file = "static/css/chroma.css"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what markdown.ChromaCSS gives: run go generate ./web", file)
	}
}
