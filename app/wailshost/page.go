package wailshost

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// Pages opens addresses in the system's browser for as long as a window is open.
// The zero value is for [Options.Pages].
type Pages struct {
	mu     sync.Mutex
	window context.Context
}

// Open shows an address in the system's browser. It takes https alone, and
// http on this very machine: what else a browser can be made to open is no page.
func (p *Pages) Open(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost") {
		return errors.New("the address is not a page to open")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window == nil {
		return errors.New("the window is not open")
	}
	runtime.BrowserOpenURL(p.window, address)
	return nil
}

func (p *Pages) use(window context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window = window
}

// Downloads is the folder of a person's downloads; empty where there is no home.
func Downloads() string {
	if dir := os.Getenv("XDG_DOWNLOAD_DIR"); filepath.IsAbs(dir) {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, "Downloads")
}
