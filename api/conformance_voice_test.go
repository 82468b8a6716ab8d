package api_test

import (
	"os"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
)

// The conformance suite of Zoho Voice tests what rolecall assumes about it. It runs against the emulator, and against a
// real org if the environment names one. It deletes the contact that it creates.

func TestConformanceVoiceEmulator(t *testing.T) {
	t.Parallel()
	for _, o := range []emulator.Options{
		{VoiceContacts: 120}, {VoiceContacts: 3, VoiceContact: "query", VoicePut: "merge"}, {},
	} {
		c := voiceClient(t, o)
		conformsVoice(t, c)
	}
}

func TestConformanceVoiceRealOrg(t *testing.T) {
	t.Parallel()
	env := func(name string) string { return os.Getenv("ROLECALL_CONFORMANCE_" + name) }
	for _, name := range []string{
		"API_URL", "VOICE_URL", "ACCOUNTS_URL", "CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN",
	} {
		if env(name) == "" {
			t.Skip("no real Voice: ROLECALL_CONFORMANCE_" + name + " is not set")
		}
	}
	source, err := auth.NewSource(auth.Credentials{
		AccountsURL: env("ACCOUNTS_URL"), ClientID: env("CLIENT_ID"),
		ClientSecret: env("CLIENT_SECRET"), RefreshToken: env("REFRESH_TOKEN"),
	}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := api.New(api.Config{
		BaseURL: env("API_URL"), VoiceURL: env("VOICE_URL"), Tokens: source,
		Trace: func(a api.Attempt) { t.Logf("%s %s: %d %s %s", a.Method, a.Path, a.HTTP, a.Code, a.Message) },
	})
	if err != nil {
		t.Fatal(err)
	}
	conformsVoice(t, c)
}

// allVoice reads the list, page by page until a page is short.
func allVoice(t *testing.T, c *api.Client, size int) (ids []string) {
	t.Helper()
	for {
		page, err := c.VoiceContacts(t.Context(), len(ids), size, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, contact := range page.Contacts {
			ids = append(ids, contact.ID)
		}
		if len(page.Contacts) < size {
			if int(page.Total) != len(ids) {
				t.Errorf("the list has %d contacts, the total is %d", len(ids), page.Total)
			}
			return ids
		}
	}
}

func conformsVoice(t *testing.T, c *api.Client) {
	t.Helper()
	ctx := t.Context()
	before := allVoice(t, c, api.MostVoicePerPage)
	statuses, err := c.VoiceStatuses(ctx)
	if err != nil || len(statuses) == 0 {
		t.Fatalf("statuses: %v %v", statuses, err)
	}
	fields := map[string]string{
		"first_name": "Rolecall " + time.Now().Format(time.RFC3339Nano), "last_name": "Zoë & \"Co\" +1=%",
		"mobile": "+12015550123", "phone": "+12015550126", "email": "rolecall@example.com", "company": "Zylker",
		"address": "1 Main St\n#2", "state": "NJ", "country": "US",
	}
	active := statuses[0]
	made, err := c.CreateVoiceContact(ctx, api.VoiceWrite{
		Fields: fields, StatusName: active.Name, StatusID: active.ID,
	})
	if err != nil || made.ID == "" || slices.Contains(before, made.ID) {
		t.Fatalf("create: %+v %v", made, err)
	}
	t.Logf("the parameter travels by %s", c.VoiceWay())
	read := func() map[string]string {
		t.Helper()
		one, found, err := c.VoiceContact(ctx, made.ID)
		if err != nil || !found || one.ID != made.ID || one.Owner == "" || one.Created == "" {
			t.Fatalf("get: %+v %t %v", one, found, err)
		}
		got := map[string]string{}
		for name, value := range one.Fields {
			if value != "" {
				got[name] = value
			}
		}
		return got
	}
	if diff := gocmp.Diff(fields, read()); diff != "" {
		t.Errorf("created: %s", diff)
	}
	after := allVoice(t, c, api.MostVoicePerPage)
	if !slices.Contains(after, made.ID) || len(after) != len(before)+1 {
		t.Errorf("%d contacts, then %d", len(before), len(after))
	}
	// Sent as a whole, an update means the same whether it merges or replaces.
	fields["last_name"], fields["company"] = "Changed", ""
	if o, err := c.UpdateVoiceContact(ctx, made.ID, api.VoiceWrite{Fields: fields}); err != nil || o.ID != made.ID {
		t.Errorf("update: %+v %v", o, err)
	}
	delete(fields, "company")
	if diff := gocmp.Diff(fields, read()); diff != "" {
		t.Errorf("updated: %s", diff)
	}
	if o, err := c.DeleteVoiceContact(ctx, made.ID); err != nil || o.ID != made.ID {
		t.Errorf("delete: %+v %v", o, err)
	}
	if _, found, _ := c.VoiceContact(ctx, made.ID); found {
		t.Error("it is still there")
	}
	if o, err := c.DeleteVoiceContact(ctx, made.ID); err == nil || o.Err == nil || o.Err.Code == "" {
		t.Errorf("deleted twice: %+v %v", o, err)
	}
	if diff := gocmp.Diff(before, allVoice(t, c, api.MostVoicePerPage)); diff != "" {
		t.Errorf("afterwards: %s", diff)
	}
}
