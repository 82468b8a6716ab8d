package emulator

import (
	"net"
	"net/http"

	"rolecall/api/emulator/wire"
)

// cut ends the exchange without an answer. It resets the TCP connection if there is one. Otherwise it panics with
// http.ErrAbortHandler, which tells the server, or a RoundTripper that calls the handler, that the exchange broke off.
func cut(w http.ResponseWriter) {
	if hijacker, can := w.(http.Hijacker); can {
		conn, _, err := hijacker.Hijack()
		if err == nil {
			if tcp, isTCP := conn.(*net.TCPConn); isTCP {
				_ = tcp.SetLinger(0) // RST, not FIN
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// truncate sends the headers of the whole answer and half of its body. The server closes a connection whose handler
// wrote less than its Content-Length. An answer without a body is cut.
func truncate(w http.ResponseWriter, a wire.Answer) {
	if len(a.Body) == 0 {
		cut(w)
		return
	}
	a.WriteHead(w)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
}

// gatewayPage is the page that a gateway sends if it cannot reach its API. It is not JSON.
const gatewayPage = "<html>\n<head><title>502 Bad Gateway</title></head>\n" +
	"<body>\n<h1>502 Bad Gateway</h1>\n<p>The service is temporarily unavailable.</p>\n</body>\n</html>\n"

func writeGatewayPage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	wire.Answer{Status: http.StatusBadGateway, Body: []byte(gatewayPage)}.Write(w)
}
