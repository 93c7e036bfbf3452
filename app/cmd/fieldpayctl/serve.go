package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/rs/zerolog"
	"gopkg.in/natefinch/lumberjack.v2"

	"fieldpay/app"
	"fieldpay/app/browserhost"
)

type serve struct {
	Listen string `help:"Address on this machine." default:"127.0.0.1:0" placeholder:"ADDRESS"`
	JSON   bool   `name:"json" help:"One JSON object with the address."`
}

// Help has the examples.
func (serve) Help() string {
	return `Prints an address with a token that works once, for one browser on this machine, and serves until it is told to end.

  fieldpayctl serve
  fieldpayctl serve --listen=127.0.0.1:8080`
}

// Run serves the screens until it is told to end. The address is printed when
// it can be opened.
func (c *serve) Run(ctx context.Context, s *session) error {
	device := s.device()
	if s.verbose {
		device.Logger = s.log
	} else {
		// The window writes fieldpay.log; two programs must not turn one file's pages.
		file := &lumberjack.Logger{Filename: filepath.Join(s.config.DataDir.Value, "fieldpayctl.log"), MaxSize: 2, MaxBackups: 2}
		defer file.Close()
		device.Logger = zerolog.New(file).With().Timestamp().Logger().Level(zerolog.InfoLevel)
	}
	a := app.New(app.Options{Host: "browser", Device: device, WatchCrashes: true})
	host, err := browserhost.New(browserhost.Options{
		Bridge: a.Bridge(), FormatError: app.FormatError,
		Subscribe: func() (browserhost.Events, func()) {
			changes := a.Subscribe()
			return browserhost.EventsFunc(func(ctx context.Context) ([]browserhost.Event, error) {
				return next(ctx, changes)
			}), changes.Close
		},
	})
	if err != nil {
		return err
	}
	ln, err := browserhost.Listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return errors.Join(err, ln.Close())
	}
	said := func() error { return s.say("FieldPay is at %s", host.Address(ln.Addr())) }
	if c.JSON {
		said = func() error { return s.print(map[string]string{"address": host.Address(ln.Addr())}) }
	}
	if err := said(); err != nil {
		return errors.Join(err, ln.Close(), a.Stop())
	}
	return errors.Join(host.Serve(ctx, ln), a.Stop())
}

func next(ctx context.Context, changes *app.Subscription) ([]browserhost.Event, error) {
	topics, err := changes.Next(ctx)
	if err != nil {
		return nil, err
	}
	events := make([]browserhost.Event, len(topics))
	for i, topic := range topics {
		events[i] = browserhost.Event{Name: app.ChangedEvent, Data: string(topic)}
	}
	return events, nil
}
