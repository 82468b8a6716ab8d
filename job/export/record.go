package export

import (
	"errors"
	"time"
)

// recorder keeps what was read, many together: a commit forces the disk, and nobody who reads waits for that. What a kill takes back is read again.
type recorder struct {
	in   chan []read
	over chan error
}

// A commit is made so often, or for so many together.
const (
	commitEvery = 200 * time.Millisecond
	commitMost  = 2000
)

// startRecorder starts to record. failed is called when that is not possible any more; spent writes, inside each transaction, what is to be kept with what was read.
func startRecorder(s store, spent func() error, failed func(error)) *recorder {
	r := &recorder{in: make(chan []read, commitMost), over: make(chan error, 1)}
	go func() { r.over <- r.run(s, spent, failed) }()
	return r
}

// add hands over what was read.
func (r *recorder) add(all []read) { r.in <- all }

// close ends the recording: what was handed over is kept then.
func (r *recorder) close() error {
	close(r.in)
	return <-r.over
}

func (r *recorder) run(s store, spent func() error, failed func(error)) (err error) {
	tick := time.NewTicker(commitEvery)
	defer tick.Stop()
	var wait []read
	commit := func() {
		if err != nil || len(wait) == 0 {
			return
		}
		if err = s.InTransaction(func() error { return errors.Join(s.keep(wait), spent()) }); err != nil {
			failed(err)
		}
		clear(wait)
		wait = wait[:0]
	}
	for {
		select {
		case all, more := <-r.in:
			if !more {
				commit()
				return err
			}
			if wait = append(wait, all...); len(wait) >= commitMost {
				commit()
			}
		case <-tick.C:
			commit()
		}
	}
}
