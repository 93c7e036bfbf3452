package bff_test

import (
	"encoding/json"
	"time"

	"github.com/go-faster/jx"
)

func rawItems(items ...string) []jx.Raw {
	raw := make([]jx.Raw, len(items))
	for i, item := range items {
		raw[i] = jx.Raw(item)
	}
	return raw
}

func rawMessages(items ...string) []json.RawMessage {
	raw := make([]json.RawMessage, len(items))
	for i, item := range items {
		raw[i] = json.RawMessage(item)
	}
	return raw
}

// demoHash is that of demoPassword, at a cost that suits tests.
const demoHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdCBvZiB0aGUgdGVzdA$MtSnqf0TPiuTIn7j11Q1cpfA1AMP3psmwke0ch+ek30"

// elapse lets virtual time pass.
func elapse(d time.Duration) { <-time.After(d) }
