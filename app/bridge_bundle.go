package app

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"fieldpay/action"
	"fieldpay/app/bundle"
)

// BundlePartDTO is one file of a support bundle, whole, to look through.
type BundlePartDTO struct {
	Name  string `json:"name"`
	About string `json:"about"`
	Text  string `json:"text"`
}

// BundleDTO is a support bundle that was gathered and not saved. Sealed says
// that it will be, to the company's key.
type BundleDTO struct {
	ID     string          `json:"id"`
	Sealed bool            `json:"sealed"`
	Parts  []BundlePartDTO `json:"parts"`
}

// BundleRequest names the bundle that was looked through.
type BundleRequest struct {
	ID string `json:"id"`
}

// SavedBundle is where a bundle was saved.
type SavedBundle struct {
	Path   string `json:"path"`
	Sealed bool   `json:"sealed"`
}

// preview is the bundle that was gathered last: what is saved is what was seen.
type preview struct {
	mu     sync.Mutex
	id     string
	bundle bundle.Bundle
}

func (p *preview) keep(b bundle.Bundle) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id, p.bundle = action.NewID(), b
	return p.id
}

func (p *preview) get(id string) (bundle.Bundle, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bundle, id != "" && p.id == id
}

// PreviewBundle gathers what support asks for, to look through before it leaves.
func (b *Bridge) PreviewBundle() (BundleDTO, error) {
	return bound(b, "PreviewBundle", none{}, func(ctx context.Context, r *running, _ none) (BundleDTO, error) {
		_, sealed, err := r.device.SupportKey()
		if err != nil {
			return BundleDTO{}, err
		}
		gathered := r.device.Bundle(ctx)
		out := BundleDTO{ID: r.preview.keep(gathered), Sealed: sealed, Parts: make([]BundlePartDTO, len(gathered.Parts))}
		for i, p := range gathered.Parts {
			out.Parts[i] = BundlePartDTO{p.Name, p.About, p.Text}
		}
		return out, nil
	})
}

// SaveBundle saves the bundle that was looked through last, in the person's
// folder of downloads.
func (b *Bridge) SaveBundle(q BundleRequest) (SavedBundle, error) {
	return bound(b, "SaveBundle", q, func(_ context.Context, r *running, q BundleRequest) (SavedBundle, error) {
		gathered, ok := r.preview.get(q.ID)
		if !ok {
			return SavedBundle{}, &action.Error{Code: action.NotPossible, Message: "Look through the bundle again before it is saved"}
		}
		path, sealed, err := r.device.SaveBundle(gathered, downloads(r.device.config.DataDir.Value))
		return SavedBundle{path, sealed}, err
	})
}

// downloads is the person's folder of downloads, or else one that is there.
func downloads(otherwise string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return otherwise
	}
	for _, dir := range []string{filepath.Join(home, "Downloads"), home} {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return otherwise
}
