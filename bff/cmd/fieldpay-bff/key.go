package main

import (
	"context"

	"fieldpay/bff/cmd/host"
)

type keyGroup struct {
	List   keyList   `cmd:"" help:"List the keys that sign access tokens, without their secrets."`
	Rotate keyRotate `cmd:"" help:"Make a new one. It signs in a minute; the old one is accepted until its last token is over."`
}

type (
	keyList   struct{ store }
	keyRotate struct {
		store
		// JWTSecret takes the place of the keys of the store.
		JWTSecret   string `name:"jwt-secret" hidden:"" env:"JWT_SECRET"`
		Compromised bool   `help:"End the old ones at once: somebody else may know them. Devices refresh their tokens by themselves."`
	}
)

// Run lists keys.
func (c *keyList) Run(ctx context.Context) error {
	return c.with(ctx, func(a *host.Admin) error { return a.ListKeys(ctx) })
}

// Run makes a key.
func (c *keyRotate) Run(ctx context.Context) error {
	config := host.Config{DataDir: c.DataDir, Store: c.Store, JWTSecret: c.JWTSecret}
	return administer(ctx, config, func(a *host.Admin) error {
		if c.Compromised {
			return a.ReplaceKeys(ctx)
		}
		return a.RotateKey(ctx)
	})
}
