package app

import (
	"context"
	"sync/atomic"
	"time"

	"fieldpay/app/disk"
	"fieldpay/app/event"
)

// How the space of the data folder is watched. lowSpace is twelve times the log
// that the journal may leave (16 MiB, internal/sqldb): room for the log, the same
// pages in the file, the archive's copy, a salvage's copy, and a day of visits
// with photos. At enoughSpace the warning goes, so that it does not flicker.
const (
	spaceEvery  = 10 * time.Second
	lowSpace    = 200 << 20
	enoughSpace = 250 << 20
)

// DiskDTO says whether the disk is nearly full, and how many bytes are left; -1
// where that is not known.
type DiskDTO struct {
	Low  bool  `json:"low"`
	Free int64 `json:"free"`
}

// space watches what is left where the data folder lies.
type space struct {
	dir  string
	free func(dir string) (int64, error)
	left atomic.Int64
	low  atomic.Bool
}

func newSpace(dir string, free func(string) (int64, error)) *space {
	if free == nil {
		free = disk.Free
	}
	s := &space{dir: dir, free: free}
	s.look()
	return s
}

// look reports whether the warning came or went.
func (s *space) look() bool {
	left, err := s.free(s.dir)
	if err != nil {
		s.left.Store(-1)
		return s.low.Swap(false)
	}
	s.left.Store(left)
	bar := int64(lowSpace)
	if s.low.Load() {
		bar = enoughSpace
	}
	low := left < bar
	return s.low.Swap(low) != low
}

// watch looks every ten seconds until ctx ends, and calls changed when the
// warning comes or goes.
func (s *space) watch(ctx context.Context, changed func(low bool)) {
	again := time.NewTicker(spaceEvery)
	defer again.Stop()
	for {
		select {
		case <-again.C:
			if s.look() {
				changed(s.low.Load())
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *space) dto() DiskDTO { return DiskDTO{Low: s.low.Load(), Free: s.left.Load()} }

// Disk looks how much space is left for the data folder.
func (d *Device) Disk() DiskDTO {
	d.space.look()
	return d.space.dto()
}

// watchSpace warns the screens before the disk is full.
func (d *Device) watchSpace(ctx context.Context, tell func()) {
	d.space.watch(ctx, func(low bool) {
		if low {
			d.record(event.DiskLow, event.Fields{"megabytes": d.space.left.Load() >> 20})
		}
		tell()
	})
}
