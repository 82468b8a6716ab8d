package crm_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// A model is a simple org: deal, contact, role, and the order of the roles.
type model struct {
	deals map[string]map[string]string // deal: contact: role id
	roles []emulator.RoleRef
}

// The emulator and the model give the same result for each call, the same lists, and the same state at the end. With a
// state file they do so after kills too.
func TestAgainstModel(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{false, true} {
		t.Run(fmt.Sprintf("state file %t", stored), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			runs := 0
			rapid.Check(t, func(rt *rapid.T) {
				o := emulator.Options{Deals: 3, Contacts: 5, TokenRequests: -1}
				if stored {
					runs++
					o.State = filepath.Join(dir, fmt.Sprint(runs))
					defer os.Remove(o.State)
				}
				o.RoleMoves = rapid.SampledFrom([]string{"", "shift", "swap", "keep"}).Draw(rt, "moves")
				m := &machine{d: rig.NewDirect(t, o), o: o, m: model{deals: map[string]map[string]string{}}}
				for i, name := range []string{"Decision Maker", "Purchasing", "Engineering Lead",
					"Economic Decision Maker",
					"Product Management", "Executive Sponsor", "Developer/Evaluator"} {
					m.m.roles = append(m.m.roles, emulator.RoleRef{ID: fmt.Sprint(4150868000000006871 + i), Name: name})
				}
				actions := map[string]func(*rapid.T){
					"": m.check, "put": m.put, "putMany": m.putMany, "delete": m.remove, "deleteMany": m.removeMany,
					"renameRole": m.rename, "moveRole": m.move,
				}
				if stored {
					actions["kill"] = func(rt *rapid.T) {
						if rapid.IntRange(0, 4).Draw(rt, "kill") > 0 {
							rt.Skip("one kill in five is enough: each costs an fsync")
						}
						m.d = rig.NewDirect(t, m.o)
					}
				}
				rt.Repeat(actions)
			})
		})
	}
}

type machine struct {
	d *rig.Direct
	o emulator.Options
	m model
}

// Draws go one past the end: the last of each does not exist.
func (m *machine) deal(t *rapid.T) string {
	return fmt.Sprint(4150868000010000000 + rapid.IntRange(1, 4).Draw(t, "deal"))
}

func (m *machine) contact(t *rapid.T) string {
	return fmt.Sprint(4150868000020000000 + rapid.IntRange(1, 6).Draw(t, "contact"))
}

func (m *machine) role(t *rapid.T) emulator.RoleRef {
	all := append(slices.Clone(m.m.roles), emulator.RoleRef{ID: "77", Name: "Nobody"})
	return rapid.SampledFrom(all).Draw(t, "role")
}

func hasDeal(deal string) bool { return deal < "4150868000010000004" }

func hasContact(contact string) bool { return contact < "4150868000020000006" }

func (m *model) put(deal, contact string, role emulator.RoleRef) bool {
	if !hasDeal(deal) || !hasContact(contact) || role.ID == "77" {
		return false
	}
	if m.deals[deal] == nil {
		m.deals[deal] = map[string]string{}
	}
	m.deals[deal][contact] = role.ID
	return true
}

func (m *model) remove(deal, contact string) bool {
	_, there := m.deals[deal][contact]
	delete(m.deals[deal], contact)
	if len(m.deals[deal]) == 0 {
		delete(m.deals, deal)
	}
	return there
}

func (m *machine) put(t *rapid.T) {
	deal, contact, role := m.deal(t), m.contact(t), m.role(t)
	version := rapid.SampledFrom([]string{"v2", "v2.1", "v3", "v4", "v7", "v8"}).Draw(t, "version")
	body := `{"data":[{"Contact_Role":` + rig.Quote(role.Name) + `}]}`
	if version >= "v4" {
		body = `{"data":[{"Contact_Role":` + rapid.SampledFrom([]string{
			`{"id":"` + role.ID + `"}`, `{"name":` + rig.Quote(role.Name) + `}`,
			`{"id":"` + role.ID + `","name":` + rig.Quote(role.Name) + `}`,
		}).Draw(t, "role") + `}]}`
	}
	m.expect(t, "PUT", version+"/Deals/"+deal+"/Contact_Roles/"+contact, body, []bool{m.m.put(deal, contact, role)})
}

func (m *machine) putMany(t *rapid.T) {
	deal := m.deal(t)
	contacts := rapid.SliceOfNDistinct(rapid.Custom(m.contact), 1, 4, rapid.ID).Draw(t, "contacts")
	var items []string
	var want []bool
	for _, contact := range contacts {
		role := m.role(t)
		items = append(items, rig.Upsert(contact, role.ID))
		want = append(want, m.m.put(deal, contact, role))
	}
	if !hasDeal(deal) {
		want = []bool{false}
	}
	m.expect(t, "PUT", "v8/Deals/"+deal+"/Contact_Roles", rig.Data(items...), want)
}

func (m *machine) remove(t *rapid.T) {
	deal, contact := m.deal(t), m.contact(t)
	m.expect(t, "DELETE", rig.RolesOf(deal)+"/"+contact, "", []bool{m.m.remove(deal, contact)})
}

