package doctor

import (
	"context"
	"fmt"
	"strings"

	"rolecall/api/gateway"
	"rolecall/api/pace"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
	"rolecall/job/picklist"
)

// examineGateway checks a gateway, which signs in to Zoho itself: whether it answers, what it forwards, and the org.
func (d *Doctor) examineGateway(ctx context.Context, here profile.Place) {
	checks := []string{"gateway", "forwards", "org", "limits", "credits", "roles"}
	crm := reach(ctx, here.APIURL)
	if !d.showReached("api", "gateway", here.APIURL, crm) {
		d.skip(append([]string{"clock"}, checks...)...)
		return
	}
	if crm.dated {
		d.clock(crm.skew)
	} else {
		d.warn("clock", "no answer says what time it is", "compare this machine's clock yourself")
	}
	pacer := pace.New(pace.Config{InFlight: d.Usual})
	var g signin.Gateway
	err := d.Share(pacer, here)
	if err == nil {
		err = within(ctx, func(ctx context.Context) (err error) { g, err = d.AskGateway(ctx, here, pacer); return err })
	}
	if err != nil {
		next := "try again later, or ask those who run the gateway"
		if refused(err) {
			next = signin.Reconnect(here)
		}
		d.fail(d.trouble(err), "gateway", err.Error(), next)
		d.skip(checks[1:]...)
		return
	}
	d.ok("gateway", "%s lets calls through, and signs in to Zoho itself", gateway.PinkConnect)
	d.forwards(g.Forward)
	if here.Profile.OrgID != "" && here.Profile.OrgID != g.Org.ID {
		d.fail(Configuration, "org", fmt.Sprintf("profile %s was made for org %s, and the gateway signs in to another "+
			"org, or does not say to which: a run would be refused", here.Profile.Name, here.Profile.OrgID),
			"take org_id out of the profile, or connect the right org in the gateway")
	} else if g.Org.ID != "" {
		d.ok("org", "%s (%s)", g.Org.Name, g.Org.ID)
	} else {
		d.warn("org", "the gateway does not say which org it is: a run belongs to its user "+g.User.Name,
			"nothing, or ask those who run the gateway to forward org")
	}
	d.limits(here, g.Org, nil)
	d.credits(here, g.Org, pacer)
	d.session, d.version = &session{client: g.Client, pacer: pacer, org: g.Org}, here.Version
	if !g.Forward.Has(gateway.Roles) {
		return
	}
	roles, err := ask(ctx, func(ctx context.Context) (picklist.List, error) { return picklist.Read(ctx, g.Client) })
	d.roles(roles, err)
	d.orgRoles = roles
}

// forwards reports what the gateway forwards, what rolecall does instead of the rest, and which commands cannot work.
func (d *Doctor) forwards(forward *gateway.Forward) {
	var has []string
	for _, p := range gateway.Paths() {
		if forward.Has(p) {
			has = append(has, string(p))
		}
	}
	if len(has) > 0 {
		d.ok("forwards", "%s", strings.Join(has, ", "))
	}
	for _, p := range gateway.Paths() {
		if !forward.Has(p) {
			d.warn("forwards", fmt.Sprintf("not %s: %s", p, scope.Instead(p)), "")
		}
	}
	var cannot []string
	for _, command := range scope.Commands(scope.SetRecords) {
		if len(signin.Cannot(command, forward)) > 0 {
			cannot = append(cannot, command)
		}
	}
	if len(cannot) > 0 {
		d.warn("commands", "these cannot work through this gateway: "+strings.Join(cannot, ", "),
			"ask those who run the gateway to forward what they need, or use a profile that signs in to Zoho itself")
	}
}
