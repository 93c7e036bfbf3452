package host

import (
	"context"
	"time"

	"fieldpay/bff"
)

// keyLine is a key of access tokens as the commands show it: never its secret.
type keyLine struct {
	ID    string     `json:"kid"`
	Signs *time.Time `json:"signsFrom,omitempty"`
	Until *time.Time `json:"acceptedUntil,omitempty"`
}

// ListKeys shows the keys of access tokens in the order in which they sign.
func (a *Admin) ListKeys(ctx context.Context) error {
	ring, err := a.keys.List(ctx)
	if err != nil {
		return err
	}
	for _, k := range ring {
		if err := a.show(keyLine{k.ID, when(k.Signs), when(k.Until)}); err != nil {
			return err
		}
	}
	return nil
}

// RotateKey makes a new key of access tokens; the old ones are accepted until
// their last token is over.
func (a *Admin) RotateKey(ctx context.Context) error {
	return a.newKey(ctx, "key.rotate", a.keys.Rotate)
}

// ReplaceKeys makes a new key of access tokens, and ends the old ones.
func (a *Admin) ReplaceKeys(ctx context.Context) error {
	return a.newKey(ctx, "key.replace", a.keys.Replace)
}

func (a *Admin) newKey(ctx context.Context, event string, do func(context.Context) (bff.TokenKey, error)) error {
	k, err := do(ctx)
	if err != nil {
		return err
	}
	if err := a.stores.Audit.AddAudit(ctx, bff.AuditRow{At: time.Now(), Event: event, Actor: byCommand, Subject: k.ID}); err != nil {
		return err
	}
	return a.show(keyLine{k.ID, when(k.Signs), nil})
}