func (m *machine) removeMany(t *rapid.T) {
	deal := m.deal(t)
	contacts := rapid.SliceOfN(rapid.Custom(m.contact), 1, 4).Draw(t, "contacts")
	var want []bool
	for _, contact := range contacts {
		want = append(want, m.m.remove(deal, contact))
	}
	if !hasDeal(deal) {
		want = []bool{false}
	}
	m.expect(t, "DELETE", rig.RolesOf(deal)+"?ids="+strings.Join(contacts, ","), "", want)
}

func (m *machine) rename(t *rapid.T) {
	role := m.role(t)
	name := rapid.StringN(1, 50, -1).Draw(t, "name")
	if slices.ContainsFunc(m.m.roles, func(r emulator.RoleRef) bool { return r.Name == name }) {
		t.Skip("another role has this name")
	}
	i := slices.Index(m.m.roles, role)
	if i >= 0 {
		m.m.roles[i].Name = name
	}
	m.expect(t, "PUT", rig.Roles+"/"+role.ID, rig.RoleItems(`{"name":`+rig.Quote(name)+`}`), []bool{i >= 0})
}

func (m *machine) move(t *rapid.T) {
	role := m.role(t)
	to := rapid.IntRange(1, 9).Draw(t, "sequence")
	i := slices.Index(m.m.roles, role)
	if last := len(m.m.roles); i >= 0 {
		switch m.o.RoleMoves {
		case "keep":
		case "swap":
			j := min(to, last) - 1
			m.m.roles[i], m.m.roles[j] = m.m.roles[j], m.m.roles[i]
		default:
			m.m.roles = slices.Delete(m.m.roles, i, i+1)
			m.m.roles = slices.Insert(m.m.roles, min(to, last)-1, role)
		}
	}
	m.expect(t, "PUT", rig.Roles, rig.RoleItems(fmt.Sprintf(`{"id":%q,"sequence_number":%d}`, role.ID, to)),
		[]bool{i >= 0})
}

// expect makes a write and compares the result of each item. A flat refusal counts as one failed item. The results
// decide the status.
func (m *machine) expect(t *rapid.T, method, path, body string, want []bool) {
	status, got, err := m.d.Call(method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct{ Status string }
	var parsed struct {
		outcome
		Data  []outcome
		Roles []outcome `json:"contact_roles"`
	}
	if err := json.Unmarshal([]byte(got), &parsed); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, got)
	}
	items := append(parsed.Data, parsed.Roles...)
	if parsed.Status != "" {
		items = []outcome{parsed.outcome}
	}
	outcomes := []bool{}
	for _, item := range items {
		outcomes = append(outcomes, item.Status == "success")
	}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Fatalf("%s %s %s: %s (-want +got)\n%s", method, path, body, got, diff)
	}
	wantStatus := 207
	switch {
	case !slices.Contains(want, false):
		wantStatus = 200
	case !slices.Contains(want, true):
		wantStatus = 400
	}
	if status != wantStatus {
		t.Fatalf("%s %s %s: %d %s, want %d", method, path, body, status, got, wantStatus)
	}
}

// check compares the state, the role list and each deal.
func (m *machine) check(t *rapid.T) {
	names := map[string]string{}
	var list []string
	for i, r := range m.m.roles {
		names[r.ID] = r.Name
		list = append(list, fmt.Sprintf(`{"sequence_number":%d,"name":%s,"id":%q}`, i+1, rig.Quote(r.Name), r.ID))
	}
	want := map[string]map[string]emulator.RoleRef{}
	for deal, contacts := range m.m.deals {
		want[deal] = map[string]emulator.RoleRef{}
		for contact, role := range contacts {
			want[deal][contact] = emulator.RoleRef{ID: role, Name: names[role]}
		}
	}
	if diff := cmp.Diff(want, m.d.E.SnapshotState()); diff != "" {
		t.Fatalf("state (-want +got)\n%s", diff)
	}
	m.read(t, rig.Roles, rig.RoleItems(list...))
	for i := 1; i <= 3; i++ {
		deal := fmt.Sprint(4150868000010000000 + i)
		var rows []string
		for j := 5; j >= 1; j-- {
			contact := fmt.Sprint(4150868000020000000 + j)
			if role, there := m.m.deals[deal][contact]; there {
				rows = append(rows, fmt.Sprintf(`{"Contact_Role":{"name":%s,"id":%q},"id":%q}`, rig.Quote(names[role]),
					role, contact))
			}
		}
		answer := ""
		if len(rows) > 0 {
			answer = rig.Listed(200, 1, len(rows), false, rows...)
		}
		m.read(t, rig.RolesOf(deal)+"?fields=id", answer)
	}
}

func (m *machine) read(t *rapid.T, path, want string) {
	_, got, err := m.d.Call("GET", path, "")
	if err != nil {
		t.Fatal(err)
	}
	if want == "" || got == "" {
		if want != got {
			t.Fatalf("%s: %q, want %q", path, got, want)
		}
		return
	}
	if diff := cmp.Diff(rig.Decode(m.d.T, want), rig.Decode(m.d.T, got)); diff != "" {
		t.Fatalf("%s (-want +got)\n%s", path, diff)
	}
}
