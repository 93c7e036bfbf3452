package crashfs

import (
	"slices"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// begin returns the open file at an address with the verdict on an operation.
// The caller holds the lock.
func (d *Disk) begin(file uintptr, op Op) (*handle, verdict) {
	h := d.handles[file]
	return h, d.trouble.step(op, h.name, false)
}

func (d *Disk) close(_ *libc.TLS, file uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	delete(d.handles, file)
	h.file.users = slices.DeleteFunc(h.file.users, func(u *handle) bool { return u == h })
	if h.temporary && d.store.folder[h.name] == h.file {
		delete(d.store.folder, h.name)
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) read(_ *libc.TLS, file, buffer uintptr, size int32, offset int64) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, v := d.begin(file, Read)
	if v != done {
		return sqlite3.SQLITE_IOERR_READ
	}
	into := libc.GoBytes(buffer, int(size))
	n := 0
	if offset < int64(len(h.file.now)) {
		n = copy(into, h.file.now[offset:])
	}
	if n < len(into) {
		clear(into[n:])
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) write(_ *libc.TLS, file, buffer uintptr, size int32, offset int64) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h := d.handles[file]
	c := change{at: offset, data: slices.Clone(libc.GoBytes(buffer, int(size)))}
	switch d.trouble.step(Write, h.name, offset+int64(size) > int64(len(h.file.now))) {
	case done:
		h.file.change(c)
		return sqlite3.SQLITE_OK
	case dying: // it may reach the disk
		h.file.change(c)
	case full: // what fits is written
		c.data = c.data[:d.store.random.IntN(len(c.data))]
		if h.name != "" && len(c.data) > 0 {
			h.file.change(c)
		}
		return sqlite3.SQLITE_FULL
	}
	return sqlite3.SQLITE_IOERR_WRITE
}

func (d *Disk) truncate(_ *libc.TLS, file uintptr, size int64) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, v := d.begin(file, Truncate)
	if v == done || v == dying {
		h.file.change(change{at: size, cut: true})
	}
	if v != done {
		return sqlite3.SQLITE_IOERR_TRUNCATE
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) sync(_ *libc.TLS, file uintptr, _ int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	h, v := d.begin(file, Sync)
	if v == failing && d.store.random.IntN(2) == 0 {
		h.file.forget() // the kernel takes the pages for clean after it told once
	}
	if v != done {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	h.file.sync()
	if h.syncFolder {
		d.store.syncFolder()
		h.syncFolder = false
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) size(_ *libc.TLS, file, out uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.trouble.off {
		return sqlite3.SQLITE_IOERR_FSTAT
	}
	*at[int64](out) = int64(len(d.handles[file].file.now))
	return sqlite3.SQLITE_OK
}

func (d *Disk) control(_ *libc.TLS, _ uintptr, _ int32, _ uintptr) int32 {
	return sqlite3.SQLITE_NOTFOUND
}

func (d *Disk) sectorSize(_ *libc.TLS, _ uintptr) int32 { return 4096 }

// characteristics promises what SQLite's file system for Unix promises: a write
// that is cut off harms nothing beside it.
func (d *Disk) characteristics(_ *libc.TLS, _ uintptr) int32 {
	return sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE
}
