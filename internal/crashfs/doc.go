// Package crashfs is a disk in memory that loses power, fails and fills up, for
// the SQLite driver that the module ships with. It proves what a database on it
// promises; no program contains it.
//
// [New] registers a [Disk] as a file system of SQLite: open a database with its
// Name as the "vfs" of the DSN. [Disk.Plan] says what goes wrong and when.
//
// A power cut keeps what was synced. Of each file's other writes it keeps
// nothing, all, a beginning, or any selection with torn sectors, as the seed
// decides; files created, or deleted, without a sync of their folder may be
// there or not. A sync that fails may forget the writes it was to make durable,
// as Linux does. A write to a full disk may leave a part behind.
//
// The disk behaves like SQLite's own file system for Unix in what matters to
// durability: it promises power-safe overwrite, syncs the folder with the first
// sync of a new journal or WAL only, and knows no memory-mapped files. It is
// tied to the version of the driver, whose generated names it uses.
package crashfs
