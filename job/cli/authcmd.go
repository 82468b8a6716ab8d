package cli

// authCmd is the sign-in commands.
type authCmd struct {
	Login authLoginCmd `cmd:"" help:"Sign in to Zoho."`
}

// authLoginCmd says how to sign in as long as rolecall cannot do it itself.
type authLoginCmd struct{}

// Help is the part of --help below the flags.
func (authLoginCmd) Help() string {
	return `rolecall cannot sign in by itself yet; the command says how to sign in until it can.

Example:
  rolecall auth login`
}

// Run tells the way on.
func (authLoginCmd) Run(*process) error {
	return &errSignIn{`this version cannot sign in by itself yet. Until it can:
  1. in the API console of your data centre (https://api-console.zoho.com, .eu, .in, ...) make a Self Client and generate a code with the scopes
     ZohoCRM.modules.ALL,ZohoCRM.org.READ
  2. exchange the code for a refresh token, as Zoho's page "Generate Access and Refresh Token" shows
  3. set ` + envClientID + `, ` + envClientSecret + ` and ` + envRefreshToken + `, and ` + envDC + ` to us, eu, in, au, jp, cn, ca, sa, uk or ae`}
}
