package csvio

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestHeaderNames(t *testing.T) {
	t.Parallel()
	tests := map[Field][]string{
		DealID: {
			"deal_id", "Deal Id", "DEAL-ID", "deal.id", " dealId ", "Deal\u00a0ID", "\ufeffdeal_id",
			"Record Id", "Deal Name.id", "Potential Id", "Potential Name.id",
		},
		DealName:     {"deal_name", "Deal Name", "DealName", "Potential Name"},
		ContactID:    {"contact_id", "Contact Id", "Contact Name.id", "contact.id"},
		ContactEmail: {"contact_email", "Email", "E-mail", "Contact Email"},
		ContactName:  {"contact_name", "Contact Name", "Full Name", "Full_Name"},
		Role:         {"role", "Role", "Contact Role", "Contact_Role.name", "Role Name", "contact roles"},
		RoleID:       {"role_id", "Role ID", "Contact Role.id"},
		"": {
			"id",
			"Id",
			"Opportunity ID",
			"Deal Owner.id",
			"Deal",
			"Contact",
			"Account Name.id",
			"rolle",
			"",
			"  ",
			"Contact Name.Email.x",
		},
	}
	for want, names := range tests {
		for _, name := range names {
			cols, problem := matchHeader([]string{"x", name, "y"}, Stakeholders(), nil)
			if problem != nil {
				t.Errorf("%q: %v", name, problem)
			}
			for i, f := range Stakeholders().Fields() {
				if got := cols.at[i] == 1; got != (f == want) {
					t.Errorf("%q stands for %s: %v, want %v", name, f, got, f == want)
				}
			}
		}
	}
}

func TestHeaderOfADealsExport(t *testing.T) {
	t.Parallel()
	r := reader(t, "Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Contact Name.id,Contact Name,Role\n"+
		"zcrm_1,zcrm_9,Ann,5,Big,zcrm_2,Bob,Buyer\n", Options{Vocabulary: Stakeholders(), Needs: triple()})
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	want := values{DealID: "zcrm_1", DealName: "Big", ContactID: "zcrm_2", ContactName: "Bob", Role: "Buyer"}
	if diff := cmp.Diff(want, valuesOf(r)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for _, f := range Stakeholders().Fields() {
		if got, want := r.Has(f), f != ContactEmail && f != RoleID; got != want {
			t.Errorf("Has(%s) = %v, want %v", f, got, want)
		}
	}
	if r.Has("amount") {
		t.Error("Has gives true for what is no field")
	}
}

type headerProblem struct {
	header string
	mapped map[Field]string
	says   []string
}

func headerProblems() map[string]headerProblem {
	return map[string]headerProblem{
		"missing": {
			"deal_id,phone", nil,
			[]string{
				"contact_id, contact_email or contact_name",
				"role or role_id",
				`"deal_id", "phone"`,
				"--map contact_id",
			},
		},
		"nothing found": {
			"a§b§c", nil, []string{"deal_id or deal_name", `"a§b§c"`, "--delimiter"},
		},
		"two columns": {
			"deal_id,Deal Id,contact_id,role", nil, []string{`"deal_id" and "Deal Id"`, `--map deal_id="deal_id"`},
		},
		"the same twice": {
			"deal_id,role,contact_id,role", nil, []string{`"role" and "role"`, "rename"},
		},
		"record id and deal id": {
			"Record Id,Deal Id,contact_id,role", nil, []string{`"Record Id" and "Deal Id"`, "--map deal_id="},
		},
		"export of contacts": {
			"Record Id,Contact Owner.id,Contact Owner,Email,Role", nil, []string{"deal_id or deal_name"},
		},
		"mapped to nothing": {
			"deal_id,contact_id,role", map[Field]string{DealID: "Opportunity ID"},
			[]string{`--map deal_id="Opportunity ID"`, `"deal_id", "contact_id", "role"`},
		},
		"mapped to two": {
			"a,a,contact_id,role", map[Field]string{DealID: "a"}, []string{"2 columns", `"a"`, "deal_id"},
		},
		"mapped twice": {
			"a,contact_id,role", map[Field]string{DealID: "a", DealName: "a"}, []string{"both deal_id and deal_name"},
		},
		"mapped to our own": {
			"rc_deal_id,contact_id,role", map[Field]string{DealID: "rc_deal_id"}, []string{"rc_", "not read"},
		},
		"mapping of no field": {
			"deal_id,contact_id,role", map[Field]string{"amount": "role"},
			[]string{"--map amount", "deal_id, deal_name"},
		},
		"only our own": {
			"rc_deal_id,rc_contact_id,rc_role", nil, []string{"deal_id or deal_name", "none"},
		},
	}
}

func TestHeaderProblems(t *testing.T) {
	t.Parallel()
	for name, tt := range headerProblems() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewReader(
				strings.NewReader("\n"+tt.header+"\n1,2,3\n"),
				Options{Name: "x.csv", Map: tt.mapped, Vocabulary: Stakeholders(), Needs: triple()},
			)
			if _, ok := errors.AsType[*FileError](err); !ok {
				t.Fatalf("error %v, want a *FileError", err)
			}
			for _, part := range append(tt.says, "x.csv:2: ") {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("message %q, want it to say %q", err, part)
				}
			}
		})
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	type mapped = map[Field]string
	type at = map[Field]int
	const opportunity, contacts = "Opportunity ID,contact_id,role", "Record Id,Contact Owner,"
	first := at{DealID: 0, ContactID: 1, Role: 2}
	second := at{DealID: 1, ContactID: 2, Role: 3}
	tests := map[string]struct {
		header string
		mapped mapped
		want   at
	}{
		"another name":           {opportunity, mapped{DealID: "Opportunity ID"}, first},
		"like the name":          {opportunity, mapped{DealID: "opportunity_id"}, first},
		"the very name wins":     {"OPP,opp,contact_id,role", mapped{DealID: "opp"}, second},
		"wins over a known name": {"deal_id,x,contact_id,role", mapped{DealID: "x"}, second},
		"settles two columns":    {"Record Id,Deal Id,contact_id,role", mapped{DealID: "Deal Id"}, second},
		"takes the column": {
			"deal_id,contact_id,role", mapped{DealName: "deal_id"}, at{DealName: 0, ContactID: 1, Role: 2},
		},
		"contact from record id": {
			contacts + "Deal Name.id,Role", mapped{ContactID: "Record Id"}, at{DealID: 2, ContactID: 0, Role: 3},
		},
		"a deal among contacts": {
			contacts + "contact_id,Role", mapped{DealID: "Record Id"}, at{DealID: 0, ContactID: 2, Role: 3},
		},
		"fields change the place": {
			"role,role_id,deal_id,contact_id", mapped{Role: "role_id", RoleID: "role"},
			at{Role: 1, RoleID: 0, DealID: 2, ContactID: 3},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cols, problem := matchHeader(strings.Split(tt.header, ","), Stakeholders(), tt.mapped)
			if problem != nil {
				t.Fatal(problem)
			}
			got := map[Field]int{}
			for i, f := range Stakeholders().Fields() {
				if cols.at[i] >= 0 {
					got[f] = cols.at[i]
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("columns (-want +got):\n%s", diff)
			}
		})
	}
}

