package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rolecall/api/emulator"
	"rolecall/api/emulator/gateway"
	"rolecall/job"
	"rolecall/job/cli/command"
	"rolecall/job/cli/profile"
	"rolecall/job/report"
	"rolecall/job/rundir"
	"rolecall/samples"
)

// emulateCmd serves the emulator.
type emulateCmd struct {
	Listen        string        `default:"127.0.0.1:8765" help:"Address to listen on; port 0 picks a free one."`
	Profile       string        `env:"-" placeholder:"NAME" help:"Serve the org of the profile emulator, as the other commands use it."`
	Seed          string        `placeholder:"FILE" help:"JSON file of the org to begin with, as GET /__emulator/org gives it."`
	Deals         int           `placeholder:"N" help:"Generate an org with this many deals (default 100)."`
	Contacts      int           `placeholder:"M" help:"Generate an org with this many contacts (default 100)."`
	MaxRoles      int           `name:"max-roles" placeholder:"N" help:"Generate contact roles: deal i has i mod (N+1) contacts (default: none)."`
	State         string        `placeholder:"FILE" help:"Keep the org in this file between two starts."`
	Reset         bool          `env:"-" help:"Forget the state and start with a fresh org."`
	Edition       string        `default:"enterprise" help:"Edition of the org, which limits the calls in flight: free, standard, professional, enterprise, ultimate."`
	Latency       time.Duration `help:"Time each call takes, such as 120ms."`
	Credits       int           `placeholder:"N" help:"API credits of a day (default: unlimited)."`
	TokenTTL      time.Duration `name:"token-ttl" default:"1h" help:"Life of an access token."`
	CollectionPut string        `name:"collection-put" default:"merge" enum:"merge,replace,off" help:"What the collection PUT of contact roles does: merge, replace or off."`
	Composite     string        `default:"on" enum:"on,off" help:"Whether the emulator takes composite requests: on or off."`
	Coql          string        `default:"on" enum:"on,unscoped,off" help:"Whether the emulator takes COQL: on, unscoped (refuses it for lack of the scope) or off (refuses it as not supported)."`
	CoqlRows      int           `name:"coql-rows" default:"2000" help:"Most rows of a COQL call: 2000 or 200."`
	CoqlCaseless  bool          `name:"coql-caseless" help:"COQL ignores the case of texts; Zoho does not say whether it does."`
	SearchLag     time.Duration `name:"search-lag" help:"Time after a write in which searches do not find the record, such as 5s."`
	RoleMoves     string        `name:"role-moves" default:"shift" enum:"shift,swap,keep" help:"What happens if an update gives a role another position: shift moves the roles between, swap exchanges it with the role there, keep moves nothing."`
	VoiceContacts int           `name:"voice-contacts" placeholder:"N" help:"Generate this many contacts of Zoho Voice (default: none)."`
	VoiceContact  string        `name:"voice-contact" default:"form" enum:"form,query,either" help:"Where Zoho Voice reads the parameter contact of a write: form, query or either."`
	VoicePut      string        `name:"voice-put" default:"replace" enum:"replace,merge" help:"What an update of a Voice contact does to fields that it does not name: replace (empties them) or merge (keeps them)."`
	VoiceInFlight int           `name:"voice-in-flight" default:"5" placeholder:"N" help:"Most calls to Zoho Voice in flight."`
	VoiceRate     int           `name:"voice-rate" placeholder:"N" help:"Most calls of one kind to Zoho Voice in a minute (default: unlimited)."`
	VoiceLock     time.Duration `name:"voice-lock" default:"10m" help:"How long Zoho Voice refuses a kind of call after a call more than --voice-rate."`
	Deny          []string      `placeholder:"RIGHT" help:"Rights that the user lacks, separated by commas: roles.read, roles.create, roles.update, roles.delete, deal_roles.read, deal_roles.update, deal_roles.delete, and MODULE.view, .create, .update, .delete, such as contacts.update. The refusal is NO_PERMISSION, or AUTHORIZATION_FAILED as in roles.read=AUTHORIZATION_FAILED."`
	Forward       []string      `name:"gateway-forward" placeholder:"PATH" help:"Paths that the gateway under /pinkconnect/ forwards, separated by commas: settings/modules, settings/fields, coql, org, Contacts/roles, deals/{id}/Contact_Roles, upsert, together (a PUT of several records), others; or page for none of them (default: all)."`
	GatewayKey    string        `name:"gateway-key" placeholder:"KEY" help:"Key that the gateway wants in X-Api-Key, Auth-Token or Authorization (default: none). The key is only for this emulator, and is no secret."`
	Faults        string        `placeholder:"LIST" help:"Faults to inject, such as 429=2%,500=1%,reset=1%,drop=1%,slow=5%,html=1%,truncate=1%."`
	FaultSeed     int64         `placeholder:"N" help:"Seed of the faults, to repeat them."`
}

