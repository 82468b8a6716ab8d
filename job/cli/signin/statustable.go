package signin

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"rolecall/job/report"
)

// Write writes a Status as a table for people.
func (s *Status) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(what, value string) {
		if value != "" {
			_ = report.Printf(t, "%s\t%s\n", what, value) // Flush tells
		}
	}
	line("profile", s.Profile)
	line("gateway", s.Gateway)
	line("header", s.Header)
	line("accounts server", s.AccountsURL)
	line("API", s.APIURL+bracketed(s.Environment))
	line("client", s.ClientID)
	line("org", cmp.Or(strings.TrimSpace(s.OrgID+" "+s.OrgName), "not known")+bracketed(s.Edition))
	line("user", cmp.Or(strings.TrimSpace(s.User+" "+bracketedAddress(s.Email)), "not known"))
	if s.SignedIn != nil {
		line("signed in", s.SignedIn.Local().Format(time.DateTime)+" ("+age(time.Since(*s.SignedIn))+" ago)")
	}
	if s.TokenExpires != nil {
		line("access token", "until "+s.TokenExpires.Local().Format(time.DateTime)+", then replaced by itself")
	}
	scopes := "not known: Zoho did not say; a new sign-in may tell (rolecall auth login)"
	if s.Scopes != nil {
		scopes = strings.Join(s.Scopes, ",")
	}
	if s.Gateway == "" {
		line("scopes", scopes)
	}
	for _, p := range s.Forwards {
		if p.Forwarded {
			line("forwards", p.Path)
		} else {
			line("not forwarded", p.Path+": "+p.Instead)
		}
	}
	for _, c := range s.Commands {
		switch {
		case c.Lacks == nil:
		case len(c.Lacks) == 0:
			line(c.Command, "ok")
		default:
			line(c.Command, "lacks "+strings.Join(c.Lacks, ","))
		}
	}
	for _, one := range s.Wanted {
		line("wanted", one.Scope+": without it "+one.Without)
	}
	if v := s.Voice; v != nil && v.Works {
		line("Zoho Voice", v.URL+" answers; statuses: "+strings.Join(v.Statuses, ", "))
	} else if v != nil {
		line("Zoho Voice", v.URL+" cannot be used: "+v.Problem)
	}
	for _, err := range s.unread {
		line("not read", err.Error())
	}
	return t.Flush()
}

func bracketed(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func bracketedAddress(text string) string {
	if text == "" {
		return ""
	}
	return "<" + text + ">"
}

// age returns a duration in days, or in hours and minutes below two days.
func age(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day {
		return fmt.Sprintf("%d days", int(d/day))
	}
	return max(d, 0).Truncate(time.Minute).String()
}
