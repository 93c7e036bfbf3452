package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"fieldpay/bff"
	"fieldpay/bff/memory"
	"fieldpay/bff/postgres"
	"fieldpay/bff/sqlite"
)

// serverRole is the first argument of a process that is a measured server: this
// program, started again. The store and a folder follow.
const serverRole = "be-a-server"

// The person who signs in.
const (
	userLogin    = "bench@fieldpay.example.com"
	userPassword = "bench-password"
)

// serveRole serves when this process was started as a server: until its
// standard input ends, which it does with the bench.
func serveRole(ctx context.Context, args []string, in io.Reader, out io.Writer) (bool, error) {
	if len(args) != 3 || args[0] != serverRole {
		return false, nil
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, in) // how it ends does not matter
	}()
	stores, err := openStore(ctx, args[1], args[2])
	if err != nil {
		return true, err
	}
	return true, errors.Join(serve(ctx, stores, out), stores.Close())
}

// openStore opens "memory", "sqlite", or the PostgreSQL of a URL.
func openStore(ctx context.Context, name, dir string) (bff.Stores, error) {
	switch name {
	case "memory":
		return memory.New().Stores(), nil
	case "sqlite":
		store, err := sqlite.Open(ctx, sqlite.Options{Path: filepath.Join(dir, "bff.db")})
		if err != nil {
			return bff.Stores{}, err
		}
		return store.Stores(), nil
	default:
		store, err := postgres.Open(ctx, postgres.Options{URL: name})
		if err != nil {
			return bff.Stores{}, err
		}
		return store.Stores(), nil
	}
}

// serve is the server of package bff on a free port, whose upstreams answer in
// memory. It writes its address when it serves.
func serve(ctx context.Context, stores bff.Stores, out io.Writer) error {
	handler, err := newServer(ctx, stores)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	if _, err := fmt.Fprintf(out, "http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ran := handler.Run(ctx)
	closed := server.Close()
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(ran, err)
	}
	return errors.Join(ran, closed)
}

func newServer(ctx context.Context, stores bff.Stores) (*bff.Server, error) {
	_, err := stores.Users.AddUser(ctx, bff.User{
		ID: "user-001", Login: userLogin, Name: "Bench", Email: userLogin, PasswordHash: bff.HashPassword(userPassword),
		Role: bff.RoleRep, Territories: []string{bff.EveryTerritory},
	})
	if err != nil {
		return nil, fmt.Errorf("adding a person: %w", err)
	}
	secret := bytes.Repeat([]byte("bench"), 8)[:32]
	identity, err := bff.NewIdentity(bff.IdentityOptions{Users: stores.Users, Sessions: stores.Sessions, Secret: secret})
	if err != nil {
		return nil, err
	}
	rights, err := bff.NewRights(bff.RightsOptions{Users: stores.Users, CRM: upstream{}})
	if err != nil {
		return nil, err
	}
	registry, err := bff.NewDeviceRegistry(bff.DeviceRegistryOptions{Enrolments: stores.Enrolments, Audit: stores.Audit, Policy: bff.EnrolAtSignIn})
	if err != nil {
		return nil, err
	}
	processor, err := bff.NewProcessor(bff.ProcessorOptions{
		Ledger: stores.Ledger, CRM: upstream{}, Payments: upstream{}, Requests: stores.PaymentRequests, Rights: rights, Audit: stores.Audit, Budget: time.Minute,
	})
	if err != nil {
		return nil, err
	}
	unlimited := bff.Rate{PerSecond: 1e9, Burst: 1e9}
	return bff.NewServer(bff.ServerOptions{
		Processor: processor, Identity: identity, Registry: registry, Rights: rights, CRM: upstream{}, Payments: upstream{}, Devices: stores.Devices,
		Events: stores.Events, Telemetry: stores.Telemetry, Ready: stores.Ping, ProbeKey: secret,
		// One person is all the load there is.
		DeviceRate: unlimited, PersonRate: unlimited,
	})
}
