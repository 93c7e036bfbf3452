package main

import (
	"github.com/alecthomas/kong"

	"fieldpay/app"
	"fieldpay/internal/manual"
)

type completion struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Help has the examples.
func (completion) Help() string {
	return `The packages install it; elsewhere, once:

  fieldpayctl completion bash >~/.local/share/bash-completion/completions/fieldpayctl
  fieldpayctl completion zsh >"${fpath[1]}/_fieldpayctl"
  fieldpayctl completion fish >~/.config/fish/completions/fieldpayctl.fish`
}

// Run prints the script.
func (c *completion) Run(s *session, k *kong.Kong) error {
	return manual.Complete(s.out, c.Shell, k.Model)
}

type man struct{}

// Run prints the manual page; packaging fills in the date and the version.
func (man) Run(s *session, k *kong.Kong) error { return page().Write(s.out, k.Model) }

// page is what the manual says beside the command line.
func page() manual.Page {
	return manual.Page{
		Section: 1, Purpose: "the console of FieldPay",
		About: []string{
			"fieldpayctl works on the data folder that the app uses, with or without its window open. It serves the same screens to a browser, and gives the journal, the sending and the status to scripts.",
			"Every command has --help with examples. Those that report something have --json for scripts. How far a long command is stands on standard error when that is a terminal.",
		},
		Parts: []manual.Part{
			{Title: "Environment", Text: "A flag is stronger than its variable, and that is stronger than what is set in the app.", Items: []manual.Item{
				{Term: app.DataDirVar, Text: "Folder of everything the device keeps."},
				{Term: app.BFFVar, Text: "Address of the server."},
				{Term: app.PassphraseVar, Text: "A file whose content wraps the key of this device, instead of the keychain."},
				{Term: app.KeyDirVar, Text: "Where the unprotected key file lies when there is neither a keychain nor a passphrase."},
				{Term: "NO_COLOR", Text: "Set to anything, it keeps colours off the terminal."},
				{Term: "COLUMNS", Text: "Width of the terminal, where it does not say so itself."},
			}},
			{Title: "Files", Items: []manual.Item{
				{Term: "<~/.config/fieldpay/data>", Text: "The data folder, where none is named: journal, reference data, sign-in and log."},
			}},
			{Title: "Exit status", Items: exitStatus()},
		},
		SeeAlso: []string{"fieldpay(1)"},
	}
}

func exitStatus() []manual.Item {
	return []manual.Item{
		{Term: "0", Text: "Done."},
		{Term: "1", Text: "Something needs a person."},
		{Term: "2", Text: "Wrong usage."},
		{Term: "3", Text: "Offline: the server cannot be reached. What was not sent stays."},
		{Term: "4", Text: "Somebody has to sign in."},
		{Term: "5", Text: "The journal is damaged, or its key is missing."},
	}
}
