package picklist

import (
	"testing"

	"rolecall/api"
)

// The shapes in which Zoho's versions tell a role: a name (v2, v3), an object (v4 on), an id alone (a contact's deals).
func TestBoth(t *testing.T) {
	t.Parallel()
	list := List{{ID: "11", Name: "Buyer"}, {ID: "12", Name: "Boss"}, {ID: "13", Name: "Buyer"}, {ID: "14", Name: ""}}
	for _, c := range []struct{ got, want api.RoleRef }{
		{api.RoleRef{Name: "Boss"}, api.RoleRef{ID: "12", Name: "Boss"}},
		{api.RoleRef{ID: "12"}, api.RoleRef{ID: "12", Name: "Boss"}},
		{api.RoleRef{ID: "12", Name: "Boss"}, api.RoleRef{ID: "12", Name: "Boss"}},
		{api.RoleRef{ID: "12", Name: "Boss of old"}, api.RoleRef{ID: "12", Name: "Boss of old"}}, // as sent
		{api.RoleRef{ID: "13", Name: "Buyer"}, api.RoleRef{ID: "13", Name: "Buyer"}},             // told by the id
		{api.RoleRef{Name: "Gone"}, api.RoleRef{Name: "Gone"}},
		{api.RoleRef{ID: "99"}, api.RoleRef{ID: "99"}},
		{api.RoleRef{}, api.RoleRef{}}, // nobody's role is not that of the nameless
	} {
		if id, name := list.Both(c.got); id != c.want.ID || name != c.want.Name {
			t.Errorf("%+v: got %s %s, want %+v", c.got, id, name, c.want)
		}
	}
}
