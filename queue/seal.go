package queue

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"

	"fieldpay/action"
)

const keySize = 32

// keys holds what is derived from the data key: one key seals, another chains,
// so that neither use can weaken the other.
type keys struct {
	aead   cipher.AEAD
	macKey []byte
}

func deriveKeys(dataKey []byte) (*keys, error) {
	if len(dataKey) != keySize {
		return nil, &action.Error{Code: action.KeyMissing, Op: "opening the journal", Message: "The key of the journal has the wrong length"}
	}
	sealKey, err := hkdf.Key(sha256.New, dataKey, nil, "fieldpay journal seal 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the seal key: %w", err)
	}
	macKey, err := hkdf.Key(sha256.New, dataKey, nil, "fieldpay journal chain 1", keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving the chain key: %w", err)
	}
	block, err := aes.NewCipher(sealKey)
	if err != nil {
		return nil, fmt.Errorf("making the seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the seal: %w", err)
	}
	return &keys{aead: aead, macKey: macKey}, nil
}

// newMAC returns a MAC for one goroutine; resetting it keeps the key.
func (k *keys) newMAC() hash.Hash { return hmac.New(sha256.New, k.macKey) }

// binding is what a sealed text is bound to: moved to another row, another action
// or another device it does not open.
type binding struct {
	device             string
	position, sequence int64
}

func (p binding) bytes() []byte {
	b := make([]byte, 0, 64)
	b = binary.BigEndian.AppendUint64(b, uint64(p.position))
	b = binary.BigEndian.AppendUint64(b, uint64(p.sequence))
	return append(b, p.device...)
}

func (k *keys) seal(at binding, plain []byte) []byte {
	return k.aead.Seal(nil, nil, plain, at.bytes())
}

func (k *keys) open(at binding, sealed []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, sealed, at.bytes())
	if err != nil {
		return nil, damaged(at.position, "is sealed with another key or was changed")
	}
	return plain, nil
}

func damaged(position int64, what string) error {
	return &action.Error{
		Code: action.JournalDamaged, Message: action.JournalDamaged.Message(),
		Op: fmt.Sprintf("reading journal entry %d", position), Cause: fmt.Errorf("it %s", what),
	}
}
