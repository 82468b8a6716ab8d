package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"rolecall/api/auth"
	"rolecall/api/auth/whole"
	"rolecall/api/emulator"
	"rolecall/job"
	"rolecall/job/cli/profile"
	"rolecall/samples"
)

// errEmulatorBusy reports that another process has the emulator's state file.
var errEmulatorBusy = errors.New("another rolecall process is using this emulated org: wait for it or stop it")

// readHeaderTimeout is how long a connection may send no request before the server closes it.
const readHeaderTimeout = 10 * time.Second

// EmulatedStateFile is the file of the profile emulator's org, in the state folder.
const EmulatedStateFile = "emulator.jsonl"

// Emulate starts the emulator inside this process with the org of the samples, and completes here with its address.
// The emulator ends with the command.
func (p *Process) Emulate(here *profile.Place) error {
	folder, err := p.StateFolder()
	if err != nil {
		return err
	}
	state := filepath.Join(folder, EmulatedStateFile)
	unlock, err := LockState(state)
	if err != nil {
		return err
	}
	org, err := ReadOrg(samples.Org)
	if err != nil {
		unlock()
		return err
	}
	emu, err := emulator.New(emulator.Options{Org: org, State: state})
	if err != nil {
		unlock()
		return &job.UsageError{
			Err: fmt.Errorf("%w (rolecall emulate --reset --profile %s starts it afresh)", err, profile.Emulator),
		}
	}
	url, stop, err := Serve(emu, "127.0.0.1:0")
	if err != nil {
		unlock()
		return err
	}
	p.AtEnd = append(p.AtEnd, func() { stop(); _ = emu.Close(); unlock() })
	here.APIURL = url
	here.Credentials = auth.Credentials{
		AccountsURL: url, ClientID: profile.Emulator, ClientSecret: profile.Emulator, RefreshToken: profile.Emulator,
	}
	return nil
}

// LockState locks the emulator's state file until unlock is called. Its error is errEmulatorBusy if another process
// has the lock.
func LockState(state string) (unlock func(), err error) {
	lock := flock.New(state+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	if !ok {
		return nil, errEmulatorBusy
	}
	whole.Sweep(state)
	return func() { _ = lock.Unlock() }, nil
}

// Serve serves h on an address of this machine until stop is called. It returns the URL of the server.
func Serve(h http.Handler, address string) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, &job.UsageError{Err: err}
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout}
	go func() { _ = server.Serve(listener) }() // it ends with Shutdown or Close
	return "http://" + listener.Addr().String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}, nil
}

// ReadOrg reads an org from its JSON.
func ReadOrg(b []byte) (*emulator.Org, error) {
	org, err := emulator.ReadOrg(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("read the org: %w", err)
	}
	return org, nil
}

// IsLoopback reports whether only this machine can reach a host to listen on.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
