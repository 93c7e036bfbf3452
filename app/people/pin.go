package people

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"fieldpay/action"
)

// Cost is what argon2id takes to look at one PIN.
type Cost struct {
	Passes    uint32 `json:"passes"`
	MemoryKiB uint32 `json:"memoryKiB"`
}

// usualCost is more than a server would spend on a password: a PIN is short, and
// a person unlocks a few times a day. It is RFC 9106's second recommendation with
// one lane in place of four, about a quarter of a second on a small computer.
func usualCost() Cost { return Cost{Passes: 3, MemoryKiB: 64 << 10} }

const (
	saltSize = 16
	hashSize = 32
)

// secret is a stretched PIN with what it was stretched by.
type secret struct {
	Cost Cost   `json:"cost"`
	Salt []byte `json:"salt"`
	Hash []byte `json:"hash"`
}

func (c Cost) stretch(pin string) (secret, error) {
	s := secret{Cost: c, Salt: make([]byte, saltSize)}
	if _, err := rand.Read(s.Salt); err != nil {
		return secret{}, fmt.Errorf("making a salt: %w", err)
	}
	s.Hash = s.hash(pin)
	return s, nil
}

func (s secret) fits(pin string) bool {
	if s.Cost.Passes == 0 || s.Cost.MemoryKiB == 0 || len(s.Hash) != hashSize {
		return false
	}
	return subtle.ConstantTimeCompare(s.hash(pin), s.Hash) == 1
}

func (s secret) hash(pin string) []byte {
	return argon2.IDKey([]byte(pin), s.Salt, s.Cost.Passes, s.Cost.MemoryKiB, 1, hashSize)
}

// checkPIN refuses what is no PIN, and the ones that everybody tries first.
func checkPIN(pin string) error {
	switch {
	case len(pin) < MinPIN || len(pin) > MaxPIN || strings.Trim(pin, "0123456789") != "":
		return pinRefused(fmt.Sprintf("must have %d to %d digits", MinPIN, MaxPIN))
	case steady(pin):
		return pinRefused("is too easy to guess")
	default:
		return nil
	}
}

// steady reports whether each digit follows the one before by the same step of
// at most one: 000000, 123456, 987654.
func steady(pin string) bool {
	step := int(pin[1]) - int(pin[0])
	if step < -1 || step > 1 {
		return false
	}
	for i := 2; i < len(pin); i++ {
		if int(pin[i])-int(pin[i-1]) != step {
			return false
		}
	}
	return true
}

func pinRefused(why string) error {
	return &action.Error{Code: action.InvalidPayload, Message: "Choose another PIN", Fields: map[string]string{"pin": why}}
}
