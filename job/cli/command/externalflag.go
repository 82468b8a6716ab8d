package command

import (
	"fmt"
	"maps"

	"rolecall/csvio"
)

// ExternalFlag says that the ids of a file are keys of another system.
type ExternalFlag struct {
	ExternalID map[string]string `name:"external-id" mapsep:"," placeholder:"deal=FIELD,contact=FIELD" help:"The ids in the file are keys of another system: look them up in these fields of Zoho, by their API names. A value that begins with zcrm_ stays an id of Zoho."`
}

// Check returns an error for a value that cannot be read.
func (f *ExternalFlag) Check() error {
	if _, err := csvio.ExternalOf(f.ExternalID); err != nil {
		return fmt.Errorf("--external-id: %w", err)
	}
	return nil
}

// Keys returns the value of --external-id, and adds the keys of the file of --use. Check has checked the value.
func (f *ExternalFlag) Keys(p *Process) csvio.External {
	fields := map[string]string{}
	if p.conf.used != nil {
		maps.Copy(fields, p.conf.used.ExternalID)
	}
	maps.Copy(fields, f.ExternalID)
	keys, _ := csvio.ExternalOf(fields)
	return keys
}
