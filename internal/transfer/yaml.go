package transfer

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What front matter may grow to once its aliases are followed.
const (
	maxYAMLDepth = 32
	maxYAMLNodes = 10_000
)

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlEarly are the parser's own errors, whose lines the library counts from
// 0, unlike those of its scanner.
var yamlEarly = regexp.MustCompile(`^did not find expected (?:key|node content|'-' indicator|',' or)`)

// parseYAML reads YAML whose first line is the file's line-th.
func parseYAML(text string, line int) (fields, []string, error) {
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		message := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatchIndex(message); m != nil {
			n, _ := strconv.Atoi(message[m[2]:m[3]])
			message = message[:m[0]] + message[m[1]:]
			if yamlEarly.MatchString(message) {
				n++
			}
			line += max(n, 1) - 1
		}
		return nil, nil, &syntaxError{line, "YAML: " + message}
	}
	if len(root.Content) == 0 {
		return fields{}, nil, nil
	}
	r := yamlReader{firstLine: line, nodes: maxYAMLNodes}
	value, err := r.value(root.Content[0], 0)
	if err != nil {
		return nil, nil, err
	}
	switch v := value.(type) {
	case fields:
		return v, r.repeated, nil
	case nil:
		return fields{}, nil, nil
	}
	return nil, nil, &syntaxError{line, "YAML: the front matter is not a list of “name: value” lines"}
}

// yamlReader turns nodes into fields. It follows aliases itself, to a limit,
// because a few lines of them can expand to gigabytes.
type yamlReader struct {
	firstLine int
	nodes     int // how many more may be visited
	repeated  []string
}

func (r *yamlReader) fail(n *yaml.Node, message string) error {
	return &syntaxError{r.firstLine + max(n.Line, 1) - 1, "YAML: " + message}
}

func (r *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if r.nodes--; r.nodes < 0 || depth > maxYAMLDepth {
		return nil, r.fail(n, "too deeply nested, or aliases that expand to too much")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := r.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		return r.mapping(n, depth)
	}
	if n.ShortTag() == "!!null" {
		return nil, nil
	}
	return n.Value, nil
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (any, error) {
	f := fields{}
	merged := fields{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return nil, r.fail(key, "the name of a field must be a text")
		}
		v, err := r.value(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if key.ShortTag() == "!!merge" {
			merge(merged, v)
			continue
		}
		name := foldName(key.Value)
		if f.has(name) {
			r.repeated = append(r.repeated, fmt.Sprintf("%s in line %d", key.Value, r.firstLine+key.Line-1))
		}
		f[name] = v
	}
	merge(f, merged)
	return f, nil
}

// merge adds the fields that are not there yet.
func merge(into fields, from any) {
	switch v := from.(type) {
	case fields:
		for name, value := range v {
			if !into.has(name) {
				into[name] = value
			}
		}
	case []any:
		for _, item := range v {
			merge(into, item)
		}
	}
}
