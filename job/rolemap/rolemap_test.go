package rolemap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parse parses values; FILE in them is a table with the given text.
func parse(t *testing.T, table string, values ...string) (Map, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roles.csv")
	if err := os.WriteFile(path, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if v == "FILE" {
			values[i] = path
		}
	}
	return Parse(values)
}

func TestNamesAreComparedAsRoleNamesAre(t *testing.T) {
	t.Parallel()
	m, err := parse(t, "Chef,Decision Maker\n", "Kaufm\u00e4nnisch=Purchasing", "FILE")
	if err != nil {
		t.Fatal(err)
	}
	translate := m.Translator()
	for name, want := range map[string]string{
		" KAUFMA\u0308NNISCH": "Purchasing", "ch\u00adef": "Decision Maker", "Chefin": "Chefin", "": "",
	} {
		if got := translate(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestATableWithAHeaderHasNoPairInIt(t *testing.T) {
	t.Parallel()
	table := "roles_of_the_org,Role in File,role_in_org\nPurchasing,Chef,Decision Maker\n,Kunde,\n"
	m, err := parse(t, table, "FILE", "kunde=Purchasing")
	if err != nil {
		t.Fatal(err)
	}
	if len(m) != 2 || m.Translator()("KUNDE") != "Purchasing" || len(m.Open()) != 0 {
		t.Errorf("got %+v", m)
	}
	if !strings.HasSuffix(m[0].At, "roles.csv:2") {
		t.Errorf("the first pair is at %s, want line 2", m[0].At)
	}
}

func TestMistakesNameTheirLine(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]string{
		"a,b\n,c\n":                            "roles.csv:2: the first column is empty",
		"a,b\nc\n":                             "roles.csv:2: ",
		"a,b\nx,y\nA,c\n":                      `roles.csv:3 maps the role "A" to "c", and `,
		"{\"a\":\"b\",\"c\":\"d\"}\n":          "it must have two columns",
		"role_in_file,role_in_org\nx,y\nX,z\n": `to "y": give it one of them`,
	} {
		if _, err := parse(t, table, "FILE"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", table, err, want)
		}
	}
	if _, err := parse(t, "a,b\nA,B\n", "FILE"); err != nil {
		t.Errorf("the same pair twice is refused: %v", err)
	}
}

func TestTheUsersOwnPairsWin(t *testing.T) {
	t.Parallel()
	all := Map{{From: "a", To: "x"}}.Over(Map{{From: "A", To: "y"}, {From: "b", To: "z"}})
	if translate := all.Translator(); len(all) != 2 || translate("a") != "x" || translate("b") != "z" {
		t.Errorf("got %+v", all)
	}
}
