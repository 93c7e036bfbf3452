package main

import (
	"os"

	"fieldpay/bff/cmd/host"
)

type releaseGroup struct {
	Publish releasePublish `cmd:"" help:"Take a packaged and signed version into those that devices are told of."`
}

type releasePublish struct {
	DataDir  string `help:"Folder of the store." type:"path" env:"FIELDPAY_BFF_DATA_DIR"`
	Releases string `help:"Folder of the versions (default: releases in the data folder)." type:"path" env:"FIELDPAY_BFF_RELEASES"`
	Public   string `help:"File of the key that must have signed it (PEM)." type:"existingfile" placeholder:"FILE"`
	Folder   string `arg:"" help:"The folder that packaging left." type:"existingdir"`
}

// Run publishes a version.
func (c *releasePublish) Run() error {
	return host.Publish(host.Config{DataDir: c.DataDir, Releases: c.Releases}, c.Folder, c.Public, os.Stdout)
}
