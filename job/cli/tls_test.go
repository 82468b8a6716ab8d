//go:build linux

package cli_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rolecall/api/emulator"
)

// TestCertificateIsNotTrusted has an accounts server whose certificate nobody vouches for, and one whose certificate
// this machine's clock says is out of date, as it does when it is far off: no secret is sent, and signing in, a run and
// doctor say what to look at. SSL_CERT_FILE, by which the second is vouched for, is read on Linux alone.
func TestCertificateIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		until time.Duration
		says  string
	}{
		"unknown authority": {24 * time.Hour, "certificate signed by unknown authority"},
		"out of date":       {-time.Hour, "certificate has expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, emulator.Options{})
			certificate, vouched := certificateUntil(t, time.Now().Add(c.until))
			s := httptest.NewUnstartedServer(m.w)
			s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
			s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail
			s.StartTLS()
			t.Cleanup(s.Close)
			m.env = append(m.env, "XDG_CONFIG_HOME="+t.TempDir(), "ROLECALL_API_URL="+s.URL,
				"ROLECALL_ACCOUNTS_URL="+s.URL, "SSL_CERT_DIR=/nowhere")
			if c.until < 0 {
				m.write("authorities.pem", vouched)
				m.env = append(m.env, "SSL_CERT_FILE="+filepath.Join(m.dir, "authorities.pem"))
			}
			m.code()
			m.exits(4, "rolecall auth login --profile acme --code-file code", c.says,
				"look at this machine's clock, its certificates", "rolecall auth login --profile acme")
			m.exits(4, "rolecall assign in.csv --run-dir run", c.says,
				"-> check this machine's clock, its certificates and the server's address: rolecall doctor checks them")
			m.exits(4, "rolecall auth status", c.says, "rolecall doctor")
			m.exits(4, "rolecall doctor", "error    accounts", c.says,
				"-> look at this machine's clock, at its certificates")
			if n := m.w.current().Stats().TokensIssued; n != 0 || len(m.left("run*")) > 0 {
				t.Errorf("%d tokens were taken; left: %s", n, m.left("run*"))
			}
			// nor is the API's host, whoever gave the token
			m.env = append(m.env, "ROLECALL_ACCOUNTS_URL="+m.w.server.URL)
			m.exits(4, "rolecall assign in.csv --run-dir run", c.says,
				"-> check this machine's clock, its certificates and the server's address: rolecall doctor checks them")
			m.exits(4, "rolecall auth status", c.says, "rolecall doctor")
			m.code()
			m.exits(4, "rolecall auth login --profile acme --code-file code", c.says,
				"look at this machine's clock, its certificates")
			if left := m.left("run*"); len(left) > 0 {
				t.Errorf("left: %s", left)
			}
		})
	}
}

// certificateUntil is a certificate of 127.0.0.1 that is its own authority, also as a file of authorities.
func certificateUntil(t *testing.T, end time.Time) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made := x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: end.Add(-48 * time.Hour), NotAfter: end, IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, &made, &made, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text.String()
}
