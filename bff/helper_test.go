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

// elapse lets virtual time pass.
func elapse(d time.Duration) { <-time.After(d) }
