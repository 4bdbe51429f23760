// Package browsertest holds the tests of the whole blog in a real browser: as
// an author writes in it, as readers read it, and as somebody attacks it.
package browsertest
