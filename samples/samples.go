// Package samples holds a small org and the files that the README uses. The profile emulator starts with this org.
package samples

import _ "embed"

// Org is the org of the samples, as the JSON that rolecall emulate --seed reads.
//
//go:embed org.json
var Org []byte
