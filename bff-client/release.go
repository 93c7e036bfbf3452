package bffclient

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"fieldpay/api"
)

// SignedRelease is what the server says of a version: the text of its manifest,
// to the byte, and the signature. Whoever uses it checks that first.
type SignedRelease struct{ Manifest, Signature string }

// Release asks for the newest version of a channel, "stable" or "preview". A
// server that has none, or none yet, is action.NotFound or action.UnknownType.
func (c *Client) Release(ctx context.Context, channel string) (SignedRelease, error) {
	var answer api.SignedRelease
	err := c.call(ctx, request{
		op: "asking for a new version", method: http.MethodGet, path: "/releases", query: url.Values{"channel": {channel}},
		answer: &answer, read: true, replay: true, anonymous: true, timeout: listTimeout, limit: answerLimit,
	}, "")
	if err != nil {
		return SignedRelease{}, err
	}
	return SignedRelease{Manifest: answer.Manifest, Signature: answer.Signature}, nil
}

// ReleasePart returns what the server gives of a file from one byte on, at most
// 1 MiB of it; nothing when there is no more.
func (c *Client) ReleasePart(ctx context.Context, version, file string, from int64) ([]byte, error) {
	var answer api.ReleasePart
	err := c.call(ctx, request{
		op: "downloading a new version", method: http.MethodGet,
		path:  "/releases/" + url.PathEscape(version) + "/" + url.PathEscape(file),
		query: url.Values{"from": {strconv.FormatInt(from, 10)}}, answer: &answer,
		read: true, replay: true, anonymous: true, timeout: listTimeout, limit: listLimit,
	}, "")
	if err != nil {
		return nil, err
	}
	return answer.Data, nil
}
