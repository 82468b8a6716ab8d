package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"

	"rolecall/api/auth"
	"rolecall/job"
	"rolecall/job/rundir"
)

// explain says why a sign-in failed, and what to type next. The codes are Zoho's (Zoho CRM API v8, OAuth errors; Zoho Accounts, OAuth 2.0).
func (s *signIn) explain(err error) error {
	if _, ok := errors.AsType[*job.Stop](err); ok {
		return err
	}
	if s.p.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return &job.Stop{Reason: job.Interrupted, Err: job.ErrInterrupted}
	}
	if _, ok := errors.AsType[*errUsage](err); ok {
		return err
	}
	refused, ok := errors.AsType[*auth.Error](err)
	if ok && refused.Temporary() && s.clock.wrong() == "" && !aboutTLS(err) {
		return &job.Stop{Reason: job.Outage, Err: fmt.Errorf("%w; nothing was kept; try again: %s", err, s.command())}
	}
	text := err.Error()
	if ok {
		text += "; " + s.cause(refused)
	} else if !strings.Contains(text, "rolecall auth login") {
		text += "; then sign in again: " + s.command()
	}
	if wrong := s.clock.wrong(); wrong != "" {
		text = wrong + "; " + text
	} else if aboutTLS(err) {
		text = "the server's certificate cannot be trusted: look at this machine's clock, its certificates, and the address; " + text
	}
	return &errSignIn{text}
}

// aboutTLS says whether a certificate was not trusted: also a clock that is far off looks so.
func aboutTLS(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// doctorFinds says that doctor tries all data centres, where there is an earlier sign-in for it to try them with.
func (s *signIn) doctorFinds() string {
	if !s.before.refresh.set() || s.before.clientID != s.used.clientID {
		return ""
	}
	return "; rolecall doctor --profile " + rundir.ShellQuote(s.before.name) + s.p.configFlag() + " tries them all"
}

// cause is the usual cause of a refusal, and the way on.
func (s *signIn) cause(refused *auth.Error) string {
	centre := s.here.credentials.AccountsURL
	if dc, ok := s.centre(); ok {
		centre = "data centre " + dc.Name
	}
	otherCentre := "--dc with the address that your browser shows in Zoho CRM"
	switch {
	case refused.Throttled():
		return "Zoho gives 10 codes and tokens in 10 minutes: wait ten minutes, then " + s.command()
	case refused.Code == "invalid_code" && (s.flags.Browser || s.flags.Device):
		return "the sign-in took longer than Zoho's page allows, or belongs to another client: start it again: " + s.command()
	case refused.Code == "invalid_code":
		return "the code was used before, is past its life (Time Duration), or was made for another client or another data centre than this (" + centre +
			"): generate another one and give it at once: " + s.command() + " (another centre: " + otherCentre + ")"
	case refused.Code == "invalid_client":
		return "the client id is wrong, or its client is not of " + centre + ": look at it in the API console, then " +
			s.command("--client-id", "ID") + " (another centre: " + otherCentre + s.doctorFinds() + ")"
	case refused.Code == "invalid_client_secret":
		return "the client secret is wrong: copy it from the API console, then " + s.command("--new-secret")
	case refused.Code == "invalid_redirect_uri":
		return "the client does not have this machine's address among its Authorized Redirect URIs: add it in the API console, then " + s.command()
	case refused.Code == "access_denied":
		return "nothing was kept; to sign in after all: " + s.command()
	}
	return "nothing was kept; sign in again: " + s.command()
}
