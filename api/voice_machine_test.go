package api_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rolecall/api"
	"rolecall/api/emulator"
	"rolecall/api/emulator/rig"
)

// machineTokens gives one token.
type machineTokens string

func (m machineTokens) Token(context.Context) (string, error) { return string(m), nil }
func (machineTokens) Invalidate(string)                       {}

// After any creations, changes and deletions, the list, the single answers and a model agree in every character.
func TestVoiceMachine(t *testing.T) {
	t.Parallel()
	odd := []string{"", "+12015550123", "=1+1", "a&b=c%d+e", "\x00\"\\"}
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(odd))
	rapid.Check(t, func(rt *rapid.T) {
		d := rig.NewDirect(t, emulator.Options{
			VoiceContact: rapid.SampledFrom([]string{"form", "query", "either"}).Draw(rt, "way"),
			VoicePut:     rapid.SampledFrom([]string{"replace", "merge"}).Draw(rt, "put"),
		})
		c, err := api.New(api.Config{
			BaseURL: "https://zoho.test", VoiceURL: "https://zoho.test", Tokens: machineTokens(d.Token), Transport: d,
		})
		if err != nil {
			rt.Fatal(err)
		}
		ctx, model := t.Context(), map[string]map[string]string{}
		anyID := func(rt *rapid.T) string {
			ids := slices.Sorted(maps.Keys(model))
			return rapid.SampledFrom(append(ids, "7")).Draw(rt, "id")
		}
		contact := func(rt *rapid.T) map[string]string {
			fields := map[string]string{}
			for _, name := range api.VoiceFields() {
				fields[name] = ""
			}
			for _, name := range []string{"first_name", "mobile", "address", "is_spam"} {
				fields[name] = text.Draw(rt, name)
			}
			return fields
		}
		valid := func(fields map[string]string) bool { return fields["first_name"] != "" && fields["mobile"] != "" }
		rt.Repeat(map[string]func(*rapid.T){
			"create": func(rt *rapid.T) {
				fields := contact(rt)
				o, err := c.CreateVoiceContact(ctx, api.VoiceWrite{Fields: fields})
				if (err == nil) != valid(fields) {
					rt.Fatalf("%q: %v", fields, err)
				}
				if err == nil {
					model[o.ID] = fields
				}
			},
			"update": func(rt *rapid.T) {
				id, fields := anyID(rt), contact(rt)
				_, err := c.UpdateVoiceContact(ctx, id, api.VoiceWrite{Fields: fields})
				if (err == nil) != (valid(fields) && model[id] != nil) {
					rt.Fatalf("%s %q: %v", id, fields, err)
				}
				if err == nil {
					model[id] = fields
				}
			},
			"delete": func(rt *rapid.T) {
				id := anyID(rt)
				_, err := c.DeleteVoiceContact(ctx, id)
				if (err == nil) != (model[id] != nil) {
					rt.Fatalf("%s: %v", id, err)
				}
				delete(model, id)
			},
			"get": func(rt *rapid.T) {
				id := anyID(rt)
				one, found, err := c.VoiceContact(ctx, id)
				if err != nil || found != (model[id] != nil) || !maps.Equal(model[id], one.Fields) {
					rt.Fatalf("%s: %t %v %s", id, found, err, gocmp.Diff(model[id], one.Fields))
				}
			},
			"list": func(rt *rapid.T) {
				size, listed := rapid.IntRange(1, 50).Draw(rt, "size"), map[string]map[string]string{}
				for from := 0; ; from += size {
					page, err := c.VoiceContacts(ctx, from, size, true)
					if err != nil || page.Total != int64(len(model)) {
						rt.Fatalf("%d: total %d of %d, %v", from, page.Total, len(model), err)
					}
					for _, one := range page.Contacts {
						listed[one.ID] = one.Fields
					}
					if len(page.Contacts) < size {
						break
					}
				}
				if !maps.EqualFunc(model, listed, maps.Equal) {
					rt.Fatal(gocmp.Diff(model, listed))
				}
			},
		})
	})
}
