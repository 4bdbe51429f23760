package accounts

import (
	"net/netip"
	"time"
)

var MakeHandle = makeHandle

// AccountDelay returns how long an account has to wait after so many failures,
// the last of them so long ago.
func AccountDelay(failures int, last time.Duration) time.Duration {
	_, subjects := signInSubjects("", netip.Addr{})
	ago := make([]time.Duration, failures)
	for i := range ago {
		ago[i] = last
	}
	return subjects[0].wait(ago)
}
