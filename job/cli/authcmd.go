package cli

// authCmd is the sign-in commands.
type authCmd struct {
	Login  authLoginCmd  `cmd:"" help:"Sign in to Zoho, once for each org."`
	Status authStatusCmd `cmd:"" help:"Show which org and user a sign-in is for, and what it may do."`
	Logout authLogoutCmd `cmd:"" help:"Forget a sign-in on this machine, and end it at Zoho if asked to."`
}
