package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"broadsheet/internal/accounts"
	"broadsheet/internal/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

const (
	password  = "correct horse battery"
	blogTitle = "Herons & Storks"
)

func jane() accounts.NewUser {
	return accounts.NewUser{Name: "Jane Doe", Email: "jane@example.com", Password: password}
}

// add makes an account, or ends the test.
func add(t *testing.T, store *accounts.Store, n accounts.NewUser) accounts.User {
	t.Helper()
	user, err := store.Add(t.Context(), n, blogTitle)
	if err != nil {
		t.Fatalf("adding %s: %v", n.Email, err)
	}
	return user
}

func TestAddStoresWhatWasGiven(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	n := jane()
	n.Name, n.Email = "  Jane Doe ", " Jane@Example.com\t"
	made := add(t, store, n)

	got, err := store.User(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := accounts.User{ID: made.ID, Handle: "jane-doe", Name: "Jane Doe", Email: "Jane@Example.com",
		Role: accounts.RoleAuthor, CreatedAt: made.CreatedAt}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, err := store.User(t.Context(), made.ID+1); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("a user who does not exist: got error %v, want ErrNotFound", err)
	}
}

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	add(t, store, jane())
	tests := []struct {
		name   string
		change func(*accounts.NewUser)
		field  string
	}{
		{"no name", func(n *accounts.NewUser) { n.Name = " " }, "name"},
		{"name of 101 characters", func(n *accounts.NewUser) { n.Name = strings.Repeat("ö", 101) }, "name"},
		{"NUL in the name", func(n *accounts.NewUser) { n.Name = "a\x00b" }, "name"},
		{"name that is not UTF-8", func(n *accounts.NewUser) { n.Name = "a\xff" }, "name"},
		{"no address", func(n *accounts.NewUser) { n.Email = "" }, "email"},
		{"address without @", func(n *accounts.NewUser) { n.Email = "jane" }, "email"},
		{"address with a name", func(n *accounts.NewUser) { n.Email = "Jane <jane2@example.com>" }, "email"},
		{"two addresses", func(n *accounts.NewUser) { n.Email = "a@example.com, b@example.com" }, "email"},
		{"NUL in the address", func(n *accounts.NewUser) { n.Email = "a\x00@example.com" }, "email"},
		{"address of 255 bytes", func(n *accounts.NewUser) { n.Email = strings.Repeat("a", 243) + "@example.com" }, "email"},
		{"address in use", func(n *accounts.NewUser) { n.Email = "jane@example.com" }, "email"},
		{"address in use, in capitals", func(n *accounts.NewUser) { n.Email = "JANE@example.com" }, "email"},
		{"password of 9 characters", func(n *accounts.NewUser) { n.Password = "ab cd efg" }, "password"},
		{"password of 1025 characters", func(n *accounts.NewUser) { n.Password = strings.Repeat("abcdefghi ", 103)[:1025] }, "password"},
		{"NUL in the password", func(n *accounts.NewUser) { n.Password = password + "\x00" }, "password"},
		{"password that is not UTF-8", func(n *accounts.NewUser) { n.Password = password + "\xff" }, "password"},
		{"common password", func(n *accounts.NewUser) { n.Password = "Password12345" }, "password"},
		{"dressed-up common password", func(n *accounts.NewUser) { n.Password = "P@$$w0rd!2024" }, "password"},
		{"run of keys", func(n *accounts.NewUser) { n.Password = "qwertyuiop123" }, "password"},
		{"few different characters", func(n *accounts.NewUser) { n.Password = "ababababababab" }, "password"},
		{"own name", func(n *accounts.NewUser) { n.Name, n.Password = "Marguerite Yourcenar", "marguerite-1903" }, "password"},
		{"own address", func(n *accounts.NewUser) { n.Email, n.Password = "mail@cormorants.org", "cormorants.org" }, "password"},
		{"the blog's title", func(n *accounts.NewUser) { n.Password = "Herons+Storks-99" }, "password"},
		{"unknown role", func(n *accounts.NewUser) { n.Role = "admin" }, "role"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := jane()
			n.Email = "another@example.com"
			test.change(&n)
			_, err := store.Add(t.Context(), n, blogTitle)
			var invalid accounts.Invalid
			if !errors.As(err, &invalid) || len(invalid) != 1 || invalid[test.field].Key == "" {
				t.Errorf("got error %v, want one message for %q", err, test.field)
			}
		})
	}
}

