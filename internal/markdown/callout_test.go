package markdown_test

import (
	"strings"
	"testing"

	"broadsheet/internal/markdown"
)

func TestCallouts(t *testing.T) {
	t.Parallel()
	callout := func(kind, label, content string) string {
		return `<div class="callout ` + kind + `" role="note">` + "\n" + `<p class="callout-title">` + label + "</p>\n" + content + "</div>\n"
	}
	tests := []struct{ name, language, source, want string }{
		{"note", "en", "> [!NOTE]\n> *a*\n>\n> b", callout("note", "Note", "<p><em>a</em></p>\n<p>b</p>\n")},
		{"every kind", "en", "> [!TIP]\n> a\n\n> [!IMPORTANT]\n> b\n\n> [!WARNING]\n> c\n\n> [!CAUTION]\n> d",
			callout("tip", "Tip", "<p>a</p>\n") + callout("important", "Important", "<p>b</p>\n") +
				callout("warning", "Warning", "<p>c</p>\n") + callout("caution", "Caution", "<p>d</p>\n")},
		{"small letters, a list, no space", "en", ">[!tip]\n>- a", callout("tip", "Tip", "<ul>\n<li>a</li>\n</ul>\n")},
		{"blank line after the marker", "en", "> [!NOTE]\n>\n> a", callout("note", "Note", "<p>a</p>\n")},
		{"nothing more", "en", "> [!NOTE]", callout("note", "Note", "")},
		{"in a quote", "en", "> > [!NOTE]\n> > a", "<blockquote>\n" + callout("note", "Note", "<p>a</p>\n") + "</blockquote>\n"},
		{"German", "de-AT", "> [!WARNING]\n> a", callout("warning", "Warnung", "<p>a</p>\n")},
		{"Arabic", "ar", "> [!NOTE]\n> a", callout("note", "ملاحظة", "<p>a</p>\n")},
		{"unknown language", "tlh", "> [!NOTE]\n> a", callout("note", "Note", "<p>a</p>\n")},
		{"unknown kind", "en", "> [!JOKE]\n> a", "<blockquote>\n<p>[!JOKE]\na</p>\n</blockquote>\n"},
		{"words after the marker", "en", "> [!NOTE] a", "<blockquote>\n<p>[!NOTE] a</p>\n</blockquote>\n"},
		{"marker later", "en", "> a\n> [!NOTE]", "<blockquote>\n<p>a\n[!NOTE]</p>\n</blockquote>\n"},
		{"no quote", "en", "[!NOTE]\na", "<p>[!NOTE]\na</p>\n"},
		{"escaped", "en", `> \[!NOTE]` + "\n> a", "<blockquote>\n<p>[!NOTE]\na</p>\n</blockquote>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			document, err := markdown.Render(test.source, test.language)
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, document)
			if got := string(document.HTML); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	document, err := markdown.Render("# a\n\n- [x] b[^1]\n\n|c|\n|-|\n\n[^1]: d", "ja-JP")
	if err != nil {
		t.Fatal(err)
	}
	checkDocument(t, document)
	for _, label := range []string{"「a」へのリンク", "完了したタスク", "表 1", "脚注 1", "脚注", "参照 1 に戻る"} {
		if !strings.Contains(string(document.HTML), `aria-label="`+label+`"`) {
			t.Errorf("got %q, want the label %q in it", document.HTML, label)
		}
	}
}
