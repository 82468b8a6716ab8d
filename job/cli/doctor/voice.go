package doctor

import (
	"context"

	"rolecall/job/cli/signin"
)

// voice checks that Zoho Voice answers: it reads the statuses of contacts, which costs no credits. All other commands
// work without Voice, so an error is only a warning.
func (d *Doctor) voice(ctx context.Context, server string, s *session) {
	if server == "" {
		return
	}
	statuses, err := ask(ctx, s.client.VoiceStatuses)
	if err != nil {
		d.warn("voice", "Zoho Voice at "+server+" cannot be used: "+err.Error(), signin.VoiceNext(err, d.login()))
		return
	}
	d.ok("voice", "Zoho Voice at %s answers; statuses: %s", server, join(signin.StatusNames(statuses)))
}
