package stakeholder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
	"rolecall/job/rundir"
)

// phaseRemovals is the phase of the removals of a plan, or of a file with --prune. They come last.
const phaseRemovals = 1

// unnamed adds a row for each contact on the deal that the file does not name. It adds none if that means nothing: a
// row of an export was deleted, or --prune is given, else the file need not name all contacts.
func (d *deal) unnamed(look *job.Look, note *looked) {
	if d.on == nil || d.sheet.part || (d.sheet.unclear || d.sheet.whole || d.sheet.base == "") && !d.Prune {
		return
	}
	for _, contact := range d.missing() {
		now := d.now(contact)
		r := job.Row{
			Phase: phaseRemovals, Key: d.id, Item: contact, Extra: true,
			Ask: job.Encode(ask{TakesOff: true, Left: &now}),
		}
		if r.Done = d.stays(contact, now); r.Done != nil {
			r.Unsendable = true
			now.Contact = d.names[contact]
			r.Done.Prior = job.Encode(now)
			if d.sheet.unclear {
				note.Unclear++
			}
		} else {
			d.count(note, &r)
			note.Pruned++
			if d.desk.Dry {
				o := d.preview(&r)
				r.Done = &o
			}
		}
		look.Rows = append(look.Rows, r)
	}
}

// missing returns the contacts on the deal that the file does not name, sorted.
func (d *deal) missing() (contacts []string) {
	for contact := range d.on {
		if !d.sheet.named[contact] {
			contacts = append(contacts, contact)
		}
	}
	slices.Sort(contacts)
	return contacts
}

// stays returns the outcome of a contact that the file does not name and that stays on the deal, or nil if the contact
// is taken off.
func (d *deal) stays(contact string, now before) *job.Outcome {
	changed := d.sheet.exported && d.sheet.base != d.base
	o := job.Settle(0, job.ActionUnchanged, "", 0)
	switch {
	case d.sheet.unclear:
		o.Code = job.CodeContactUnknown
		o.Message = "a row of the deal names a contact who was not found, and may mean this one, who stays on the deal"
	case !d.Prune:
		o.Code = job.CodeNotInFile
		o.Message = "the file does not name the contact, who stays on the deal"
	case changed && d.OnConflict == "":
		return job.Reject(job.CodeConflict, fmt.Sprintf("the file does not name the contact, and somebody changed the "+
			"deal since the export: the contact is %s, and perhaps new", now), "")
	case changed && d.OnConflict == Theirs:
		o.Message = "somebody changed the deal since the export: the contact stays (--on-conflict theirs)"
	case d.primaryUnread != nil:
		refused := job.Refuse(0, d.primaryUnread)
		return &refused
	case contact == d.primary:
		o.Code = job.CodePrimaryContact
		o.Message = "the contact is the deal's own (Contact_Name), and stays on the deal"
	default:
		return nil
	}
	return &o
}

