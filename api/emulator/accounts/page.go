package accounts

import (
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A page is what a browser shows. Empty parts are left out.
type page struct {
	Title, Text string
	Error       string
	AskCode     bool
	Client      string
	Scopes      []string
	Locations   []string // the first one is this data centre
}

// pageTemplate needs no script: its forms go to the page's own URL.
var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
body{font:16px/1.5 sans-serif;max-width:34em;margin:3em auto;padding:0 1em}
button{font:inherit;padding:.4em 1.2em;margin-right:.6em}
</style>
<h1>{{.Title}}</h1>
<p>This is an emulator of Zoho's accounts server. It touches no real account.</p>
{{with .Text}}<p>{{.}}</p>
{{end}}{{with .Error}}<p id="error">{{.}}</p>
{{end}}{{if .AskCode}}<form method="get">
<label>Code shown by the device <input name="user_code" autocomplete="off" autofocus required></label>
<button>Next</button>
</form>
{{end}}{{if .Scopes}}<p>The client <b>{{.Client}}</b> would like to use:</p>
<ul>
{{range .Scopes}}<li><code>{{.}}</code></li>
{{end}}</ul>
<form method="post">
{{with .Locations}}<p><label>Data centre of the account <select name="location">
{{range .}}<option>{{.}}</option>
{{end}}</select></label></p>
{{end}}<button name="decision" value="accept" id="accept">Accept</button>
<button name="decision" value="deny" id="deny">Reject</button>
</form>
{{end}}</html>
`))

// writePage sends a page. The page may not be in a frame, because a click on it grants access.
func writePage(w http.ResponseWriter, status int, p page) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p) // an error means that the client is gone
}

// errorPage shows what is wrong with a browser's request. Zoho does not send the browser back then. The status is not
// documented.
func errorPage(w http.ResponseWriter, status int, wrong string) {
	writePage(w, status, page{Title: "Invalid request", Error: wrong})
}

// consentPage writes the page that asks the user for consent.
func (s *Server) consentPage(w http.ResponseWriter, c *consent) {
	p := page{Title: "Grant access?", Client: c.Client, Scopes: strings.Fields(c.scopes.text)}
	s.mu.Lock()
	if len(s.centre.others) > 0 {
		p.Locations = append([]string{s.centre.location}, slices.Sorted(maps.Keys(s.centre.others))...)
	}
	s.mu.Unlock()
	writePage(w, http.StatusOK, p)
}
