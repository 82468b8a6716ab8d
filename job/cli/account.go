package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"time"

	"rolecall/api"
	"rolecall/job"
	"rolecall/job/cli/profile"
)

// account keeps the record of the credits that rolecall spends of an org, and sets what may be spent of them. It returns how many are left untouched.
func (p *process) account(pacer *api.Pacer, here profile.Place, org api.Org, set job.Settings) (reserve int64, err error) {
	budget := org.Credits(org.Users)
	if set.Reserve.Relative() && budget == 0 {
		return 0, &errUsage{fmt.Errorf("--reserve %s: what the org's edition has in a day is not known here: give a number of credits", set.Reserve)}
	}
	if set.Reserve.Set {
		reserve = set.Reserve.Of(int64(budget))
	}
	var ledger *api.Ledger // the emulator of this process is nobody else's
	if !here.Emulated {
		file, err := p.stateFile("credits", here, org.ID)
		if err != nil {
			return 0, err
		}
		if ledger, err = api.OpenLedger(file, time.Now); err != nil {
			return 0, err
		}
		p.atEnd = append(p.atEnd, func() {
			_ = ledger.Close() // what cannot be given back is counted too high for a day
			if err := ledger.Warning(); err != nil {
				p.note(err.Error())
			}
		})
	}
	pacer.Account(ledger, api.Budget{Credits: budget, Reserve: int(reserve), Limited: set.Reserve.Set || set.Wait, Wait: set.Wait})
	return reserve, nil
}

// findings opens what is known of an org from earlier runs.
func (p *process) findings(here profile.Place, orgID string) (*findings, error) {
	path, err := p.stateFile("findings-"+here.Version.String(), here, orgID)
	return &findings{path: path, now: time.Now}, err
}

// stateFile names the file that keeps something of an org: by the API's address with the org's id, or with the client where that is not known.
func (p *process) stateFile(kind string, here profile.Place, orgID string) (string, error) {
	folder, err := p.stateFolder()
	if err != nil {
		return "", err
	}
	name := here.APIURL + " " + orgID
	if orgID == "" {
		name += here.Credentials.ClientID
	}
	if here.Emulated { // its port is another one each time
		name = profile.Emulator + " " + orgID
	}
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(folder, kind, hex.EncodeToString(sum[:8])+".json"), nil
}
