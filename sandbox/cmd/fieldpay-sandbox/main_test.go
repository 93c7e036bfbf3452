package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/rs/zerolog"
)

func TestServe_Run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- (&serve{DataDir: t.TempDir()}).Run(ctx, zerolog.New(in)) }()
	line := make([]byte, 4096)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	var ready struct{ Message, Salesforce, Stripe string }
	if err := json.NewDecoder(bytes.NewReader(line[:n])).Decode(&ready); err != nil || ready.Message != "ready" {
		t.Fatalf("it said %s, %v", line[:n], err)
	}
	for _, address := range []string{ready.Salesforce, ready.Stripe} {
		reply, err := http.Get(address + "/__control/state")
		if err != nil || reply.StatusCode != http.StatusOK {
			t.Errorf("%s answered %v, %v", address, reply, err)
			continue
		}
		if err := reply.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
