package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"time"

	"rolecall/api/auth"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/report"
)

// readHeaderTimeout is how long a connection may send no request before the server closes it.
const readHeaderTimeout = 10 * time.Second

// callbackPath is the path on this machine that Zoho's page redirects the browser to.
const callbackPath = "/callback"

// byBrowser signs in on Zoho's page, which redirects the browser to a port of this machine.
func (s *login) byBrowser(ctx context.Context) (auth.Grant, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.flags.Port)))
	if err != nil {
		return auth.Grant{}, &profile.SignInError{Message: fmt.Sprintf(
			"the browser could not come back to port %d of this machine: %v; choose another by --port, "+
				"and register its address with the client", s.flags.Port, err)}
	}
	defer listener.Close()
	back := "http://localhost:" + strconv.Itoa(listener.Addr().(*net.TCPAddr).Port) + callbackPath
	s.sayWhere()
	if console := s.console(); console != "" {
		s.say("  1. Open %s, choose Add Client and Server-based Applications, with the Authorized Redirect URI %s",
			console, back)
		s.say("     It has a client id and a client secret")
	}
	if err := s.knowClient(ctx); err != nil {
		return auth.Grant{}, err
	}
	state := auth.NewState()
	verifier, challenge := auth.NewVerifier()
	page := s.client.AuthURL(back, state, challenge, scope.Names(s.flags.Scopes))
	if err := s.show(ctx, page); err != nil {
		return auth.Grant{}, err
	}
	redirect, err := s.awaitBrowser(ctx, listener, state)
	if err != nil {
		return auth.Grant{}, err
	}
	if s.client, err = s.client.Follow(redirect); err != nil {
		return auth.Grant{}, err
	}
	return s.exchange(ctx, redirect.Code, back, verifier)
}

// show writes the address of the page to stdout, and opens the page in the browser.
func (s *login) show(ctx context.Context, page string) error {
	s.say("  Accept on this page; rolecall waits %s for that:", s.flags.Patience)
	if err := report.Printf(s.Stdout, "%s\n", page); err != nil {
		return err
	}
	if s.flags.NoBrowser {
		return nil
	}
	s.unopened = openBrowser(ctx, page)
	return nil
}

// openBrowser opens a page in the user's browser. The channel gets the error if that fails, now or later.
func openBrowser(ctx context.Context, page string) <-chan error {
	command := []string{"xdg-open", page}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", page}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", page}
	}
	// Some openers are the browser itself. A Ctrl-C here should not close the browser.
	// #nosec G204 -- the address is our own
	cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
	unopened := make(chan error, 1)
	go func() {
		if err := cmd.Run(); err != nil {
			unopened <- err
		}
	}()
	return unopened
}

// comeback is the result of the redirect.
type comeback struct {
	redirect auth.Redirect
	err      error
}

// awaitBrowser waits for the redirect and returns it.
func (s *login) awaitBrowser(ctx context.Context, listener net.Listener, state string) (auth.Redirect, error) {
	came := make(chan comeback, 1)
	var once sync.Once // so that many such requests do not fill the screen
	turnedAway := func(err error) {
		once.Do(func() {
			s.say("rolecall: turned away what is not of this sign-in (%v): waiting for Zoho's page; "+
				"to give up, press Ctrl-C", err)
		})
	}
	server := &http.Server{Handler: callback(state, came, turnedAway), ReadHeaderTimeout: readHeaderTimeout}
	go func() { _ = server.Serve(listener) }() // it ends with Shutdown, and says nothing else
	bounded, cancel := context.WithTimeoutCause(ctx, s.flags.Patience, errPageClosed)
	defer cancel()
	for {
		select {
		case err := <-s.unopened:
			s.say("rolecall: no browser could be opened (%v): open the address yourself, in a browser of this machine",
				err)
		case <-bounded.Done():
			_ = server.Close()
			return auth.Redirect{}, context.Cause(bounded)
		case back := <-came:
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), readHeaderTimeout)
			defer cancel()
			_ = server.Shutdown(last) // the browser gets its last page
			return back.redirect, back.err
		}
	}
}

// errPageClosed reports that the browser was not redirected in time.
var errPageClosed = errors.New("nobody accepted or refused on Zoho's page: it was closed, or stood open too long")

// callback returns a handler that sends the first redirect of this sign-in to came. It refuses all other requests,
// because any page or process of this machine can send them, and calls turnedAway with the reason.
func callback(state string, came chan<- comeback, turnedAway func(error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+callbackPath, func(w http.ResponseWriter, r *http.Request) {
		query, err := url.ParseQuery(r.URL.RawQuery)
		if !query.Has("state") && !query.Has("code") && !query.Has("error") {
			http.Error(w, "This is not what Zoho sends: rolecall goes on waiting.", http.StatusBadRequest)
			return // somebody only checked whether a server is here
		}
		var back comeback
		if err == nil {
			back.redirect, back.err = auth.ParseRedirect(query, state)
		}
		if err != nil || errors.Is(back.err, auth.ErrForged) {
			http.Error(w, "This is not of this sign-in: rolecall goes on waiting.", http.StatusBadRequest)
			turnedAway(cmp.Or(err, back.err))
			return
		}
		answer(w, back.err == nil)
		select {
		case came <- back:
		default: // a redirect came before
		}
	})
	return mux
}

// answer writes the last page that the browser shows.
func answer(w http.ResponseWriter, well bool) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'")
	text := "rolecall has what it needs and goes on in its own window. You may close this page."
	if !well {
		w.WriteHeader(http.StatusBadRequest)
		text = "The sign-in ended without success: rolecall says why in its own window. You may close this page."
	}
	_, _ = io.WriteString(w, "<!doctype html><html lang=\"en\"><title>rolecall</title><p>"+text+"</p></html>\n")
}