// readPrimaries reads the primary contacts of the deals that would lose contacts. An error ends the run.
func (w *work) readPrimaries(ctx context.Context, all []*deal) error {
	if !w.Prune || w.IncludePrimary {
		return nil
	}
	var ids []string
	for _, d := range all {
		if d.on != nil && !d.sheet.unclear && len(d.missing()) > 0 {
			ids = append(ids, d.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	page, err := w.zoho.Records(ctx, "Deals", api.RecordsQuery{Fields: []string{"Contact_Name"}, IDs: ids})
	own, err := refusalOf(err)
	if err != nil {
		return err
	}
	primaries := map[string]string{}
	for _, r := range page.Records {
		var contact struct {
			ID string `json:"id"`
		}
		_ = json.Unmarshal(r.Fields["Contact_Name"], &contact) // null: the deal has none
		primaries[r.ID] = contact.ID
	}
	for _, d := range all {
		var read bool
		d.primary, read = primaries[d.id]
		if d.primaryUnread = own; own == nil && !read {
			d.primaryUnread = &api.Error{Err: errors.New("no answer tells the deal's own contact (Contact_Name)")}
		}
	}
	return nil
}

// refusalOf is job.OwnError for an err that may be nil.
func refusalOf(err error) (own *api.Error, ends error) {
	if err == nil {
		return nil, nil
	}
	return job.OwnError(err)
}

// The default of --max-delete for removals that a file implies, as a part of the contacts on the file's deals
// (design.md, Deletions ask).
const (
	prunedPercent = 10
	prunedAtLeast = 10
)

// tooManyPruned returns an error if the file implies more removals than the user allows. on is how many contacts are
// on the deals that the file covers.
func (w *work) tooManyPruned(pruned, on int64) error {
	most := max(prunedAtLeast, on*prunedPercent/100)
	if w.set.MaxDelete.Set {
		most = w.set.MaxDelete.Of(on)
	}
	if pruned <= most {
		return nil
	}
	return &job.Stop{Reason: job.Refused, Err: fmt.Errorf(
		"the file does not name %s of the %s on its deals, and --max-delete allows %d removals: nothing was sent; "+
			"if this is meant, give --max-delete %d",
		report.Plural(pruned, "contact"), report.Count(on), most, pruned)}
}

// removedFile lists the contacts that the file does not name, with what became of them.
const removedFile = "removed.csv"

// writeRemoved adds the numbers of contacts that the file does not name to the summary. If any of them was to be taken
// off, it also writes removed.csv, but not in a dry run.
func writeRemoved(out *job.Output) error {
	var file *rundir.Whole
	var table *csvio.TableWriter
	counts := &report.Unnamed{}
	for r, err := range out.Rows.ByKey(phaseRemovals) {
		if err != nil {
			return err
		}
		if !r.Extra {
			continue
		}
		countUnnamed(counts, r.Done)
		if out.DryRun || r.Done != nil && r.Done.Code == job.CodeNotInFile {
			continue
		}
		if file == nil {
			if file, err = rundir.CreateWhole(out.Folder.File(removedFile)); err != nil {
				return err
			}
			defer file.Discard()
			table, err = csvio.NewTableWriter(file, removedColumns(), csvio.TableOptions{Format: csvio.FormatCSV})
			if err != nil {
				return err
			}
		}
		if err := table.Write(removedCells(&r)); err != nil {
			return err
		}
	}
	if *counts != (report.Unnamed{}) {
		out.Summary.Unnamed = counts
	}
	if file == nil {
		return nil
	}
	if err := table.Close(); err != nil {
		return err
	}
	out.Summary.Files.Pruned = out.Folder.File(removedFile)
	return file.Commit()
}

// countUnnamed counts a contact that the file does not name.
func countUnnamed(n *report.Unnamed, o *job.Outcome) {
	switch {
	case o == nil || o.Status == job.NotAttempted:
		n.Open++
	case o.Code == job.CodeNotInFile:
		n.Stay++
	case o.Action == job.ActionRemoved:
		n.Removed++
	case o.OK():
		n.Kept++
	default:
		n.Failed++
		if n.FailedWhy == "" {
			n.FailedWhy = o.Code + ": " + o.Message
		}
	}
}

func removedColumns() []csvio.Column {
	return []csvio.Column{
		{Name: string(csvio.DealID), Kind: csvio.IDColumn}, {Name: string(csvio.ContactID), Kind: csvio.IDColumn},
		{Name: string(csvio.Role)}, {Name: string(csvio.RoleID), Kind: csvio.IDColumn},
		{Name: "rc_row", Kind: csvio.PlainColumn}, {Name: "rc_action"}, {Name: "rc_status"}, {Name: "rc_code"},
		{Name: "rc_message"},
	}
}

func removedCells(r *job.Row) (cells []csvio.Value) {
	o, was := r.Done, askOf(r).Left
	if o == nil {
		o = &job.Outcome{Status: job.NotAttempted}
	}
	for _, text := range []string{
		r.Key, r.Item, was.Name, was.ID, strconv.FormatInt(r.N, 10), o.Action, string(o.Status), o.Code, o.Message,
	} {
		cells = append(cells, csvio.Value{Text: text})
	}
	return cells
}

// prunable returns an error for a row with which --prune is not safe, because it is not known which contact the row
// names.
func prunable(in *csvio.Reader, rec *csvio.Record, row *job.Row) error {
	switch {
	case in.Has(csvio.PlanAction):
		return errors.New("a saved plan has its removals already: give it without --prune")
	case in.IsResult():
		return errors.New("the file has the rows of an earlier run, perhaps only those that failed, and --prune would " +
			"take off the contacts of the other rows: nothing was sent; give it without --prune")
	case row.Done == nil || row.Item != "" && row.Key != "":
		return nil
	}
	return unprunable(int64(rec.Line), row.Done)
}

// unprunable returns the error of a row with which --prune is not safe.
func unprunable(line int64, why *job.Outcome) error {
	return fmt.Errorf("line %d: %s: %s; with --prune each row must name its deal and its contact, else the contact "+
		"would be taken off: nothing was sent", line, why.Code, why.Message)
}

// tellUnclear adds a note about the deals from which --prune removes nobody, because a row names a contact who was not
// found. contacts is how many contacts therefore stay on these deals.
func (w *work) tellUnclear(ctx context.Context, deals []string, contacts int64) {
	if len(deals) == 0 {
		return
	}
	var first []onDeal
	for _, id := range deals[:min(len(deals), shownPeople)] {
		first = append(first, onDeal{deal: id})
	}
	named, texts := w.lookUp(ctx, first), []string(nil)
	for _, p := range first {
		text := named.deal(p.deal)
		if name := named.deals[p.deal]; name != "" {
			text = name + " (" + p.deal + ")"
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, ", ")
	if more := len(deals) - len(first); more > 0 {
		text += " and " + report.Count(int64(more)) + " more"
	}
	w.desk.Say(fmt.Sprintf("--prune takes nobody off %s: %s, because a row names a contact who was not found; %s whom "+
		"no row names %s", report.Plural(int64(len(deals)), "deal"), text, report.Plural(contacts, "contact"),
		map[bool]string{true: "stays", false: "stay"}[contacts == 1]))
}
