package signin

import (
	"rolecall/api"
	"rolecall/job/cli/profile"
	"rolecall/job/cli/scope"
)

// VoiceServer returns the address of Zoho Voice for a sign-in with the granted scopes. It returns "" if the sign-in
// lacks the scope to read contacts of Voice and the user named no server.
func (c *Command) VoiceServer(here profile.Place, granted []string) string {
	if c.VoiceURL == "" && !scope.Grants(granted, scope.VoiceRead) {
		return ""
	}
	return here.VoiceURL(c.VoiceURL)
}

// VoiceNext returns what to do about an error of Zoho Voice.
func VoiceNext(err error, login string) string {
	if LacksScope(err) {
		return login + scope.LoginFlags(scope.VoiceStatuses)
	}
	return "look at whether the org has Zoho Voice with this user, and at the server (--voice-url)"
}

// StatusNames returns the names of statuses of contacts.
func StatusNames(all []api.VoiceStatus) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	return names
}

// voiceStatus is the result of a call to Zoho Voice. New versions only add fields.
type voiceStatus struct {
	URL      string   `json:"url"`
	Works    bool     `json:"works"`
	Problem  string   `json:"problem,omitempty"` // why it does not work
	Statuses []string `json:"statuses"`          // of contacts
}
