package cli_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
)

// chaosRow is one row of a random file, and what a reader who knows the rules makes of it.
type chaosRow struct {
	cells         []string // as they stand in the file: a malformed row has too few or too many
	deal, contact string   // the ids; both "" in a row that names no pair
	role          string   // as the org calls it; "" where the row has none, or one that the org does not have
	nobody        bool     // a deal without stakeholders
}

// chaosFile is a random file and the org that it meets.
type chaosFile struct {
	command         string
	rows            []chaosRow
	deals, contacts int                          // that exist
	before          map[string]map[string]string // who plays which role: deal, contact, role name
}

const chaosHeader = "deal_id,contact_id,role,note"

// chaosCells is how the file may name the roles that the org has, and how the org calls them. Spaces and case do not
// matter.
func chaosCells() [][2]string {
	return [][2]string{{"Purchasing", "Purchasing"}, {" PURCHASING", "Purchasing"},
		{"Decision Maker", "Decision Maker"}, {"engineering lead ", "Engineering Lead"}}
}

// drawChaosFile makes a file with repeats, contradictions and bad rows, its deals interleaved; a long campaign has
// files of three times the size.
func drawChaosFile(rnd *rand.Rand, command string, long bool) *chaosFile {
	f := &chaosFile{command: command, deals: 20 + rnd.IntN(60), contacts: 10 + rnd.IntN(30),
		before: map[string]map[string]string{}}
	if rnd.IntN(3) == 0 { // more contacts on a deal than one call takes
		f.deals, f.contacts = 1+rnd.IntN(4), 150+rnd.IntN(150)
	}
	share := 0.2
	if command == "remove" {
		share = 0.7
	}
	for deal := range f.deals {
		for contact := range f.contacts {
			if rnd.Float64() < share {
				put(f.before, fmt.Sprint(dealBase+deal+1), fmt.Sprint(contactBase+contact+1),
					[]string{"Executive Sponsor", "Purchasing"}[rnd.IntN(2)])
			}
		}
	}
	// Repeats cost no call: with many of them survey and writing take long enough to be hit.
	n, repeats := 50+rnd.IntN(150), 0.2
	if rnd.IntN(2) == 0 {
		n, repeats = 400+rnd.IntN(1_000), 0.9
	}
	if long {
		n *= 3
	}
	for i := range n {
		if i > 0 && rnd.Float64() < repeats {
			f.rows = append(f.rows, f.rows[rnd.IntN(i)].with(i))
			continue
		}
		f.rows = append(f.rows, f.draw(rnd).with(i))
	}
	return f
}

func put(state map[string]map[string]string, deal, contact, role string) {
	if state[deal] == nil {
		state[deal] = map[string]string{}
	}
	state[deal][contact] = role
}

// draw makes one row. A few name a deal or a contact that does not exist.
func (f *chaosFile) draw(rnd *rand.Rand) chaosRow {
	r := chaosRow{deal: fmt.Sprint(dealBase + 1 + rnd.IntN(f.deals+1)),
		contact: fmt.Sprint(contactBase + 1 + rnd.IntN(f.contacts+1))}
	roles := chaosCells()
	role := roles[rnd.IntN(len(roles))]
	r.role = role[1]
	notes := []string{"", `a "quoted" word`, "two, parts", "line\nbreak", "=1+1", " spaces ", "Zoë"}
	r.cells = []string{r.deal, r.contact, role[0], notes[rnd.IntN(len(notes))]}
	switch rnd.IntN(40) {
	case 0:
		r.cells[2], r.role = "Nobody", ""
	case 1:
		r.cells[2], r.role = "", ""
	case 2:
		r.cells[0], r.deal, r.contact = "D-17", "", ""
	case 3:
		r.cells[1], r.deal, r.contact = "", "", ""
	case 4:
		r.cells[1], r.cells[2], r.deal, r.contact, r.nobody = "", "", "", "", true
	case 5:
		r.cells, r.deal, r.contact = r.cells[:2], "", ""
	case 6:
		r.cells, r.deal, r.contact = append(r.cells, "one", "too many"), "", ""
	}
	return r
}

