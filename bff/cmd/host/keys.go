package host

import (
	"context"
	"crypto/rand"
	"fmt"

	"fieldpay/bff"
)

// serverKeys are the server's own keys.
type serverKeys struct {
	tokens, probe []byte
}

// keys reads the keys from the store, where the first start put them, and sees
// to it that the sandbox has somebody who may sign in.
func (h *Host) keys(ctx context.Context) (serverKeys, error) {
	var k serverKeys
	for name, into := range map[string]*[]byte{"tokens": &k.tokens, "probe": &k.probe} {
		fresh := make([]byte, minSecret)
		rand.Read(fresh)
		key, err := h.stores.Keys.Key(ctx, name, fresh)
		if err != nil {
			return serverKeys{}, fmt.Errorf("reading the key %s: %w", name, err)
		}
		*into = key
	}
	if h.config.JWTSecret != "" {
		k.tokens = h.config.tokenSecret()
	}
	if h.config.live() {
		return k, nil
	}
	return k, h.seedDemo(ctx)
}

// seedDemo adds the reference's demo sign-in.
func (h *Host) seedDemo(ctx context.Context) error {
	if _, err := h.stores.Users.UserByID(ctx, "user-001"); err == nil {
		return nil
	}
	_, err := h.stores.Users.AddUser(ctx, bff.User{
		ID: "user-001", Login: "demo@fieldpay.com", Name: "Jordan Rivera", Email: "jordan.rivera@fieldpay.example.com",
		PasswordHash: bff.HashPassword("demo123"), Role: bff.RoleRep, Territories: []string{bff.EveryTerritory},
	})
	if err != nil {
		return fmt.Errorf("adding the demo sign-in: %w", err)
	}
	return nil
}
