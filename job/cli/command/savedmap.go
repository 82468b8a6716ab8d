package command

import (
	"strconv"

	"github.com/alecthomas/kong"

	"rolecall/csvio"
	"rolecall/job"
	"rolecall/job/cli/savedmap"
	"rolecall/job/report"
	"rolecall/job/rolemap"
)

// SavedFlags are the flags that store in a file how to read a table.
type SavedFlags struct {
	Use     string `env:"-" placeholder:"FILE" help:"Read the table with the flags that --save-map wrote to this file; a flag of the command wins over them."`
	SaveMap string `env:"-" placeholder:"FILE" help:"Write these flags of the command to a file for --use: --map, --encoding, --delimiter, --header-row, --sheet, --map-role and --external-id."`
}

// usedFile gives flags their values from the file of --use. It is the last resolver, so it goes before the environment
// and the profile.
type usedFile struct{ *savedmap.File }

// use reads the file of --use, if the command has the flag.
func (p *Process) use(line *kong.Context) error {
	path := flagText(line, "use")
	if path == "" {
		return nil
	}
	saved, err := savedmap.Read(path, csvio.Stakeholders().Fields())
	if err != nil {
		return err
	}
	p.conf.used = saved
	line.AddResolver(usedFile{saved})
	return nil
}

// Validate implements kong.Resolver. Reading the file checks it.
func (usedFile) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (u usedFile) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	row := ""
	if u.HeaderRow > 0 {
		row = strconv.Itoa(u.HeaderRow)
	}
	if given := map[string]map[string]string{"map": u.Map, "external-id": u.ExternalID}[flag.Name]; len(given) > 0 {
		all := map[string]any{}
		for name, value := range given {
			all[name] = value
		}
		return all, nil
	}
	text := map[string]string{
		"encoding": u.Encoding, "delimiter": u.Delimiter, "sheet": u.Sheet, "header-row": row,
	}[flag.Name]
	if text == "" {
		return nil, nil
	}
	return text, nil
}

// UsedMap adds the columns of the file of --use to the columns of --map.
func (p *Process) UsedMap(s *job.Settings) {
	if p.conf.used == nil {
		return
	}
	for field, header := range p.conf.used.Map {
		if s.Map == nil {
			s.Map = map[csvio.Field]string{}
		}
		if _, given := s.Map[csvio.Field(field)]; !given {
			s.Map[csvio.Field(field)] = header
		}
	}
}

// usedRoles adds the translations of the file of --use to the translations of --map-role.
func (p *Process) usedRoles(given rolemap.Map) (rolemap.Map, error) {
	if p.conf.used == nil {
		return given, nil
	}
	roles, err := p.conf.used.Roles()
	if err != nil {
		return nil, &job.UsageError{Err: err}
	}
	return given.Over(roles), nil
}

// Save writes how a table was read. The command is over, so an error is only a note in its summary.
func (f *SavedFlags) Save(
	table *TableFlags, named map[csvio.Field]string, roles rolemap.Map, keys csvio.External, sum *report.Summary,
) {
	if f.SaveMap == "" {
		return
	}
	s := &savedmap.File{
		Map: map[string]string{}, Encoding: table.Encoding, Delimiter: table.Delimiter, HeaderRow: table.HeaderRow,
		Sheet: table.Sheet, MapRole: map[string]string{}, ExternalID: keys.Fields(),
	}
	for field, header := range named {
		s.Map[string(field)] = header
	}
	for _, p := range roles {
		s.MapRole[p.From] = p.To
	}
	if err := s.Write(f.SaveMap); err != nil {
		sum.Notes = append(sum.Notes, "--save-map wrote no file: "+err.Error())
	}
}
