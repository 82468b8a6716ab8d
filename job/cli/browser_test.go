package cli_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/rogpeppe/go-internal/testscript"
)

// browserPatience is for a browser that starts while two cores do other things.
const browserPatience = 2 * time.Minute

// findBrowser finds a Chromium, by the names under which systems install it; "" where there is none.
func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// condition is [browser]: there is a real browser, which rolecall opens by a command that the scripts can stand in for.
func condition(name string) (bool, error) {
	if name != "browser" {
		return false, fmt.Errorf("unknown condition %q", name)
	}
	opener, err := exec.LookPath("xdg-open")
	return err == nil && strings.Contains(opener, "testscript-main") && findBrowser() != "", nil
}

// openPage stands for the system's own opener of pages: it puts the address into the file that OPENED names, whole or
// not at all.
func openPage() {
	name := os.Getenv("OPENED")
	if err := os.WriteFile(name+".part", []byte(os.Args[1]+"\n"), 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		panic(err)
	}
}

// cmdBrowser is: browser accept|deny|forged|close FILE. It takes a real browser to the page whose address appears in
// the file, which somebody decides on there, leaves for an address with a state of their own, or closes. It prints what
// the last page shows.
func cmdBrowser(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: browser DECISION FILE")
	}
	page := awaitPage(ts, args[1])
	ctx, cancel := startBrowser()
	defer cancel()
	steps := []chromedp.Action[chromedp.Void]{chromedp.Navigate(page), chromedp.WaitVisible("#accept")}
	switch args[0] {
	case "accept", "deny":
		steps = append(steps, chromedp.Click("#"+args[0]), chromedp.WaitNotPresent("#accept"))
	case "forged":
		u, err := url.Parse(page)
		ts.Check(err)
		steps = append(steps, chromedp.Navigate(u.Query().Get("redirect_uri")+"?code=1000.forged&state=guessed"))
	case "close":
	default:
		ts.Fatalf("unknown decision %q", args[0])
	}
	ts.Check(chromedp.Do(ctx, steps...))
	shown, err := chromedp.Run(ctx, chromedp.Text("body"))
	ts.Check(err)
	at, err := chromedp.Run(ctx, chromedp.Location())
	ts.Check(err)
	u, err := url.Parse(at)
	ts.Check(err)
	worldOf(ts).give(u.Query().Get("code"))
	_, err = fmt.Fprintln(ts.Stdout(), shown)
	ts.Check(err)
}

// startBrowser starts a browser that is shown nowhere, calls nobody of its own accord and keeps nothing.
func startBrowser() (context.Context, context.CancelFunc) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findBrowser()),
		chromedp.NoSandbox, // which root may not have
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(browserPatience),
	)
	ctx, stop := context.WithTimeout(context.Background(), browserPatience)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	return ctx, func() { closeTab(); end(); stop() }
}
