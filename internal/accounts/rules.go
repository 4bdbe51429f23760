package accounts

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName     = 100  // characters
	maxBio      = 2000 // characters
	maxLanguage = 35   // bytes: RFC 5646, 4.4.1
	maxEmail    = 254  // bytes: RFC 5321, 4.5.3.1.3, less the angle brackets
	minPassword = 10   // characters
	maxPassword = 1024
)

// checkName returns the name without surrounding space, or says what is wrong.
func (e Invalid) checkName(name string) string {
	name = strings.TrimSpace(name)
	switch {
	case !isText(name):
		e.say("name", "problem.name.character")
	case name == "":
		e.say("name", "problem.name.none")
	case utf8.RuneCountInString(name) > maxName:
		e.say("name", "problem.longer", maxName)
	}
	return name
}

// checkEmail returns the address without surrounding space, or says what is wrong.
func (e Invalid) checkEmail(email string) string {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	switch {
	case !isText(email):
		e.say("email", "problem.email.character")
	case email == "":
		e.say("email", "problem.email.none")
	case len(email) > maxEmail:
		e.say("email", "problem.longer", maxEmail)
	case err != nil || parsed.Address != email:
		e.say("email", "problem.email.form")
	}
	return email
}

// checkBio returns the text with plain line ends, or says what is wrong.
func (e Invalid) checkBio(bio string) string {
	bio = strings.TrimSpace(strings.ReplaceAll(bio, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(bio); {
	case !isText(strings.NewReplacer("\n", "", "\t", "").Replace(bio)):
		e.say("bio", "problem.text.character")
	case n > maxBio:
		e.say("bio", "problem.long", n, maxBio)
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
		e.say(field, "problem.password.character")
	case length < minPassword:
		e.say(field, "problem.password.short", minPassword)
	case length > maxPassword:
		e.say(field, "problem.longer", maxPassword)
	case guessable(password, own):
		e.say(field, "problem.password.guess")
	}
}

// isText says whether PostgreSQL can store the text.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r)
	})
}
