package emulator

import (
	"net"
	"net/http"
)

// cut ends the exchange without an answer: a reset where there is a TCP
// connection to reset, else the way in which a handler tells its server, or
// the RoundTripper that calls it, that the exchange broke off.
func cut(w http.ResponseWriter) {
	if hijacker, can := w.(http.Hijacker); can {
		conn, _, err := hijacker.Hijack()
		if err == nil {
			if tcp, isTCP := conn.(*net.TCPConn); isTCP {
				_ = tcp.SetLinger(0) // RST, not FIN; without it the cut is merely polite
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// truncate sends the headers of the whole answer and half of its body. The
// server closes a connection whose handler wrote less than it announced. An
// answer without a body has no half: it is cut.
func (a answer) truncate(w http.ResponseWriter) {
	if len(a.body) == 0 {
		cut(w)
		return
	}
	a.head(w)
	_, _ = w.Write(a.body[:len(a.body)/2])
}

// gatewayPage is what stands in front of an API when it is away: not JSON.
const gatewayPage = "<html>\n<head><title>502 Bad Gateway</title></head>\n" +
	"<body>\n<h1>502 Bad Gateway</h1>\n<p>The service is temporarily unavailable.</p>\n</body>\n</html>\n"

func writeGatewayPage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	answer{status: http.StatusBadGateway, body: []byte(gatewayPage)}.write(w)
}
