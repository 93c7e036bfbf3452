package app

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestSpace(t *testing.T) {
	t.Run("the warning comes within ten seconds, does not flicker, and goes by itself", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var left atomic.Int64
			left.Store(1 << 40)
			s := newSpace("", func(string) (int64, error) { return left.Load(), nil })
			ctx, cancel := context.WithCancel(t.Context())
			var told []bool
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.watch(ctx, func(low bool) { told = append(told, low) })
			}()
			for _, step := range []struct {
				left int64
				low  bool
			}{{lowSpace, false}, {lowSpace - 1, true}, {lowSpace + 1, true}, {enoughSpace, false}, {lowSpace + 1, false}} {
				left.Store(step.left)
				time.Sleep(spaceEvery + time.Millisecond)
				synctest.Wait()
				if got := s.dto(); got.Low != step.low || got.Free != step.left {
					t.Errorf("%d bytes left: got %+v", step.left, got)
				}
			}
			cancel()
			<-done
			if len(told) != 2 || !told[0] || told[1] {
				t.Errorf("told %v", told)
			}
		})
	})
	t.Run("what is not known is no warning", func(t *testing.T) {
		s := newSpace("", func(string) (int64, error) { return 0, errors.New("no such call") })
		if got := s.dto(); got.Low || got.Free != -1 {
			t.Errorf("got %+v", got)
		}
	})
}
