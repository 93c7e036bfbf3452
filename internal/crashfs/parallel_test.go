package crashfs_test

import (
	"sync"
	"testing"

	"fieldpay/internal/crashfs"
)

func TestNew(t *testing.T) {
	t.Run("disks are made and taken away beside each other", func(t *testing.T) {
		var all sync.WaitGroup
		for seed := range uint64(4) {
			all.Go(func() {
				for range 200 {
					d, err := crashfs.New(seed)
					if err != nil {
						t.Error(err)
						return
					}
					if err := d.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
	})
}
