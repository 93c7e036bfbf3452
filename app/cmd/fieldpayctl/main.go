// Command fieldpayctl is the console of FieldPay: it works on the data folder
// that the app uses, with or without the app running, and serves the app's
// screens to a browser.
//
// Exit codes: 0 done, 1 something needs a person, 2 usage, 3 offline, 4 sign-in
// needed, 5 journal damaged.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"fieldpay/app/policy"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], console{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, policy: policy.Load})
	stop()
	os.Exit(code)
}
