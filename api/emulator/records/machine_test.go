package records_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

func TestMain(m *testing.M) { rig.Main(m) }

// A contact of the model. An empty text is null.
type contact struct {
	last, email, ext string
	deleted          bool
}

// A machine is an emulator and a simple model of its contacts: one seeded, two generated, and those that calls insert.
type machine struct {
	d    *rig.Direct
	o    emulator.Options
	all  map[string]contact
	next int
}

// Whatever is written, in whatever order, reads, COQL, counts and searches show what a simple model shows; after kills
// too.
func TestRecordsAgainstModel(t *testing.T) {
	t.Parallel()
	seed := `{"generated": {"deals": 1, "contacts": 2}, "contacts": [{"id": "501", "Last_Name": "Burns"}],
		"modules": [{"api_name": "Contacts", "fields": [{"api_name": "Ext", "unique": true}]}]}`
	dir := t.TempDir()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		o := emulator.Options{Org: rig.ReadOrg(t, seed), State: filepath.Join(dir, fmt.Sprint(runs)), TokenRequests: -1}
		defer os.Remove(o.State)
		m := &machine{d: rig.NewDirect(t, o), o: o, all: map[string]contact{"501": {last: "Burns"}}}
		for _, id := range []string{rig.Contact1, rig.Contact2} {
			m.all[id] = contact{last: m.text(rt, id, "Last_Name"), email: m.text(rt, id, "Email")}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"": m.check, "insert": m.insert, "update": m.update, "upsert": m.upsert, "delete": m.remove,
			"restore": m.restore,
			"kill": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "kill") > 0 {
					rt.Skip("one kill in five is enough: each costs an fsync")
				}
				m.d = rig.NewDirect(t, m.o)
			},
		})
	})
}

// text reads a field.
func (m *machine) text(t *rapid.T, id, name string) string {
	got := m.d.Must(t, "GET", "v8/Contacts/"+id+"?fields="+name, "")
	var parsed struct{ Data []map[string]string }
	if err := json.Unmarshal([]byte(got), &parsed); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	return parsed.Data[0][name]
}

// draw returns a record as the model has it and as a call has it.
func draw(t *rapid.T) contact {
	return contact{
		last:  rapid.SampledFrom([]string{"ab", "bc", "cd"}).Draw(t, "last"),
		email: rapid.SampledFrom([]string{"", "a@x.com", "b@x.com"}).Draw(t, "email"),
		ext:   rapid.SampledFrom([]string{"", "e1", "e2", "E2"}).Draw(t, "ext"),
	}
}

func (c contact) body(id string) string {
	null := func(s string) string {
		if s == "" {
			return "null"
		}
		return rig.Quote(s)
	}
	return rig.Data(fmt.Sprintf(`{%s"Last_Name":%s,"Email":%s,"Ext":%s}`, id, null(c.last), null(c.email), null(c.ext)))
}

// with returns the ids of the records that have a value, sorted.
func (m *machine) with(has func(contact) bool) (ids []string) {
	for id, c := range m.all {
		if !c.deleted && has(c) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(x, y string) int {
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		return strings.Compare(x, y)
	})
	return ids
}

// taken reports whether a record other than id has the unique value.
func (m *machine) taken(ext, id string) bool {
	ids := m.with(func(c contact) bool { return ext != "" && strings.EqualFold(c.ext, ext) })
	return slices.ContainsFunc(ids, func(other string) bool { return other != id })
}

// send writes one record and compares the result with the wanted code.
func (m *machine) send(t *rapid.T, method, path, body, want string) {
	_, got, err := m.d.Call(method, path, body)
	if err != nil || !strings.Contains(got, `"code":"`+want+`"`) {
		t.Fatalf("%s %s %s: %v %s, want %s", method, path, body, err, got, want)
	}
}

// added gives the model a new record.
func (m *machine) added(c contact) {
	m.next++
	m.all[fmt.Sprint(4150868002000000000+m.next)] = c
}

func (m *machine) insert(t *rapid.T) {
	c := draw(t)
	if m.taken(c.ext, "") {
		m.send(t, "POST", "v8/Contacts", c.body(""), "DUPLICATE_DATA")
		return
	}
	m.send(t, "POST", "v8/Contacts", c.body(""), "SUCCESS")
	m.added(c)
}

