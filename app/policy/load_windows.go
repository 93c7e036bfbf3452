package policy

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// key is where group policy and Intune write; only administrators may.
const key = `Software\Policies\FieldPay`

func load() (Found, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return fromProgramData()
	}
	if err != nil {
		return Found{}, broken(`HKLM\`+key, nil, err)
	}
	defer k.Close()
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return Found{}, broken(`HKLM\`+key, nil, err)
	}
	members := map[string]any{}
	for _, name := range names {
		if members[name], err = value(k, name); err != nil {
			return Found{}, broken(`HKLM\`+key, nil, fmt.Errorf("reading %s: %w", name, err))
		}
	}
	return read(`HKLM\`+key, members)
}

func value(k registry.Key, name string) (any, error) {
	text, _, err := k.GetStringValue(name)
	if errors.Is(err, registry.ErrUnexpectedType) {
		number, _, err := k.GetIntegerValue(name)
		return number, err
	}
	return text, err
}

// fromProgramData asks Windows for the folder: an environment variable would be
// the person's to set.
func fromProgramData() (Found, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		return Found{}, broken("ProgramData", nil, err)
	}
	return ReadFile(filepath.Join(dir, "FieldPay", "policy.json"))
}
