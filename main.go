// Rolecall moves who plays which role on which deal between spreadsheets and Zoho, in bulk.
package main

import (
	"os"

	"rolecall/job/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
