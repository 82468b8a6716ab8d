package doctor

import (
	"context"

	"rolecall/job/cli/signin"
)

// voice checks that Zoho Voice answers, by the statuses of its contacts: that costs no credits. Without Voice all other
// commands work, so that trouble with it is a warning.
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
