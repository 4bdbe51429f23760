package browsertest_test

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// record is what a tab has done by itself: what it asked for over the network,
// what it complained of, and which dialogs it opened.
type record struct {
	ctx context.Context

	mu       sync.Mutex
	requests []string // addresses
	pages    []string // those of them that are pages, not what pages need
	messages []string // of the console: errors, warnings, violations of the content security policy
	dialogs  []string
}

// reportViolations makes pages say on the console which directive of the
// content security policy was violated, also where the browser would not.
const reportViolations = `addEventListener("securitypolicyviolation", e =>
	console.error("content security policy: " + e.effectiveDirective + " " + e.blockedURI))`

// listen runs where the messages of the browser are read: it may not wait.
func (r *record) listen(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
		if e.Type == network.ResourceTypeDocument {
			r.pages = append(r.pages, e.Request.URL)
		}
	case *log.EventEntryAdded:
		// A page that answers with an error is looked at for itself.
		if e.Entry.Source != log.EntrySourceNetwork || !slices.Contains(r.pages, e.Entry.URL) {
			r.messages = append(r.messages, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventConsoleAPICalled:
		message := fmt.Sprintf("console.%s:", e.Type)
		for _, arg := range e.Args {
			message += fmt.Sprintf(" %s", arg.Value)
		}
		r.messages = append(r.messages, message)
	case *runtime.EventExceptionThrown:
		r.messages = append(r.messages, "exception: "+e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		r.dialogs = append(r.dialogs, e.Message)
		// The page stands still until somebody answers.
		go chromedp.Call(r.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
	}
}

// take returns what was recorded since it was last called.
func (r *record) take() (requests, messages, dialogs []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, messages, dialogs = r.requests, r.messages, r.dialogs
	r.requests, r.pages, r.messages, r.dialogs = nil, nil, nil, nil
	return requests, messages, dialogs
}

// call sends one command of the DevTools protocol.
func call[P, R any](p *tab, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, stepTimeout)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}
