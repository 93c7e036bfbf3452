package bff

import (
	"context"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/internal/release"
)

// ReleasePartBytes is the most that one answer brings of a file.
const ReleasePartBytes = 1 << 20

// Releases are the versions that devices may install. The server hands them on
// as they are: what they are worth is told by their signature, which is checked
// on the device.
type Releases interface {
	// Newest returns the newest version of a channel; action.NotFound where there
	// is none.
	Newest(ctx context.Context, channel release.Channel) (SignedRelease, error)
	// Part returns at most most bytes of a file, from one on, and the size of the
	// whole; action.NotFound where there is no such file.
	Part(ctx context.Context, version, file string, from int64, most int) (data []byte, size int64, err error)
}

// SignedRelease is a manifest, to the byte as it was signed, and its signature.
type SignedRelease struct{ Manifest, Signature string }

// noReleases is a server that offers none.
type noReleases struct{}

func (noReleases) Newest(context.Context, release.Channel) (SignedRelease, error) {
	return SignedRelease{}, errNoRelease
}

func (noReleases) Part(context.Context, string, string, int64, int) ([]byte, int64, error) {
	return nil, 0, errNoRelease
}

var errNoRelease = &action.Error{Code: action.NotFound, Message: "This server has no version to install"}

// GetRelease implements api.Handler.
func (s *Server) GetRelease(ctx context.Context, p api.GetReleaseParams) (*api.SignedRelease, error) {
	found, err := s.o.Releases.Newest(ctx, release.Channel(p.Channel.Or(api.GetReleaseChannelStable)))
	if err != nil {
		return nil, err
	}
	return &api.SignedRelease{Manifest: found.Manifest, Signature: found.Signature}, nil
}

// GetReleaseFile implements api.Handler.
func (s *Server) GetReleaseFile(ctx context.Context, p api.GetReleaseFileParams) (*api.ReleasePart, error) {
	data, size, err := s.o.Releases.Part(ctx, p.Version, p.File, p.From.Or(0), ReleasePartBytes)
	if err != nil {
		return nil, err
	}
	return &api.ReleasePart{Size: size, Data: data}, nil
}
