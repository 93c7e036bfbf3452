package vault

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/argon2"
)

// kdf are the parameters of argon2id that a passphrase was stretched with. They
// are stored, so that later builds can be stricter with new keys.
type kdf struct {
	Name      string `json:"name"`
	Salt      []byte `json:"salt"`
	Passes    uint32 `json:"passes"`
	MemoryKiB uint32 `json:"memoryKiB"`
	Lanes     uint8  `json:"lanes"`
}

// The parameters for new keys are the second choice of RFC 9106, for machines
// that cannot spare 2 GiB: about 0.1 s. The limits keep a forged key.json from
// taking all memory of the machine.
const (
	kdfName      = "argon2id"
	kdfPasses    = 3
	kdfMemoryKiB = 64 << 10
	kdfLanes     = 4

	maxPasses    = 16
	maxMemoryKiB = 1 << 20
)

func newKDF() *kdf {
	return &kdf{Name: kdfName, Salt: random(16), Passes: kdfPasses, MemoryKiB: kdfMemoryKiB, Lanes: kdfLanes}
}

// fromPassphrase derives the wrapping key from the passphrase file. Only the
// line end at the end of the file is not part of the passphrase.
func (o Options) fromPassphrase(k *kdf) ([]byte, error) {
	if k == nil || k.Name != kdfName || len(k.Salt) < 8 || k.Lanes == 0 ||
		k.Passes == 0 || k.Passes > maxPasses || k.MemoryKiB > maxMemoryKiB {
		return nil, errors.New("the parameters of the passphrase are not usable")
	}
	if o.PassphraseFile == "" {
		return nil, errors.New("no passphrase file is named")
	}
	text, err := os.ReadFile(o.PassphraseFile)
	if err != nil {
		return nil, fmt.Errorf("reading the passphrase file: %w", err)
	}
	text = bytes.TrimRight(text, "\r\n")
	if len(text) == 0 {
		return nil, errors.New("the passphrase file is empty")
	}
	return argon2.IDKey(text, k.Salt, k.Passes, k.MemoryKiB, k.Lanes, KeySize), nil
}

func decodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != KeySize {
		return nil, errors.New("the wrapping key is damaged")
	}
	return key, nil
}
