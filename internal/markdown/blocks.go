package markdown

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
)

// Block is one of the outermost pieces of a rendered post: put together they
// are the whole of it. Mostly it is one element.
type Block struct {
	HTML HTML
	Line int // of the source where the block begins, from 1
}

// Preview is a rendered post in pieces, to show beside its source.
type Preview struct {
	Blocks  []Block
	Words   int
	Minutes int
}

// RenderBlocks renders as [Render] does, for who will show the blocks that
// have changed. The error is always an *Error.
func RenderBlocks(source, language string) (Preview, error) {
	text := []byte(printable(source))
	root, err := parse(text, language)
	if err != nil {
		return Preview{}, err
	}
	prepare(root, text)
	clean, made, err := renderMarked(root, text, labelsOf(language))
	if err != nil {
		return Preview{}, err
	}
	post, err := nest(clean, wholePost, made)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Blocks: cutBlocks(post)}
	var sum reading
	for _, b := range p.Blocks {
		words, letters := count(string(b.HTML))
		sum.words, sum.letters = sum.words+words, sum.letters+letters
	}
	p.Words, p.Minutes = sum.words, sum.minutes()
	return p, nil
}

// count counts the words of a block, and those of them that are one character.
func count(block string) (words, letters int) {
	counts := rendered.get("words\x00"+block, func() []byte {
		r := read(block)
		return binary.AppendUvarint(binary.AppendUvarint(nil, uint64(r.words)), uint64(r.letters))
	})
	w, n := binary.Uvarint(counts)
	l, _ := binary.Uvarint(counts[n:])
	return int(w), int(l)
}

// lineMark stands around the number of the line that begins a block. No text
// holds it: see printable. A mark inside an element that an author left open
// begins no block.
const lineMark = "\uFFFF"

// renderMarked renders and sanitises, a mark before each block. HTML of the
// author's may reach over several blocks, so that they are sanitised together;
// without any, each block is by itself what it is among the others.
func renderMarked(root ast.Node, source []byte, labels labels) ([]byte, *state, error) {
	made := &state{highlighter: newHighlighter(), labels: labels}
	root.SetAttributeString(stateKey, made)
	var out bytes.Buffer
	together := hasHTML(root)
	line, counted := 1, 0
	for block := root.FirstChild(); block != nil; block = block.NextSibling() {
		if at := startOf(block); at > counted {
			line += bytes.Count(source[counted:at], []byte("\n"))
			counted = at
		}
		out.WriteString(lineMark + strconv.Itoa(line) + lineMark)
		raw, err := renderBlock(block, source)
		if err != nil {
			return nil, nil, refuse("problem.markdown.render", err.Error())
		}
		if !together {
			raw = rendered.get("clean\x00"+string(raw), func() []byte { return policy().SanitizeBytes(raw) })
		}
		out.Write(raw)
		if out.Len() > maxOutput {
			return nil, nil, refuse("problem.markdown.page", maxOutput>>20)
		}
	}
	if together {
		return policy().SanitizeBytes(out.Bytes()), made, nil
	}
	return out.Bytes(), made, nil
}

func hasHTML(root ast.Node) bool {
	found := false
	_ = ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if kind := node.Kind(); kind == ast.KindHTMLBlock || kind == ast.KindRawHTML {
			found = true
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return found
}

func renderBlock(block ast.Node, source []byte) (raw []byte, err error) {
	render := func() []byte {
		var b bytes.Buffer
		err = engine().Renderer().Render(&b, source, block)
		return b.Bytes()
	}
	if key := codeKey(block, source); key != "" {
		return rendered.get(key, render), err
	}
	return render(), err
}

// rendered is what blocks became, by what they were, while somebody writes:
// from one preview to the next few of them change.
var rendered = memory{limit: 8 << 20}

// codeKey names a block of code by all that it is rendered from, as colouring
// it takes most of the time of a post that has some; "" for other blocks.
func codeKey(block ast.Node, source []byte) string {
	n, ok := block.(*ast.FencedCodeBlock)
	if !ok || n.Info == nil {
		return ""
	}
	info := string(n.Info.Segment.Value(source))
	if strings.Contains(strings.ToLower(info), "math") || strings.ContainsAny(info, `&\\`) { // formulas are counted
		return ""
	}
	return "code\x00" + info + "\x00" + string(n.Lines().Value(source))
}

// memory forgets what was not asked for while it was filled half.
type memory struct {
	limit int // bytes of keys and values

	mu         sync.Mutex
	young, old map[string][]byte
	size       int // of young
}

// get returns the value of a key, and makes it where it is not known.
func (m *memory) get(key string, makeIt func() []byte) []byte {
	m.mu.Lock()
	value, ok := m.young[key]
	if !ok {
		value, ok = m.old[key]
		if ok {
			m.add(key, value)
		}
	}
	m.mu.Unlock()
	if ok {
		return value
	}
	value = makeIt()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(key, value)
	return value
}

func (m *memory) add(key string, value []byte) {
	if m.young == nil || m.size > m.limit/2 {
		m.young, m.old, m.size = map[string][]byte{}, m.young, 0
	}
	m.young[key] = value
	m.size += len(key) + len(value)
}

// startOf is where in the source a block begins, -1 where it holds nothing of it.
func startOf(block ast.Node) int {
	at := -1
	_ = ast.Walk(block, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := node.(type) {
		case *ast.Text:
			at = n.Segment.Start
		case *ast.FencedCodeBlock:
			if n.Info != nil {
				at = n.Info.Segment.Start
			}
		}
		if at < 0 && node.Type() == ast.TypeBlock && node.Lines() != nil && node.Lines().Len() > 0 {
			at = node.Lines().At(0).Start
		}
		if at >= 0 {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return at
}

// keepMarks writes the marks of blocks that begin here, and returns the text
// around them.
func (f *fragment) keepMarks(text string) string {
	before, rest, found := strings.Cut(text, lineMark)
	if !found {
		return text
	}
	number, after, _ := strings.Cut(rest, lineMark)
	if line, err := strconv.Atoi(number); err == nil && len(f.open) == 0 {
		f.out = append(f.out, lineMark+strconv.Itoa(line)+lineMark...)
	}
	return before + f.keepMarks(after)
}

// cutBlocks cuts at the marks.
func cutBlocks(post string) []Block {
	parts := strings.Split(post, lineMark)
	var blocks []Block
	for i := 1; i+1 < len(parts); i += 2 {
		line, err := strconv.Atoi(parts[i])
		html := strings.TrimSpace(parts[i+1])
		if err != nil || html == "" {
			continue
		}
		blocks = append(blocks, Block{HTML: HTML(html), Line: line})
	}
	return blocks
}
