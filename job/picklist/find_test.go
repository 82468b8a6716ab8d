package picklist

import (
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	index := NewIndex(
		List{
			{ID: "1", Name: "Purchasing"},
			{ID: "2", Name: "Developer/Evaluator"},
			{ID: "3", Name: "sales lead"},
			{ID: "4", Name: "Sales Lead"},
			{ID: "5", Name: "Ärztin"},
		},
	)
	for _, test := range []struct {
		cell Cell
		want string // the id; "" when there is none
	}{
		{Cell{Text: "Purchasing"}, "1"},
		{Cell{Text: "PURCHASING"}, "1"},
		{Cell{Text: "developer/evaluator"}, "2"},
		{Cell{Text: "Sales Lead"}, "4"}, // the very name wins over one in another case
		{Cell{Text: "sales lead"}, "3"},
		{Cell{Text: "SALES LEAD"}, ""}, // either could be meant
		{Cell{Text: "ÄRZTIN"}, "5"},
		{Cell{Text: "Purchasin"}, ""},
		{Cell{Text: "1"}, ""}, // a name that looks like an id is a name
		{Cell{Text: "1", ByID: true}, "1"},
		{Cell{Text: "9", ByID: true}, ""},
	} {
		role, err := index.Find(test.cell)
		if role.ID != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%+v: role %q, %v; want %q", test.cell, role.ID, err, test.want)
		}
	}
}
