package accounts

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName     = 100  // characters
	maxBio      = 2000 // characters
	maxEmail    = 254  // bytes: RFC 5321, 4.5.3.1.3, less the angle brackets
	minPassword = 10   // characters
	maxPassword = 1024
)

// checkName returns the name without surrounding space, or says what is wrong.
func (e Invalid) checkName(name string) string {
	name = strings.TrimSpace(name)
	switch {
	case !isText(name):
		e["name"] = "The name contains a character that cannot be stored. Please type it again."
	case name == "":
		e["name"] = "Please give a name. It stands beside your posts."
	case utf8.RuneCountInString(name) > maxName:
		e["name"] = fmt.Sprintf("The name is longer than %d characters.", maxName)
	}
	return name
}

// checkEmail returns the address without surrounding space, or says what is wrong.
func (e Invalid) checkEmail(email string) string {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	switch {
	case !isText(email):
		e["email"] = "The e-mail address contains a character that cannot be stored. Please type it again."
	case email == "":
		e["email"] = "Please give an e-mail address. You sign in with it; no mail is sent."
	case len(email) > maxEmail:
		e["email"] = fmt.Sprintf("The e-mail address is longer than %d characters.", maxEmail)
	case err != nil || parsed.Address != email:
		e["email"] = "This does not look like an e-mail address, such as name@example.com."
	}
	return email
}

// checkBio returns the text with plain line ends, or says what is wrong.
func (e Invalid) checkBio(bio string) string {
	bio = strings.TrimSpace(strings.ReplaceAll(bio, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(bio); {
	case !isText(strings.NewReplacer("\n", "", "\t", "").Replace(bio)):
		e["bio"] = "The text contains a character that cannot be stored. Please type it again."
	case n > maxBio:
		e["bio"] = fmt.Sprintf("This has %d characters; %d are allowed.", n, maxBio)
	}
	return bio
}

// checkPassword says what is wrong with a new password. own are words that
// anybody who knows the blog would try: its title, the name, the address.
// A password is never trimmed: a space at its end is part of it.
func (e Invalid) checkPassword(field, password string, own ...string) {
	length := utf8.RuneCountInString(password)
	switch {
	case !isText(password):
		e[field] = "The password contains a character that cannot be stored. Please type it again."
	case length < minPassword:
		e[field] = fmt.Sprintf("The password is shorter than %d characters. Three or four words make a good one.", minPassword)
	case length > maxPassword:
		e[field] = fmt.Sprintf("The password is longer than %d characters.", maxPassword)
	case guessable(password, own):
		e[field] = "This password is easy to guess. Three or four words that have nothing to do with you or the blog make a good one."
	}
}

// isText says whether PostgreSQL can store the text.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r)
	})
}
