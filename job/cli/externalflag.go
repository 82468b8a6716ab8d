package cli

import (
	"fmt"
	"strings"

	"rolecall/csvio"
)

// externalFlag says that the ids of a file are keys of another system.
type externalFlag struct {
	ExternalID map[string]string `name:"external-id" mapsep:"," placeholder:"deal=FIELD,contact=FIELD" help:"The ids in the file are keys of another system: look them up in these fields of Zoho, by their API names. What begins with zcrm_ stays an id of Zoho."`
}

// check returns an error for a value that cannot be read.
func (f *externalFlag) check() error {
	if _, err := f.external(); err != nil {
		return fmt.Errorf("--external-id: %w", err)
	}
	return nil
}

// external returns the value of --external-id.
func (f *externalFlag) external() (csvio.External, error) {
	var parts []string
	for name, field := range f.ExternalID {
		parts = append(parts, name+"="+field)
	}
	if parts == nil {
		return nil, nil
	}
	return csvio.ParseExternal(strings.Join(parts, ","))
}