// Help is the part of --help below the flags.
func (*emulateCmd) Help() string {
	return `The emulator prints one line with its URL on stdout, and serves until Ctrl-C. Any client id and secret with
the refresh token "emulator" gets a token.

In a generated org deal i has the id 4150868000010000000+i and contact j 4150868000020000000+j, from 1. The roles
are Zoho's usual seven.
With --max-roles N deal i has i mod (N+1) contacts, from contact i on.
With --voice-contacts N contact i of Zoho Voice has the id 31500010000000000+i. The path of Voice is
/rest/json/zv/contacts.

Signing in works as at Zoho: POST /__emulator/grant {"scope": "ZohoCRM.modules.ALL"} gives a self-client code.
Browsers and devices get a page that asks for consent.
The emulator serves the PinkConnect gateway (version 2 of the API) at its URL with /pinkconnect/ behind it. Set
PC_BASE_URL to that address.
It also serves GET /__emulator/stats, GET /__emulator/state, GET /__emulator/org and POST /__emulator/limits,
/__emulator/client and /__emulator/centres.

Example:
  rolecall emulate --listen 127.0.0.1:0 --deals 1000 --contacts 500 --latency 100ms`
}

// Validate refuses flags that contradict each other.
func (c *emulateCmd) Validate() error {
	if c.Profile != "" && c.Profile != profile.Emulator {
		return fmt.Errorf("--profile %s: only %s can be served", c.Profile, profile.Emulator)
	}
	if c.Profile != "" && (c.Seed != "" || c.State != "" || c.generated()) {
		return errors.New("--profile has an org of its own: " +
			"give no --seed, --state, --deals, --contacts, --max-roles or --voice-contacts with it")
	}
	if c.Seed != "" && c.generated() {
		return errors.New("--seed gives the org: give no --deals, --contacts, --max-roles or --voice-contacts with it")
	}
	if c.CoqlRows != 200 && c.CoqlRows != 2000 {
		return fmt.Errorf("--coql-rows %d: Zoho's documents have 2000 and 200", c.CoqlRows)
	}
	if c.VoiceContacts < 0 || c.VoiceInFlight < 1 || c.VoiceRate < 0 || c.VoiceLock <= 0 {
		return errors.New("--voice-contacts and --voice-rate must not be negative, " +
			"and --voice-in-flight and --voice-lock must be more than 0")
	}
	if c.Deals < 0 || c.Contacts < 0 || c.MaxRoles < 0 || c.Credits < 0 || c.Latency < 0 || c.TokenTTL <= 0 {
		return errors.New("--deals, --contacts, --max-roles, --credits and --latency must not be negative, " +
			"and --token-ttl must be more than 0")
	}
	return nil
}

// generated reports whether the flags describe an org to generate.
func (c *emulateCmd) generated() bool {
	return c.Deals != 0 || c.Contacts != 0 || c.MaxRoles != 0 || c.VoiceContacts != 0
}

