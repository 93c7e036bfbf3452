package crashfs

import (
	"fmt"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// driver is what SQLite holds of a disk, in memory outside Go's.
type driver struct {
	tls                *libc.TLS
	vfs, methods, name uintptr
	// calls keeps the functions alive that SQLite has the addresses of.
	calls []any
}

// at is the value that lies at an address outside Go's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// call returns the address of a function as translated C calls it, and keeps
// the function alive.
func call[F any](d *Disk, f F) uintptr {
	d.driver.calls = append(d.driver.calls, f)
	return *(*uintptr)(unsafe.Pointer(&f))
}

// allocate returns zeroed memory for a T.
func allocate[T any](tls *libc.TLS) uintptr {
	return libc.Xcalloc(tls, 1, libc.Tsize_t(unsafe.Sizeof(*new(T))))
}

func (d *Disk) register() error {
	v := &d.driver
	v.tls = libc.NewTLS()
	name, err := libc.CString(d.name)
	if err != nil {
		v.tls.Close()
		return err
	}
	v.name, v.methods, v.vfs = name, allocate[sqlite3.Tsqlite3_io_methods](v.tls), allocate[sqlite3.Tsqlite3_vfs](v.tls)
	*at[sqlite3.Tsqlite3_io_methods](v.methods) = sqlite3.Tsqlite3_io_methods{
		FiVersion: 2, // shared memory, but no mapped files
		FxClose:   call(d, d.close), FxRead: call(d, d.read), FxWrite: call(d, d.write),
		FxTruncate: call(d, d.truncate), FxSync: call(d, d.sync), FxFileSize: call(d, d.size),
		FxLock: call(d, d.lock), FxUnlock: call(d, d.unlock), FxCheckReservedLock: call(d, d.checkReserved),
		FxFileControl: call(d, d.control), FxSectorSize: call(d, d.sectorSize),
		FxDeviceCharacteristics: call(d, d.characteristics),
		FxShmMap:                call(d, d.shareMap), FxShmLock: call(d, d.shareLock),
		FxShmBarrier: call(d, d.shareBarrier), FxShmUnmap: call(d, d.shareUnmap),
	}
	// Clock, randomness and sleep stay those of the default file system. They are
	// taken one by one: another disk that registers changes where its list goes on.
	base := at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(v.tls, 0))
	*at[sqlite3.Tsqlite3_vfs](v.vfs) = sqlite3.Tsqlite3_vfs{
		FiVersion: 2, FszOsFile: int32(unsafe.Sizeof(sqlite3.Tsqlite3_file{})), FmxPathname: base.FmxPathname, FzName: v.name,
		FxOpen: call(d, d.open), FxDelete: call(d, d.delete), FxAccess: call(d, d.access), FxFullPathname: call(d, d.fullPath),
		FxRandomness: base.FxRandomness, FxSleep: base.FxSleep, FxCurrentTime: base.FxCurrentTime,
		FxGetLastError: base.FxGetLastError, FxCurrentTimeInt64: base.FxCurrentTimeInt64,
	}
	return check(sqlite3.Xsqlite3_vfs_register(v.tls, v.vfs, 0))
}

func (d *Disk) unregister() error {
	v := &d.driver
	err := check(sqlite3.Xsqlite3_vfs_unregister(v.tls, v.vfs))
	for _, p := range []uintptr{v.vfs, v.methods, v.name} {
		libc.Xfree(v.tls, p)
	}
	v.tls.Close()
	return err
}

func check(code int32) error {
	if code != sqlite3.SQLITE_OK {
		return fmt.Errorf("SQLite answered %d", code)
	}
	return nil
}

func (d *Disk) fullPath(tls *libc.TLS, _, name uintptr, size int32, out uintptr) int32 {
	libc.Xstrncpy(tls, out, name, libc.Tsize_t(size))
	return sqlite3.SQLITE_OK
}

func (d *Disk) open(_ *libc.TLS, _, zName, file uintptr, flags int32, outFlags uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	at[sqlite3.Tsqlite3_file](file).FpMethods = 0 // SQLite closes only what has methods
	h := &handle{temporary: zName == 0 || flags&sqlite3.SQLITE_OPEN_DELETEONCLOSE != 0}
	if zName != 0 {
		h.name = libc.GoString(zName)
		h.file = d.store.folder[h.name]
	}
	if d.trouble.step(Open, h.name, false) != done {
		return sqlite3.SQLITE_CANTOPEN
	}
	creates := flags&sqlite3.SQLITE_OPEN_CREATE != 0
	if h.file == nil {
		if !creates && zName != 0 {
			return sqlite3.SQLITE_CANTOPEN
		}
		h.file = &inode{}
		if zName != 0 {
			d.store.folder[h.name] = h.file
		}
	}
	const journals = sqlite3.SQLITE_OPEN_WAL | sqlite3.SQLITE_OPEN_MAIN_JOURNAL | sqlite3.SQLITE_OPEN_SUPER_JOURNAL
	h.syncFolder = creates && flags&journals != 0
	h.file.users = append(h.file.users, h)
	d.handles[file] = h
	at[sqlite3.Tsqlite3_file](file).FpMethods = d.driver.methods
	if outFlags != 0 {
		*at[int32](outFlags) = flags
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) delete(_ *libc.TLS, _, zName uintptr, syncFolder int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	name := libc.GoString(zName)
	v := d.trouble.step(Delete, name, false)
	if v == failing || v == dead {
		return sqlite3.SQLITE_IOERR_DELETE
	}
	if d.store.folder[name] == nil {
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	}
	delete(d.store.folder, name)
	if v == dying {
		return sqlite3.SQLITE_IOERR_DELETE
	}
	if syncFolder != 0 {
		d.store.syncFolder()
	}
	return sqlite3.SQLITE_OK
}

func (d *Disk) access(_ *libc.TLS, _, zName uintptr, flags int32, out uintptr) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.store.folder[libc.GoString(zName)]
	*at[int32](out) = 0
	// An empty file does not "exist": it would be a hot journal otherwise.
	if n != nil && (flags != sqlite3.SQLITE_ACCESS_EXISTS || len(n.now) > 0) {
		*at[int32](out) = 1
	}
	return sqlite3.SQLITE_OK
}