func TestGoodPasswords(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	for i, good := range []string{
		"correct horse battery", "  leading and trailing  ", "пароль из трёх слов", "sunshine-tomatoes",
		"8LqZw2!vXp", strings.Repeat("abcdefghi ", 102), "密码由几个不同的汉字组成",
	} {
		n := accounts.NewUser{Name: "Somebody", Email: string(rune('a'+i)) + "@example.com", Password: good}
		if _, err := store.Add(t.Context(), n, blogTitle); err != nil {
			t.Errorf("password %q: got error %v, want none", good, err)
			continue
		}
		if _, err := store.SignIn(t.Context(), n.Email, good, client); err != nil {
			t.Errorf("signing in with %q: got error %v, want none", good, err)
		}
		if _, err := store.SignIn(t.Context(), n.Email, strings.TrimSpace(good)+"x", client); !errors.Is(err, accounts.ErrWrongPassword) {
			t.Errorf("signing in with more than %q: got error %v, want ErrWrongPassword", good, err)
		}
	}
}

func TestHandles(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	for _, test := range []struct{ name, want string }{
		{"Zoë O'Hara", "zoe-ohara"},
		{"Zoe OHara", "zoe-ohara-2"},
		{"zoë—ohara", "zoe-ohara-3"},
		{"山田 太郎", "山田-太郎"},
		{"हिन्दी लेखक", "हिन्दी-लेखक"},
		{"J. R. R. Tolkien", "j-r-r-tolkien"},
		{"!!!", "author"},
		{"???", "author-2"},
		{strings.Repeat("a", 100), strings.Repeat("a", 60)},
	} {
		id, err := store.EnsureAuthor(t.Context(), test.name)
		if err != nil {
			t.Fatalf("author %q: %v", test.name, err)
		}
		user, err := store.User(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if user.Handle != test.want {
			t.Errorf("handle of %q: got %q, want %q", test.name, user.Handle, test.want)
		}
	}
}

func TestAuthorsAreFoundByName(t *testing.T) {
	t.Parallel()
	store := accounts.NewStore(postgrestest.New(t))
	ids := make(chan int64, 10)
	for range cap(ids) {
		go func() {
			id, err := store.EnsureAuthor(t.Context(), "Jane Doe")
			if err != nil {
				t.Error(err)
			}
			ids <- id
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("the same author at once: got ids %d and %d, want one", first, id)
		}
	}
	if id, err := store.EnsureAuthor(t.Context(), " JANE doe "); err != nil || id != first {
		t.Errorf("in capitals: got id %d, error %v, want %d", id, err, first)
	}
	if needed, err := store.NeedsSetUp(t.Context()); err != nil || !needed {
		t.Errorf("needs set-up with authors alone: got %t, error %v, want true", needed, err)
	}
	if made := add(t, store, jane()); made.ID != first || made.Handle != "jane-doe" {
		t.Errorf("the account of a named author: got %+v, want id %d", made, first)
	}
	if id, err := store.EnsureAuthor(t.Context(), "jane doe"); err != nil || id != first {
		t.Errorf("an author with an account: got id %d, error %v, want %d", id, err, first)
	}
	again := jane()
	again.Email = "other@example.com"
	if made := add(t, store, again); made.ID == first || made.Handle != "jane-doe-2" {
		t.Errorf("a second Jane Doe: got %+v, want another user", made)
	}
	var invalid accounts.Invalid
	if _, err := store.EnsureAuthor(t.Context(), "a\x00"); !errors.As(err, &invalid) {
		t.Errorf("NUL in an author's name: got error %v, want Invalid", err)
	}
	users, err := store.List(t.Context())
	if err != nil || len(users) != 2 {
		t.Errorf("list: got %d users, error %v, want 2", len(users), err)
	}
}
