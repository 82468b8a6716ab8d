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

// lookEvery is the shortest time between two checks of the run's folder in the call stage. Zoho takes at most 1,250
// calls a second (25 calls in flight of 20 ms), so with Zoho there is a check before almost every call. With a faster
// server, such as the emulator, a check would cost more than the call.
const lookEvery = 2 * time.Millisecond

// look checks the run's folder before a call, at most once in lookEvery. It returns a Stop if somebody moved, deleted
// or replaced run.db or the copy of the input since the calls began. Then the run could not record the outcome of the
// call, or not write the results.
func (r *run) look() error {
	now := time.Now().UnixNano()
	if last := r.looked.Load(); now-last < int64(lookEvery) && now >= last || !r.looked.CompareAndSwap(last, now) {
		return nil // the last check was just now, or another worker checks
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

// lookAtInput returns an error if the copy of the input is gone or changed. It does not read the file, because that
// would cost time before each call.
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

// keptNow returns the file information of the copy of the input, or nil if there is no copy.
func (r *run) keptNow() (fs.FileInfo, error) {
	if r.Input.File == "" {
		return nil, nil
	}
	return os.Stat(r.folder.File(r.Input.File))
}

// lost returns a clause for a message if the outcomes of the run are no longer in its folder, or "" if they are.
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

// factSeal is the key of the seal of factRun in run.db. A run from another machine has no valid seal here.
const factSeal = "seal"

// putFacts stores what the user asked for, with this machine's seal. If the seal cannot be made, the run has none, and
// resume treats the run as one from another machine.
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

// askAgain refuses a run from another machine that names a file or a server outside its folder, unless the user gives
// the flag for it again. then is the settings as the run has them.
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

// notOwn returns the error that refuses a run from another machine until the user gives a flag again.
func (r *run) notOwn(why, flag, value string) error {
	return &UsageError{Err: fmt.Errorf("%s was not made on this machine, or it was changed, and %s: "+
		"if you want that, give %s %s again (or another file)",
		r.folder.Name, why, flag, rundir.ShellQuote(rundir.Argument(value)))}
}
