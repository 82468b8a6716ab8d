package record

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"time"

	"rolecall/api"
)

func picked() []api.PickValue {
	return []api.PickValue{
		{Display: "Blau", Reference: "Blue", Actual: "blue_1"}, {Display: "Rot", Actual: "Red"},
		{Display: "rot", Reference: "Crimson", Actual: "crimson"}, {Display: "-None-", Reference: "-None-", Actual: "-None-"},
	}
}

// A cell becomes the value in the samples of Zoho's page (Zoho CRM API v7, Insert Records, Sample Attributes).
func TestValuesAsZohoTakesThem(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ kind, cell, want string }{
		{"text", " a \"b\"\n<c> \u00a0", `"a \"b\"\n<c>"`}, {"email", "a@b.example", `"a@b.example"`}, {"phone", "007", `"007"`},
		{"integer", " 12 ", "12"}, {"integer", "-3", "-3"}, {"bigint", "0012345600012", `"0012345600012"`},
		{"currency", "123456789012345.123456789", "123456789012345.1235"}, {"double", "-1.23455", "-1.2346"}, {"double", "1.50", "1.50"},
		{"percent", "0.5", "0.5"}, {"percent", "25%", "25"}, {"percent", "-2.5 %", "-2.5"},
		{"boolean", "TRUE", "true"}, {"boolean", "false", "false"},
		{"date", "2025-03-31", `"2025-03-31"`}, {"datetime", "2025-03-31T14:05:00+05:30", `"2025-03-31T14:05:00+05:30"`},
		{"datetime", "2025-03-31T14:05:00Z", `"2025-03-31T14:05:00+00:00"`},
		{"datetime", "2025-03-31 14:05:09", `"2025-03-31T14:05:09+02:00"`},
		{"datetime", "2025-01-31T14:05", `"2025-01-31T14:05:00+01:00"`},
		{"picklist", "Blau", `"Blue"`}, {"picklist", "blue_1", `"Blue"`}, {"picklist", "BLUE", `"Blue"`},
		{"picklist", "Rot", `"Red"`}, {"multiselectpicklist", "Red; blau;", `["Red","Blue"]`},
		{"multiselectpicklist", `["Red","blau"]`, `["Red","Blue"]`},
		{"lookup", "zcrm_415", `{"id":"415"}`}, {"ownerlookup", "415", `{"id":"415"}`},
	} {
		got, err := valueOf(&api.Field{Type: test.kind, Values: picked(), Decimals: 4}, test.cell, berlin)
		if err != nil || string(got) != test.want {
			t.Errorf("%s %q: %s, %v, want %s", test.kind, test.cell, got, err, test.want)
		}
	}
}

// A cell that is no value of its field is an error that says how to write the value.
func TestValuesThatAreNone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ kind, cell, says string }{
		{"currency", "1.234,50", "1250.50"}, {"currency", "12,5", "point before the decimals"},
		{"double", "1,250", "nothing between the thousands"}, {"double", "1e5", "1250.50"}, {"double", "01.5", "1250.50"},
		{"double", ".5", "1250.50"}, {"percent", "%", "1250.50"}, {"double", "12%", "1250.50"}, {"integer", "1.5", "digits only"},
		{"integer", "1,250", "digits only"}, {"bigint", "4.1E+18", "digits only"}, {"boolean", "yes", "true nor false"},
		{"boolean", "1", "true nor false"}, {"date", "31.03.2025", "2026-11-30"}, {"date", "03/04/2025", "2026-11-30"},
		{"date", "2025-02-29", "2026-11-30"}, {"datetime", "31.03.2025 14:05", "2026-11-30T14:05:00+01:00"},
		{"datetime", "2025-03-31", "2026-11-30T14:05:00+01:00"},
		{"datetime", "2025-03-30 02:30:00", "Europe/Berlin"}, // no clock there shows this time
		{"picklist", "Green", "give one of Blau, Rot, rot"}, {"picklist", "ROT", "give one of"},
		{"multiselectpicklist", "Red,Blue", "give one of"}, {"lookup", "Acme", "column Field.name"},
		{"lookup", "4.15E+18", "rounded"}, {"ownerlookup", "Ann", "e-mail of an active user"},
	} {
		f := &api.Field{APIName: "Field", Type: test.kind, Values: picked(), Lookup: "Accounts"}
		got, err := valueOf(f, test.cell, berlin)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s %q: %s, %v, want %q", test.kind, test.cell, got, err, test.says)
		}
	}
}

// A value that Zoho returns is compared by what it means, not by how it is written.
func TestSameValues(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, want, have string
		same             bool
	}{
		{"text", `"a"`, `"a"`, true}, {"text", `"a"`, `"A"`, false}, {"text", `null`, `null`, true}, {"text", `null`, `""`, true},
		{"text", `null`, ``, true}, {"text", `"a"`, `null`, false}, {"text", `"é"`, `"\u00e9"`, true},
		{"currency", `1.50`, `1.5`, true}, {"currency", `1.50`, `1.51`, false}, {"bigint", `"007"`, `"7"`, true},
		{"currency", `9007199254740993`, `9007199254740992`, false},
		{"datetime", `"2025-03-31T14:05:00+02:00"`, `"2025-03-31T12:05:00Z"`, true},
		{"picklist", `"Blue"`, `"Blau"`, true}, {"picklist", `"Blue"`, `"Rot"`, false},
		{"multiselectpicklist", `["Red","Blue"]`, `["Blau","Rot"]`, true},
		{"multiselectpicklist", `["Red","Blue"]`, `"Blue;Red"`, true}, {"multiselectpicklist", `["Red"]`, `"Blue;Red"`, false},
		{"lookup", `{"id":"1"}`, `{"name":"x","id":"1"}`, true}, {"lookup", `{"id":"1"}`, `{"id":"2"}`, false},
		{"boolean", `true`, `false`, false}, {"boolean", `false`, `false`, true},
	} {
		f := &api.Field{Type: test.kind, Values: picked()}
		if got := same(f, json.RawMessage(test.want), json.RawMessage(test.have)); got != test.same {
			t.Errorf("%s %s and %s: %v", test.kind, test.want, test.have, got)
		}
	}
}

var number = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Any cell becomes valid JSON with the same meaning and all digits, or an error for people.
func FuzzValues(f *testing.F) {
	kinds := []string{
		"text", "integer", "bigint", "double", "boolean", "date", "datetime", "picklist", "multiselectpicklist", "lookup",
	}
	for i, cell := range []string{"a\x00\xff", "12", "007", "1.50", "TRUE", "2025-03-31", "2025-03-31 14:05", "Rot", "Rot;Blau", "415"} {
		f.Add(i, cell)
	}
	f.Fuzz(func(t *testing.T, i int, cell string) {
		kind := kinds[uint(i)%uint(len(kinds))]
		field := &api.Field{APIName: "Field", Type: kind, Values: picked()}
		got, err := valueOf(field, cell, time.UTC)
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
			return
		}
		if !json.Valid(got) || !same(field, got, got) && !isNull(got) {
			t.Errorf("%s %q: %s", kind, cell, got)
		}
		switch kind {
		case "integer", "double":
			want, ok := new(big.Rat).SetString(strings.TrimSpace(cell))
			have, _ := new(big.Rat).SetString(string(got))
			if !number.MatchString(string(got)) || ok && want.Cmp(have) != 0 {
				t.Errorf("%q became %s", cell, got)
			}
		case "date", "datetime":
			var text string
			if json.Unmarshal(got, &text) != nil || !strings.Contains(cell, text[:10]) && kind == "date" {
				t.Errorf("%q became %s", cell, got)
			}
		}
	})
}
