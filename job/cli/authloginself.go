package cli

import (
	"errors"
	"path/filepath"
	"strings"

	"rolecall/api/auth"
	"rolecall/job"
)

// bySelfClient signs in by a code that Zoho's API console generates.
func (s *signIn) bySelfClient() (auth.Grant, error) {
	s.sayWhere()
	if console := s.console(); console != "" {
		s.p.say("  1. Open %s and choose Self Client (Get Started, or Add Client; then Create)", console)
		s.p.say("  2. In its tab Client Secret are the client id and the client secret")
		s.p.say("  3. In its tab Generate Code put in")
		s.p.say("       Scope              %s", strings.Join(scopeNames(), ","))
		s.p.say("       Time Duration      10 minutes")
		s.p.say("       Scope Description  rolecall")
		s.p.say("     choose Create, then CRM and the org (%s) if it asks, and copy the code", s.environment())
	} else {
		s.p.say("  Have a code made with the scopes %s", strings.Join(scopeNames(), ","))
		s.p.say("  (an emulator gives one: POST %s/__emulator/grant)", s.here.credentials.AccountsURL)
	}
	if err := s.knowClient(); err != nil {
		return auth.Grant{}, err
	}
	code, err := s.code()
	if err != nil {
		return auth.Grant{}, err
	}
	return s.exchange(code, "", "")
}

// exchange gets tokens for a code.
func (s *signIn) exchange(code, back, verifier string) (auth.Grant, error) {
	over := s.p.awaits("an answer of " + s.client.AccountsURL + ": half a minute at the longest")
	defer over()
	return s.client.Exchange(s.p.ctx, code, back, verifier)
}

// code gets the code from where the flags say.
func (s *signIn) code() (string, error) {
	if s.flags.CodeFile == "" || s.flags.CodeFile == "-" {
		return s.answers.ask("Code", "code", true)
	}
	path, err := filepath.Abs(s.flags.CodeFile)
	var code string
	switch {
	case err != nil:
	case isPipe(path):
		code, err = s.p.pipedSecret(path)
	default:
		code, err = readSecretFile(path)
	}
	if _, stopped := errors.AsType[*job.Stop](err); stopped {
		return "", err
	}
	if err == nil {
		code, err = oneLine(code)
	}
	if err != nil {
		return "", &errSignIn{"--code-file " + s.flags.CodeFile + ": " + err.Error()}
	}
	return code, nil
}

// sayWhere says what is signed in to.
func (s *signIn) sayWhere() {
	at := s.here.credentials.AccountsURL
	if dc, ok := s.centre(); ok {
		at = "data centre " + dc.Name + " (" + at + "; another is --dc)"
	}
	s.p.say("Signing in profile %s at %s", s.used.name, at)
}

// console is the address of the data centre's API console, "" where there is none.
func (s *signIn) console() string {
	dc, _ := s.centre()
	return dc.ConsoleURL
}

// environment is that of the profile, in words.
func (s *signIn) environment() string {
	if s.used.environment == "" {
		return production
	}
	return s.used.environment
}
