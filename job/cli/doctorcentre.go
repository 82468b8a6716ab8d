package cli

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api/auth"
)

// tokenFailed tells why there is no token, and looks at the other data centres when that may be why.
func (d *doctor) tokenFailed(here place, err error) {
	next := d.signInHint(err)
	if open, ok := errors.AsType[*auth.PermissionError](err); ok {
		next = open.Command()
	}
	if next == "" && exitOf(err) == exitTemporary {
		next = "try again later"
	} else if next == "" {
		next = d.login()
	}
	d.fail(exitOf(err), "token", err.Error(), next)
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case ok && refused.Code == "invalid_client":
		d.findCentre(here, false)
	case ok && refused.Code == "invalid_code":
		d.findCentre(here, true)
	default:
		d.skip("data-centre")
	}
}

// findCentre asks the other data centres whether they know the client, or, where this one does, take its refresh token. Who is to get the secrets is said before.
func (d *doctor) findCentre(here place, known bool) {
	c := auth.Client{AccountsURL: here.credentials.AccountsURL, ID: here.credentials.ClientID, Secret: here.credentials.ClientSecret}
	var found []auth.FoundCentre
	var asked int
	err := d.within(func(ctx context.Context) error {
		others, err := auth.OtherDataCentres(ctx, c)
		if asked = len(others); err != nil || asked == 0 {
			return err
		}
		d.say("rolecall: the client id, client secret and refresh token are now sent to %d other data centres, to find the one that knows them", asked)
		found, err = auth.FindDataCentre(ctx, c, here.credentials.RefreshToken)
		return err
	})
	doubt := ""
	if err != nil {
		doubt = fmt.Sprintf(" (not all could be asked: %v)", err)
	}
	if known && (len(found) == 0 || !found[0].TakesToken) {
		d.clientKnown(here, asked, doubt)
		return
	}
	if len(found) == 0 {
		d.clientUnknown(here, asked, doubt)
		return
	}
	if found[0].TakesToken {
		found = found[:1] // the account is there, wherever else the client is known
	}
	d.otherCentre(here, found, doubt)
}

// clientKnown tells that the data centre is right as far as anybody can see: its accounts server looks at the client first (Zoho CRM API v8, OAuth errors).
func (d *doctor) clientKnown(here place, asked int, doubt string) {
	others := ""
	if asked > 0 {
		others = ", and no other data centre takes it"
	}
	d.ok("data-centre", "%s knows the client: it is the refresh token that it refuses%s%s", here.credentials.AccountsURL, others, doubt)
}

func (d *doctor) clientUnknown(here place, asked int, doubt string) {
	message := "no other data centre knows the client id"
	if asked == 0 {
		message = here.credentials.AccountsURL + " does not know the client id, and no other data centre goes with it"
	}
	d.warn("data-centre", message+doubt, "compare the client id and secret with those in the API console, and "+d.login())
}

// otherCentre tells which data centres it is, and how to name one.
func (d *doctor) otherCentre(here place, found []auth.FoundCentre, doubt string) {
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.Name
	}
	next := fmt.Sprintf("set %s=%s", envDC, names[0])
	if d.name != "" {
		next = fmt.Sprintf("set dc: %s in profile %s", names[0], d.name)
	}
	if here.profile.accountsURL != "" || d.getenv(envAccountsURL) != "" {
		next = fmt.Sprintf("name the accounts server %s", found[0].AccountsURL)
	}
	d.fail(exitSignIn, "data-centre", fmt.Sprintf("this client is known by the data centre %s%s", joined(names), doubt), next)
}
