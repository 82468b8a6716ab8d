package machine

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// keyFile is a file in the state folder: the key of Seal, in hexadecimal digits.
const keyFile = "seal.key"

// Seal returns this machine's seal of a record. No other machine can make the seal, so a run from another machine, or a
// run that somebody changed, has no valid one.
func (m *Machine) Seal(record []byte) (string, error) {
	key, err := m.key()
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(record)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// key returns the key of Seal. It makes a key if there is none.
func (m *Machine) key() ([]byte, error) {
	path := filepath.Join(m.folder, keyFile)
	if key, err := readKey(path); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := os.MkdirAll(m.folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(m.folder, "."+keyFile+"-*.tmp") // CreateTemp makes it 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(hex.EncodeToString([]byte(rand.Text())))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	// If several processes make the key at the same time, one wins, because a link does not replace a file.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return readKey(path)
}

// readKey reads the key. It fails if the file holds no complete key.
func readKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(text))
	if err == nil && len(key) < sha256.Size/2 {
		err = errors.New(path + " holds no key: delete it")
	}
	return key, err
}
