package emulator_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The emulator needs the standard library alone, so a test that uses it gets no other dependency. Its rooms import each
// other in one direction.
func TestImportsOfRooms(t *testing.T) {
	t.Parallel()
	const root = "rolecall/api/emulator"
	below := map[string][]string{
		"wire": nil, "accounts": {"wire"}, "org": {"accounts", "wire"}, "coql": {"org", "wire"},
		"crm": {"coql", "org", "wire"}, "meta": {"org", "wire"}, "records": {"coql", "org", "wire"},
		"bulk": {"coql", "org", "wire"}, "gateway": nil, "voice": {"org", "wire"}, "rig": {"."},
		".": {"accounts", "bulk", "crm", "gateway", "meta", "org", "records", "voice", "wire"},
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		room := path.Dir(filepath.ToSlash(file))
		seen[room] = true
		allowed, known := below[room]
		if !known {
			t.Errorf("%s: the room %s is not in this test", file, room)
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			// Only the standard library has no dot in its first element; this module's own name has none either.
			first, _, _ := strings.Cut(name, "/")
			isStandard := first != "rolecall" && !strings.Contains(first, ".")
			other, isRoom := strings.CutPrefix(name, root)
			isAllowed := isRoom && slices.Contains(allowed, path.Clean(strings.TrimPrefix(other, "/")))
			if !isStandard && !isAllowed {
				t.Errorf("%s imports %s", file, name)
			}
			if room == "coql" && strings.HasPrefix(name, "net") {
				t.Errorf("%s imports %s: the query language knows no HTTP", file, name)
			}
		}
		return nil
	})
	if err != nil || len(seen) != len(below) {
		t.Errorf("%v; the rooms are %v", err, seen)
	}
}
