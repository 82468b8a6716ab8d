package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"rolecall/api"
	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/report"
)

// ModuleVoice is the Module of an export of the contacts of Zoho Voice. Zoho has no module of that name: its names
// begin with a capital.
const ModuleVoice = "voice contacts"

// The fields of a contact of Voice that a call cannot write.
const (
	voiceOwner   = "contact_owner"
	voiceCreated = "created_time"
	voiceNumbers = "number"
)

// voiceID is the name of the column of ids.
const voiceID = "contact_id"

// voiceWork lists the contacts of Zoho Voice. The list has all fields that the file needs. With Options.Full it does
// not: then each contact is a row, and is read alone.
type voiceWork struct{ recordWork }

// keyVoice is the key of the voicePosition in the notebook.
const keyVoice = "list of voice contacts"

// voicePosition is the progress of the list of contacts.
type voicePosition struct {
	From  int   `json:"from"`
	Total int64 `json:"total"` // when the list began; -1: Voice did not count
}

// beginVoice begins the work of an export of the contacts of Zoho Voice.
func beginVoice(_ context.Context, org *job.Org, set job.Settings, desk job.Desk) (job.Work, error) {
	if err := org.UseVoice(); err != nil {
		return nil, err
	}
	w := &voiceWork{recordWork: recordWork{org: org, set: set, desk: desk}}
	var err error
	if w.Options, err = job.OptionsOf[Options](set); err != nil {
		return nil, err
	}
	w.columns = voiceColumns(w.Full)
	return w, desk.Notebook.Put(keyShape, shape{Module: ModuleVoice, ID: voiceID, Columns: w.columns})
}

// voiceColumns returns the columns of an export of contacts. full adds those that Voice gives only for a single
// contact.
func voiceColumns(full bool) (columns []column) {
	for _, name := range api.VoiceFields() {
		columns = append(columns, column{Name: name, Field: name})
	}
	columns = append(columns, column{Name: voiceOwner, Field: voiceOwner, Part: partID})
	if full {
		columns = append(columns, column{Name: voiceCreated, Field: voiceCreated, Type: "bigint"},
			column{Name: voiceNumbers, Field: voiceNumbers})
	}
	return columns
}

// voiceRecord returns the values of a contact, by the names of the columns.
func voiceRecord(c *api.VoiceContact, full bool) record {
	r := record{voiceOwner: job.Encode(map[string]string{partID: c.Owner})}
	for _, name := range api.VoiceFields() {
		if r[name] = json.RawMessage("null"); c.Fields[name] != "" {
			r[name] = job.Encode(c.Fields[name])
		}
	}
	if full {
		r[voiceCreated] = json.RawMessage("null")
		if c.Created != "" {
			r[voiceCreated] = job.Encode(c.Created)
		}
		r[voiceNumbers] = job.Encode(append([]string{}, c.Numbers...))
	}
	return r
}

// List implements job.Lister.
func (w *voiceWork) List(ctx context.Context, to job.RowList) error {
	for range listTries {
		whole, err := w.list(ctx, to)
		if errors.Is(err, errPriced) {
			return nil
		}
		if err != nil || whole {
			return err
		}
		if err := w.desk.Notebook.Forget(keyVoice); err != nil {
			return err
		}
	}
	return refuse("the list is incomplete: contacts of Voice came or went each time that it was read; " +
		"start the export again when nobody changes them")
}

// list lists all contacts. whole reports whether their number equals the count before the list and the count after the
// list. Pages have an index, so a contact that is deleted meanwhile moves another contact to a page that was already
// read.
func (w *voiceWork) list(ctx context.Context, to job.RowList) (whole bool, err error) {
	at := voicePosition{Total: -1}
	if err := w.desk.Notebook.Get(keyVoice, &at); err != nil {
		return false, err
	}
	if at.From == 0 {
		if err := errors.Join(to.Drop(), to.Clear(phaseContacts)); err != nil {
			return false, err
		}
	}
	for more := true; more; {
		page, err := w.org.Client.VoiceContacts(ctx, at.From, api.MostVoicePerPage, at.From == 0)
		if err != nil {
			return false, fmt.Errorf("list the contacts of Zoho Voice: %w", err)
		}
		if err := w.add(to, page.Contacts); err != nil {
			return false, err
		}
		if at.From == 0 {
			at.Total = page.Total
			w.desk.Expect(max(at.Total, 0))
			if err := w.price(at.Total, len(page.Contacts)); err != nil {
				return false, err
			}
		}
		at.From += len(page.Contacts)
		more = len(page.Contacts) == api.MostVoicePerPage
		if err := w.desk.Notebook.Put(keyVoice, at); err != nil {
			return false, err
		}
	}
	if at.Total < 0 {
		return true, nil
	}
	after, err := w.org.Client.VoiceContacts(ctx, 0, 1, true)
	if err != nil {
		return false, fmt.Errorf("count the contacts of Zoho Voice: %w", err)
	}
	listed, err := w.listed(to)
	return listed == at.Total && after.Total == at.Total, err
}

