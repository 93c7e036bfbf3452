package bff

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fieldpay/action"
)

const (
	// firstTokenKey is where the key of the first start is kept, as it is; the
	// keys of rotations are kept under names that begin with tokenKeyPrefix.
	firstTokenKey  = "tokens"
	tokenKeyPrefix = "tokens."
	// firstKeyID is what the first key is called in tokens. One without a name
	// was signed with it, by a server that did not give names yet.
	firstKeyID = "0"
	// ringLife is how long a server relies on the keys that it has read, and
	// keySpread how long before it signs a new key is there for others to read:
	// longer than that, and than their clocks differ.
	ringLife  = 30 * time.Second
	keySpread = time.Minute
	// ringRest keeps names that somebody made up from asking the store again and
	// again.
	ringRest = time.Second
)

// TokenKeysOptions say where the keys of access tokens come from.
type TokenKeysOptions struct {
	// Store keeps them, for all instances. Required unless there is a Secret.
	Store Keys
	// Secret, of at least 32 bytes, is the one key that signs, in place of those
	// of the store; tokens of Also are accepted, too.
	Secret []byte
	Also   [][]byte
	// Life is how long a token is good, and so how long a key is accepted after
	// the next one began to sign. Default 1 h.
	Life time.Duration
}

// TokenKeys are the keys of access tokens: one signs, and those before it are
// accepted for as long as a token of theirs may be good.
type TokenKeys struct {
	o     TokenKeysOptions
	given []TokenKey

	mu   sync.Mutex
	ring []TokenKey
	read time.Time
}

// TokenKey is a key of access tokens. Its secret stays in this package.
type TokenKey struct {
	ID string
	// Signs is from when on it signs; Until is when it is accepted no more, zero
	// for one that has no successor.
	Signs, Until time.Time
	secret       []byte
}

// NewTokenKeys checks the options.
func NewTokenKeys(o TokenKeysOptions) (*TokenKeys, error) {
	setDefault(&o.Life, time.Hour)
	k := &TokenKeys{o: o}
	if len(o.Secret) == 0 {
		if o.Store == nil {
			return nil, errors.New("the keys of tokens need a store or a secret")
		}
		return k, nil
	}
	for _, secret := range append([][]byte{o.Secret}, o.Also...) {
		if len(secret) < minSecret {
			return nil, fmt.Errorf("the secret of tokens must have at least %d bytes", minSecret)
		}
		sum := sha256.Sum256(append([]byte("fieldpay key id "), secret...))
		k.given = append(k.given, TokenKey{ID: hex.EncodeToString(sum[:4]), secret: secret})
	}
	return k, nil
}

// signing is the key that signs now, and ring all that are accepted.
func (k *TokenKeys) signing(ctx context.Context, now time.Time) (signs TokenKey, ring []TokenKey, err error) {
	if k.given != nil {
		return k.given[0], k.given, nil
	}
	if ring, err = k.keys(ctx, now, ringLife); err != nil {
		return TokenKey{}, nil, err
	}
	signs = ring[0]
	for _, key := range ring {
		if !key.Signs.After(now) {
			signs = key
		}
	}
	return signs, ring, nil
}

// accepted is the key of a name, if its tokens count. One that is not known may
// have been made by another server a moment ago.
func (k *TokenKeys) accepted(ctx context.Context, id string, now time.Time) (TokenKey, error) {
	if k.given != nil {
		if id == "" {
			return k.given[0], nil
		}
		return findKey(k.given, id, now)
	}
	id = cmp.Or(id, firstKeyID)
	ring, err := k.keys(ctx, now, ringLife)
	if err != nil {
		return TokenKey{}, err
	}
	if key, err := findKey(ring, id, now); err == nil {
		return key, nil
	}
	if ring, err = k.keys(ctx, now, ringRest); err != nil {
		return TokenKey{}, err
	}
	return findKey(ring, id, now)
}

func findKey(ring []TokenKey, id string, now time.Time) (TokenKey, error) {
	for _, key := range ring {
		if key.ID == id && (key.Until.IsZero() || now.Before(key.Until)) {
			return key, nil
		}
	}
	return TokenKey{}, errors.New("signed with a key that is not accepted")
}

