// Package frontend carries the built screens inside the program and serves
// them to both hosts, the window and the browser.
//
// [Handler] answers the files of dist and, for "/" and every path that is a
// route of the screens, the page with a content security policy whose nonce is
// fresh for each load. Nothing is read from the disk and nothing from afar.
package frontend

import (
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// dist is filled by the front end's build; a checkout holds its .gitkeep only.
//
//go:embed all:dist
var dist embed.FS

const (
	noncePlace = "__CSP_NONCE__"
	indexFile  = "index.html"

	// notBuilt is the page of a program that was built before its screens.
	notBuilt = `<!doctype html><html lang="en"><head><title>FieldPay</title></head>` +
		`<body><p>The screens are not built into this program. Run "make build".</p></body></html>`
)

// Options of a handler. Every field may be left out.
type Options struct {
	// Files holds index.html and the assets. Default: the embedded dist.
	Files fs.FS
	// Head is markup that goes first into the head of the page, for scripts of
	// the host that must run before those of the screens. Default: none.
	Head string
	// Nonce makes the nonce of one load. Default: 128 random bits.
	Nonce func() string
}

// Handler serves the screens.
func Handler(o Options) (http.Handler, error) {
	if o.Files == nil {
		sub, err := fs.Sub(dist, "dist")
		if err != nil {
			return nil, fmt.Errorf("opening the embedded screens: %w", err)
		}
		o.Files = sub
	}
	if o.Nonce == nil {
		o.Nonce = rand.Text
	}
	page, err := fs.ReadFile(o.Files, indexFile)
	if errors.Is(err, fs.ErrNotExist) {
		page, err = []byte(notBuilt), nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	return &handler{
		files:  o.Files,
		assets: http.FileServerFS(o.Files),
		page:   strings.Replace(string(page), "<head>", "<head>"+o.Head, 1),
		nonce:  o.Nonce,
	}, nil
}

type handler struct {
	files  fs.FS
	assets http.Handler
	page   string
	nonce  func() string
}

// ServeHTTP answers an asset by its name, a path without an extension with the
// page (the router of the screens reads it), and anything else with 404.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	switch {
	case name == "" || name == indexFile || path.Ext(name) == "":
		h.servePage(w)
	case h.isFile(name):
		// Vite puts a hash of the content into the names below assets.
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		h.assets.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (h *handler) servePage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	// A failed write means that the reader went away; there is nobody to tell.
	_, _ = w.Write([]byte(strings.ReplaceAll(h.page, noncePlace, h.nonce())))
}

func (h *handler) isFile(name string) bool {
	info, err := fs.Stat(h.files, name)
	return err == nil && info.Mode().IsRegular()
}
