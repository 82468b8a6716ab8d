package cli

// recordsCmd is the commands for the records of any module.
type recordsCmd struct {
	Export recordsExportCmd `cmd:"" help:"Write the records of a module to a file."`
}
