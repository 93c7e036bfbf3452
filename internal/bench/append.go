package main

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"fieldpay/app"
	"fieldpay/queue"
)

// floorBytes is what the floor writes: about as much as an action is.
const floorBytes = 700

// probeAppend compares an append with what the disk takes for the same bytes.
func probeAppend(ctx context.Context, b *bench) (map[string]found, error) {
	d, err := b.freshDevice(ctx, app.DefaultBFF)
	if err != nil {
		return nil, err
	}
	floor, err := newFloor(filepath.Join(d.dir, "floor"))
	if err != nil {
		return nil, err
	}
	defer floor.file.Close()
	crypt, err := newSealing()
	if err != nil {
		return nil, err
	}
	n := 0
	appendOne := func() error {
		n++
		_, err := d.Journal().Append(ctx, draft(n))
		return err
	}
	if _, err := turns(b.size(50, 2), floor.flush, appendOne); err != nil {
		return nil, fmt.Errorf("warming up: %w", err)
	}
	var whole, share found
	for range b.Rounds {
		spans, err := turns(b.size(500, 10), floor.flush, appendOne, crypt.once)
		if err != nil {
			return nil, fmt.Errorf("appending: %w", err)
		}
		whole.rounds = append(whole.rounds, ratioOf(spans[1], spans[0]))
		share.rounds = append(share.rounds, ratioOf(spans[2], spans[1]))
		whole.detail = fmt.Sprintf("%.0f µs / %.0f µs", micros(p50(spans[1])), micros(p50(spans[0])))
		share.detail = fmt.Sprintf("%.1f µs of an append", micros(p50(spans[2])))
	}
	return map[string]found{"append": whole, "seal": share}, nil
}

// floor is a file that is appended to and flushed.
type floor struct {
	file *os.File
	raw  []byte
}

func newFloor(path string) (*floor, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("making the floor's file: %w", err)
	}
	return &floor{file: file, raw: bytes.Repeat([]byte{'x'}, floorBytes)}, nil
}

func (f *floor) flush() error {
	if _, err := f.file.Write(f.raw); err != nil {
		return err
	}
	return flushData(f.file)
}

// sealing does what the journal does to keep an action secret and its history
// whole, and nothing else.
type sealing struct {
	aead  cipher.AEAD
	key   []byte
	plain []byte
	bound []byte
}

func newSealing() (*sealing, error) {
	key := make([]byte, 32)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making a seal: %w", err)
	}
	return &sealing{aead: aead, key: key, plain: make([]byte, floorBytes), bound: make([]byte, 52)}, nil
}

func (s *sealing) once() error {
	sealed := s.aead.Seal(nil, nil, s.plain, s.bound)
	mac := hmac.New(sha256.New, s.key)
	mac.Write(sealed)
	if len(mac.Sum(nil)) != sha256.Size {
		return errors.New("the MAC has another length")
	}
	return nil
}

// probeCallers shows what sharing a commit brings.
func probeCallers(ctx context.Context, b *bench) (map[string]found, error) {
	d, err := b.freshDevice(ctx, app.DefaultBFF)
	if err != nil {
		return nil, err
	}
	var f found
	for range b.Rounds {
		rates := map[int]float64{}
		for _, callers := range []int{1, 32} {
			if rates[callers], err = appendRate(ctx, d.Journal(), callers, b.span(1500*time.Millisecond)); err != nil {
				return nil, err
			}
		}
		f.rounds = append(f.rounds, rates[32]/rates[1])
		f.detail = fmt.Sprintf("%.0f/s / %.0f/s", rates[32], rates[1])
		f.rates = []rate{{"device: append, 1 caller", rates[1]}, {"device: append, 32 callers", rates[32]}}
	}
	return map[string]found{"callers": f}, nil
}

// appendRate is the appends a second of so many callers.
func appendRate(ctx context.Context, j *queue.Journal, callers int, span time.Duration) (float64, error) {
	var done atomic.Int64
	errs := make([]error, callers)
	began := time.Now()
	var work sync.WaitGroup
	for i := range callers {
		work.Go(func() {
			for time.Since(began) < span && errs[i] == nil {
				_, errs[i] = j.Append(ctx, draft(int(done.Add(1))))
			}
		})
	}
	work.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, fmt.Errorf("appending from %d callers: %w", callers, err)
	}
	return float64(done.Load()) / time.Since(began).Seconds(), nil
}