// keys are those of the store, as they were up to age ago. A store that does not
// answer leaves the ones that are known.
func (k *TokenKeys) keys(ctx context.Context, now time.Time, age time.Duration) ([]TokenKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ring != nil && now.Sub(k.read) < age {
		return k.ring, nil
	}
	ring, err := k.load(ctx)
	if err != nil && k.ring == nil {
		return nil, err
	}
	if err == nil {
		k.ring = ring
	}
	k.read = now
	return k.ring, nil
}

// List returns the keys of the store in the order in which they sign, making the
// first one if there is none.
func (k *TokenKeys) List(ctx context.Context) ([]TokenKey, error) { return k.load(ctx) }

// storedKey is the form of a key of a rotation.
type storedKey struct {
	Secret []byte    `json:"secret"`
	Signs  time.Time `json:"signs"`
}

func (k *TokenKeys) load(ctx context.Context) ([]TokenKey, error) {
	if k.given != nil {
		return k.given, nil
	}
	stored, err := k.o.Store.KeyList(ctx, firstTokenKey)
	if err != nil {
		return nil, storeError(fmt.Errorf("reading the keys of tokens: %w", err))
	}
	var ring []TokenKey
	for name, value := range stored {
		id, rotated := strings.CutPrefix(name, tokenKeyPrefix)
		if !rotated {
			continue
		}
		var s storedKey
		if err := json.Unmarshal(value, &s); err != nil {
			return nil, fmt.Errorf("reading the key %s: %w", id, err)
		}
		ring = append(ring, TokenKey{ID: id, Signs: s.Signs, secret: s.Secret})
	}
	first, there := stored[firstTokenKey]
	if !there && len(ring) == 0 {
		if first, err = k.o.Store.Key(ctx, firstTokenKey, randomBytes(minSecret)); err != nil {
			return nil, storeError(fmt.Errorf("making the first key of tokens: %w", err))
		}
		there = true
	}
	if there {
		ring = append(ring, TokenKey{ID: firstKeyID, secret: first})
	}
	slices.SortFunc(ring, func(a, b TokenKey) int { return cmp.Or(a.Signs.Compare(b.Signs), cmp.Compare(a.ID, b.ID)) })
	for i := range len(ring) - 1 {
		// One that lost its reply asks again for a while, hence a minute more.
		ring[i].Until = ring[i+1].Signs.Add(k.o.Life + keySpread)
	}
	return ring, nil
}

// Rotate makes a key that signs from in a minute on, when every instance has
// read it; the ones before it are accepted until their last token is over. It
// also takes those away that are accepted no more.
func (k *TokenKeys) Rotate(ctx context.Context) (TokenKey, error) {
	now := time.Now()
	return k.rotate(ctx, now.Add(keySpread), func(old TokenKey) bool { return !old.Until.IsZero() && old.Until.Before(now) })
}

// Replace is a rotation for when a key may be known to others: the new one signs
// at once, and no other is accepted, by this process from now on and elsewhere
// within half a minute. Devices refresh their tokens, and need no sign-in.
func (k *TokenKeys) Replace(ctx context.Context) (TokenKey, error) {
	return k.rotate(ctx, time.Now(), func(TokenKey) bool { return true })
}

func (k *TokenKeys) rotate(ctx context.Context, signs time.Time, ends func(TokenKey) bool) (TokenKey, error) {
	if k.given != nil {
		return TokenKey{}, &action.Error{Code: action.NotPossible, Message: "The key of tokens is given by JWT_SECRET: change it there"}
	}
	before, err := k.load(ctx)
	if err != nil {
		return TokenKey{}, err
	}
	key := TokenKey{ID: hex.EncodeToString(randomBytes(4)), Signs: signs.UTC(), secret: randomBytes(minSecret)}
	value, err := json.Marshal(storedKey{Secret: key.secret, Signs: key.Signs})
	if err != nil {
		return TokenKey{}, fmt.Errorf("encoding a key: %w", err)
	}
	if _, err := k.o.Store.Key(ctx, tokenKeyPrefix+key.ID, value); err != nil {
		return TokenKey{}, fmt.Errorf("storing a key: %w", err)
	}
	for _, old := range before {
		if !ends(old) {
			continue
		}
		name := tokenKeyPrefix + old.ID
		if old.ID == firstKeyID {
			name = firstTokenKey
		}
		if err := k.o.Store.DropKey(ctx, name); err != nil {
			return TokenKey{}, fmt.Errorf("dropping a key: %w", err)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ring = nil
	return key, nil
}
