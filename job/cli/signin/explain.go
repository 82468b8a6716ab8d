package signin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/rundir"
)

// explain adds the usual cause, and what to type next, to the error of a sign-in.
func (s *login) explain(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*job.Stop](err); ok {
		return err
	}
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return job.EndOf(ctx)
	}
	if _, ok := errors.AsType[*job.UsageError](err); ok {
		return err
	}
	refused, ok := errors.AsType[*auth.Error](err)
	if ok && refused.Temporary() && s.clock.wrong() == "" && !auth.IsCertificate(err) {
		return &job.Stop{Reason: job.Outage, Err: fmt.Errorf("%w; nothing was kept; try again: %s", err, s.again())}
	}
	text := err.Error()
	if ok {
		text += "; " + s.cause(refused)
	} else if !strings.Contains(text, "rolecall auth login") {
		text += "; then sign in again: " + s.again()
	}
	if wrong := s.clock.wrong(); wrong != "" {
		text = wrong + "; " + text
	} else if auth.IsCertificate(err) {
		text = "the server's certificate cannot be trusted: look at this machine's clock, its certificates, " +
			"and the address; " + text
	}
	return &profile.SignInError{Message: text}
}

// cause returns the usual cause of a refusal and what to type next. The codes are Zoho's (Zoho CRM API v8, OAuth
// errors; Zoho Accounts, OAuth 2.0).
func (s *login) cause(refused *auth.Error) string {
	centre := s.here.Credentials.AccountsURL
	if dc, ok := s.centre(); ok {
		centre = "data centre " + dc.Name
	}
	const otherCentre = "--dc with the address that your browser shows in Zoho CRM"
	switch {
	case refused.Throttled():
		return "Zoho gives 10 codes and tokens in 10 minutes: wait ten minutes, then " + s.again()
	case refused.Code == "invalid_code" && (s.flags.Browser || s.flags.Device):
		return "the sign-in took longer than Zoho's page allows, or belongs to another client: start it again: " +
			s.again()
	case refused.Code == "invalid_code":
		return "the code was used before, is past its life (Time Duration), or was made for another client " +
			"or another data centre than this (" + centre + "): generate another one and give it at once: " +
			s.again() + " (another centre: " + otherCentre + ")"
	case refused.Code == "invalid_client":
		return "the client id is wrong, or its client is not of " + centre + ": look at it in the API console, then " +
			s.again("--client-id", "ID") + " (another centre: " + otherCentre + s.doctorFinds() + ")"
	case refused.Code == "invalid_client_secret":
		return "the client secret is wrong: copy it from the API console, then " + s.again("--new-secret")
	case refused.Code == "invalid_redirect_uri":
		return "the client does not have this machine's address among its Authorized Redirect URIs: " +
			"add it in the API console, then " + s.again()
	case refused.Code == "access_denied":
		return "nothing was kept; to sign in after all: " + s.again()
	}
	return "nothing was kept; sign in again: " + s.again()
}

// doctorFinds returns a hint with the doctor command that tries all data centres. It returns "" if there is no earlier
// sign-in of this client, because doctor needs one.
func (s *login) doctorFinds() string {
	if !s.before.Refresh.Set() || s.before.ClientID != s.used.ClientID {
		return ""
	}
	return "; rolecall doctor --profile " + rundir.ShellQuote(s.before.Name) + s.Profiles.ConfigFlag() +
		" tries them all"
}

// next returns the first command to try with a sign-in. granted is nil if the scopes are not known.
func (s *login) next(granted []string) string {
	at := " --profile " + rundir.ShellQuote(s.used.Name) + s.Profiles.ConfigFlag()
	for _, command := range []string{scope.Assign, scope.Remove, scope.Export} {
		if granted != nil && len(scope.Lacking(command, granted)) > 0 {
			continue
		}
		if command != scope.Export {
			command += " FILE.csv"
		}
		return "rolecall " + command + " --dry-run" + at
	}
	return fmt.Sprintf("none of %s, %s and %s can do its work with these scopes: sign in again, with %s: %s",
		scope.Assign, scope.Remove, scope.Export, strings.Join(scope.Names(s.flags.Scopes), ","), s.again())
}
