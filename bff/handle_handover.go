package bff

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/api"
	"fieldpay/internal/handover"
)

const handOverPath = "/sync/hand-over"

// handOverBatch is how many actions of a file are taken at a time: as many as a
// request of a device brings.
const handOverBatch = 500

// HandOverKey implements api.Handler.
func (s *Server) HandOverKey(context.Context) (*api.HandOverKey, error) {
	if s.o.HandOverKey == "" {
		return nil, noHandOver()
	}
	recipient, err := handover.RecipientOf(s.o.HandOverKey)
	if err != nil {
		return nil, fmt.Errorf("reading the key for hand-overs: %w", err)
	}
	return &api.HandOverKey{Recipient: recipient}, nil
}

func noHandOver() error {
	return &action.Error{Code: action.NotFound, Message: "This server takes no hand-overs"}
}

// TakeHandOver implements api.Handler. The device that sealed the file vouches
// for the authors of its journal, as it does when it sends by itself; who brings
// the file only carries it.
func (s *Server) TakeHandOver(ctx context.Context, req api.TakeHandOverReq) (*api.HandOver, error) {
	if s.o.HandOverKey == "" {
		return nil, noHandOver()
	}
	text, err := io.ReadAll(req.Data)
	if err != nil {
		return nil, requestError(&http.MaxBytesError{Limit: handover.MaxBytes})
	}
	file, err := handover.Open(bytes.NewReader(text), s.o.HandOverKey, func(deviceID string) (ed25519.PublicKey, error) {
		return s.handsOver(ctx, deviceID)
	})
	switch {
	case errors.Is(err, handover.ErrUnreadable), errors.Is(err, handover.ErrForged):
		s.log.Warn().Err(err).Str("request", requestIDOf(ctx)).Msg("a hand-over was refused")
		return nil, &action.Error{Code: action.BadRequest, Message: "The file is no hand-over for this server, or was cut or changed on the way", Cause: err}
	case err != nil:
		return nil, err
	}
	if err := s.auditHandOver(ctx, file); err != nil {
		return nil, err
	}
	return s.takeFile(ctx, file)
}

// handsOver is the key of a device whose file the caller may bring.
func (s *Server) handsOver(ctx context.Context, deviceID string) (ed25519.PublicKey, error) {
	e, err := s.o.Registry.known(ctx, deviceID)
	switch {
	case err != nil:
		return nil, err
	case len(e.Key) == 0:
		return nil, handover.ErrForged
	case !e.RevokedAt.IsZero() && !principal(ctx).User.inOffice():
		return nil, &action.Error{
			Code: action.Revoked, Message: "This device was shut out. Its work is taken from somebody of the office only",
			Hint: "Give the file to the office",
		}
	}
	return e.Key, nil
}

func (s *Server) takeFile(ctx context.Context, file handover.File) (*api.HandOver, error) {
	res := &api.HandOver{DeviceId: file.DeviceID, Results: []api.Outcome{}}
	ids := []string{}
	for from := 0; from < len(file.Actions); from += handOverBatch {
		items := file.Actions[from:min(from+handOverBatch, len(file.Actions))]
		outcomes, err := s.o.Processor.Submit(ctx, Batch{
			Actor: principal(ctx).User.ID, DeviceID: file.DeviceID, RequestID: requestIDOf(ctx), Items: items,
		})
		if err != nil {
			return nil, storeError(err)
		}
		for _, o := range outcomes {
			res.Results = append(res.Results, wireOutcome(o))
			ids = append(ids, o.ID)
		}
	}
	receipt := handover.Receipt{DeviceID: file.DeviceID, At: time.Now().UTC().Truncate(time.Second)}
	var err error
	if receipt.IDs, err = s.stored(ctx, ids); err != nil {
		return nil, err
	}
	receipt = receipt.Sign(s.probeKey)
	res.Receipt = api.Receipt{
		DeviceId: receipt.DeviceID, At: receipt.At, Ids: receipt.IDs, KeyId: receipt.KeyID, Signature: receipt.Signature,
	}
	return res, nil
}

// stored are those of the ids that the ledger has: what was refused before it
// came there is still the device's to keep.
func (s *Server) stored(ctx context.Context, ids []string) ([]string, error) {
	found, err := s.o.Processor.o.Ledger.Entries(ctx, ids)
	if err != nil {
		return nil, storeError(err)
	}
	kept := []string{}
	for _, id := range ids {
		if _, ok := found[id]; ok {
			kept = append(kept, id)
		}
	}
	return kept, nil
}

// auditHandOver says who brought which device's work, before it is taken.
func (s *Server) auditHandOver(ctx context.Context, file handover.File) error {
	log := s.o.Processor.o.Audit
	if log == nil {
		return nil
	}
	err := log.AddAudit(ctx, AuditRow{
		At: time.Now(), Event: "device.hand-over", Actor: principal(ctx).User.ID, DeviceID: file.DeviceID, RequestID: requestIDOf(ctx),
		Subject: file.DeviceID, Detail: map[string]string{"actions": strconv.Itoa(len(file.Actions))},
	})
	if err != nil {
		return storeError(err)
	}
	return nil
}
