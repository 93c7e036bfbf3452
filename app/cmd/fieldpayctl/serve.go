package main

import (
	"context"
	"errors"

	"fieldpay/app"
	"fieldpay/app/browserhost"
)

type serve struct {
	Listen string `help:"Address on this machine." default:"127.0.0.1:0"`
}

// Run serves the screens until it is told to end. The address is printed when
// it can be opened.
func (c *serve) Run(ctx context.Context, s *session) error {
	a := app.New(app.Options{Host: "browser", Device: s.device()})
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
	if err := s.say("FieldPay is at %s", host.Address(ln.Addr())); err != nil {
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
