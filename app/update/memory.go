package update

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"fieldpay/action"
	"fieldpay/internal/release"
)

// memoryFile is in the data folder. Whoever can change it could do worse; what
// it says is checked like what the server says.
const memoryFile = "update.json"

// memory is what is known from one start to the next.
type memory struct {
	// Highest is the newest version ever believed: no way leads back behind it.
	Highest   string    `json:"highest"`
	CheckedAt time.Time `json:"checkedAt"`
	Manifest  string    `json:"manifest,omitempty"`
	Signature string    `json:"signature,omitempty"`
	// Refused says why the last offer was.
	Refused string `json:"refused,omitempty"`
}

// recall reads what is remembered. A file that is missing or damaged is nothing:
// the running version is the least that is known, and the server is asked again.
func (u *Updater) recall() memory {
	var m memory
	text, err := os.ReadFile(filepath.Join(u.o.DataDir, memoryFile))
	if err != nil || json.Unmarshal(text, &m) != nil {
		m = memory{}
	}
	if release.Compare(m.Highest, u.o.Version) < 0 {
		m.Highest = u.o.Version
	}
	return m
}

// remember replaces the file in one step.
func (u *Updater) remember(m memory) error {
	text, err := json.Marshal(m)
	if err != nil {
		return storageFailed("remembering a version", err)
	}
	f, err := os.CreateTemp(u.o.DataDir, memoryFile+".*")
	if err != nil {
		return storageFailed("remembering a version", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already where all went well
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(u.o.DataDir, memoryFile))
	}
	if err != nil {
		return storageFailed("remembering a version", err)
	}
	return nil
}

func storageFailed(op string, err error) error {
	return &action.Error{Code: action.StorageFailed, Message: "The disk does not take the new version", Op: op, Cause: err}
}
