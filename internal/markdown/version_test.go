package markdown_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"broadsheet/internal/markdown"
)

// representative holds something of all that Render changes on its way from
// the source to the page.
const representative = `The *first* **paragraph**, "quoted" -- with ` + "`code`" + `, a note[^n] and https://example.org/.

<!--more-->

# Top

## Setting up {#setup}

- [x] [Read](/read "title") [on](#setup)
- [ ] ~~Write~~

1. > quote

| Name | Size |
|:-----|-----:|
| A    |    1 |

` + "```go {title=\"main.go\" hl_lines=2}\nfunc main() {\n\tfmt.Println(\"hello\") // world\n}\n```" + `

    indented

> [!NOTE]
> A callout.

![Alone](/media/1/c.png "A caption")

It costs $5, $x^2$ and $\nosuch$.

$$
\frac{a}{b}
$$

## Ending

Term
: What it means.

![Own](/media/1/a.png "T") ![Foreign](https://pictures.example/b.png) 日本
語

<details><summary>More</summary><b>unclosed <script>alert(1)</script></details>

<video src="/a.mp4"></video>

[^n]: The note.
`

// rendered is what the Version that it names makes of representative.
var rendered = struct {
	version int
	sum     string
}{4, "d324f295efd26cf9f642f3d6e6c777601e50ba1682c9f9a493a2737ee0ecb31a"}

// TestVersion fails when Render's output changes: stored posts are rendered
// again only by a new Version. Raise it, and write both here.
func TestVersion(t *testing.T) {
	t.Parallel()
	document := render(t, representative)
	summary := markdown.Inline("A *summary* with `code`, \"quotes\" and [a link](https://example.org/).", "de")
	output := sha256.Sum256(fmt.Appendf(nil, "%#v\n%s", document, summary))
	if sum := hex.EncodeToString(output[:]); sum != rendered.sum || markdown.Version != rendered.version {
		t.Errorf("got output %s of version %d, want %s of version %d:\n%+v\n%s",
			sum, markdown.Version, rendered.sum, rendered.version, document, summary)
	}
}
