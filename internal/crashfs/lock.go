package crashfs

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// lock raises a handle's lock on its file. The levels and what they exclude are
// SQLite's (https://www.sqlite.org/lockingv3.html).
func (d *Disk) lock(_ *libc.TLS, file uintptr, level int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	for _, other := range h.file.users {
		if other != h && excludes(other.level, level) {
			return sqlite3.SQLITE_BUSY
		}
	}
	h.level = max(h.level, level)
	return sqlite3.SQLITE_OK
}

func excludes(held, wanted int32) bool {
	switch wanted {
	case sqlite3.SQLITE_LOCK_SHARED:
		return held >= sqlite3.SQLITE_LOCK_PENDING
	case sqlite3.SQLITE_LOCK_RESERVED:
		return held >= sqlite3.SQLITE_LOCK_RESERVED
	default:
		return held >= sqlite3.SQLITE_LOCK_SHARED
	}
}

func (d *Disk) unlock(_ *libc.TLS, file uintptr, level int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	h.level = min(h.level, level)
	return sqlite3.SQLITE_OK
}

func (d *Disk) checkReserved(_ *libc.TLS, file, out uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	*at[int32](out) = 0
	for _, user := range d.handles[file].file.users {
		if user.level >= sqlite3.SQLITE_LOCK_RESERVED {
			*at[int32](out) = 1
		}
	}
	return sqlite3.SQLITE_OK
}

// shareMap gives out a region of the WAL index, which all connections share.
func (d *Disk) shareMap(tls *libc.TLS, file uintptr, region, size, extend int32, out uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	*at[uintptr](out) = 0
	h.mapped = true
	for len(h.file.regions) <= int(region) {
		if extend == 0 {
			return sqlite3.SQLITE_OK
		}
		if d.trouble.step(Share, h.name, true) != done {
			return sqlite3.SQLITE_IOERR_SHMSIZE
		}
		h.file.regions = append(h.file.regions, libc.Xcalloc(tls, 1, libc.Tsize_t(size)))
	}
	*at[uintptr](out) = h.file.regions[region]
	return sqlite3.SQLITE_OK
}

func (d *Disk) shareLock(_ *libc.TLS, file uintptr, first, count, flags int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	mask := (uint32(1)<<count - 1) << first
	if flags&sqlite3.SQLITE_SHM_UNLOCK != 0 {
		h.shared &^= mask
		h.exclusive &^= mask
		return sqlite3.SQLITE_OK
	}
	alone := flags&sqlite3.SQLITE_SHM_EXCLUSIVE != 0
	for _, other := range h.file.users {
		if other != h && (other.exclusive&mask != 0 || alone && other.shared&mask != 0) {
			return sqlite3.SQLITE_BUSY
		}
	}
	if alone {
		h.exclusive |= mask
	} else {
		h.shared |= mask
	}
	return sqlite3.SQLITE_OK
}

// shareBarrier orders the accesses of connections to what they share.
func (d *Disk) shareBarrier(*libc.TLS, uintptr) {
	d.mu.Lock()
	defer d.mu.Unlock()
}

// shareUnmap frees the index with its last user: the next one builds it anew
// from the WAL, as after a restart.
func (d *Disk) shareUnmap(tls *libc.TLS, file uintptr, _ int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	h.mapped = false
	for _, user := range h.file.users {
		if user.mapped {
			return sqlite3.SQLITE_OK
		}
	}
	for _, region := range h.file.regions {
		libc.Xfree(tls, region)
	}
	h.file.regions = nil
	return sqlite3.SQLITE_OK
}
