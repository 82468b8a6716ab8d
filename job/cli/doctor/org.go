package doctor

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
	"rolecall/job/cli/signin"
	"rolecall/job/picklist"
)

// noDeal is an id that no deal has: the refusal of a call about it shows what the token may do.
const noDeal = "1"

// fewCredits is the share of the day's credits, in percent, below which doctor warns.
const fewCredits = 10

// examineOrg checks the org: its id, the scopes of the token, its limits and credits, its contact roles, and Zoho
// Voice.
func (d *Doctor) examineOrg(ctx context.Context, here profile.Place, s *session) {
	d.org(here, s.org, s.orgErr)
	roles, rolesErr := ask(ctx, func(ctx context.Context) (picklist.List, error) {
		return picklist.Read(ctx, s.client)
	})
	_, dealsErr := ask(ctx, func(ctx context.Context) (api.Page, error) {
		return s.client.Records(ctx, "Deals", api.RecordsQuery{IDs: []string{noDeal}})
	})
	_, queryErr := ask(ctx, func(ctx context.Context) (api.Page, error) {
		return s.client.Query(ctx, "select id from Deals where id = '"+noDeal+"' limit 1", 1)
	})
	_, userErr := ask(ctx, s.client.CurrentUser)
	lists, listsErr := ask(ctx, func(ctx context.Context) ([]api.RelatedList, error) {
		return s.client.RelatedLists(ctx, "Deals")
	})
	d.scopes(here, map[string]error{
		scope.Org: s.orgErr, scope.ContactsRead: rolesErr, scope.DealsRead: dealsErr,
		scope.Query: queryErr, scope.Users: userErr, scope.Lists: listsErr,
	})
	d.limits(here, s.org, s.orgErr)
	d.credits(here, s.org, s.pacer)
	d.contactRoles(lists, listsErr)
	d.roles(roles, rolesErr)
	d.voice(ctx, d.VoiceServer(here, d.Scopes(d.Name, here)), s)
	d.orgRoles = roles
}

// callFailed reports a call whose error leaves its check undecided.
func (d *Doctor) callFailed(name string, err error) {
	next := "try again later"
	switch d.trouble(err) {
	case Configuration:
		next = "look at the API's address and version"
	case SignIn:
		next = d.login() + ", as a user who may see this in Zoho"
	}
	d.fail(d.trouble(err), name, err.Error(), next)
}

func (d *Doctor) org(here profile.Place, org api.Org, err error) {
	pinned := here.Profile.OrgID != "" && here.Profile.OrgID != org.ID
	switch {
	case err != nil && !signin.LacksScope(err):
		d.callFailed("org", err)
	case pinned && err == nil:
		d.fail(Configuration, "org",
			fmt.Sprintf("profile %s was made for org %s, but its sign-in is for org %s (%s): a run would be refused",
				here.Profile.Name, here.Profile.OrgID, org.ID, org.Name),
			"sign in to the right org: "+d.login()+"; or, if the change is meant, "+d.login()+" --allow-org-change")
	case pinned:
		d.fail(SignIn, "org",
			fmt.Sprintf("profile %s was made for org %s, and the org of its sign-in cannot be read: "+
				"a run would be refused", here.Profile.Name, here.Profile.OrgID),
			d.login()+", with the scope "+scope.Org+"; or take org_id out of the profile")
	case err != nil:
		d.warn("org", "the org of the sign-in cannot be read", d.login()+", with the scope "+scope.Org)
	default:
		d.ok("org", "%s (%s)", org.Name, org.ID)
	}
}

func (d *Doctor) limits(here profile.Place, org api.Org, err error) {
	if err != nil && !signin.LacksScope(err) {
		d.skip("limits")
		return
	}
	inFlight, credits := here.Profile.InFlight(org), org.Credits(org.Users)
	switch {
	case inFlight == 0:
		hint := "give the profile an edition, or the scope ZohoCRM.org.READ to the sign-in"
		if here.Gateway != nil {
			hint = "give the profile an edition, or ask those who run the gateway to forward org"
		}
		d.warn("limits", fmt.Sprintf("the edition is not known: runs have at most %d calls in flight", d.Usual), hint)
	case org.InFlight() == 0:
		d.ok("limits", "%d calls in flight, as the profile says; the org's number of credits is not known", inFlight)
	default:
		d.ok("limits", "edition %s: %d calls in flight, %d credits in 24 hours with user licences: %d",
			org.Edition, inFlight, credits, max(org.Users, 1))
	}
}

// credits reports how many credits are left, from Zoho's answers, or else from rolecall's own record.
func (d *Doctor) credits(here profile.Place, org api.Org, pacer *pace.Pacer) {
	if err := d.Account(pacer, here, org); err != nil {
		d.fail(d.Trouble(signin.ConnectError(err)), "credits", err.Error(), "repair or remove that file")
		return
	}
	left, all := pacer.Stats().Remaining, org.Credits(org.Users)
	switch {
	case left < 0:
		d.ok("credits", "how many are left is not known; Zoho says so once half of them are used")
	case left == 0:
		d.warn("credits", "none is left",
			"wait until some come back in the 24 hours after they were spent; a run with --wait does so by itself")
	case all > 0 && left < all/100*fewCredits:
		d.warn("credits", fmt.Sprintf("%d of %d are left", left, all),
			"look at the price of a run before it starts (--dry-run); credits come back 24 hours after they were spent")
	case all > 0:
		d.ok("credits", "%d of %d are left, as far as is known here", left, all)
	default:
		d.ok("credits", "%d are left", left)
	}
}

// contactRoles checks that deals show the list of contact roles. If the list is hidden, Zoho refuses all calls about it
// with the error of a wrong relation name (Zoho CRM API v8, Add Contact Roles to a Specific Deal).
func (d *Doctor) contactRoles(lists []api.RelatedList, err error) {
	switch {
	case signin.LacksScope(err):
		d.skip("contact-roles")
		return
	case err != nil:
		d.callFailed("contact-roles", err)
		return
	}
	const show = "in Zoho, Setup > Modules and Fields > Deals > the layout: show the related list Contact Roles"
	for _, list := range lists {
		if list.APIName != "Contact_Roles" {
			continue
		}
		if list.Status != "" && list.Status != "visible" {
			d.fail(Configuration, "contact-roles",
				"the list Contact Roles of deals is not shown ("+list.Status+"): Zoho refuses every call about it",
				show)
			return
		}
		d.ok("contact-roles", "deals show the list Contact Roles")
		return
	}
	d.fail(Configuration, "contact-roles", "deals have no list Contact Roles", show)
}

func (d *Doctor) roles(roles picklist.List, err error) {
	switch {
	case signin.LacksScope(err):
		d.skip("roles")
	case err != nil:
		d.callFailed("roles", err)
	case len(roles) == 0:
		d.fail(Configuration, "roles", "the org has no contact roles: none can be assigned",
			"add some by rolecall roles import, or in Zoho (Setup > Modules and Fields > Contact Roles)")
	default:
		d.ok("roles", "%d: %s", len(roles), roles)
	}
}