// listed returns how many contacts are listed.
func (w *voiceWork) listed(to job.RowList) (int64, error) {
	if w.Full {
		return to.Count(phaseContacts)
	}
	return to.Entered()
}

// add adds the contacts of a page: as rows that are read alone, or as they are.
func (w *voiceWork) add(to job.RowList, contacts []api.VoiceContact) error {
	var rows []job.Row
	var entries []job.Entry
	for i := range contacts {
		c := &contacts[i]
		if err := checkID(c.ID); err != nil {
			return err
		}
		if w.Full {
			rows = append(rows, job.Row{Phase: phaseContacts, Key: key(c.ID)})
		} else {
			entries = append(entries, job.Entry{Key: key(c.ID), Value: job.Encode(voiceRecord(c, false))})
		}
	}
	if w.Full {
		return to.Add(rows)
	}
	return to.Enter(entries)
}

// price shows the price of the rest of the list, once its first page is read.
func (w *voiceWork) price(total int64, listed int) error {
	p := report.ExportPlan{
		Module: w.Module, Records: total, PageRows: api.MostVoicePerPage, Voice: true, Cost: w.org.Cost(w.set),
	}
	p.CreditsLeft, p.InFlight = -1, 1
	if total >= 0 {
		p.Records = max(total, int64(listed))
		p.Page(p.Records-int64(listed), 0)
		if w.Full {
			p.InFlight = int64(w.org.InFlight)
			p.Page(0, p.Records)
		}
	}
	p.Reckon(w.set.Rate, 1)
	if err := w.desk.Notebook.Put(keyPrice, p); err != nil {
		return &job.Stop{Reason: job.Broken, Err: fmt.Errorf("keep the price in run.db: %w", err)}
	}
	w.desk.Price(report.Forecast{Export: &p})
	if w.desk.Dry {
		return errPriced
	}
	return nil
}

// Open implements job.Work. It reads a contact alone.
func (w *voiceWork) Open(_ context.Context, groups []job.Group) ([]job.Steps, error) {
	return newSteps(groups, w.read), nil
}

// read reads one contact. A contact that was deleted after the listing is not in the file.
func (w *voiceWork) read(ctx context.Context, groups []job.Group) ([][]job.Outcome, error) {
	all := make([][]job.Outcome, len(groups))
	for i := range groups {
		c, there, err := w.org.Client.VoiceContact(ctx, unkey(groups[i].Key))
		switch {
		case err != nil:
			return nil, fmt.Errorf("contact %s cannot be read: %w", unkey(groups[i].Key), err)
		case there:
			value := job.Encode(voiceRecord(&c, true))
			all[i] = outcomes(&groups[i], actionRead, []job.Entry{{Key: groups[i].Key, Value: value}})
		default:
			w.desk.Say("contacts that were deleted after they were listed are not in the file")
			all[i] = outcomes(&groups[i], actionGone, nil)
		}
	}
	return all, nil
}

// WriteVoiceCSV writes contacts of Zoho Voice as the CSV of an export with all fields.
func WriteVoiceCSV(w io.Writer, all []api.VoiceContact) error {
	columns := voiceColumns(true)
	t, err := csvio.NewTableWriter(w, tableColumns(voiceID, columns),
		csvio.TableOptions{Format: csvio.FormatCSV, BareIDs: true})
	if err != nil {
		return err
	}
	for i := range all {
		if err := t.Write(rowOf(columns, all[i].ID, voiceRecord(&all[i], true))); err != nil {
			return errors.Join(err, t.Close())
		}
	}
	return t.Close()
}
