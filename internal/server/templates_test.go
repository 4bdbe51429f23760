package server_test

import (
	"testing"

	"broadsheet/internal/page"
)

// Templates are parsed when they are needed, which must not be where a mistake
// in one is found.
func TestTemplatesAreWhole(t *testing.T) {
	t.Parallel()
	page.ParseAll()
}
