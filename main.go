// Command fieldpay is the desktop app: it takes invoices, payments and visits
// whether there is a network or not, and sends them when there is one.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
	"gopkg.in/natefinch/lumberjack.v2"

	"fieldpay/app"
	"fieldpay/app/policy"
	"fieldpay/app/wailshost"
	"fieldpay/internal/buildinfo"
)

//go:embed build/appicon.png
var icon []byte

func main() {
	// With these set, the web view would open its inspector to the network.
	for _, name := range []string{"WEBKIT_INSPECTOR_SERVER", "WEBKIT_INSPECTOR_HTTP_SERVER"} {
		_ = os.Unsetenv(name) // fails for malformed names only
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fieldpay:", err)
		os.Exit(1)
	}
}

func run() error {
	var flags app.Flags
	version := flag.Bool("version", false, "print the version and exit")
	flag.StringVar(&flags.DataDir, "data-dir", "", "folder of everything the app keeps (also "+app.DataDirVar+")")
	flag.StringVar(&flags.BFF, "bff", "", "address of the server (also "+app.BFFVar+")")
	flag.BoolVar(&flags.Kiosk, "kiosk", false, "fill the screen, for people who change, until a manager ends it")
	flag.Parse()
	if *version {
		fmt.Println("fieldpay", buildinfo.Version())
		return nil
	}
	config, err := app.Configure(flags, os.Getenv)
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	company, refusal := policy.Load()
	config = config.Under(company)
	// The file is made with its first line.
	file := &lumberjack.Logger{Filename: filepath.Join(config.DataDir.Value, "fieldpay.log"), MaxSize: 2, MaxBackups: 2}
	log := zerolog.New(file).With().Timestamp().Logger().Level(zerolog.InfoLevel)
	pages := &wailshost.Pages{}
	a := app.New(app.Options{
		Host: "wails", Refusal: refusal, WatchCrashes: true, Downloads: wailshost.Downloads(), OpenPage: pages.Open,
		Device: app.DeviceOptions{Config: config, Logger: log},
	})
	return wailshost.Run(wailshost.Options{App: a, DataDir: config.DataDir.Value, Icon: icon, Pages: pages, Logger: log})
}
