package signin

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// bySelfClient signs in with a code that Zoho's API console generates.
func (s *login) bySelfClient(ctx context.Context) (auth.Grant, error) {
	s.sayWhere()
	if console := s.console(); console != "" {
		s.say("  1. Open %s and choose Self Client (Get Started, or Add Client; then Create)", console)
		s.say("  2. In its tab Client Secret are the client id and the client secret")
		s.say("  3. In its tab Generate Code put in")
		s.say("       Scope              %s", strings.Join(scope.Names(s.flags.Scopes), ","))
		s.say("       Time Duration      10 minutes")
		s.say("       Scope Description  rolecall")
		s.say("     choose Create, then CRM and the org (%s) if it asks, and copy the code",
			cmp.Or(s.used.Environment, auth.Production))
	} else {
		s.say("  Have a code made with the scopes %s", strings.Join(scope.Names(s.flags.Scopes), ","))
		s.say("  An emulator makes one with this command:")
		s.say("curl %[2]s/__emulator/grant \\\n-d '{\"scope\":\"%[1]s\"}'",
			strings.Join(scope.Names(s.flags.Scopes), ","), s.here.Credentials.AccountsURL)
	}
	if err := s.knowClient(ctx); err != nil {
		return auth.Grant{}, err
	}
	code, err := s.code(ctx)
	if err != nil {
		return auth.Grant{}, err
	}
	return s.exchange(ctx, code, "", "")
}

// exchange gets tokens for a code.
func (s *login) exchange(ctx context.Context, code, back, verifier string) (auth.Grant, error) {
	over := s.awaits("an answer of " + s.client.AccountsURL + ": half a minute at the longest")
	defer over()
	return s.client.Exchange(ctx, code, back, verifier)
}

// code gets the code from --code-file, or else asks for it.
func (s *login) code(ctx context.Context) (string, error) {
	if s.flags.CodeFile == "" || s.flags.CodeFile == "-" {
		return s.ask(ctx, "Code", "code", true)
	}
	code, err := profile.ReadCode(ctx, s.flags.CodeFile)
	if _, stopped := errors.AsType[*job.Stop](err); err != nil && !stopped {
		err = &profile.SignInError{Message: "--code-file " + s.flags.CodeFile + ": " + err.Error()}
	}
	return code, err
}

// sayWhere shows the profile and the server of the sign-in.
func (s *login) sayWhere() {
	at := s.here.Credentials.AccountsURL
	if dc, ok := s.centre(); ok {
		at = "data centre " + dc.Name + " (" + at + "; another is --dc)"
	}
	s.say("Signing in profile %s at %s", s.used.Name, at)
}

// console returns the address of the data centre's API console, or "".
func (s *login) console() string {
	dc, _ := s.centre()
	return dc.ConsoleURL
}
