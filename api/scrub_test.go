package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// scrubbedToken is the token of these tests. It has another shape than Zoho's, which is found by its shape alone.
const scrubbedToken = "canary-TOKEN-77"

// fixedToken is a source of one token.
type fixedToken string

func (f fixedToken) Token(context.Context) (string, error) { return string(f), nil }

func (fixedToken) Invalidate(string) {}

// If a server repeats the token, in any part of its answer, no error and no log shows it.
func TestNoTokenInErrors(t *testing.T) {
	t.Parallel()
	var escaped strings.Builder
	for _, c := range scrubbedToken {
		fmt.Fprintf(&escaped, `\u%04X`, c)
	}
	for name, answer := range map[string]string{
		"message": "HTTP/1.1 400 x\r\nContent-Length: %d\r\n\r\n" +
			flat("X_"+scrubbedToken, `{"a":"`+scrubbedToken+`"}`),
		"escapes": "HTTP/1.1 400 x\r\nContent-Length: %d\r\n\r\n" +
			flat("X_"+escaped.String(), `{"a":"`+escaped.String()+`"}`),
		"page":     "HTTP/1.1 405 x\r\nContent-Length: %d\r\n\r\n<html>" + scrubbedToken,
		"header":   "HTTP/1.1 200 OK\r\nX y " + scrubbedToken + " %d\r\n\r\n",
		"status":   "HTTP/1.1 x" + scrubbedToken + " %d\r\n\r\n",
		"no HTTP":  scrubbedToken + " %d\r\n\r\n",
		"length":   "HTTP/1.1 200 OK\r\nContent-Length: " + scrubbedToken + "%d\r\n\r\n",
		"encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + scrubbedToken + "%d\r\n\r\n",
		"redirect": "HTTP/1.1 302 x\r\nLocation: https://" + scrubbedToken + ".example/\r\nContent-Length: %d\r\n\r\n",
		"redirect2": "HTTP/1.1 302 x\r\nLocation: https://" + strings.ToLower(scrubbedToken) +
			"/\r\nContent-Length: %d\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, body, _ := strings.Cut(answer, "\r\n\r\n")
			base := rawServer(t, fmt.Sprintf(answer, len(body)))
			var logged []string
			client, err := New(Config{BaseURL: base, Tokens: fixedToken(scrubbedToken), Once: true,
				Transport: &http.Transport{}, Trace: func(a Attempt) {
					logged = append(logged, fmt.Sprintf("%+v %v", a, a.Err))
				}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Roles(t.Context())
			e := failure(t, err)
			b, _ := json.Marshal(e)
			all := strings.ToLower(e.Error() + string(b) + strings.Join(logged, "\n"))
			if strings.Contains(all, strings.ToLower(scrubbedToken)) || len(logged) == 0 {
				t.Errorf("%s", all)
			}
		})
	}
}

// rawServer answers each connection with some bytes.
func rawServer(t *testing.T, answer string) (base string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = conn.Write([]byte(answer))
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}
