package csvio

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// systemTables are headers as the systems write them, with the system that each is of. The sources are in systems.
func systemTables() map[string]string {
	return map[string]string{
		"OpportunityId,ContactId,Role,IsPrimary":                                               "Salesforce",
		"ID,OPPORTUNITYID,CONTACTID,ROLE,ISPRIMARY":                                            "Salesforce",
		"Opportunity ID,Contact ID,Role,Primary":                                               "Salesforce",
		"Record ID,Deal Name,Deal Stage,Amount,Deal owner,Associated Contact IDs,Contact Role": "HubSpot",
		"Record ID,Deal Name,Deal Stage,Contact ID,Role":                                       "HubSpot",
		"Record ID,First Name,Email,Associated Deal IDs,Role":                                  "HubSpot",
		"Deal - ID,Deal - Title,Person - ID,Person - Name,Role":                                "Pipedrive",
		"(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,Topic,Contact,Role":          "Microsoft Dynamics",
		"opportunityid,contactid,role":                                                         "Microsoft Dynamics",
		"connectionid,record1id,record2id,record2roleid,role":                                  "Microsoft Dynamics",
	}
}

func TestATableOfAnotherSystemIsNamed(t *testing.T) {
	t.Parallel()
	for header, system := range systemTables() {
		o := Options{Name: "in.csv", Command: "rolecall assign in.csv", Vocabulary: Stakeholders(), Needs: triple()}
		_, err := NewReader(strings.NewReader(header+"\n"), o)
		problem, ok := errors.AsType[*FileError](err)
		if !ok || problem.System != system || problem.Line != 1 {
			t.Errorf("%s: got %v", header, err)
			continue
		}
		want := "give rolecall assign in.csv --external-id deal=FIELD,contact=FIELD"
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v does not say %q", header, err, want)
		}
	}
}

// The user cannot name a column of foreign ids either, unless the ids are looked up.
func TestForeignIDsAreNotMapped(t *testing.T) {
	t.Parallel()
	const header = "Record ID,Deal Stage,Contact ID,Role\n"
	o := Options{Vocabulary: Stakeholders(), Needs: triple()}
	o.Map = map[Field]string{DealID: "Record ID", ContactID: "Contact ID"}
	if _, err := NewReader(strings.NewReader(header), o); err == nil {
		t.Error("HubSpot's ids are taken for Zoho's")
	}
	half := *Stakeholders()
	half.LooksUp, o.Vocabulary = []Field{DealID}, &half
	if _, err := NewReader(strings.NewReader(header), o); err == nil {
		t.Error("HubSpot's ids of contacts are taken for Zoho's, because those of deals are looked up")
	}
	looked := *Stakeholders()
	looked.LooksUp = []Field{DealID, ContactID}
	o.Vocabulary, o.Map = &looked, nil
	for header := range systemTables() {
		r, err := NewReader(strings.NewReader(header+"\n"), o)
		if strings.Contains(header, "Row Checksum") && err != nil {
			continue // it has no column of contacts' ids
		}
		if err != nil || !r.Has(DealID) || !r.Has(ContactID) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

// The header of this table may be HubSpot's or Zoho's. Its ids show which.
func TestTheIDsTellWhetherATableIsHubSpots(t *testing.T) {
	t.Parallel()
	const header = "Record ID,Contact ID,Role\n"
	for row, system := range map[string]string{
		"401234567890,201234567890,R": "HubSpot", "8001,17,R": "HubSpot",
		soundID + "," + soundID + ",R": "", "zcrm_401234567890,zcrm_201234567890,R": "",
	} {
		r, err := NewReader(strings.NewReader(header+row+"\n"), Options{Vocabulary: Stakeholders(), Needs: triple()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
		o := Origin{File: "in.csv", Like: r.Like()}
		for _, f := range []Field{DealID, ContactID} {
			if id, bad := o.Parse(f, r.Value(f), 2); (bad == nil) != (system == "") || (id == "") != (system != "") {
				t.Errorf("%s: %s %v", row, id, bad)
			}
		}
		problem, _ := errors.AsType[*FileError](o.Judge())
		if problem == nil && system != "" || problem != nil && problem.System != system {
			t.Errorf("%s: %v", row, problem)
		}
	}
	if _, err := NewReader(strings.NewReader("Record Id,Contact Id\n"), Options{
		Vocabulary: Stakeholders(), Needs: triple(),
	}); err == nil || !strings.Contains(err.Error(), "lacks a column role") {
		t.Errorf("a table of Zoho's without roles: %v", err)
	}
}

// Zoho's own exports, and tables that people make of them, are of no other system.
func TestZohosTablesAreNotForeign(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Stage,Contact Name.id,Contact Name,Role",
		"Record Id,Deal Owner.id,Deal Stage,Close Date,Contact Name.id,Role",
		"Deal Id,Contact Id,Contact Role", "Record Id,Contact Id,Role", "deal_id,contact_id,role",
		"Record Id,Deal Name,Stage,Contact Id,Role",
	} {
		r, err := NewReader(strings.NewReader(header+"\n"), Options{Vocabulary: Stakeholders(), Needs: triple()})
		if err != nil || !r.Has(DealID) {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestSeveral(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"8001;8002": ";", "8001, 8002": ",", "8001,8002": ",", "8001 8002": " ", "8001 | 8002": "|",
		"a@x.example, b@x.example": ",", "zcrm_" + soundID + " ;" + soundID: ";",
		"8001\n8002": "a line break", "0061t00000AbCdE;0061t00000AbCdF": ";",
		"Ada Okafor <a@x.example>; Bo <b@x.example>": ";", "a@x.example and b@x.example": " ", "Ada <a@x.example>": "",
		"8001": "", "8001;": "", "4,150,868": "", "4150868000010000001,00": "",
		"Ada Okafor": "", "a@x.example": "", "": "",
		"4 150 868 000": "", "8001;x": "", "Okafor, Ada": "",
	} {
		if got := Several(cell); got != want {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
}

// A column is refused if and only if it has ids and each of them is too short, or each is of one other system.
func TestOriginJudgesWholeColumns(t *testing.T) {
	t.Parallel()
	kinds := []string{soundID, "41508680001", "0061t00000AbCdEFGH", "{11111111-2222-3333-4444-abcdefabcdef}", "", "x"}
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(rapid.SampledFrom(kinds), 0, 6).Draw(t, "cells")
		only := map[string]bool{}
		var o Origin
		for i, cell := range cells {
			id, err := o.Parse(DealID, cell, i+2)
			if (err == nil) != (cell == soundID) || err == nil && id != soundID {
				t.Fatalf("%q: %s %v", cell, id, err)
			}
			if cell != "" {
				only[cell] = true
			}
		}
		want := len(only) == 1 && !only[soundID] && !only["x"]
		if err := o.Judge(); (err != nil) != want {
			t.Fatalf("%q: %v, want an error: %v", cells, err, want)
		}
	})
}
