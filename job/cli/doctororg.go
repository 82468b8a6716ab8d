package cli

import (
	"context"
	"fmt"

	"rolecall/api"
	"rolecall/api/pace"
	"rolecall/job"
	"rolecall/job/picklist"
)

// noDeal is an id that no deal has: what a call about it is refused for tells what the token may do.
const noDeal = "1"

// fewCredits is the share of the day's credits, in percent, below which it is told that there are few.
const fewCredits = 10

// examineOrg looks at the org: which it is, what the token may do there, what is left of its credits, and whether its deals have contact roles.
func (d *doctor) examineOrg(here place, s *session) {
	d.org(here, s.org, s.orgErr)
	roles, rolesErr := ask(d, func(ctx context.Context) (picklist.List, error) { return picklist.Read(ctx, s.client) })
	_, dealsErr := ask(d, func(ctx context.Context) (api.Page, error) {
		return s.client.Records(ctx, "Deals", api.RecordsQuery{IDs: []string{noDeal}})
	})
	_, queryErr := ask(d, func(ctx context.Context) (api.Page, error) {
		return s.client.Query(ctx, "select id from Deals where id = '"+noDeal+"' limit 1", 1)
	})
	_, userErr := ask(d, s.client.CurrentUser)
	lists, listsErr := ask(d, func(ctx context.Context) ([]api.RelatedList, error) { return s.client.RelatedLists(ctx, "Deals") })
	d.scopes(here, map[string]error{
		scopeOrg: s.orgErr, scopeContactsRead: rolesErr, scopeDealsRead: dealsErr, scopeQuery: queryErr, scopeUsers: userErr, scopeLists: listsErr,
	})
	d.limits(here, s.org, s.orgErr)
	d.credits(here, s.org, s.pacer)
	d.contactRoles(lists, listsErr)
	d.roles(roles, rolesErr)
	d.orgRoles = roles
}

// ask makes one call of a check.
func ask[T any](d *doctor, call func(context.Context) (T, error)) (answer T, err error) {
	err = d.within(func(ctx context.Context) error { answer, err = call(ctx); return err })
	return answer, err
}

// callFailed tells of a call that says nothing about what it was made for.
func (d *doctor) callFailed(name string, err error) {
	next := "try again later"
	switch exitOf(err) {
	case exitUsage:
		next = "look at the API's address and version"
	case exitSignIn:
		next = d.login() + ", as a user who may see this in Zoho"
	}
	d.fail(exitOf(err), name, err.Error(), next)
}

func (d *doctor) org(here place, org api.Org, err error) {
	pinned := d.checkPin(here, org, err)
	switch {
	case err != nil && !lacksScope(err):
		d.callFailed("org", err)
	case pinned != nil && err == nil:
		d.fail(codeOf(pinned), "org", fmt.Sprintf("profile %s was made for org %s, but its sign-in is for org %s (%s): a run would be refused", here.profile.name, here.profile.orgID, org.ID, org.Name),
			"sign in to the right org: "+d.login()+"; or, if the change is meant, "+d.login()+" --allow-org-change")
	case pinned != nil:
		d.fail(codeOf(pinned), "org", fmt.Sprintf("profile %s was made for org %s, and which org its sign-in is for cannot be read: a run would be refused", here.profile.name, here.profile.orgID),
			d.login()+", with the scope "+scopeOrg+"; or take org_id out of the profile")
	case err != nil:
		d.warn("org", "which org it is cannot be read", d.login()+", with the scope "+scopeOrg)
	default:
		d.ok("org", "%s (%s)", org.Name, org.ID)
	}
}

func (d *doctor) limits(here place, org api.Org, err error) {
	if err != nil && !lacksScope(err) {
		d.skip("limits")
		return
	}
	inFlight, credits := here.profile.inFlight(org), org.Credits(org.Users)
	switch {
	case inFlight == 0:
		d.warn("limits", fmt.Sprintf("the edition is not known: runs keep to %d calls in flight", fallbackInFlight),
			"give the profile an edition, or the scope ZohoCRM.org.READ to the sign-in")
	case org.InFlight() == 0:
		d.ok("limits", "%d calls in flight, as the profile says; what the org has in credits is not known", inFlight)
	default:
		d.ok("limits", "edition %s: %d calls in flight, %d credits in 24 hours with user licences: %d", org.Edition, inFlight, credits, max(org.Users, 1))
	}
}

// credits tells how many are left: by Zoho's word, where it gave it, else by what rolecall wrote down of its own.
func (d *doctor) credits(here place, org api.Org, pacer *pace.Pacer) {
	if _, err := d.account(pacer, here, org, job.Settings{}); err != nil {
		d.fail(codeOf(connectError(err)), "credits", err.Error(), "mend that file or remove it")
		return
	}
	left, all := pacer.Stats().Remaining, org.Credits(org.Users)
	switch {
	case left < 0:
		d.ok("credits", "how many are left is not known; Zoho says so once half of them are used")
	case left == 0:
		d.warn("credits", "none is left", "wait until some come back in the 24 hours after they were spent; a run with --wait does so by itself")
	case all > 0 && left < all/100*fewCredits:
		d.warn("credits", fmt.Sprintf("%d of %d are left", left, all), "mind what a run costs (--dry-run tells); credits come back 24 hours after they were spent")
	case all > 0:
		d.ok("credits", "%d of %d are left, as far as is known here", left, all)
	default:
		d.ok("credits", "%d are left", left)
	}
}

// contactRoles looks at whether deals show the list of contact roles. Where it is hidden Zoho refuses calls about it, as with a wrong relation name (Zoho CRM API v8, Add Contact Roles to a
// Specific Deal).
func (d *doctor) contactRoles(lists []api.RelatedList, err error) {
	switch {
	case lacksScope(err):
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
			d.fail(exitUsage, "contact-roles", "the list Contact Roles of deals is not shown ("+list.Status+"): Zoho refuses every call about it", show)
			return
		}
		d.ok("contact-roles", "deals show the list Contact Roles")
		return
	}
	d.fail(exitUsage, "contact-roles", "deals have no list Contact Roles", show)
}

func (d *doctor) roles(roles picklist.List, err error) {
	switch {
	case lacksScope(err):
		d.skip("roles")
	case err != nil:
		d.callFailed("roles", err)
	case len(roles) == 0:
		d.fail(exitUsage, "roles", "the org has no contact roles: none can be assigned", "add some by rolecall roles import, or in Zoho (Setup > Modules and Fields > Contact Roles)")
	default:
		d.ok("roles", "%d: %s", len(roles), roles)
	}
}