// Run serves until SIGINT, SIGTERM or SIGHUP.
func (c *emulateCmd) Run(ctx context.Context, p *command.Process) error {
	if c.Reset && c.State == "" && c.Seed == "" && !c.generated() {
		// Without another org, --reset means the state of the profile emulator.
		c.Profile = profile.Emulator
	}
	options, err := c.options(ctx, p)
	if err != nil {
		return err
	}
	if options.State != "" {
		unlock, err := command.LockState(options.State)
		if err != nil {
			return fmt.Errorf("keep the org in %s: %w", options.State, err)
		}
		defer unlock()
	}
	emu, err := emulator.New(options)
	if err != nil {
		return &job.UsageError{Err: err}
	}
	url, stop, err := command.Serve(emu, c.Listen)
	if err != nil {
		return errors.Join(err, emu.Close())
	}
	if host, _, err := net.SplitHostPort(c.Listen); err == nil && !command.IsLoopback(host) {
		p.Say("rolecall: warning: %s can be reached from other machines, without TLS", c.Listen)
	}
	if err := report.Printf(p.Stdout, "%s\n", url); err != nil {
		return err
	}
	<-ctx.Done()
	stop()
	return emu.Close()
}

// awaitState waits until the state can be read, or until a signal: a pipe waits for somebody who writes to it. It
// reports no other error, because the next use of the path does.
func awaitState(ctx context.Context, path string) error {
	in, closeFile, err := rundir.OpenInput(ctx, path, strings.NewReader(""))
	if err != nil {
		return nil //nolint:nilerr // OutputPlace says what is wrong, and a state need not be there
	}
	defer closeFile()
	_, _ = in.Read(make([]byte, 1)) // the emulator says why it cannot read its state
	if ctx.Err() != nil {
		return job.EndOf(ctx)
	}
	return nil
}

// readSeed reads the JSON of an org from a file or a pipe.
func readSeed(ctx context.Context, path string) (*emulator.Org, error) {
	in, closeFile, err := rundir.OpenInput(ctx, path, nil)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	org, err := emulator.ReadOrg(in)
	switch {
	case err == nil:
		return org, nil
	case ctx.Err() != nil:
		return nil, job.EndOf(ctx)
	}
	return nil, &job.UsageError{Err: fmt.Errorf("%s: read the org: %w", path, err)}
}

// options returns the options of the emulator.
func (c *emulateCmd) options(ctx context.Context, p *command.Process) (emulator.Options, error) {
	o := emulator.Options{
		Edition: c.Edition, Credits: c.Credits, Latency: c.Latency, TokenTTL: c.TokenTTL,
		CollectionPut: c.CollectionPut, Composite: c.Composite, Coql: c.Coql, CoqlRows: c.CoqlRows,
		CoqlCaseless: c.CoqlCaseless,
		SearchLag:    c.SearchLag, RoleMoves: c.RoleMoves, Denied: c.Deny, FaultSeed: c.FaultSeed,
		VoiceContacts: c.VoiceContacts, VoiceContact: c.VoiceContact, VoicePut: c.VoicePut,
		VoiceInFlight: c.VoiceInFlight, VoiceRate: c.VoiceRate, VoiceLock: c.VoiceLock,
		Deals: c.Deals, Contacts: c.Contacts, RolesPerDeal: c.MaxRoles, State: c.State, Reset: c.Reset,
	}
	o.Gateway = gateway.Options{Key: c.GatewayKey, Forward: c.Forward}
	if slices.Equal(c.Forward, []string{"page"}) {
		o.Gateway.Forward = []string{}
	}
	var err error
	if c.State != "" {
		if err = awaitState(ctx, c.State); err != nil {
			return o, err
		}
		o.State, err = rundir.OutputPlace("--state", c.State, rundir.Taken{Path: c.Seed, What: "the org of --seed"})
		if err != nil {
			return o, err
		}
	}
	if o.Faults, err = emulator.ParseFaults(c.Faults); err != nil {
		return o, &job.UsageError{Err: fmt.Errorf("--faults: %w", err)}
	}
	if c.Profile == profile.Emulator {
		folder, err := p.StateFolder()
		if err != nil {
			return o, err
		}
		o.State = filepath.Join(folder, command.EmulatedStateFile)
		o.Org, err = command.ReadOrg(samples.Org)
		return o, err
	}
	if c.Seed == "" {
		return o, nil
	}
	o.Org, err = readSeed(ctx, c.Seed)
	return o, err
}
