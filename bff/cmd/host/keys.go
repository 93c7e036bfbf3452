package host

import (
	"context"
	"crypto/rand"
	"fmt"

	"fieldpay/action"
	"fieldpay/bff"
	"fieldpay/internal/handover"
)

// serverKeys are the server's own keys, the same on all instances.
type serverKeys struct {
	tokens *bff.TokenKeys
	// probe signs probes, signOn seals what a browser carries to the org and
	// back.
	probe, signOn []byte
	// console makes the tokens of the console's forms.
	console []byte
	// handOver opens the files in which devices leave unsent work.
	handOver string
}

// keys reads the keys from the store, where the first start put them, and sees
// to it that the sandbox has somebody who may sign in.
func (h *Host) keys(ctx context.Context) (serverKeys, error) {
	var k serverKeys
	for name, into := range map[string]*[]byte{"probe": &k.probe, "sign-on": &k.signOn, "console": &k.console} {
		fresh := make([]byte, minSecret)
		rand.Read(fresh)
		key, err := h.stores.Keys.Key(ctx, name, fresh)
		if err != nil {
			return serverKeys{}, fmt.Errorf("reading the key %s: %w", name, err)
		}
		*into = key
	}
	identity, err := handover.NewIdentity()
	if err != nil {
		return serverKeys{}, err
	}
	kept, err := h.stores.Keys.Key(ctx, "hand-over", []byte(identity))
	if err != nil {
		return serverKeys{}, fmt.Errorf("reading the key for hand-overs: %w", err)
	}
	k.handOver = string(kept)
	if k.tokens, err = h.config.tokenKeys(h.stores.Keys); err != nil {
		return serverKeys{}, err
	}
	if h.config.live() {
		return k, h.refuseDemo(ctx)
	}
	return k, h.seedDemo(ctx)
}

// The demo sign-in is public.
const (
	demoID    = "user-001"
	demoLogin = "demo@fieldpay.com"
)

// refuseDemo keeps a live server from a store that still has the demo sign-in
// of a sandbox: its password is known to everybody.
func (h *Host) refuseDemo(ctx context.Context) error {
	u, err := h.stores.Users.UserByLogin(ctx, demoLogin)
	switch {
	case action.CodeOf(err) == action.NotFound, err == nil && u.Disabled:
		return nil
	case err != nil:
		return fmt.Errorf("looking for the demo sign-in: %w", err)
	}
	return fmt.Errorf("this store was used by a sandbox and still has its demo sign-in, whose password everybody knows: "+
		"give live mode a store of its own, or run: fieldpay-bff user disable %s", demoLogin)
}

// seedDemo adds the reference's demo sign-in.
func (h *Host) seedDemo(ctx context.Context) error {
	if _, err := h.stores.Users.UserByID(ctx, demoID); err == nil {
		return nil
	}
	_, err := h.stores.Users.AddUser(ctx, bff.User{
		ID: demoID, Login: demoLogin, Name: "Jordan Rivera", Email: "jordan.rivera@fieldpay.example.com",
		PasswordHash: bff.HashPassword("demo123"), Role: bff.RoleRep, Territories: []string{bff.EveryTerritory},
	})
	if err != nil {
		return fmt.Errorf("adding the demo sign-in: %w", err)
	}
	return nil
}
