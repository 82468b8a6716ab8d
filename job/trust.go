package job

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"

	"rolecall/job/rundir"
)

// factSeal is the key of the seal of the fact factRun in run.db. A run from somebody else has none of this machine.
const factSeal = "seal"

// putFacts stores what the user asked for, with this machine's seal. If the machine has no seal to give, the run has
// none, and resume asks again for what it would have vouched for.
func (r *run) putFacts() error {
	raw, err := json.Marshal(r.runFacts)
	if err != nil {
		return err
	}
	return errors.Join(r.db.Put(factRun, json.RawMessage(raw)), r.db.Put(factSeal, r.sealOf(raw)))
}

// sealOf returns this machine's seal of the facts, or "".
func (r *run) sealOf(raw json.RawMessage) string {
	if r.Seal == nil {
		return ""
	}
	seal, err := r.Seal(raw)
	if err != nil {
		return ""
	}
	return seal
}

// isOwn reports whether this machine made the run with the facts raw, and nobody changed them.
func (r *run) isOwn(raw json.RawMessage) (bool, error) {
	seal := ""
	if err := r.db.Get(factSeal, &seal); err != nil {
		return false, err
	}
	return seal != "" && hmac.Equal([]byte(seal), []byte(r.sealOf(raw))), nil
}

// askAgain refuses a run from somebody else that names files outside its folder which the user did not name again. then
// is what the run says.
func (r *run) askAgain(then *Settings) error {
	switch set := &r.Settings; {
	case then.ResultsCopy != "" && set.ResultsCopy == "":
		return r.notOwn("its results go to a file outside its folder too", "--results", then.ResultsCopy)
	case then.Config != "" && set.Config == "":
		return r.notOwn("it names a config file", "--config", then.Config)
	}
	return nil
}

// notOwn refuses a run from somebody else until the user types a flag again.
func (r *run) notOwn(why, flag, value string) error {
	return &UsageError{Err: fmt.Errorf("%s was not made on this machine, or it was changed, and %s: "+
		"if you want that, give %s %s again (or another file)",
		r.folder.Name, why, flag, rundir.ShellQuote(rundir.Argument(value)))}
}
