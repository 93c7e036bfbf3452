package main

import (
	"context"

	"fieldpay/action"
	"fieldpay/app"
)

type bundleCmd struct {
	List bool   `help:"Show what would be inside, and save nothing."`
	Show string `help:"Show one part of it, and save nothing." placeholder:"PART"`
	Out  string `help:"Folder to save it in." default:"." type:"path" placeholder:"DIR"`
	JSON bool   `name:"json" help:"One JSON object with the file."`
}

// Help has the examples.
func (bundleCmd) Help() string {
	return `A bundle holds ids, codes, states, counts and times; nothing that was typed, and no token. It is sealed to the company's key (FIELDPAY_SUPPORT_KEY, or the policy's supportKey) where there is one; else it is saved as a zip.

  fieldpayctl bundle --list
  fieldpayctl bundle --show=journal.json
  fieldpayctl bundle --out=/media/usb`
}

// Run shows or saves a bundle.
func (c *bundleCmd) Run(ctx context.Context, s *session) error {
	return s.with(ctx, func(d *app.Device) error {
		b := d.Bundle(ctx)
		for _, p := range b.Parts {
			switch {
			case c.List:
				if err := s.say("%-18s %8d bytes  %s", p.Name, len(p.Text), p.About); err != nil {
					return err
				}
			case c.Show == p.Name:
				return s.say("%s", p.Text)
			}
		}
		if c.List {
			return nil
		}
		if c.Show != "" {
			return &action.Error{Code: action.NotFound, Message: "There is no part of that name", Hint: "fieldpayctl bundle --list shows the parts"}
		}
		path, sealed, err := d.SaveBundle(b, c.Out)
		if err != nil {
			return err
		}
		if c.JSON {
			return s.print(map[string]any{"path": path, "sealed": sealed, "parts": len(b.Parts)})
		}
		how := "sealed to the company's key"
		if !sealed {
			how = "not sealed: the company has given no key"
		}
		return s.say("Saved %s (%s)", path, how)
	})
}
