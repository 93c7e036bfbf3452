package policy

import (
	"errors"
	"io/fs"
	"os"

	"howett.net/plist"
)

// managed is written by a device management profile; only root may.
const managed = "/Library/Managed Preferences/com.fieldpay.fieldpay.plist"

func load() (Found, error) {
	f, err := os.Open(managed)
	if errors.Is(err, fs.ErrNotExist) {
		return Found{}, nil
	}
	if err != nil {
		return Found{}, broken(managed, nil, err)
	}
	defer f.Close()
	if err := trusted(f); err != nil {
		return Found{}, broken(managed, nil, err)
	}
	var members map[string]any
	if err := plist.NewDecoder(f).Decode(&members); err != nil {
		return Found{}, broken(managed, nil, err)
	}
	return read(managed, members)
}
