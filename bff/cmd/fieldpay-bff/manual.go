package main

import (
	"os"

	"github.com/alecthomas/kong"

	"fieldpay/internal/manual"
)

type completion struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints the script.
func (c *completion) Run(k *kong.Kong) error { return manual.Complete(os.Stdout, c.Shell, k.Model) }

type man struct{}

// Run prints the manual page; packaging fills in the date and the version.
func (man) Run(k *kong.Kong) error { return page().Write(os.Stdout, k.Model) }

// page is what the manual says beside the command line.
func page() manual.Page {
	return manual.Page{
		Section: 8, Purpose: "the server between FieldPay's devices and Salesforce and Stripe",
		About: []string{
			"Devices send what their people did; fieldpay-bff brings each action to Salesforce and Stripe exactly once. On its defaults it needs nothing: it keeps its store in a folder, and a Salesforce and a Stripe that behave run inside.",
			"Every setting is a flag and an environment variable. A secret belongs in the environment.",
		},
		Parts: []manual.Part{
			{Title: "Service", Text: `The package brings a systemd unit and a system user, both called fieldpay-bff, and neither enables nor starts anything. Its settings ask for live mode, so that it refuses to start before it is told which org and which account to use, or, on purpose, to run on its sandbox. To begin:

  editor /etc/fieldpay-bff/fieldpay-bff.env
  systemctl enable --now fieldpay-bff`},
			{Title: "Signals", Items: []manual.Item{{Term: "SIGTERM", Text: "Lets requests that are under way end, then exits with 0."}}},
			{Title: "Files", Items: []manual.Item{
				{Term: "</etc/fieldpay-bff/fieldpay-bff.env>", Text: "Settings of the service."},
				{Term: "</var/lib/fieldpay-bff>", Text: "The store of the service. Removing the package leaves it alone."},
			}},
		},
		SeeAlso: []string{"fieldpayctl(1)", "systemctl(1)"},
	}
}
