package schema

import (
	"strings"
	"testing"

	"rolecall/api"
)

func TestModule(t *testing.T) {
	t.Parallel()
	all := []api.Module{
		{APIName: "Leads", Singular: "Contacts", Plural: "Interessenten", APISupported: true},
		{APIName: "Contacts", Singular: "Person", Plural: "Personen", APISupported: true},
		{APIName: "Home"}, {APIName: "Price_Books", APISupported: true},
	}
	for name, want := range map[string]string{
		"Contacts": "Contacts", "contacts": "Contacts", "personen": "Contacts", "Person": "Contacts",
		"price books": "Price_Books", "Interessenten": "Leads", "home": "Home",
	} {
		if got, err := Module(all, name); err != nil || got.APIName != want {
			t.Errorf("%s: %s, %v", name, got.APIName, err)
		}
	}
	for name, want := range map[string]string{
		"Contact": "did you mean Contacts?", "Pricebok": "did you mean Price_Books?",
		"xylophone": "the modules are Leads, Contacts, Price_Books", "": "the modules are",
	} {
		if _, err := Module(all, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	all := []api.Field{
		{APIName: "Last_Name", Label: "Nachname", DisplayLabel: "Last Name"},
		{APIName: "Surname1", Label: "Last Name"}, {APIName: "Email"},
	}
	for name, want := range map[string]string{
		"last_name": "Last_Name", "Last Name": "Last_Name", "nachname": "Last_Name", "EMAIL": "Email",
	} {
		if got, err := Field("Leads", all, name); err != nil || got.APIName != want {
			t.Errorf("%s: %s, %v", name, got.APIName, err)
		}
	}
	for name, want := range map[string]string{
		"E-Mial": `Leads has no field "E-Mial", or does not show it to this user: did you mean Email?`,
		"":       "the fields are Last_Name, Surname1, Email",
	} {
		if _, err := Field("Leads", all, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
