package cli

// recordsCmd is the commands for the records of any module.
type recordsCmd struct {
	Export recordsExportCmd `cmd:"" help:"Write the records of a module to a file."`
	Get    recordsGetCmd    `cmd:"" help:"Show records by their ids."`
	Search recordsSearchCmd `cmd:"" help:"Show the records that a search finds."`
	Insert recordsInsertCmd `cmd:"" help:"Insert a record for each row of a table."`
	Update recordsUpdateCmd `cmd:"" help:"Change the records that the rows of a table name by their ids."`
	Upsert recordsUpsertCmd `cmd:"" help:"Change the records that the rows of a table match, and insert the others."`
	Delete recordsDeleteCmd `cmd:"" help:"Delete the records that the rows of a table name by their ids."`
}
