package main

import (
	"context"
	"fmt"

	"fieldpay/app"
)

type enrol struct {
	Code string `help:"The code, as the office gave it." required:""`
	Name string `help:"What people call this device, unless the code says so."`
}

// Run enrols the device. The code is good once, so that it may stand on a
// command line.
func (c *enrol) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		e, err := d.Enrol(ctx, c.Code, c.Name)
		if err != nil {
			return fmt.Errorf("enrolling: %w", err)
		}
		return s.say("Enrolled as %s (device %s). Sign in next.", e.Name, e.DeviceID)
	})
}
