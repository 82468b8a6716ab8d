package api_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"rolecall/api"
	"rolecall/api/auth"
	"rolecall/api/emulator"
)

// voiceClient serves an emulator and connects to its Zoho Voice.
func voiceClient(t *testing.T, o emulator.Options) *api.Client {
	t.Helper()
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		server.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	source, err := auth.NewSource(auth.Credentials{
		AccountsURL: server.URL, ClientID: "id", ClientSecret: "secret", RefreshToken: "emulator",
	}, auth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := api.New(api.Config{BaseURL: server.URL, VoiceURL: server.URL, Tokens: source})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A contact lives: created, read, listed, changed, deleted.
func TestVoiceContactLives(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"form", "query", "either"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			c := voiceClient(t, emulator.Options{VoiceContact: way, VoiceContacts: 2})
			ctx := t.Context()
			statuses, err := c.VoiceStatuses(ctx)
			want := []api.VoiceStatus{
				{ID: "1000000000027", Name: "Active"}, {ID: "1000000000029", Name: "In Active"},
				{ID: "1000000000031", Name: "VIP"},
			}
			if diff := gocmp.Diff(want, statuses); err != nil || diff != "" {
				t.Fatalf("%v %s", err, diff)
			}
			fields := map[string]string{"first_name": "Zoë & Co", "mobile": "+12222222222", "phone": "+1 2 000"}
			made, err := c.CreateVoiceContact(ctx, api.VoiceWrite{Fields: fields, StatusName: "VIP"})
			if err != nil || made.ID == "" || !made.Known || made.Answer.Code != "200" || made.Answer.HTTP != 200 {
				t.Fatalf("%+v %v", made, err)
			}
			if wantWay := strings.Replace(way, "either", "form", 1); string(c.VoiceWay()) != wantWay {
				t.Errorf("way %q, want %q", c.VoiceWay(), wantWay)
			}
			one, found, err := c.VoiceContact(ctx, made.ID)
			if err != nil || !found || one.Fields["first_name"] != "Zoë & Co" ||
				one.Created == "" || one.Owner == "" ||
				gocmp.Diff([]string{"+12222222222", "+1 2 000"}, one.Numbers) != "" || one.ID != made.ID {
				t.Errorf("%+v %t %v", one, found, err)
			}
			page, err := c.VoiceContacts(ctx, 1, 50, true)
			if err != nil || page.Total != 3 || len(page.Contacts) != 2 || page.Contacts[1].ID != made.ID ||
				gocmp.Diff(one.Fields, page.Contacts[1].Fields) != "" || page.Contacts[1].Owner != one.Owner {
				t.Errorf("%+v %v", page, err)
			}
			page, err = c.VoiceContacts(ctx, 3, 50, false)
			if err != nil || page.Total != -1 || len(page.Contacts) != 0 {
				t.Errorf("%+v %v", page, err)
			}
			one.Fields["company"] = "Zylker"
			o, err := c.UpdateVoiceContact(ctx, made.ID, api.VoiceWrite{Fields: one.Fields})
			if err != nil || o.ID != made.ID {
				t.Errorf("%+v %v", o, err)
			}
			two, _, err := c.VoiceContact(ctx, made.ID)
			if diff := gocmp.Diff(one, two); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
			if o, err := c.DeleteVoiceContact(ctx, made.ID); err != nil || o.ID != made.ID || !o.Known {
				t.Errorf("%+v %v", o, err)
			}
			if _, found, err := c.VoiceContact(ctx, made.ID); err != nil || found {
				t.Errorf("still there: %v", err)
			}
			o, err = c.DeleteVoiceContact(ctx, made.ID)
			if err == nil || o.Err == nil || o.Answer.HTTP != 404 || o.Answer.Message != "The contact does not exist" {
				t.Errorf("deleted twice: %+v %v", o, err)
			}
		})
	}
}
