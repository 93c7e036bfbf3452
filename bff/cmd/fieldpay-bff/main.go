// Command fieldpay-bff is the server between FieldPay's devices and Salesforce
// and Stripe. On its defaults it needs nothing: see package host.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"

	"fieldpay/bff/cmd/host"
	"fieldpay/internal/buildinfo"
)

type cli struct {
	Version     kong.VersionFlag `help:"Print the version and exit."`
	Serve       serve            `cmd:"" default:"withargs" help:"Serve until told to stop."`
	Migrate     migrate          `cmd:"" help:"Bring the store up to date and end."`
	CheckConfig checkConfig      `cmd:"" help:"Say what is right and wrong with the configuration."`
	User        userGroup        `cmd:"" help:"Manage the people who may sign in."`
	Device      deviceGroup      `cmd:"" help:"Manage the devices that may send."`
	Key         keyGroup         `cmd:"" help:"Manage the keys that sign access tokens."`
	Audit       auditCmd         `cmd:"" help:"Show who did what with money, people and devices."`
	Release     releaseGroup     `cmd:"" help:"Manage the versions that devices may install."`
	Completion  completion       `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Man         man              `cmd:"" hidden:"" help:"Print the manual page."`
}

type (
	serve       struct{ host.Config }
	migrate     struct{ host.Config }
	checkConfig struct{ host.Config }
)

// Run serves.
func (c *serve) Run(ctx context.Context, log zerolog.Logger) error {
	return host.Run(ctx, c.Config, log)
}

// Run migrates.
func (c *migrate) Run(ctx context.Context, log zerolog.Logger) error {
	return host.Migrate(ctx, c.Config, log)
}

// Run checks.
func (c *checkConfig) Run(ctx context.Context) error {
	return host.CheckConfig(ctx, c.Config, os.Stdout)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := zerolog.New(os.Stderr).Level(zerolog.InfoLevel).With().Timestamp().Logger()
	var c cli
	k := kong.Parse(&c, kong.Name("fieldpay-bff"), kong.Description("The server between FieldPay's devices and Salesforce and Stripe."),
		kong.Vars{"version": buildinfo.Version()}, kong.BindTo(ctx, (*context.Context)(nil)))
	k.FatalIfErrorf(k.Run(log))
}
