package job

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"rolecall/job/report"
	"rolecall/job/rundir"
)

// lookEvery is how often the call stage looks at the run's folder. Zoho takes at most 1,250 rows a second (25 calls in
// flight of 20 ms), so against Zoho almost every call is looked at. Against a faster server each look would cost more
// than the call.
const lookEvery = 2 * time.Millisecond

// look looks at the run's folder before a call, at most once in lookEvery. It returns a Stop if run.db or the copy of
// the input was moved, deleted or replaced since the calls began: the outcome of the call could not be recorded, or its
// results not be written.
func (r *run) look() error {
	now := time.Now().UnixNano()
	if last := r.looked.Load(); now-last < int64(lookEvery) && now >= last || !r.looked.CompareAndSwap(last, now) {
		return nil // another worker looks
	}
	err := r.db.Intact()
	if err == nil && r.kept != nil {
		err = r.lookAtInput()
	}
	if err == nil {
		return nil
	}
	return &Stop{Broken, fmt.Errorf("the folder of the run was changed while the run used it: %w; "+
		"nothing was sent after that", err)}
}

// lookAtInput returns an error if the copy of the input is gone or changed. It reads nothing: that would cost time
// before each call.
func (r *run) lookAtInput() error {
	path := r.folder.File(r.Input.File)
	now, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("the copy of the input is gone: %w", err)
	case !os.SameFile(now, r.kept) || now.Size() != r.kept.Size() || !now.ModTime().Equal(r.kept.ModTime()):
		return fmt.Errorf("%s is no longer the input that the run began with", path)
	}
	return nil
}

// checkInput checks that the copy of the input is still the input that was surveyed.
func (r *run) checkInput() error {
	if r.Input.File == "" {
		return nil
	}
	return r.Input.Check(r.folder)
}

// keptNow returns what the copy of the input is now, or nil if there is none.
func (r *run) keptNow() (fs.FileInfo, error) {
	if r.Input.File == "" {
		return nil, nil
	}
	return os.Stat(r.folder.File(r.Input.File))
}

// lost returns a clause about the outcomes that are no longer in the run's folder, or "" if all are there.
func (r *run) lost() string {
	if r.db == nil || r.db.Intact() == nil {
		return ""
	}
	counts, err := r.db.Count()
	if err != nil {
		return "; the outcomes of the run are no longer in its folder"
	}
	return "; the outcomes of " + report.Plural(counts.Rows-counts.Open, "row") + " are no longer in its folder"
}

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
	case then.VoiceURL != "" && set.VoiceURL == "":
		return r.notOwn("it names a server of Zoho Voice", "--voice-url", then.VoiceURL)
	}
	return nil
}

// notOwn refuses a run from somebody else until the user types a flag again.
func (r *run) notOwn(why, flag, value string) error {
	return &UsageError{Err: fmt.Errorf("%s was not made on this machine, or it was changed, and %s: "+
		"if you want that, give %s %s again (or another file)",
		r.folder.Name, why, flag, rundir.ShellQuote(rundir.Argument(value)))}
}
