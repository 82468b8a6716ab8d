package profile

import (
	"errors"
	"strings"
	"testing"

	"rolecall/job"
)

func TestIsProxy(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"http://proxy:3128": true, "proxy:3128": true, "proxy": true, "http://proxy:3128/": true,
		"https://user:p%25ss@proxy:3128": true, "socks5://127.0.0.1:1080": true, "http://[::1]:3128": true,
		"http://user:p%ss@proxy:3128": false, "http://user:p#ss@proxy:3128": false, "http://user:p ss@proxy": false,
		"http://user:p/ss@proxy:3128": false, "http://": false, "://": false, "ftp://proxy": false,
		"http://proxy:port": false, "http://proxy:99999": false, "http://user:p?ss@proxy": false,
	} {
		if got := isProxy(value); got != want {
			t.Errorf("%q: %t", value, got)
		}
	}
}

// The error names a variable that is no URL, without its value, and only if a call would use that proxy.
func TestProxyIsNamed(t *testing.T) {
	t.Parallel()
	const bad, zoho = "http://user:canary%ss@proxy:3128", "https://www.zohoapis.com"
	for name, c := range map[string]struct {
		environ map[string]string
		url     string
		want    string
	}{
		"upper":     {map[string]string{"HTTPS_PROXY": bad}, zoho, "HTTPS_PROXY"},
		"lower":     {map[string]string{"https_proxy": bad}, zoho, "https_proxy"},
		"not ours":  {map[string]string{"HTTP_PROXY": bad}, zoho, ""},
		"excepted":  {map[string]string{"HTTPS_PROXY": bad, "no_proxy": ".zohoapis.com"}, zoho, ""},
		"this host": {map[string]string{"HTTP_PROXY": bad}, "http://127.0.0.1:8765", ""},
	} {
		p := &Profiles{Getenv: func(v string) string { return c.environ[v] }}
		err := p.CheckProxy(Place{APIURL: c.url})
		if (err != nil) != (c.want != "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil {
			continue
		}
		_, usage := errors.AsType[*job.UsageError](err)
		if !usage || !strings.HasPrefix(err.Error(), c.want+" is no URL") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