func (m *machine) any(t *rapid.T, deleted bool) string {
	var ids []string
	for id, c := range m.all {
		if c.deleted == deleted {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		t.Skip("no such record")
	}
	return rapid.SampledFrom(ids).Draw(t, "id")
}

func (m *machine) update(t *rapid.T) {
	id, c := m.any(t, false), draw(t)
	if m.taken(c.ext, id) {
		m.send(t, "PUT", "v8/Contacts", c.body(`"id":"`+id+`",`), "DUPLICATE_DATA")
		return
	}
	m.send(t, "PUT", "v8/Contacts", c.body(`"id":"`+id+`",`), "SUCCESS")
	m.all[id] = c
}

func (m *machine) upsert(t *rapid.T) {
	c := draw(t)
	found := m.with(func(o contact) bool { return c.email != "" && o.email == c.email })
	if len(found) == 0 {
		found = m.with(func(o contact) bool { return c.ext != "" && strings.EqualFold(o.ext, c.ext) })
	}
	id := ""
	if len(found) > 0 {
		id = found[0]
	}
	switch {
	case m.taken(c.ext, id):
		m.send(t, "POST", "v8/Contacts/upsert", c.body(""), "DUPLICATE_DATA")
	case id == "":
		m.send(t, "POST", "v8/Contacts/upsert", c.body(""), "SUCCESS")
		m.added(c)
	default:
		m.send(t, "POST", "v8/Contacts/upsert", c.body(""), "SUCCESS")
		m.all[id] = c
	}
}

func (m *machine) mark(id string, deleted bool) {
	c := m.all[id]
	c.deleted = deleted
	m.all[id] = c
}

func (m *machine) remove(t *rapid.T) {
	id := m.any(t, false)
	m.send(t, "DELETE", "v8/Contacts?ids="+id, "", "SUCCESS")
	m.mark(id, true)
}

// restore brings a record back, unless its unique value is taken: what Zoho does then is not documented.
func (m *machine) restore(t *rapid.T) {
	id := m.any(t, true)
	if m.taken(m.all[id].ext, id) {
		t.Skip("the value is taken")
	}
	m.send(t, "POST", "v8/settings/recycle_bin/actions/restore", `{"ids":["`+id+`"]}`, "SUCCESS")
	m.mark(id, false)
}

func (m *machine) check(t *rapid.T) {
	same := func(what, answer string, want []string, reversed bool) {
		var ids []string
		var parsed struct{ Data []struct{ ID string } }
		if answer != "" {
			if err := json.Unmarshal([]byte(answer), &parsed); err != nil {
				t.Fatalf("%s: %v in %s", what, err, answer)
			}
		}
		for _, row := range parsed.Data {
			ids = append(ids, row.ID)
		}
		if reversed {
			slices.Reverse(ids)
		}
		if !slices.Equal(ids, want) {
			t.Fatalf("%s: %v, want %v", what, ids, want)
		}
	}
	all := m.with(func(contact) bool { return true })
	same("list", m.d.Must(t, "GET", "v8/Contacts?fields=id&sort_order=asc", ""), all, false)
	if got := m.d.Must(t, "GET", "v8/Contacts/actions/count", ""); got != fmt.Sprintf(`{"count":%d}`, len(all)) {
		t.Fatalf("%s of %d", got, len(all))
	}
	email := rapid.SampledFrom([]string{"a@x.com", "b@x.com"}).Draw(t, "searched")
	want := m.with(func(c contact) bool { return c.email == email })
	query := rig.Selecting("id from Contacts where Email = '" + email + "'")
	same("COQL", m.d.Must(t, "POST", "v8/coql", query), want, false)
	same("search", m.d.Must(t, "GET", "v8/Contacts/search?email="+email, ""), want, true)
	if len(all) == 0 {
		return
	}
	id := rapid.SampledFrom(all).Draw(t, "read")
	for name, want := range map[string]string{
		"Last_Name": m.all[id].last, "Email": m.all[id].email, "Ext": m.all[id].ext,
	} {
		if got := m.text(t, id, name); got != want {
			t.Fatalf("%s of %s is %q, want %q", name, id, got, want)
		}
	}
}
