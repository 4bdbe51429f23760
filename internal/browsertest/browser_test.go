package browsertest_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"broadsheet/internal/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, endBrowser) }

// The one browser of this test binary, started by the first test that needs it.
var (
	sharedBrowser  = sync.OnceValues(startBrowser)
	browserStarted atomic.Bool
)

// browserNames are looked for in this order.
var browserNames = []string{
	"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	"/Applications/Chromium.app/Contents/MacOS/Chromium",
}

func findBrowser() (string, error) {
	for _, name := range browserNames {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the browser tests need Chromium or Chrome, and none was found:" +
		" install it (apt install chromium, brew install --cask chromium)")
}

// startBrowser starts a browser with a new profile, which is removed when it
// ends. As root, for whom Chromium's sandbox does not work, chromedp starts it
// without.
func startBrowser() (context.Context, error) {
	path, err := findBrowser()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("headless", "new"),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-US"),
		// Whatever a page asks for, nothing leaves this machine.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	return ctx, nil
}

func browser(t *testing.T) context.Context {
	t.Helper()
	browserStarted.Store(true)
	ctx, err := sharedBrowser()
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

func endBrowser() error {
	if !browserStarted.Load() {
		return nil
	}
	ctx, err := sharedBrowser()
	if err != nil {
		return nil // the tests that needed it have failed for it
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		return fmt.Errorf("ending the browser: %w", err)
	}
	return nil
}
