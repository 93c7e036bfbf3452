package bff

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"fieldpay/action"
	"fieldpay/internal/signed"
)

const enrolPath = "/auth/enrol"

// signedBy is the device whose key signed a request.
type signedBy struct {
	deviceID string
	key      ed25519.PublicKey
	// enrolled says that the key is the one the server knows the device by;
	// otherwise the request brought it along.
	enrolled bool
}

// is reports whether a request was signed by a device, with the key that it is
// enrolled with or with one of its own.
func (d *signedBy) is(deviceID string, enrolled bool) bool {
	return d != nil && d.deviceID == deviceID && d.enrolled == enrolled
}

// checkSignature checks the signature of a request that has one, before anything
// of it is used. Who must sign is decided later, when it is known who asks.
func (s *Server) checkSignature(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get(signed.Header)
		if header == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set(signed.TimeHeader, strconv.FormatInt(time.Now().UnixMilli(), 10))
		body, err := io.ReadAll(r.Body)
		if err != nil {
			s.handleError(r.Context(), w, r, tooLarge(err))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		by, err := s.signer(r, header, body)
		if err != nil {
			s.handleError(r.Context(), w, r, err)
			return
		}
		if c := callOf(r.Context()); c != nil {
			c.device = by
		}
		next.ServeHTTP(w, r)
	})
}

func tooLarge(err error) error {
	return &action.Error{Code: action.TooLarge, Message: "Payload Too Large", Cause: err}
}

// signer is the device that signed a request, once.
func (s *Server) signer(r *http.Request, header string, body []byte) (*signedBy, error) {
	mark, err := signed.Parse(header)
	if err != nil {
		return nil, &action.Error{Code: action.BadRequest, Message: "The signature of the request cannot be read", Cause: err}
	}
	now := time.Now()
	if off := now.Sub(mark.At); off > signed.Skew || off < -signed.Skew {
		return nil, statusError{status: http.StatusUnauthorized, error: &action.Error{Code: action.ClockWrong}}
	}
	known, err := s.o.Registry.known(r.Context(), mark.DeviceID)
	if err != nil {
		return nil, err
	}
	// A device that enrols anew proves the key that it brings, not the one it had.
	by := &signedBy{deviceID: mark.DeviceID, key: known.Key, enrolled: len(known.Key) > 0 && r.URL.Path != enrolPath}
	if !by.enrolled {
		if by.key, err = signed.DecodeKey(r.Header.Get(signed.KeyHeader)); err != nil {
			return nil, enrolmentNeeded()
		}
	}
	if !mark.Fits(by.key, signed.Request{Method: r.Method, Target: r.URL.RequestURI(), Body: body, Token: bearerOf(r.Header)}) {
		s.log.Warn().Str("device", mark.DeviceID).Bool("enrolled", by.enrolled).Msg("a signature does not fit")
		return nil, enrolmentNeeded()
	}
	fresh, err := s.o.Registry.o.Enrolments.Remember(r.Context(), mark.DeviceID, mark.Nonce, mark.At.Add(signed.Skew+time.Second))
	if err != nil {
		return nil, storeError(fmt.Errorf("remembering a request: %w", err))
	}
	if !fresh {
		// The transport of an honest device may repeat a call whose connection
		// broke: it is told to come again, with a signature of its own.
		return nil, statusError{status: http.StatusConflict, error: &action.Error{
			Code: action.Busy, Message: "This request has arrived before", RetryAfter: time.Second,
		}}
	}
	return by, nil
}
