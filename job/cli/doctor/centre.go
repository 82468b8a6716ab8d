package doctor

import (
	"context"
	"errors"
	"fmt"

	"rolecall/api/auth"
	"rolecall/api/auth/private"
	"rolecall/job/cli/profile"
	"rolecall/job/report"
)

// tokenFailed reports why there is no token. If a wrong data centre may be the reason, it asks the other data centres.
func (d *Doctor) tokenFailed(ctx context.Context, here profile.Place, err error) {
	next := d.Hint(err)
	if open, ok := errors.AsType[*private.PermissionError](err); ok {
		next = open.Command()
	}
	if next == "" && d.trouble(err) == Temporary {
		next = "try again later"
	} else if next == "" {
		next = d.login()
	}
	d.fail(d.trouble(err), "token", err.Error(), next)
	refused, ok := errors.AsType[*auth.Error](err)
	switch {
	case ok && refused.Code == "invalid_client":
		d.findCentre(ctx, here, false)
	case ok && refused.Code == "invalid_code":
		d.findCentre(ctx, here, true)
	default:
		d.skip("data-centre")
	}
}

// findCentre asks the other data centres whether they know the client. If known is true, this data centre knows the
// client, and findCentre asks whether another one accepts the refresh token. Before it sends the secrets, it shows who
// gets them.
func (d *Doctor) findCentre(ctx context.Context, here profile.Place, known bool) {
	c := auth.Client{
		AccountsURL: here.Credentials.AccountsURL,
		ID:          here.Credentials.ClientID,
		Secret:      here.Credentials.ClientSecret,
	}
	var found []auth.FoundCentre
	var asked int
	err := within(ctx, func(ctx context.Context) error {
		others, err := auth.OtherDataCentres(ctx, c)
		if asked = len(others); err != nil || asked == 0 {
			return err
		}
		_ = report.Printf(d.Stderr,
			"rolecall: the client id, client secret and refresh token are now sent to %d other data centres, "+
				"to find the one that knows them\n", asked)
		found, err = auth.FindDataCentre(ctx, c, here.Credentials.RefreshToken)
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

// clientKnown reports that the data centre is probably right: its accounts server checks the client before the token
// (Zoho CRM API v8, OAuth errors).
func (d *Doctor) clientKnown(here profile.Place, asked int, doubt string) {
	others := ""
	if asked > 0 {
		others = ", and no other data centre takes it"
	}
	d.ok("data-centre", "%s knows the client: it is the refresh token that it refuses%s%s",
		here.Credentials.AccountsURL, others, doubt)
}

// clientUnknown reports that no data centre knows the client.
func (d *Doctor) clientUnknown(here profile.Place, asked int, doubt string) {
	message := "no other data centre knows the client id"
	if asked == 0 {
		message = here.Credentials.AccountsURL + " does not know the client id, and no other data centre goes with it"
	}
	d.warn("data-centre", message+doubt,
		"compare the client id and secret with those in the API console, and "+d.login())
}

// otherCentre reports which data centres know the client, and how to choose one.
func (d *Doctor) otherCentre(here profile.Place, found []auth.FoundCentre, doubt string) {
	names := make([]string, len(found))
	for i, one := range found {
		names[i] = one.Name
	}
	next := fmt.Sprintf("set %s=%s", profile.EnvDC, names[0])
	if d.Name != "" {
		next = fmt.Sprintf("set dc: %s in profile %s", names[0], d.Name)
	}
	if here.Profile.AccountsURL != "" || d.Profiles.Getenv(profile.EnvAccountsURL) != "" {
		next = fmt.Sprintf("name the accounts server %s", found[0].AccountsURL)
	}
	d.fail(SignIn, "data-centre", fmt.Sprintf("this client is known by the data centre %s%s", join(names), doubt), next)
}
