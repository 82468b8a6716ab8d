//go:build unix

package profile

import (
	"testing"
	"time"
)

// A command that leaves an agent behind, as gpg and op do, gives its secret although the agent holds the command's
// pipes.
func TestCommandLeavesAnAgent(t *testing.T) {
	t.Parallel()
	p := &Profiles{}
	got, err := p.commandSecret(t.Context(), []string{"/bin/sh", "-c", "(sleep 20 &); echo secret"}, time.Minute)
	if err != nil || got != "secret\n" {
		t.Errorf("%q, %v", got, err)
	}
}