// with is the row as the file's row i: where there is a note, it makes the row unlike every other, so that no row can
// stand in for another.
func (r chaosRow) with(i int) chaosRow {
	r.cells = append([]string(nil), r.cells...)
	if len(r.cells) > 3 {
		text, _, _ := strings.Cut(r.cells[3], " #")
		r.cells[3] = fmt.Sprintf("%s #%d", text, i+1)
	}
	return r
}

// text is the file as it is written.
func (f *chaosFile) text() string {
	var b strings.Builder
	b.WriteString(chaosHeader + "\n")
	w := csv.NewWriter(&b)
	for _, r := range f.rows {
		_ = w.Write(r.cells) // a strings.Builder takes everything
	}
	w.Flush()
	return b.String()
}

// want is what must become of a row.
type want struct {
	status, action string
	prior          string // the role before, where deals are read first
	travels        bool   // it is sent, or found in place
	superseded     bool   // a later row of its pair counts; it is not in failed.csv, unless it repeats an error
	as             int    // the row, from 0, whose outcome it has: its own, or that of the row that it repeats
}

// model executes the rows one by one, in file order. It says what must become of each, and who plays which role in the
// end. With way.skips each deal is read first. Of rows that give a pair different roles only the last counts. With
// way.last the others are unchanged if it succeeds.
func (f *chaosFile) model(way chaosWay) (wants []want, state map[string]map[string]string) {
	state = map[string]map[string]string{}
	for deal, contacts := range f.before {
		for contact, role := range contacts {
			put(state, deal, contact, role)
		}
	}
	winners := f.winners()
	for i, r := range f.rows {
		w := want{status: "error", as: i}
		if r.nobody {
			w.status, w.action = "success", "unchanged"
		}
		if r.deal != "" {
			at := winners[[2]string{r.deal, r.contact}]
			switch {
			case f.never(r):
			case i < at:
				w.superseded, w.as = true, at
			case i > at:
				w = wants[at]
				if w.travels, w.prior = false, ""; w.status == "success" {
					w.action = "unchanged"
				}
			default:
				w.travels = true
				if way.skips && f.dealExists(r) {
					w.prior = state[r.deal][r.contact]
				}
				w.status, w.action = f.execute(r, state, way)
			}
		}
		wants = append(wants, w)
	}
	for i := range wants {
		if w := &wants[i]; way.last && w.superseded && wants[w.as].status == "success" {
			w.status, w.action = "success", "unchanged"
		}
	}
	return wants, state
}

// winners says which row of each pair is sent: the first of the last rows that ask the same.
func (f *chaosFile) winners() map[[2]string]int {
	winners := map[[2]string]int{}
	for i, r := range f.rows {
		pair := [2]string{r.deal, r.contact}
		at, again := winners[pair]
		if r.deal != "" && !f.never(r) && (!again || f.command == "assign" && f.rows[at].role != r.role) {
			winners[pair] = i
		}
	}
	return winners
}

// never says whether a row that names a pair can never be sent for its role. Remove looks at no role.
func (f *chaosFile) never(r chaosRow) bool { return f.command == "assign" && r.role == "" }

// execute does what one row asks for.
func (f *chaosFile) execute(r chaosRow, state map[string]map[string]string, way chaosWay) (status, action string) {
	prior, on := state[r.deal][r.contact]
	if f.command == "assign" {
		if !f.dealExists(r) || r.contact == fmt.Sprint(contactBase+f.contacts+1) {
			return "error", ""
		}
		put(state, r.deal, r.contact, r.role)
		switch {
		case !way.skips:
			return "success", "assigned"
		case !on:
			return "success", "added"
		case prior == r.role:
			return "success", "unchanged"
		}
		return "success", "updated"
	}
	if !on && way.ignores && f.dealExists(r) {
		return "success", "unchanged"
	}
	if !on {
		return "error", ""
	}
	delete(state[r.deal], r.contact)
	if len(state[r.deal]) == 0 {
		delete(state, r.deal)
	}
	return "success", "removed"
}

// dealExists says whether the org has the deal of a row.
func (f *chaosFile) dealExists(r chaosRow) bool { return r.deal != fmt.Sprint(dealBase+f.deals+1) }
