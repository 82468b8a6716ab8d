package job

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
)

// journal keeps what was recorded since the last commit to run.db: one write to a file, which survives the death of the process at once and costs a hundredth of a commit. Two files take turns,
// so that one is written to while the other's outcomes are being committed; each begins with its number, and run.db knows the number up to which everything is in it.
//
// A file is a sequence of frames: length, checksum, and so many bytes. The first holds the number. What comes after a frame that is not whole was never recorded.
type journal struct {
	paths  [2]string
	files  [2]*os.File
	number int64 // of the file that is written to; the one before is the other
	frame  []byte
}

// openJournal begins the journal beside a run.db, after the number up to which that has everything. Earlier files must have been replayed.
func openJournal(db string, committed int64) (*journal, error) {
	j := &journal{paths: journalPaths(db), number: committed}
	for i, path := range j.paths {
		var err error
		if j.files[i], err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return nil, errors.Join(err, j.remove())
		}
	}
	return j, j.turn()
}

func journalPaths(db string) [2]string { return [2]string{db + "-outcomes0", db + "-outcomes1"} }

// turn begins the next file, which is the one before the present: everything in that must be in run.db.
func (j *journal) turn() error {
	j.number++
	f := j.files[j.number%2]
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	return j.write(func(b []byte) []byte { return packNumber(b, j.number) })
}

// frameHead is the room for length and checksum.
const frameHead = 8

// write appends one frame, which put packs.
func (j *journal) write(put func([]byte) []byte) error {
	j.frame = put(append(j.frame[:0], make([]byte, frameHead)...))
	body := j.frame[frameHead:]
	binary.LittleEndian.PutUint32(j.frame, uint32(len(body))) //nolint:gosec // a batch of outcomes is no 4 GiB
	binary.LittleEndian.PutUint32(j.frame[4:], crc32.ChecksumIEEE(body))
	_, err := j.files[j.number%2].Write(j.frame)
	return err
}

// remove ends the journal. Everything in it must be in run.db, or it must be empty.
func (j *journal) remove() error {
	var err error
	for i, f := range j.files {
		if f != nil {
			err = errors.Join(err, f.Close(), os.Remove(j.paths[i]))
		}
	}
	return err
}

// frames cuts what a process left into frames, up to the first that is not whole.
func frames(b []byte) (all [][]byte) {
	for len(b) >= frameHead {
		n := int64(binary.LittleEndian.Uint32(b))
		sum := binary.LittleEndian.Uint32(b[4:])
		b = b[frameHead:]
		if n == 0 || n > int64(len(b)) || crc32.ChecksumIEEE(b[:n]) != sum {
			break
		}
		all = append(all, b[:n])
		b = b[n:]
	}
	return all
}

// replay takes into run.db what a process that was killed had recorded and not committed.
func (s *store) replay() error {
	var left [2][][]byte
	for i, path := range journalPaths(s.Path) {
		b, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read what was recorded last: %w", err)
		}
		left[i] = frames(b)
	}
	if len(left[0]) > 0 && len(left[1]) > 0 && journalNumber(left[0]) > journalNumber(left[1]) {
		left[0], left[1] = left[1], left[0]
	}
	for _, file := range left {
		if len(file) == 0 {
			continue
		}
		if err := s.replayFile(journalNumber(file), file[1:]); err != nil {
			return err
		}
	}
	for _, path := range journalPaths(s.Path) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// journalNumber reads the number of a file from its first frame.
func journalNumber(file [][]byte) int64 {
	u := unpacker{b: file[0]}
	return u.number()
}

// replayFile takes the frames of a file into run.db, unless they are there.
func (s *store) replayFile(number int64, file [][]byte) error {
	committed, err := s.committed()
	if err != nil || number <= committed {
		return err
	}
	return s.InTransaction(func() error {
		g := &group{number: number}
		for _, frame := range file {
			if err := g.unpack(frame); err != nil {
				return err
			}
		}
		return s.putGroup(g)
	})
}

// committed is the number of the last journal file of which everything is in run.db.
func (s *store) committed() (number int64, err error) {
	err = s.Get("journal", &number)
	return number, err
}