// The message about the header of a wide file stays short.
func TestHeaderMessageIsBounded(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat(strings.Repeat("ä", 500)+",", 1000)
	_, err := NewReader(strings.NewReader(wide+"\n"), Options{Vocabulary: Stakeholders(), Needs: triple()})
	if err == nil || len(err.Error()) > 10_000 || !strings.Contains(err.Error(), "and 971 more") {
		t.Errorf("message of %d bytes: %.200v", len(err.Error()), err)
	}
}

// Invisible characters in a header do not matter, nor in a name of --map.
func TestLookAlikeHeadersAreFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		disguise := func(name string) string {
			var look strings.Builder
			unseen := rapid.SampledFrom([]string{"", "", "\u200e", "\u202a", "\u2060", "\u00ad", "\x1f", " ", "\u00a0", "_"})
			for _, r := range norm.NFD.String(name) {
				if r < unicode.MaxASCII {
					look.WriteString(unseen.Draw(rt, "unseen"))
				}
				look.WriteRune(r)
			}
			return rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.Clone}).Draw(rt, "case")(look.String())
		}
		text := disguise("deal_id") + "," + disguise("contact_id") + "," + disguise("Róle des Käufers") + "\n1,2,a\n"
		rows := rowsOf(t, text, Options{Needs: triple(), Map: map[Field]string{Role: "Róle des Käufers"}})
		if len(rows) != 1 || rows[0].Role != "a" || rows[0].DealID != "1" || rows[0].ContactID != "2" {
			rt.Fatalf("%q: %+v", text, rows)
		}
	})
	for _, name := range []string{"05-marks-in-header.csv", "05-marks-around-ids.csv"} {
		r, err := NewReader(testFile(t, name), withVocabulary(Options{Needs: triple()}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rows, err := readAll(r)
		for _, row := range rows {
			_, deal := ParseID(row.DealID)
			if _, contact := ParseID(row.ContactID); deal != nil || contact != nil {
				t.Errorf("%s:%d: %v, %v", name, row.Line, deal, contact)
			}
		}
		if err != nil || len(rows) == 0 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}
